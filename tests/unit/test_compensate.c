/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/compensate.h"

#include <string.h>

#include "base/mem.h"
#include "unit.h"

#include "short_profile.h"

static void set_costs(struct pyr_profile *profile)
{
    static const struct {
        const char *key;
        int64_t ps;
    } costs[] = {
        {PYR_META_COST_PYTHON_INSIDE, 10000},  {PYR_META_COST_PYTHON_OUTSIDE, 20000},
        {PYR_META_COST_BUILTIN_INSIDE, 3000},  {PYR_META_COST_BUILTIN_OUTSIDE, 5000},
        {PYR_META_COST_RESUME_INSIDE, 100000}, {PYR_META_COST_RESUME_OUTSIDE, 200000},
    };
    struct pyr_err err = {0};
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
        assert_true(pyr_meta_set_number(profile->meta, costs[i].key, costs[i].ps, &err));
    }
}

static struct pyr_profile *sample_profile(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    assert_non_null(p);
    set_costs(p);
    short_add(p, "a", 1, "calls", 1);
    short_add(p, "a", 1, "wall", 100000);
    short_add(p, "ab", 1, "calls", 100); /* a Python function */
    short_add(p, "ab", 1, "wall", 5000);
    short_add(p, "aL", 1, "calls", 1000); /* a builtin */
    short_add(p, "aL", 1, "wall", 4000);
    short_add(p, "ag", 1, "calls", 2); /* a generator */
    short_add(p, "ag", 1, "resumes", 50);
    short_add(p, "ag", 1, "wall", 9000);
    return p;
}

static void test_each_row_loses_what_measuring_cost(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = sample_profile();
    assert_true(pyr_compensate(p, &err));
    /* own: 1 x 10; children: 100 x 20, 1000 x 5, 2 x 20 + 50 x 200 ns */
    assert_int_equal(short_get(p, "a", 1, "wall_corrected"),
                     100000 - 10 - 2000 - 5000 - 40 - 10000);
    assert_int_equal(short_get(p, "ab", 1, "wall_corrected"), 5000 - 100 * 10);
    assert_int_equal(short_get(p, "aL", 1, "wall_corrected"), 4000 - 1000 * 3);
    assert_int_equal(short_get(p, "ag", 1, "wall_corrected"), 9000 - 2 * 10 - 50 * 100);
    assert_int_equal(short_get(p, "a", 1, "wall"), 100000); /* stays beside it */
    pyr_profile_free(p);
}

/* Measuring takes CPU time as it takes wall time; waiting is not measured at all. */
static void test_cpu_times_lose_as_much_and_waiting_nothing(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = sample_profile();
    short_add(p, "a", 1, "cpu", 90000);
    short_add(p, "ab", 1, "cpu", 500); /* less than it cost */
    short_add(p, "ag", 1, "awaited", 777);
    short_add(p, "ag", 1, "starved", 888);
    assert_true(pyr_compensate(p, &err));
    assert_int_equal(short_get(p, "a", 1, "cpu_corrected"), 90000 - 10 - 2000 - 5000 - 40 - 10000);
    assert_int_equal(short_get(p, "ab", 1, "cpu_corrected"), 0);
    assert_int_equal(short_get(p, "a", 1, "wall_corrected"),
                     100000 - 10 - 2000 - 5000 - 40 - 10000);
    assert_int_equal(short_get(p, "ag", 1, "awaited"), 777);
    assert_int_equal(short_get(p, "ag", 1, "starved"), 888);
    assert_int_equal(p->metrics.count, 8);
    pyr_profile_free(p);
}

static void test_cpu_times_alone_are_enough(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    set_costs(p);
    short_add(p, "a", 0, "calls", 1);
    short_add(p, "a", 0, "cpu", 100);
    assert_true(pyr_compensate(p, &err));
    assert_int_equal(short_get(p, "a", 0, "cpu_corrected"), 90);
    assert_int_equal(p->metrics.count, 3); /* and no wall times out of nothing */
    assert_true(pyr_compensate(p, &err));
    assert_int_equal(p->metrics.count, 3);
    pyr_profile_free(p);
}

static void test_less_than_nothing_is_nothing(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = sample_profile();
    short_add(p, "ab", 1, "calls", 1000);
    assert_true(pyr_compensate(p, &err));
    assert_int_equal(short_get(p, "ab", 1, "wall_corrected"), 0);
    pyr_profile_free(p);
}

