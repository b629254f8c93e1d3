/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/coroutines_report.h"

#include <string.h>

#include "report_fixture.h"
#include "unit.h"

static void test_coroutines_run_await_and_starve(void **state)
{
    struct report_fixture *f = *state;
    struct pyr_err err = {0};
    /* A greenlet's call that was switched away is no coroutine's. */
    assert_true(pyr_values_add(f->profile->values, (pyr_stack){9}, (pyr_thread){6}, 4, 50, &err));
    const char *text = report_fixture_text(f, &pyr_report_coroutines);
    assert_null(strstr(text, "handle"));
    /* fetch: 180 ms, 700 ms and 30 ms, of which what read awaited below it is no part. */
    assert_true(
        report_fixture_has_line(text, "2|6|910 ms|455 ms|180 ms|700 ms|30.0 ms|130 ms|fetch"));
    assert_true(report_fixture_has_line(text, "1|4|870 ms|870 ms|150 ms|700 ms|20.0 ms|serve"));
    assert_true(strstr(text, "fetch") < strstr(text, "serve"));
    assert_null(strstr(text, "parse"));
    f->options.task = "Task-3";
    f->options.limit = 1;
    text = report_fixture_text(f, &pyr_report_coroutines);
    assert_true(report_fixture_has_line(text, "1|3|420 ms|420 ms|20.0 ms|400 ms|0 s|fetch"));
}

static void test_without_any_the_cure_is_told(void **state)
{
    (void)state;
    report_fixture_assert_told(&pyr_report_coroutines,
                               "This profile does not tell how long coroutines were suspended");
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct pyr_report_options options = report_fixture_options();
    report_fixture_starve_concurrent(&pyr_report_coroutines, &options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_coroutines_run_await_and_starve, report_fixture_open,
                                        report_fixture_close),
        cmocka_unit_test(test_without_any_the_cure_is_told),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
