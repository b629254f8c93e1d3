/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/chrome.h"

#include <string.h>

#include "base/json.h"
#include "exchange_fixture.h"
#include "unit.h"

static const struct pyr_format *const format = &pyr_format_chrome;

static void assert_has(const struct pyr_buf *out, const char *text)
{
    if (strstr(out->data, text) == NULL) {
        fail_msg("%s\nhas no %s", out->data, text);
    }
}

static void test_without_a_timeline_totals_are_laid_out_and_said_to_be(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out, "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":7,\"tid\":1,"
                     "\"args\":{\"name\":\"MainThread (tid 70)\"}}");
    /* its own 1000 ns first, then fib, then len: 2050 in all */
    assert_has(&out, "{\"name\":\"app.<module>\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0,"
                     "\"dur\":2.05,\"pid\":7,\"tid\":1,\"args\":{\"file\":\"app.py\",\"line\":1}}");
    assert_has(&out, "{\"name\":\"app.fib\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":1,\"dur\":1,");
    assert_has(&out, "\"ts\":1.2,\"dur\":0.8,");
    assert_has(&out, "{\"name\":\"builtins.len\",\"cat\":\"builtin\",\"ph\":\"X\",\"ts\":2,"
                     "\"dur\":0.05,\"pid\":7,\"tid\":1}");
    assert_has(&out, "\"layout\":\"aggregate: totals side by side, the largest first, not when "
                     "things ran\",\"metric\":\"wall\"");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_runs_that_touch_share_their_outer_frames(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    exchange_fixture_add_timeline(profile);
    struct pyr_buf out = exchange_fixture_write(format, profile);
    /* <module> and fib from 100 to 180, the inner fib from 150; a gap; <module> again from 300 */
    assert_has(&out,
               "{\"name\":\"app.fib\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0.15,\"dur\":0.03,");
    assert_has(&out,
               "{\"name\":\"app.fib\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0.1,\"dur\":0.08,");
    assert_has(&out, "{\"name\":\"app.<module>\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0.1,"
                     "\"dur\":0.08,");
    assert_has(&out, "{\"name\":\"app.<module>\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0.3,"
                     "\"dur\":0.02,");
    assert_has(&out, "\"layout\":\"timeline: when things ran\"");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_runs_that_overlap_do_not_cross(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    const struct pyr_run runs[] = {{100, 100, {1}, {2}}, {150, 10, {1}, {4}}, {150, 100, {1}, {4}}};
    for (size_t i = 0; i < 3; i++) {
        assert_true(pyr_timeline_add(profile->timeline, runs[i], &err));
    }
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out,
               "\"name\":\"app.fib\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0.1,\"dur\":0.1,");
    assert_has(&out, "\"name\":\"builtins.len\",\"cat\":\"builtin\",\"ph\":\"X\",\"ts\":0.2,"
                     "\"dur\":0.05,");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_profile_of_nothing_has_no_events(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out, "{\"traceEvents\":[],");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_hostile_names_are_written(void **state)
{
    (void)state;
    exchange_fixture_takes_hostile_names(format);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    exchange_fixture_writes_without_memory(format);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_timeline_totals_are_laid_out_and_said_to_be),
        cmocka_unit_test(test_runs_that_touch_share_their_outer_frames),
        cmocka_unit_test(test_runs_that_overlap_do_not_cross),
        cmocka_unit_test(test_a_profile_of_nothing_has_no_events),
        cmocka_unit_test(test_hostile_names_are_written),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
