/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/launch.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit.h"

static struct pyr_launch_end run(const char *script)
{
    char shell[] = "/bin/sh";
    char option[] = "-c";
    char copy[256];
    char *argv[] = {shell, option, copy, NULL};
    struct pyr_launch_end end = {.status = -1, .signal = -1};
    struct pyr_err err = {0};
    strncpy(copy, script, sizeof copy - 1);
    copy[sizeof copy - 1] = '\0';
    if (!pyr_launch_run(shell, argv, &end, &err)) {
        fail_msg("%s", err.message);
    }
    return end;
}

static void test_the_end_of_the_child_is_told(void **state)
{
    (void)state;
    assert_int_equal(run("exit 7").status, 7);
    assert_int_equal(run("exit 7").signal, 0);
    const struct pyr_launch_end killed = run("kill -9 $$");
    assert_int_equal(killed.signal, SIGKILL);
    assert_int_equal(killed.status, 137);
}

static void *send_soon(void *number)
{
    const struct timespec soon = {0, 200000000};
    nanosleep(&soon, NULL);
    kill(getpid(), *(int *)number);
    return NULL;
}

/* Runs a child that ends with status 9 when it gets the signal, which is sent to us. */
static void assert_passed_on(int number, const char *name)
{
    pthread_t sender;
    sigset_t set;
    char script[128];
    snprintf(script, sizeof script,
             "trap 'exit 9' %s; i=0; while [ $i -lt 50 ]; do i=$((i+1)); sleep 0.1; done", name);
    signal(number, SIG_DFL); /* a shell can't trap what was ignored when it began, as under nohup */
    /* Only a thread that blocks it may run beside: else it might take the signal itself. */
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    assert_int_equal(pthread_create(&sender, NULL, send_soon, &number), 0);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    assert_int_equal(run(script).status, 9);
    pthread_join(sender, NULL);
}

static void test_signals_sent_by_kill_are_passed_on(void **state)
{
    (void)state;
    assert_passed_on(SIGTERM, "TERM");
    assert_passed_on(SIGHUP, "HUP");
    assert_passed_on(SIGUSR1, "USR1");
    assert_passed_on(SIGUSR2, "USR2");
    assert_passed_on(SIGINT, "INT");
}

static void test_signal_masks_are_as_before(void **state)
{
    (void)state;
    sigset_t before;
    sigset_t after;
    sigprocmask(SIG_SETMASK, NULL, &before);
    (void)run("true");
    sigprocmask(SIG_SETMASK, NULL, &after);
    for (int number = 1; number < 32; number++) {
        assert_int_equal(sigismember(&before, number), sigismember(&after, number));
    }
    /* The child has them as we had: nothing of what we block meanwhile. */
    assert_int_equal(
        run("test $(awk '/^SigBlk/ {print $2}' /proc/self/status) = 0000000000000000").status, 0);
}

static void test_a_child_whose_end_would_be_ignored_is_waited_for(void **state)
{
    (void)state;
    signal(SIGCHLD, SIG_IGN);
    assert_int_equal(run("exit 4").status, 4);
    signal(SIGCHLD, SIG_DFL);
}

static void test_what_cannot_be_started_is_an_error(void **state)
{
    (void)state;
    char name[] = "/nonexistent/python";
    char *argv[] = {name, NULL};
    struct pyr_launch_end end;
    struct pyr_err err = {0};
    assert_false(pyr_launch_run(name, argv, &end, &err));
    assert_non_null(strstr(err.message, name));
}

static void test_an_interpreter_is_found_by_path_or_name(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    char *path = NULL;
    assert_true(pyr_launch_find_python("/bin/sh", &path, &err));
    assert_string_equal(path, "/bin/sh");
    pyr_mem_free(path);
    assert_true(pyr_launch_find_python("sh", &path, &err));
    assert_non_null(strstr(path, "/sh"));
    pyr_mem_free(path);
    assert_false(pyr_launch_find_python("no-such-python", &path, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    err.code = PYR_OK;
    assert_false(pyr_launch_find_python("/tmp/", &path, &err)); /* a folder */
    assert_int_equal(err.code, PYR_ERR_USAGE);
}

static void test_a_child_that_is_stopped_to_be_looked_into_has_not_ended(void **state)
{
    (void)state;
    siginfo_t info = {0};
    bool ended = true;
    struct pyr_launch_end end = {0};
    struct pyr_err err = {0};
    const pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    assert_int_equal(ptrace(PTRACE_SEIZE, child, NULL, NULL), 0);
    assert_int_equal(ptrace(PTRACE_INTERRUPT, child, NULL, NULL), 0);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOWAIT), 0);
    assert_true(pyr_launch_has_ended((uint32_t)child, false, &ended, &end, &err));
    assert_false(ended);
    /* And who stopped it can still see that it is. */
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOHANG), 0);
    assert_int_equal(info.si_pid, child);
    assert_int_equal(ptrace(PTRACE_DETACH, child, NULL, NULL), 0);
    kill(child, SIGKILL);
    assert_true(pyr_launch_has_ended((uint32_t)child, true, &ended, &end, &err));
    assert_true(ended);
    assert_int_equal(end.signal, SIGKILL);
    assert_false(pyr_launch_has_ended((uint32_t)child, false, &ended, &end, &err));
}

static void test_we_can_die_of_the_same_signal(void **state)
{
    (void)state;
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGTERM, SIG_IGN);
        pyr_launch_die(SIGTERM);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_end_of_the_child_is_told),
        cmocka_unit_test(test_signals_sent_by_kill_are_passed_on),
        cmocka_unit_test(test_signal_masks_are_as_before),
        cmocka_unit_test(test_a_child_whose_end_would_be_ignored_is_waited_for),
        cmocka_unit_test(test_what_cannot_be_started_is_an_error),
        cmocka_unit_test(test_an_interpreter_is_found_by_path_or_name),
        cmocka_unit_test(test_a_child_that_is_stopped_to_be_looked_into_has_not_ended),
        cmocka_unit_test(test_we_can_die_of_the_same_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
