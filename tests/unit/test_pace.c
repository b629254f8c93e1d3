/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/pace.h"

#include "base/clock.h"
#include "unit.h"

#define STEP_NS 10000000u /* of 100 Hz */

static void test_rounds_are_due_on_a_grid_that_does_not_drift(void **state)
{
    (void)state;
    struct pyr_pace pace;
    uint64_t late = 0;
    pyr_pace_start(&pace, 100, 0, 1000);
    for (uint64_t i = 0; i < 50; i++) {
        /* Each round takes some of its step. */
        assert_int_equal(pyr_pace_next(&pace, 1000 + i * STEP_NS - i, &late), 1000 + i * STEP_NS);
    }
    assert_int_equal(late, 0);
}

static void test_a_round_that_is_a_little_late_is_taken_at_once(void **state)
{
    (void)state;
    struct pyr_pace pace;
    uint64_t late = 0;
    pyr_pace_start(&pace, 100, 0, 0);
    assert_int_equal(pyr_pace_next(&pace, 0, &late), 0);
    assert_int_equal(pyr_pace_next(&pace, STEP_NS + STEP_NS - 1, &late), STEP_NS);
    assert_int_equal(late, 0);
    assert_int_equal(pyr_pace_next(&pace, 2 * STEP_NS, &late), 2 * STEP_NS);
}

static void test_rounds_whose_step_has_passed_are_left_out_and_counted(void **state)
{
    (void)state;
    struct pyr_pace pace;
    uint64_t late = 0;
    pyr_pace_start(&pace, 100, 0, 0);
    assert_int_equal(pyr_pace_next(&pace, 0, &late), 0);
    assert_int_equal(pyr_pace_next(&pace, 5 * STEP_NS + 3, &late), 5 * STEP_NS);
    assert_int_equal(late, 4);
    assert_int_equal(pyr_pace_next(&pace, 5 * STEP_NS + 4, &late), 6 * STEP_NS);
    assert_int_equal(late, 4);
}

static void test_jitter_stays_within_its_part_of_the_step(void **state)
{
    (void)state;
    struct pyr_pace pace;
    uint64_t late = 0;
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;
    pyr_pace_start(&pace, 100, 20, 0);
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t moved = pyr_pace_next(&pace, i * STEP_NS, &late) - i * STEP_NS;
        least = moved < least ? moved : least;
        most = moved > most ? moved : most;
    }
    assert_in_range(most, STEP_NS / 10, STEP_NS / 5 - 1);
    assert_in_range(least, 0, STEP_NS / 50);
    assert_int_equal(late, 0);
}

static void test_without_a_rate_each_round_is_due_at_once(void **state)
{
    (void)state;
    struct pyr_pace pace;
    uint64_t late = 0;
    pyr_pace_start(&pace, 0, 50, 7);
    assert_int_equal(pyr_pace_next(&pace, 7, &late), 7);
    assert_int_equal(pyr_pace_next(&pace, 123456789, &late), 123456789);
    assert_int_equal(late, 0);
}

static void test_waiting_ends_at_the_time_and_not_before(void **state)
{
    (void)state;
    uint64_t until = pyr_clock_monotonic_ns() + 2000000;
    assert_true(pyr_pace_wait(until));
    assert_true(pyr_clock_monotonic_ns() >= until);
    assert_true(pyr_pace_wait(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds_are_due_on_a_grid_that_does_not_drift),
        cmocka_unit_test(test_a_round_that_is_a_little_late_is_taken_at_once),
        cmocka_unit_test(test_rounds_whose_step_has_passed_are_left_out_and_counted),
        cmocka_unit_test(test_jitter_stays_within_its_part_of_the_step),
        cmocka_unit_test(test_without_a_rate_each_round_is_due_at_once),
        cmocka_unit_test(test_waiting_ends_at_the_time_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
