/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/signals.h"

#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static void test_without_a_child_a_signal_asks_us_to_stop(void **state)
{
    (void)state;
    struct pyr_signals signals = {0};
    pyr_signals_take(&signals);
    pyr_signals_poll(&signals, 0);
    assert_int_equal(signals.stop, 0);
    kill(getpid(), SIGUSR1);
    pyr_signals_poll(&signals, 0);
    assert_int_equal(signals.triggers, 1);
    assert_int_equal(signals.stop, 0);
    kill(getpid(), SIGTERM);
    pyr_signals_poll(&signals, 1000000000);
    assert_int_equal(signals.stop, SIGTERM);
    kill(getpid(), SIGINT); /* too late: dropped */
    pyr_signals_give_back(&signals);
}

static int status_after(int signal, bool keep_user1)
{
    struct pyr_signals signals = {.keep_user1 = keep_user1};
    int status = 0;
    pyr_signals_take(&signals);
    const pid_t child = fork();
    if (child == 0) {
        sigprocmask(SIG_SETMASK, &signals.before, NULL);
        for (;;) {
            pause();
        }
    }
    signals.child = (uint32_t)child;
    kill(getpid(), signal);
    pyr_signals_poll(&signals, 0);
    assert_int_equal(signals.stop, 0);
    if (keep_user1) {
        assert_int_equal(signals.triggers, 1);
        kill(child, SIGKILL);
    }
    waitpid(child, &status, 0);
    pyr_signals_give_back(&signals);
    return status;
}

static void test_a_child_gets_what_is_meant_for_it(void **state)
{
    (void)state;
    assert_int_equal(WTERMSIG(status_after(SIGTERM, false)), SIGTERM);
    assert_int_equal(WTERMSIG(status_after(SIGINT, false)), SIGINT);
    assert_int_equal(WTERMSIG(status_after(SIGUSR1, false)), SIGUSR1);
    assert_int_equal(WTERMSIG(status_after(SIGUSR1, true)), SIGKILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_child_a_signal_asks_us_to_stop),
        cmocka_unit_test(test_a_child_gets_what_is_meant_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
