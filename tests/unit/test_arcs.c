/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/arcs.h"

#include <string.h>

#include "report_fixture.h"
#include "reports/callees.h"
#include "reports/callers.h"
#include "unit.h"

static const char *body(const char *text)
{
    const char *found = strstr(text, "\n\n");
    return found == NULL ? text : found + 2;
}

static void test_callers_share_out_what_a_function_cost(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.function = "walk";
    const char *text = report_fixture_render(&pyr_report_callers, profile, &options, &out);
    assert_string_equal(body(text), "  walk  shop.py:10\n"
                                    "  3/1 calls, 250 ms self, 250 ms total, called by\n"
                                    "       %  total    self  calls  caller  where\n"
                                    "   100 % 250 ms  100 ms      1  main    shop.py:30\n"
                                    "  60.0 % 150 ms  150 ms      2  walk    shop.py:10\n"
                                    "\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_callees_say_what_a_function_asked_others_to_do(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.function = "shop.main";
    const char *text = report_fixture_render(&pyr_report_callees, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "1 call, 40.0 ms self, 940 ms total, calls"));
    assert_true(report_fixture_has_line(text, "69.1 %|650 ms|600 ms|10|price"));
    assert_true(report_fixture_has_line(text, "26.6 %|250 ms|100 ms|1|walk"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_outermost_functions_were_called_by_nobody_recorded(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.function = "work";
    const char *text = report_fixture_render(&pyr_report_callers, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "100 %|50.0 ms|1|(nobody recorded)"));
    pyr_buf_clear(&out);
    text = report_fixture_render(&pyr_report_callees, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "nothing recorded"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_without_a_function_the_hottest_come(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const char *text = report_fixture_render(&pyr_report_callers, profile, &options, &out);
    assert_true(strstr(text, "  price  shop.py:20") < strstr(text, "  walk  shop.py:10"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_function_that_is_not_there_is_a_usage_error(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    options.function = "checkout";
    assert_false(pyr_report_callers.render(profile, &options, &out, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_non_null(strstr(err.message, "checkout"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct pyr_report_options options = report_fixture_options();
    report_fixture_starve(&pyr_report_callers, &options);
    report_fixture_starve(&pyr_report_callees, &options);
}

static void test_cpu_divides_what_the_calls_cost(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.limit = 50;
    const char *text = report_fixture_render(&pyr_report_callers, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "100 %|450 ms|320 ms|130 ms|120 ms|1|main"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpu_divides_what_the_calls_cost),
        cmocka_unit_test(test_callers_share_out_what_a_function_cost),
        cmocka_unit_test(test_callees_say_what_a_function_asked_others_to_do),
        cmocka_unit_test(test_outermost_functions_were_called_by_nobody_recorded),
        cmocka_unit_test(test_without_a_function_the_hottest_come),
        cmocka_unit_test(test_a_function_that_is_not_there_is_a_usage_error),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
