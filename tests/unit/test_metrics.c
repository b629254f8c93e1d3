/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/metrics.h"

#include <stdio.h>

#include "base/mem.h"
#include "model/profile.h"
#include "unit.h"

static bool add_numbered(struct pyr_profile *profile, uint32_t count, struct pyr_err *err)
{
    for (uint32_t i = 0; i < count; i++) {
        char name[32];
        uint32_t column = 0;
        snprintf(name, sizeof name, "metric %u", i);
        if (!pyr_metrics_add(&profile->metrics, profile->strings, name, PYR_UNIT_COUNT, &column,
                             err)) {
            return false;
        }
        assert_int_equal(column, i);
    }
    return true;
}

static void test_a_metric_is_added_once(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    uint32_t column = 9;
    assert_int_equal(pyr_metrics_main(&p->metrics, p->strings), -1);
    assert_true(pyr_metrics_add(&p->metrics, p->strings, "calls", "count", &column, &err));
    assert_int_equal(column, 0);
    assert_int_equal(pyr_metrics_main(&p->metrics, p->strings), 0);
    assert_true(pyr_metrics_add(&p->metrics, p->strings, "wall", "ns", &column, &err));
    assert_int_equal(column, 1);
    assert_true(pyr_metrics_add(&p->metrics, p->strings, "calls", "ns", &column, &err));
    assert_int_equal(column, 0);
    assert_int_equal(p->metrics.count, 2);
    assert_string_equal(pyr_strtab_text(p->strings, p->metrics.items[0].unit), "count");
    assert_int_equal(pyr_metrics_find(&p->metrics, p->strings, "wall"), 1);
    assert_int_equal(pyr_metrics_find(&p->metrics, p->strings, "cpu"), -1);
    assert_int_equal(pyr_metrics_main(&p->metrics, p->strings), 1);
    pyr_profile_free(p);
}

static void test_one_metric_too_many_is_refused(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    uint32_t column = 0;
    assert_true(add_numbered(profile, PYR_MAX_METRICS, &err));
    assert_false(
        pyr_metrics_add(&profile->metrics, profile->strings, "one more", "count", &column, &err));
    assert_int_equal(err.code, PYR_ERR_LIMIT);
    assert_true(add_numbered(profile, PYR_MAX_METRICS, &err)); /* those are still there */
    pyr_profile_free(profile);
}

static void test_rows_have_a_value_for_a_metric_that_came_later(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    assert_true(add_numbered(profile, 1, &err));
    for (uint32_t i = 1; i <= 3; i++) {
        assert_true(pyr_values_add(profile->values, (pyr_stack){i}, (pyr_thread){0}, 0,
                                   (int64_t)i * 10, &err));
    }
    assert_true(add_numbered(profile, PYR_MAX_METRICS, &err));
    for (uint32_t i = 1; i <= 3; i++) {
        struct pyr_value_row row = pyr_values_get(profile->values, i);
        assert_int_equal(row.v[0], 10 * i);
        for (uint32_t m = 1; m < PYR_MAX_METRICS; m++) {
            assert_int_equal(row.v[m], 0);
        }
    }
    pyr_profile_free(profile);
}

static void test_the_main_metric_is_one_that_adds_up(void **state)
{
    (void)state;
    static const char *const names[] = {PYR_METRIC_AWAITED, PYR_METRIC_STARVED, PYR_METRIC_CALLS,
                                        PYR_METRIC_CPU};
    static const int mains[] = {-1, -1, 2, 3};
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t column = 0;
        assert_true(pyr_metrics_add(&profile->metrics, profile->strings, names[i],
                                    i == 2 ? PYR_UNIT_COUNT : PYR_UNIT_NS, &column, &err));
        assert_int_equal(pyr_metrics_main(&profile->metrics, profile->strings), mains[i]);
        assert_int_equal(pyr_metrics_adds_up(&profile->metrics, profile->strings, i), i >= 2);
    }
    pyr_profile_free(profile);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_profile *profile = pyr_profile_new(&err);
        assert_true(pyr_values_add(profile->values, (pyr_stack){1}, (pyr_thread){0}, 0, 1, &err));
        pyr_mem_fail_after(nth);
        failed = !add_numbered(profile, PYR_MAX_METRICS, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_true(add_numbered(profile, PYR_MAX_METRICS, &err));
        assert_int_equal(pyr_values_get(profile->values, 1).v[0], 1);
        pyr_profile_free(profile);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_metric_is_added_once),
        cmocka_unit_test(test_one_metric_too_many_is_refused),
        cmocka_unit_test(test_rows_have_a_value_for_a_metric_that_came_later),
        cmocka_unit_test(test_the_main_metric_is_one_that_adds_up),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
