/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

#include "unit.h"

static void sleep_ns(long ns)
{
    struct timespec pause = {0, ns};
    nanosleep(&pause, NULL);
}

static void test_time_goes_on(void **state)
{
    (void)state;
    uint64_t before = pyr_clock_monotonic_ns();
    sleep_ns(2000000);
    assert_true(pyr_clock_monotonic_ns() - before >= 2000000);
    assert_true(pyr_clock_realtime_ns() > 1600000000000000000u); /* 2020 is over */
}

static void test_the_environment_overrules_the_counter(void **state)
{
    (void)state;
    setenv("PYROMETER_CLOCK", "monotonic", 1);
    assert_int_equal(pyr_clock_best(), PYR_CLOCK_MONOTONIC);
    unsetenv("PYROMETER_CLOCK");
}

static void test_the_rate_turns_ticks_into_nanoseconds(void **state)
{
    (void)state;
    enum pyr_clock_kind kind = pyr_clock_best();
    struct pyr_clock_mark from = pyr_clock_mark(kind);
    sleep_ns(20000000);
    struct pyr_clock_mark to = pyr_clock_mark(kind);
    double rate = pyr_clock_rate(kind, from, to);
    double elapsed = (double)(to.ticks - from.ticks) * rate;
    assert_true(elapsed > 0.999 * (double)(to.ns - from.ns));
    assert_true(elapsed < 1.001 * (double)(to.ns - from.ns));
}

static void test_marks_too_close_together_still_give_the_rate(void **state)
{
    (void)state;
    enum pyr_clock_kind kind = pyr_clock_best();
    struct pyr_clock_mark from = pyr_clock_mark(kind);
    struct pyr_clock_mark near_by = {from.ticks + 1, from.ns + 999999}; /* absurd, and too near */
    double measured = pyr_clock_rate(kind, from, near_by);
    sleep_ns(20000000);
    double rate = pyr_clock_rate(kind, from, pyr_clock_mark(kind));
    assert_true(measured > 0.99 * rate && measured < 1.01 * rate);
}

static void test_nanoseconds_need_no_rate(void **state)
{
    (void)state;
    struct pyr_clock_mark mark = pyr_clock_mark(PYR_CLOCK_MONOTONIC);
    assert_int_equal(mark.ticks, mark.ns);
    assert_true(pyr_clock_rate(PYR_CLOCK_MONOTONIC, mark, mark) == 1.0);
    assert_string_equal(pyr_clock_name(PYR_CLOCK_MONOTONIC), "monotonic");
    assert_string_equal(pyr_clock_name(PYR_CLOCK_TSC), "tsc");
    assert_true(pyr_clock_ticks(PYR_CLOCK_MONOTONIC) >= mark.ticks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_goes_on),
        cmocka_unit_test(test_the_environment_overrules_the_counter),
        cmocka_unit_test(test_the_rate_turns_ticks_into_nanoseconds),
        cmocka_unit_test(test_marks_too_close_together_still_give_the_rate),
        cmocka_unit_test(test_nanoseconds_need_no_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
