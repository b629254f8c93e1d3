/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/target.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit.h"

#define LONGEST_START_MS 20000

static const char waiting[] = "import os, sys\n"
                              "os.write(1, b'x')\n"
                              "word = os.read(0, 1)\n"
                              "program = '/bin/sleep' if word == b's' else sys.executable\n"
                              "os.execv(program, [program, '60'] if word == b's' else\n"
                              "         [program, '-c', 'import os, time; os.write(1, b\"y\");'\n"
                              "          'time.sleep(60)'])\n";

/* A Python that has begun, and does as it is told through `to`. */
struct child {
    pid_t pid;
    int to;
    int from;
};

static struct child begin(void)
{
    int in[2];
    int out[2];
    char byte = 0;
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    struct child child = {.pid = fork(), .to = in[1], .from = out[0]};
    if (child.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(in[0], 0);
        (void)dup2(out[1], 1);
        (void)close(in[1]);
        (void)close(out[0]);
        (void)execlp("python3", "python3", "-c", waiting, (char *)NULL);
        _exit(127);
    }
    (void)close(in[0]);
    (void)close(out[1]);
    if (read(child.from, &byte, 1) != 1) { /* it ended: there is no such program */
        (void)waitpid(child.pid, NULL, 0);
        child.pid = 0;
    }
    return child;
}

static void end(struct child child)
{
    (void)kill(child.pid, SIGKILL);
    (void)waitpid(child.pid, NULL, 0);
    (void)close(child.to);
    (void)close(child.from);
}

static void test_a_process_without_python_is_refused(void **state)
{
    (void)state;
    struct pyr_target target;
    struct pyr_err err = {0};
    assert_false(pyr_target_open(&target, (uint32_t)getpid(), &err));
    assert_int_equal(err.code, PYR_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "no Python interpreter"));
    assert_null(target.memory);
    pyr_target_close(&target);
}

static void test_a_running_python_is_found(void **state)
{
    (void)state;
    struct pyr_target target;
    struct pyr_err err = {0};
    struct child child = begin();
    if (child.pid == 0) {
        skip();
    }
    if (!pyr_target_open(&target, (uint32_t)child.pid, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(target.pid, child.pid);
    assert_true(target.runtime != 0 && target.layout.version >> 24 == 3);
    assert_non_null(strstr(target.executable, "python"));
    assert_false(pyr_target_replaced(&target));
    pyr_target_close(&target);
    end(child);
}

/* Also by the same program: nothing of what was known holds for it. */
static void test_another_program_in_its_place_is_noticed(void **state)
{
    (void)state;
    static const char words[] = "sp";
    for (size_t i = 0; i < 2; i++) {
        struct pyr_target target;
        struct pyr_err err = {0};
        struct child child = begin();
        if (child.pid == 0) {
            skip();
        }
        assert_true(pyr_target_open(&target, (uint32_t)child.pid, &err));
        assert_int_equal(write(child.to, &words[i], 1), 1);
        bool replaced = false;
        for (int ms = 0; ms < LONGEST_START_MS && !replaced; ms++) {
            (void)poll(NULL, 0, 1);
            replaced = pyr_target_replaced(&target);
        }
        assert_true(replaced);
        pyr_target_close(&target);
        end(child);
    }
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct child child = begin();
    if (child.pid == 0) {
        skip();
    }
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_target target;
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_target_open(&target, (uint32_t)child.pid, &err);
        pyr_mem_fail_after(-1);
        if (failed) {
            assert_int_equal(err.code, PYR_ERR_NOMEM);
        } else {
            pyr_target_close(&target);
        }
    }
    end(child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_process_without_python_is_refused),
        cmocka_unit_test(test_a_running_python_is_found),
        cmocka_unit_test(test_another_program_in_its_place_is_noticed),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
