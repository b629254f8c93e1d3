/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/columns.h"

#include "unit.h"

static struct pyr_profile *with_metrics(const char *const (*metrics)[2], size_t count)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    uint32_t column = 0;
    assert_non_null(profile);
    for (size_t i = 0; i < count; i++) {
        assert_true(pyr_metrics_add(&profile->metrics, profile->strings, metrics[i][0],
                                    metrics[i][1], &column, &err));
    }
    return profile;
}

static void test_a_traced_profile_has_calls_and_wall_time(void **state)
{
    (void)state;
    static const char *const metrics[][2] = {
        {"samples", "count"}, {"cpu", "ns"}, {"calls", "count"}, {"wall", "ns"}};
    struct pyr_profile *profile = with_metrics(metrics, 4);
    assert_int_equal(pyr_columns_time(profile), 3);
    assert_int_equal(pyr_columns_count(profile), 2);
    assert_true(pyr_columns_is_ns(profile, 3));
    assert_false(pyr_columns_is_ns(profile, 2));
    assert_string_equal(pyr_columns_name(profile, 1), "cpu");
    pyr_profile_free(profile);
}

static void test_next_best_are_cpu_time_and_samples(void **state)
{
    (void)state;
    static const char *const metrics[][2] = {{"samples", "count"}, {"cpu", "ns"}};
    struct pyr_profile *profile = with_metrics(metrics, 2);
    assert_int_equal(pyr_columns_time(profile), 1);
    assert_int_equal(pyr_columns_count(profile), 0);
    pyr_profile_free(profile);
}

static void test_without_a_time_the_main_metric_is_taken(void **state)
{
    (void)state;
    static const char *const metrics[][2] = {{"allocated", "bytes"}};
    struct pyr_profile *profile = with_metrics(metrics, 1);
    assert_int_equal(pyr_columns_time(profile), 0);
    assert_int_equal(pyr_columns_count(profile), -1);
    assert_true(pyr_columns_is_bytes(profile, 0));
    assert_false(pyr_columns_is_bytes(profile, -1));
    pyr_profile_free(profile);
}

static void test_without_metrics_there_is_nothing(void **state)
{
    (void)state;
    struct pyr_profile *profile = with_metrics(NULL, 0);
    assert_int_equal(pyr_columns_time(profile), -1);
    assert_int_equal(pyr_columns_count(profile), -1);
    assert_false(pyr_columns_is_ns(profile, -1));
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_traced_profile_has_calls_and_wall_time),
        cmocka_unit_test(test_next_best_are_cpu_time_and_samples),
        cmocka_unit_test(test_without_a_time_the_main_metric_is_taken),
        cmocka_unit_test(test_without_metrics_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