static void test_a_thread_pays_for_its_own_calls(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = sample_profile();
    short_add(p, "a", 2, "wall", 500);
    short_add(p, "ab", 2, "calls", 3);
    short_add(p, "xy", 2, "calls", 1); /* its caller has no row */
    short_add(p, "xy", 2, "wall", 50);
    assert_true(pyr_compensate(p, &err));
    assert_int_equal(short_get(p, "a", 2, "wall_corrected"), 500 - 3 * 20);
    assert_int_equal(short_get(p, "xy", 2, "wall_corrected"), 40);
    assert_int_equal(short_get(p, "ab", 1, "wall_corrected"), 4000);
    pyr_profile_free(p);
}

static void test_picoseconds_are_rounded_to_the_nearest_nanosecond(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    assert_true(pyr_meta_set_number(p->meta, PYR_META_COST_PYTHON_INSIDE, 1499, &err));
    short_add(p, "a", 0, "calls", 1);
    short_add(p, "a", 0, "wall", 100);
    short_add(p, "b", 0, "calls", 5); /* 7495 ps */
    short_add(p, "b", 0, "wall", 100);
    short_add(p, "c", 0, "calls", 3); /* 4497 ps */
    short_add(p, "c", 0, "wall", 100);
    short_add(p, "d", 0, "calls", 2); /* 2998 ps */
    short_add(p, "d", 0, "wall", 100);
    assert_true(pyr_compensate(p, &err));
    assert_int_equal(short_get(p, "a", 0, "wall_corrected"), 99);
    assert_int_equal(short_get(p, "b", 0, "wall_corrected"), 93);
    assert_int_equal(short_get(p, "c", 0, "wall_corrected"), 96);
    assert_int_equal(short_get(p, "d", 0, "wall_corrected"), 97);
    pyr_profile_free(p);
}

static void test_doing_it_again_does_nothing(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = sample_profile();
    assert_true(pyr_compensate(p, &err));
    uint32_t metrics = p->metrics.count;
    int64_t before = short_get(p, "a", 1, "wall_corrected");
    assert_true(pyr_compensate(p, &err));
    assert_int_equal(p->metrics.count, metrics);
    assert_int_equal(short_get(p, "a", 1, "wall_corrected"), before);
    pyr_profile_free(p);
}

static void test_hostile_counts_stop_at_the_ends_of_the_range(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = sample_profile();
    short_add(p, "ab", 1, "calls", INT64_MAX);
    short_add(p, "aL", 1, "calls", INT64_MIN);
    short_add(p, "aL", 1, "wall", INT64_MAX);
    assert_true(pyr_compensate(p, &err));
    assert_int_equal(short_get(p, "ab", 1, "wall_corrected"), 0);
    assert_true(short_get(p, "aL", 1, "wall_corrected") == INT64_MAX);
    pyr_profile_free(p);
}

static void test_what_has_no_calls_times_or_costs_is_refused(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    set_costs(p);
    short_add(p, "a", 0, "wall", 100);
    assert_false(pyr_compensate(p, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_non_null(strstr(err.message, "call counts"));
    pyr_profile_free(p);

    p = pyr_profile_new(&err);
    set_costs(p);
    short_add(p, "a", 0, "calls", 100);
    assert_false(pyr_compensate(p, &err));
    assert_non_null(strstr(err.message, "no times"));
    pyr_profile_free(p);

    p = pyr_profile_new(&err);
    short_add(p, "a", 0, "calls", 1);
    short_add(p, "a", 0, "wall", 100);
    err.code = PYR_OK;
    assert_false(pyr_compensate(p, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_int_equal(p->metrics.count, 2);
    pyr_profile_free(p);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_profile *p = sample_profile();
        short_add(p, "ab", 1, "cpu", 3000);
        pyr_mem_fail_after(nth);
        failed = !pyr_compensate(p, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_true(pyr_compensate(p, &err)); /* and not half done */
        assert_int_equal(short_get(p, "ab", 1, "wall_corrected"), 4000);
        assert_int_equal(short_get(p, "ab", 1, "cpu_corrected"), 2000);
        pyr_profile_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row_loses_what_measuring_cost),
        cmocka_unit_test(test_cpu_times_lose_as_much_and_waiting_nothing),
        cmocka_unit_test(test_cpu_times_alone_are_enough),
        cmocka_unit_test(test_less_than_nothing_is_nothing),
        cmocka_unit_test(test_a_thread_pays_for_its_own_calls),
        cmocka_unit_test(test_picoseconds_are_rounded_to_the_nearest_nanosecond),
        cmocka_unit_test(test_doing_it_again_does_nothing),
        cmocka_unit_test(test_hostile_counts_stop_at_the_ends_of_the_range),
        cmocka_unit_test(test_what_has_no_calls_times_or_costs_is_refused),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
