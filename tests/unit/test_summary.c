/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/summary.h"

#include "report_fixture.h"
#include "unit.h"

static void test_holds_the_hottest_functions_and_the_tree(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const char *text = report_fixture_render(&pyr_report_summary, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "Command|shop.py --all"));
    assert_true(report_fixture_has_line(text, "Hottest functions"));
    assert_true(report_fixture_has_line(text, "10|600 ms|price"));
    assert_true(report_fixture_has_line(text, "Call tree"));
    assert_true(report_fixture_has_line(text, "65.0 %|650 ms|├ price"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct pyr_report_options options = report_fixture_options();
    report_fixture_starve(&pyr_report_summary, &options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holds_the_hottest_functions_and_the_tree),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
