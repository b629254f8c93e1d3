/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/access.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "remote/target.h"
#include "unit.h"

#define NOBODY 65534
#define SKIPPED 77
#define FAILED_BEFORE 78

static void expect(bool ok, const struct pyr_err *err, enum pyr_err_code code, const char *words)
{
    assert_false(ok);
    assert_int_equal(err->code, code);
    if (strstr(err->message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err->message, words);
    }
}

static pid_t sleeping_child(bool undumpable, uid_t uid)
{
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        if (uid != 0 && setresuid(uid, uid, uid) != 0) {
            _exit(1);
        }
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)prctl(PR_SET_DUMPABLE, undumpable ? 0 : 1); /* another user id took it away */
        if (write(ready[1], "x", 1) == 1) {
            for (;;) {
                (void)pause();
            }
        }
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    (void)close(ready[1]);
    return child;
}

static void end(pid_t child)
{
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
}

static void test_a_process_that_is_not_there(void **state)
{
    (void)state;
    static const uint32_t pids[] = {0, INT32_MAX, UINT32_MAX};
    for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
        struct pyr_err err = {0};
        expect(pyr_access_check(pids[i], &err), &err, PYR_ERR_GONE, "there is no process");
    }
}

static void test_a_zombie(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    siginfo_t info;
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    expect(pyr_access_check((uint32_t)child, &err), &err, PYR_ERR_GONE, "zombie");
    (void)waitpid(child, NULL, 0);
}

static void test_a_thread_of_the_kernel(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    if (access("/proc/2/status", R_OK) != 0 || pyr_access_check(2, &err)) {
        skip(); /* a container hides them */
    }
    expect(false, &err, PYR_ERR_UNSUPPORTED, "a thread of the kernel");
}

static void *wait_in_thread(void *pipes)
{
    const int *ends = pipes;
    char byte = 0;
    uint32_t tid = (uint32_t)syscall(SYS_gettid);
    if (write(ends[1], &tid, sizeof(tid)) == sizeof(tid)) {
        (void)!read(ends[2], &byte, 1);
    }
    return NULL;
}

static void test_a_thread_that_is_no_process(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    int ends[4];
    uint32_t tid = 0;
    pthread_t thread;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pipe(ends + 2), 0);
    assert_int_equal(pthread_create(&thread, NULL, wait_in_thread, ends), 0);
    assert_int_equal(read(ends[0], &tid, sizeof(tid)), sizeof(tid));
    expect(pyr_access_check(tid, &err), &err, PYR_ERR_USAGE, "is a thread of process");
    assert_int_equal(write(ends[3], "x", 1), 1);
    (void)pthread_join(thread, NULL);
    for (int i = 0; i < 4; i++) {
        (void)close(ends[i]);
    }
}

/* As another user, in a process of its own: what opening `pid` says. */
static int open_as_nobody(pid_t pid, enum pyr_err_code code, const char *words)
{
    int status = 0;
    pid_t reader = fork();
    if (reader == 0) {
        struct pyr_err err = {0};
        struct pyr_target target;
        if (setresuid(NOBODY, NOBODY, NOBODY) != 0) {
            _exit(SKIPPED);
        }
        bool opened = pyr_target_open(&target, (uint32_t)pid, &err);
        bool said = !opened && err.code == code && strstr(err.message, words) != NULL;
        if (!said) {
            print_message("it said: %s\n", err.message);
        }
        _exit(said ? 0 : FAILED_BEFORE);
    }
    assert_int_equal(waitpid(reader, &status, 0), reader);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_a_process_of_another_user(void **state)
{
    (void)state;
    if (getuid() != 0) {
        skip();
    }
    pid_t child = sleeping_child(false, 0);
    int status = open_as_nobody(child, PYR_ERR_PERMISSION, "belongs to user 0, and we are user");
    end(child);
    assert_int_equal(status, 0);
}

static void test_a_process_that_forbade_it(void **state)
{
    (void)state;
    if (getuid() != 0) {
        skip();
    }
    pid_t child = sleeping_child(true, NOBODY);
    int status = open_as_nobody(child, PYR_ERR_PERMISSION, "undumpable");
    end(child);
    assert_int_equal(status, 0);
}

/* One's own process may be read without any privilege, unless the machine's settings forbid it. */
static void test_a_process_of_ones_own(void **state)
{
    (void)state;
    if (getuid() != 0 || access("/proc/sys/kernel/yama/ptrace_scope", F_OK) == 0) {
        skip();
    }
    pid_t child = sleeping_child(false, NOBODY);
    int status = open_as_nobody(child, PYR_ERR_UNSUPPORTED, "no Python interpreter");
    end(child);
    assert_int_equal(status, 0);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_access_check((uint32_t)getpid(), &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_process_that_is_not_there),
        cmocka_unit_test(test_a_zombie),
        cmocka_unit_test(test_a_thread_of_the_kernel),
        cmocka_unit_test(test_a_thread_that_is_no_process),
        cmocka_unit_test(test_a_process_of_another_user),
        cmocka_unit_test(test_a_process_that_forbade_it),
        cmocka_unit_test(test_a_process_of_ones_own),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
