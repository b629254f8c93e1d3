/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_details.h"

#include "base/mem.h"
#include "tui_fixture.h"
#include "unit.h"

#define MS 1000000ull

static void assert_relative(const struct pyr_top_relatives *relatives, uint32_t at, uint32_t key,
                            uint64_t all_ms)
{
    assert_true(at < relatives->count);
    assert_int_equal(relatives->items[at].key, key);
    assert_int_equal(relatives->items[at].all, all_ms * MS);
    assert_int_equal(relatives->items[at].now, all_ms * MS);
}

static void test_callers_and_callees_share_the_time_out(void **state)
{
    (void)state;
    struct tui_fixture fixture;
    struct pyr_top_model model;
    struct pyr_top_details details = {0};
    struct pyr_err err = {0};
    tui_fixture_init(&fixture);
    tui_fixture_model(&fixture, &model);
    assert_true(pyr_top_details_build(&details, &model, TUI_MAIN, &err));
    assert_int_equal(details.callers.count, 1);
    assert_relative(&details.callers, 0, TUI_MODULE, 1000);
    assert_int_equal(details.callees.count, 3);
    assert_relative(&details.callees, 0, TUI_HOT, 700);
    assert_relative(&details.callees, 1, TUI_WARM, 200);
    assert_relative(&details.callees, 2, TUI_WALK, 100);
    assert_int_equal(details.sum.total_all, 1000 * MS);
    pyr_top_details_release(&details);
    pyr_top_model_release(&model);
    tui_fixture_release(&fixture);
}

static void test_recursion_counts_once_for_each_pair(void **state)
{
    (void)state;
    struct tui_fixture fixture;
    struct pyr_top_model model;
    struct pyr_top_details details = {0};
    struct pyr_err err = {0};
    tui_fixture_init(&fixture);
    tui_fixture_model(&fixture, &model);
    assert_true(pyr_top_details_build(&details, &model, TUI_WALK, &err));
    assert_int_equal(details.callers.count, 2);
    assert_relative(&details.callers, 0, TUI_MAIN, 100);
    assert_relative(&details.callers, 1, TUI_WALK, 100);
    assert_int_equal(details.callees.count, 1);
    assert_relative(&details.callees, 0, TUI_WALK, 100);
    pyr_top_details_release(&details);
    pyr_top_model_release(&model);
    tui_fixture_release(&fixture);
}

static void test_the_outermost_function_is_called_by_nobody(void **state)
{
    (void)state;
    struct tui_fixture fixture;
    struct pyr_top_model model;
    struct pyr_top_details details = {0};
    struct pyr_err err = {0};
    tui_fixture_init(&fixture);
    tui_fixture_model(&fixture, &model);
    assert_true(pyr_top_details_build(&details, &model, TUI_RUN, &err));
    assert_int_equal(details.callers.count, 1);
    assert_relative(&details.callers, 0, 0, 1000);
    assert_int_equal(details.callees.count, 0);
    assert_true(pyr_top_details_build(&details, &model, 0, &err));
    assert_int_equal(details.callers.count + details.callees.count, 0);
    assert_true(pyr_top_details_build(&details, &model, 4000000000u, &err));
    assert_int_equal(details.callers.count + details.callees.count, 0);
    pyr_top_details_release(&details);
    pyr_top_model_release(&model);
    tui_fixture_release(&fixture);
}

static void test_out_of_memory_is_told(void **state)
{
    (void)state;
    struct tui_fixture fixture;
    struct pyr_top_model model;
    bool failed = true;
    tui_fixture_init(&fixture);
    tui_fixture_model(&fixture, &model);
    for (long nth = 0; failed; nth++) {
        struct pyr_top_details details = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_top_details_build(&details, &model, TUI_MAIN, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_top_details_release(&details);
    }
    pyr_top_model_release(&model);
    tui_fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_callers_and_callees_share_the_time_out),
        cmocka_unit_test(test_recursion_counts_once_for_each_pair),
        cmocka_unit_test(test_the_outermost_function_is_called_by_nobody),
        cmocka_unit_test(test_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
