/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/tags_report.h"

#include <string.h>

#include "report_fixture.h"
#include "unit.h"

static void test_each_tag_has_its_share(void **state)
{
    struct report_fixture *f = *state;
    const char *text = report_fixture_text(f, &pyr_report_tags);
    assert_true(report_fixture_has_line(text, "920 ms|92.0 %|570 ms|350 ms|20|(no tag)"));
    assert_true(report_fixture_has_line(text, "60.0 ms|6.0 %|60.0 ms|0 s|0|1|alice"));
    assert_true(report_fixture_has_line(text, "20.0 ms|2.0 %|bob"));
    f->options.task = "fetch";
    text = report_fixture_text(f, &pyr_report_tags);
    assert_true(report_fixture_has_line(text, "60.0 ms|33.3 %|alice"));
    assert_null(strstr(text, "bob"));
}

static void test_without_any_the_cure_is_told(void **state)
{
    (void)state;
    report_fixture_assert_told(&pyr_report_tags, "No tag was seen; pyrometer trace --tag");
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct pyr_report_options options = report_fixture_options();
    report_fixture_starve_concurrent(&pyr_report_tags, &options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_tag_has_its_share, report_fixture_open,
                                        report_fixture_close),
        cmocka_unit_test(test_without_any_the_cure_is_told),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
