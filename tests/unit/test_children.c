/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/children.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit.h"

struct seen {
    uint32_t pids[16];
    uint32_t parents[16];
    uint32_t count;
};

static void note(void *context, uint32_t pid, uint32_t parent)
{
    struct seen *seen = context;
    if (seen->count < 16) {
        seen->pids[seen->count] = pid;
        seen->parents[seen->count++] = parent;
    }
}

/* A child that ends when its pipe does; it may have a child of its own, which does likewise. */
static pid_t start(const int pipe_fds[2], bool nested)
{
    const pid_t child = fork();
    if (child == 0) {
        char byte;
        close(pipe_fds[1]);
        if (nested && fork() == 0) {
            _exit(read(pipe_fds[0], &byte, 1) > 0 ? 1 : 0);
        }
        _exit(read(pipe_fds[0], &byte, 1) > 0 ? 1 : 0);
    }
    assert_true(child > 0);
    return child;
}

static void test_children_and_theirs_are_seen_once(void **state)
{
    (void)state;
    int fds[2];
    struct seen seen = {0};
    assert_int_equal(pipe(fds), 0);
    struct pyr_children *children = pyr_children_new((uint32_t)getpid());
    pyr_children_update(children, note, &seen);
    assert_int_equal(seen.count, 0);
    const pid_t child = start(fds, true);
    for (int i = 0; i < 10000 && seen.count < 2; i++) {
        const struct timespec nap = {0, 1000000};
        pyr_children_update(children, note, &seen);
        nanosleep(&nap, NULL);
    }
    pyr_children_update(children, note, &seen);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.pids[0], child);
    assert_int_equal(seen.parents[0], getpid());
    assert_int_equal(seen.parents[1], child);
    assert_true(pyr_process_is_alive((uint32_t)child));
    close(fds[0]);
    close(fds[1]);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_false(pyr_process_is_alive((uint32_t)child)); /* a zombie */
    waitpid(child, NULL, 0);
    pyr_children_update(children, note, &seen);
    assert_int_equal(seen.count, 2);
    pyr_children_free(children);
}

static void test_a_command_is_a_line(void **state)
{
    (void)state;
    char text[256];
    pyr_process_command((uint32_t)getpid(), text, sizeof text);
    assert_non_null(strstr(text, "test_children"));
    pyr_process_command((uint32_t)getpid(), text, 4);
    assert_int_equal(strlen(text), 3);
    pyr_process_command(0, text, sizeof text);
    assert_string_equal(text, "");
    assert_false(pyr_process_is_alive(0));
    assert_int_equal(pyr_process_cpu_ns(0), 0);
}

static void test_cpu_time_grows_with_work(void **state)
{
    (void)state;
    const uint32_t pid = (uint32_t)getpid();
    const uint64_t before = pyr_process_cpu_ns(pid);
    volatile unsigned work = 0;
    while (pyr_process_cpu_ns(pid) < before + 20000000) {
        work = work + 1; /* ends when the kernel has counted two ticks */
    }
    assert_true(pyr_process_cpu_ns(pid) > before);
}

static void test_running_out_of_memory_leaves_children_for_later(void **state)
{
    (void)state;
    pyr_mem_fail_after(0);
    assert_null(pyr_children_new(1));
    pyr_mem_fail_after(1);
    assert_null(pyr_children_new(1));
    pyr_mem_fail_after(-1);
    struct seen seen = {0};
    struct pyr_children *children = pyr_children_new((uint32_t)getpid());
    pyr_mem_fail_after(0);
    pyr_children_update(children, note, &seen);
    pyr_mem_fail_after(-1);
    assert_int_equal(seen.count, 0);
    pyr_children_free(children);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_children_and_theirs_are_seen_once),
        cmocka_unit_test(test_a_command_is_a_line),
        cmocka_unit_test(test_cpu_time_grows_with_work),
        cmocka_unit_test(test_running_out_of_memory_leaves_children_for_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
