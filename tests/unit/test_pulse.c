/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/pulse.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/atomic.h"
#include "unit.h"

static void test_the_cpu_is_found_behind_any_name(void **state)
{
    (void)state;
    uint32_t cpu = 0;
    assert_true(
        pyr_pulse_parse_cpu("77 (py) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 "
                            "22 23 24 25 26 27 28 29 30 31 32 33 34 17 12 40 41\n",
                            &cpu));
    assert_int_equal(cpu, 12);
    assert_true(
        pyr_pulse_parse_cpu("77 (a) R (b) ) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 "
                            "20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 17 5 40",
                            &cpu));
    assert_int_equal(cpu, 5);
}

static void test_text_that_is_none_of_the_kernels_is_refused(void **state)
{
    (void)state;
    uint32_t cpu = 0;
    uint64_t a = 0;
    uint64_t b = 0;
    const char *const texts[] = {
        "",
        ")",
        "1 (x) R 1 2 3",
        "1 (x",
        "abc",
        "1 (x) R 1 2 3 4 5 6 7 8 9 "
        "10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 "
        "32 33 34 17 x"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(pyr_pulse_parse_cpu(texts[i], &cpu));
    }
    assert_false(pyr_pulse_parse_schedstat("", &a, &b));
    assert_false(pyr_pulse_parse_schedstat("0 0 0\n", &a, &b)); /* a kernel that does not count */
    assert_int_equal(pyr_pulse_parse_syscall("", &a), PYR_PULSE_UNKNOWN);
    assert_int_equal(pyr_pulse_parse_syscall("?", &a), PYR_PULSE_UNKNOWN);
}

static void test_times_and_runs_are_read(void **state)
{
    (void)state;
    uint64_t ns = 0;
    uint64_t runs = 0;
    assert_true(pyr_pulse_parse_schedstat("90078035 95991121 67\n", &ns, &runs));
    assert_int_equal(ns, 90078035);
    assert_int_equal(runs, 67);
}

static void test_what_a_thread_waits_at_is_told(void **state)
{
    (void)state;
    uint64_t futex = 1;
    assert_int_equal(pyr_pulse_parse_syscall("running\n", &futex), PYR_PULSE_RUNS);
    assert_int_equal(futex, 0);
    char text[64];
    (void)snprintf(text, sizeof(text), "%d 0x55d0aabb 0x80 0x0 0x0 0x0 0x0 0x7ff 0x7fe\n",
                   (int)SYS_futex);
    assert_int_equal(pyr_pulse_parse_syscall(text, &futex), PYR_PULSE_WAITS);
    assert_int_equal(futex, 0x55d0aabb);
    assert_int_equal(pyr_pulse_parse_syscall("-1 0x7ffe 0x7f3e\n", &futex), PYR_PULSE_WAITS);
    assert_int_equal(futex, 0);
}

static void test_a_threads_own_pulse_agrees_with_what_it_knows(void **state)
{
    (void)state;
    struct pyr_pulse pulse;
    uint32_t cpu = UINT32_MAX;
    uint64_t before = 0;
    uint64_t after = 0;
    uint64_t runs = 0;
    cpu_set_t all;
    cpu_set_t one;
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    pyr_pulse_init(&pulse, (uint32_t)getpid(), (uint32_t)syscall(SYS_gettid));
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &all)) {
            CPU_ZERO(&one);
            CPU_SET(i, &one);
            assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
            if (pyr_pulse_place(&pulse, &cpu, &runs)) { /* not with a kernel that does not count */
                assert_int_equal(cpu, i);
                assert_true(runs > 0);
            }
        }
    }
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    if (pyr_pulse_time(&pulse, &before)) {
        assert_true(pyr_pulse_time(&pulse, &after));
        assert_true(after >= before);
    }
    pyr_pulse_release(&pulse);
}

struct waiter {
    pthread_mutex_t lock;
    uint32_t tid;
};

static void *wait_for_lock(void *context)
{
    struct waiter *waiter = context;
    PYR_SHARED_SET(waiter->tid, (uint32_t)syscall(SYS_gettid));
    pthread_mutex_lock(&waiter->lock);
    pthread_mutex_unlock(&waiter->lock);
    return NULL;
}

static void test_a_thread_that_waits_for_a_lock_is_seen_at_it(void **state)
{
    (void)state;
    struct waiter waiter = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct pyr_pulse pulse;
    pthread_t thread;
    uint64_t futex = 0;
    pthread_mutex_lock(&waiter.lock);
    assert_int_equal(pthread_create(&thread, NULL, wait_for_lock, &waiter), 0);
    while (PYR_SHARED_GET(waiter.tid) == 0) {
        sched_yield();
    }
    pyr_pulse_init(&pulse, (uint32_t)getpid(), waiter.tid);
    enum pyr_pulse_doing doing = pyr_pulse_doing(&pulse, &futex);
    while (doing == PYR_PULSE_RUNS) {
        sched_yield();
        doing = pyr_pulse_doing(&pulse, &futex);
    }
    if (doing != PYR_PULSE_UNKNOWN) { /* where the kernel was built without that file */
        assert_int_equal(doing, PYR_PULSE_WAITS);
        assert_int_equal(futex, (uintptr_t)&waiter.lock);
    }
    pthread_mutex_unlock(&waiter.lock);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pyr_pulse_release(&pulse);
}

static void test_nothing_is_known_of_a_thread_that_is_not_there(void **state)
{
    (void)state;
    struct pyr_pulse pulse;
    uint32_t cpu = 0;
    uint64_t value = 0;
    const uint32_t tids[] = {0, 0x7fffffff};
    for (size_t i = 0; i < 2; i++) {
        pyr_pulse_init(&pulse, (uint32_t)getpid(), tids[i]);
        assert_false(pyr_pulse_place(&pulse, &cpu, &value));
        assert_false(pyr_pulse_time(&pulse, &value));
        assert_int_equal(pyr_pulse_doing(&pulse, &value), PYR_PULSE_UNKNOWN);
        pyr_pulse_release(&pulse);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_cpu_is_found_behind_any_name),
        cmocka_unit_test(test_text_that_is_none_of_the_kernels_is_refused),
        cmocka_unit_test(test_times_and_runs_are_read),
        cmocka_unit_test(test_what_a_thread_waits_at_is_told),
        cmocka_unit_test(test_a_threads_own_pulse_agrees_with_what_it_knows),
        cmocka_unit_test(test_a_thread_that_waits_for_a_lock_is_seen_at_it),
        cmocka_unit_test(test_nothing_is_known_of_a_thread_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
