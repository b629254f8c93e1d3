/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/sort.h"

#include <string.h>

#include "report_fixture.h"
#include "unit.h"

/* The names of all functions in the order asked for, each followed by a space. */
static void assert_order_of(struct pyr_profile *profile, const char *column, bool reverse,
                            const char *expected)
{
    struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_sort sort;
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    struct pyr_total totals[16] = {{{0}, {0}, NULL, NULL, NULL}};
    options.sort = column;
    options.reverse = reverse;
    assert_true(pyr_view_init(&view, profile, &options, &err));
    assert_true(pyr_sort_find(&view, PYR_SORT_SELF, &sort, &err));
    const uint32_t count = pyr_totals_function_count(view.totals);
    assert_in_range(count, 1, 16);
    for (uint32_t i = 0; i < count; i++) {
        totals[i] = pyr_totals_function(view.totals, i);
    }
    pyr_sort_totals(&view, &sort, false, totals, count);
    for (uint32_t i = 0; i < count; i++) {
        pyr_view_add_name(&view, totals[i].func, &out);
        pyr_buf_add_char(&out, ' ');
    }
    assert_string_equal(out.data, expected);
    pyr_buf_release(&out);
    pyr_view_release(&view);
    pyr_profile_free(profile);
}

static void assert_order(const char *column, bool reverse, const char *expected)
{
    assert_order_of(report_fixture_new(), column, reverse, expected);
}

static void test_concurrent_programs_are_sorted_by_what_they_did_not_do(void **state)
{
    (void)state;
    assert_order_of(report_fixture_concurrent(), "cpu", false,
                    "handle fetch work parse loop serve read main <module> shop ");
    assert_order_of(report_fixture_concurrent(), "waiting", false,
                    "handle work loop read main parse fetch serve <module> shop ");
    assert_order_of(report_fixture_concurrent(), "awaiting", false,
                    "fetch serve read handle work loop parse main <module> shop ");
    assert_order_of(report_fixture_concurrent(), "starved", false,
                    "fetch serve read handle work loop parse main <module> shop ");
    /* Running and suspended together; of the others their total. */
    assert_order_of(report_fixture_concurrent(), "elapsed", false,
                    "fetch serve <module> shop main loop read handle work parse ");
}

static void assert_no_column(const char *column, const char *words)
{
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_sort sort;
    struct pyr_err err = {0};
    options.sort = column;
    assert_true(pyr_view_init(&view, profile, &options, &err));
    assert_false(pyr_sort_find(&view, PYR_SORT_SELF, &sort, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_non_null(strstr(err.message, words));
    pyr_view_release(&view);
    pyr_profile_free(profile);
}

static void test_columns_that_were_not_measured_name_the_cure(void **state)
{
    (void)state;
    assert_no_column("cpu", "trace --clock both");
    assert_no_column("waiting", "trace --clock both");
    assert_no_column("elapsed", "how long coroutines were suspended");
}

static void test_figures_go_from_large_to_small(void **state)
{
    (void)state;
    assert_order(NULL, false, "price walk len work main <module> shop ");
    assert_order("self", true, "<module> shop main len work walk price ");
    assert_order("total", false, "<module> shop main price walk len work ");
    assert_order("calls", false, "len price walk work main <module> shop ");
    assert_order("percall", false, "<module> shop main walk price work len ");
}

static void test_texts_go_from_a_to_z(void **state)
{
    (void)state;
    assert_order("name", false, "<module> shop len main price walk work ");
    assert_order("file", false, "len <module> shop walk price main work ");
    assert_order("line", false, "len <module> shop walk price main work ");
    assert_order("module", true, "work walk price main <module> shop len ");
}

static void test_the_names_of_cprofile_and_of_metrics_work(void **state)
{
    (void)state;
    assert_order("tottime", false, "price walk len work main <module> shop ");
    assert_order("cumulative", false, "<module> shop main price walk len work ");
    assert_order("ncalls", false, "len price walk work main <module> shop ");
    assert_order("wall", false, "price walk len work main <module> shop ");
}

static void test_an_unknown_column_is_a_usage_error_with_the_known_ones(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_sort sort;
    struct pyr_err err = {0};
    options.sort = "colour";
    assert_true(pyr_view_init(&view, profile, &options, &err));
    assert_false(pyr_sort_find(&view, PYR_SORT_SELF, &sort, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_non_null(strstr(err.message, "self, total, calls"));
    pyr_view_release(&view);
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures_go_from_large_to_small),
        cmocka_unit_test(test_concurrent_programs_are_sorted_by_what_they_did_not_do),
        cmocka_unit_test(test_columns_that_were_not_measured_name_the_cure),
        cmocka_unit_test(test_texts_go_from_a_to_z),
        cmocka_unit_test(test_the_names_of_cprofile_and_of_metrics_work),
        cmocka_unit_test(test_an_unknown_column_is_a_usage_error_with_the_known_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
