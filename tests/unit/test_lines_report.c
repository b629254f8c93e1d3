/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/lines_report.h"

#include <string.h>

#include "report_fixture.h"
#include "unit.h"

static const char *render(const struct pyr_profile *profile, struct pyr_report_options options,
                          struct pyr_buf *out)
{
    pyr_buf_release(out);
    return report_fixture_render(&pyr_report_lines, profile, &options, out);
}

static void test_each_line_has_a_row_the_hottest_first(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_sampled();
    struct pyr_buf out = {0};
    const char *text = render(profile, report_fixture_options(), &out);
    assert_true(report_fixture_has_line(text, "3|75.0 %|3|hot|shop.py:5"));
    assert_true(report_fixture_has_line(text, "1|25.0 %|1|hot|shop.py:6"));
    assert_true(strstr(text, "shop.py:5") < strstr(text, "shop.py:6"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_line_that_is_on_a_stack_twice_counts_once(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    struct pyr_profile *profile = report_fixture_sampled();
    const struct pyr_function_text walk = {"walk", "shop", "shop.py", 20, PYR_FUNC_PYTHON};
    pyr_func func = {0};
    pyr_stack stack = {0};
    assert_true(pyr_profile_add_function(profile, &walk, &func, &err));
    for (int i = 0; i < 3; i++) {
        assert_true(pyr_profile_push(profile, stack, func, 21, &stack, &err));
    }
    assert_true(pyr_values_add(profile->values, stack, (pyr_thread){0}, 0, 4, &err));
    const char *text = render(profile, report_fixture_options(), &out);
    assert_true(report_fixture_has_line(text, "4|50.0 %|4|50.0 %|walk|shop.py:21"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_order_and_limit_are_heeded(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_sampled();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.sort = "line";
    options.reverse = true;
    const char *text = render(profile, options, &out);
    assert_true(strstr(text, "shop.py:6") < strstr(text, "shop.py:5"));
    options = report_fixture_options();
    options.limit = 1;
    text = render(profile, options, &out);
    assert_null(strstr(text, "shop.py:6"));
    assert_true(report_fixture_has_line(text, "more line"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_profile_without_lines_says_so(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_buf out = {0};
    const char *text = render(profile, report_fixture_options(), &out);
    assert_true(report_fixture_has_line(text, "No lines were recorded"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_running_out_of_memory_is_told(void **state)
{
    (void)state;
    const struct pyr_report_options options = report_fixture_options();
    report_fixture_starve(&pyr_report_lines, &options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_line_has_a_row_the_hottest_first),
        cmocka_unit_test(test_a_line_that_is_on_a_stack_twice_counts_once),
        cmocka_unit_test(test_order_and_limit_are_heeded),
        cmocka_unit_test(test_a_profile_without_lines_says_so),
        cmocka_unit_test(test_running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
