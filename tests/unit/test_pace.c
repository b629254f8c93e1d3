/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/pace.h"

#include "base/clock.h"
#include "unit.h"

#define STEP_NS 10000000u /* of 100 Hz */

/* Any point of a step is as likely as any other, so that a beat of the program is met evenly. */
static void test_rounds_fall_anywhere_in_their_steps(void **state)
{
    (void)state;
    enum { ROUNDS = 10000, PARTS = 10 };
    struct pyr_pace pace;
    uint64_t late = 0;
    uint32_t parts[PARTS] = {0};
    pyr_pace_start(&pace, 100, 1000);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        const uint64_t begin = 1000 + i * STEP_NS;
        const uint64_t due = pyr_pace_next(&pace, begin, &late);
        assert_in_range(due, begin, begin + STEP_NS - 1); /* of a grid that does not drift */
        parts[(due - begin) / (STEP_NS / PARTS)]++;
    }
    for (uint32_t i = 0; i < PARTS; i++) {
        assert_in_range(parts[i], ROUNDS / PARTS * 4 / 5, ROUNDS / PARTS * 6 / 5);
    }
    assert_int_equal(late, 0);
}

static void test_a_round_that_is_late_may_be_due_at_once(void **state)
{
    (void)state;
    struct pyr_pace pace;
    uint64_t late = 0;
    pyr_pace_start(&pace, 100, 0);
    assert_in_range(pyr_pace_next(&pace, 0, &late), 0, STEP_NS - 1);
    assert_in_range(pyr_pace_next(&pace, STEP_NS + STEP_NS - 1, &late), STEP_NS, 2 * STEP_NS - 1);
    assert_int_equal(late, 0);
    assert_in_range(pyr_pace_next(&pace, 2 * STEP_NS, &late), 2 * STEP_NS, 3 * STEP_NS - 1);
}

static void test_rounds_whose_step_has_passed_are_left_out_and_counted(void **state)
{
    (void)state;
    struct pyr_pace pace;
    uint64_t late = 0;
    pyr_pace_start(&pace, 100, 0);
    assert_in_range(pyr_pace_next(&pace, 0, &late), 0, STEP_NS - 1);
    assert_in_range(pyr_pace_next(&pace, 5 * STEP_NS + 3, &late), 5 * STEP_NS, 6 * STEP_NS - 1);
    assert_int_equal(late, 4);
    assert_in_range(pyr_pace_next(&pace, 5 * STEP_NS + 4, &late), 6 * STEP_NS, 7 * STEP_NS - 1);
    assert_int_equal(late, 4);
}

static void test_without_a_rate_each_round_is_due_at_once(void **state)
{
    (void)state;
    struct pyr_pace pace;
    uint64_t late = 0;
    pyr_pace_start(&pace, 0, 7);
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
        cmocka_unit_test(test_rounds_fall_anywhere_in_their_steps),
        cmocka_unit_test(test_a_round_that_is_late_may_be_due_at_once),
        cmocka_unit_test(test_rounds_whose_step_has_passed_are_left_out_and_counted),
        cmocka_unit_test(test_without_a_rate_each_round_is_due_at_once),
        cmocka_unit_test(test_waiting_ends_at_the_time_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
