/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/threads_report.h"

#include <string.h>

#include "report_fixture.h"
#include "unit.h"

static void test_each_thread_has_its_line_and_its_functions(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const char *text = report_fixture_render(&pyr_report_threads, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "950 ms|95.0 %|35|101|MainThread"));
    assert_true(report_fixture_has_line(text, "50.0 ms|5.0 %|1|102|Worker"));
    const char *worker = strstr(text, "\n  Worker  50.0 ms, 5.0 %, 1 call\n");
    assert_non_null(worker);
    /* Within its own table a thread's time is the whole. */
    assert_true(report_fixture_has_line(worker, "1|50.0 ms|100 %|work"));
    assert_false(report_fixture_has_line(worker, "price"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_profile_without_threads_still_has_its_line(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_sampled();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const char *text = report_fixture_render(&pyr_report_threads, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "4|100 %|(threads not told apart)"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct pyr_report_options options = report_fixture_options();
    report_fixture_starve(&pyr_report_threads, &options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_thread_has_its_line_and_its_functions),
        cmocka_unit_test(test_a_profile_without_threads_still_has_its_line),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
