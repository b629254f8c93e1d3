/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/slices.h"

#include "base/mem.h"
#include "exchange_fixture.h"
#include "unit.h"

static void test_without_a_timeline_each_thread_has_its_tree(void **state)
{
    (void)state;
    static const int64_t weights[] = {1000, 200, 800, 50, 400, 40};
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_slices slices = {0};
    struct pyr_slice_range range = {0};
    assert_true(pyr_slices_init(&slices, profile, 1, &err));
    assert_false(slices.in_time);
    assert_int_equal(slices.count, 6);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(slices.items[i].weight, weights[i]);
        assert_true(i == 0 || i == 4 || slices.items[i].place > slices.items[i - 1].place);
    }
    assert_true(pyr_slices_next_thread(&slices, &range));
    assert_true(range.thread.i == 1 && range.from == 0 && range.to == 4);
    assert_true(pyr_slices_next_thread(&slices, &range));
    assert_true(range.thread.i == 2 && range.from == 4 && range.to == 6);
    assert_false(pyr_slices_next_thread(&slices, &range));
    pyr_slices_release(&slices);
    pyr_profile_free(profile);
}

static void test_a_timeline_gives_its_runs_in_order(void **state)
{
    (void)state;
    static const uint64_t starts[] = {100, 150, 300, 0};
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_slices slices = {0};
    exchange_fixture_add_timeline(profile);
    const struct pyr_run nothing = {.start_ns = 5, .thread = {1}, .stack = {1}};
    assert_true(pyr_timeline_add(profile->timeline, nothing, &err));
    assert_true(pyr_slices_init(&slices, profile, 1, &err));
    assert_true(slices.in_time);
    assert_int_equal(slices.count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(slices.items[i].place, starts[i]);
    }
    pyr_slices_release(&slices);
    pyr_profile_free(profile);
}

static void test_without_metrics_or_values_there_are_none(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    struct pyr_slices slices = {0};
    struct pyr_slice_range range = {0};
    assert_true(pyr_slices_init(&slices, profile, -1, &err));
    assert_false(pyr_slices_next_thread(&slices, &range));
    pyr_slices_release(&slices);
    pyr_profile_free(profile);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_slices slices = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_slices_init(&slices, profile, 1, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_slices_release(&slices);
    }
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_timeline_each_thread_has_its_tree),
        cmocka_unit_test(test_a_timeline_gives_its_runs_in_order),
        cmocka_unit_test(test_without_metrics_or_values_there_are_none),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
