/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/greenlets_report.h"

#include <string.h>

#include "report_fixture.h"
#include "unit.h"

static void test_greenlets_have_their_times_and_what_they_ran(void **state)
{
    struct report_fixture *f = *state;
    const char *text = report_fixture_text(f, &pyr_report_greenlets);
    assert_true(
        report_fixture_has_line(text, "800 ms|300 ms|500 ms|200 ms|100 ms|6|Greenlet-0|handle"));
    assert_true(report_fixture_has_line(text, "1|800 ms|300 ms|300 ms|500 ms|6|handle"));
    assert_null(strstr(text, "Task"));
    f->options.thread = "MainThread";
    text = report_fixture_text(f, &pyr_report_greenlets);
    assert_true(report_fixture_has_line(text, "None is among what was chosen."));
}

static void test_where_there_is_little_room_names_stay_whole(void **state)
{
    struct report_fixture *f = *state;
    struct pyr_thread_info info = pyr_threads_get(f->profile->threads, (pyr_thread){6});
    struct pyr_err err = {0};
    assert_int_equal(info.kind, PYR_THREAD_GREENLET);
    assert_true(pyr_strtab_add_text(f->profile->strings, "Greenlet-1234", &info.name, &err));
    pyr_threads_update(f->profile->threads, (pyr_thread){6}, &info);
    f->options.width = 72;
    assert_non_null(strstr(report_fixture_text(f, &pyr_report_greenlets), "Greenlet-1234"));
}

static void test_without_any_the_cure_is_told(void **state)
{
    (void)state;
    report_fixture_assert_told(&pyr_report_greenlets, "No greenlet was seen; pyrometer trace");
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct pyr_report_options options = report_fixture_options();
    report_fixture_starve_concurrent(&pyr_report_greenlets, &options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_greenlets_have_their_times_and_what_they_ran,
                                        report_fixture_open, report_fixture_close),
        cmocka_unit_test_setup_teardown(test_where_there_is_little_room_names_stay_whole,
                                        report_fixture_open, report_fixture_close),
        cmocka_unit_test(test_without_any_the_cure_is_told),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
