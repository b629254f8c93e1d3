/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/weigh.h"

#include "unit.h"

#define MS 1000000u

static void test_a_sample_in_time_stands_for_all_of_it(void **state)
{
    (void)state;
    struct pyr_sample sample = {.wall_ns = 100 * MS, .cpu_ns = 90 * MS};
    assert_int_equal(pyr_weigh_shorten(&sample, 100, false), 0);
    assert_int_equal(sample.wall_ns, 100 * MS);
    assert_int_equal(sample.cpu_ns, 90 * MS);
}

static void test_after_a_stall_the_rest_is_nobodys(void **state)
{
    (void)state;
    struct pyr_sample sample = {.wall_ns = 400 * MS, .cpu_ns = 200 * MS};
    assert_int_equal(pyr_weigh_shorten(&sample, 100, false), 300 * MS);
    assert_int_equal(sample.wall_ns, 100 * MS);
    assert_int_equal(sample.cpu_ns, 50 * MS);
}

static void test_of_cpu_time_the_rest_is_in_proportion(void **state)
{
    (void)state;
    struct pyr_sample sample = {.wall_ns = 400 * MS, .cpu_ns = 200 * MS};
    assert_int_equal(pyr_weigh_shorten(&sample, 1000, true), 150 * MS);
    assert_int_equal(sample.wall_ns, 100 * MS);
}

static void test_at_low_rates_it_is_steps_that_count(void **state)
{
    (void)state;
    struct pyr_sample sample = {.wall_ns = 9000u * (uint64_t)MS};
    assert_int_equal(pyr_weigh_shorten(&sample, 1, false), 0);
    sample.wall_ns = 11000u * (uint64_t)MS;
    assert_int_equal(pyr_weigh_shorten(&sample, 1, false), 1000u * (uint64_t)MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sample_in_time_stands_for_all_of_it),
        cmocka_unit_test(test_after_a_stall_the_rest_is_nobodys),
        cmocka_unit_test(test_of_cpu_time_the_rest_is_in_proportion),
        cmocka_unit_test(test_at_low_rates_it_is_steps_that_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
