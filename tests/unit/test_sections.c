/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/sections.h"

#include <stdio.h>
#include <string.h>

#include "report_fixture.h"
#include "reports/flat.h"
#include "reports/summary.h"
#include "reports/tree.h"
#include "unit.h"

static void test_each_group_is_the_whole_of_its_section(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.by = "task";
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    const char *second = strstr(text, "\n  Task-2  fetch, 160 ms, 16.0 %, 3 calls\n\n");
    assert_non_null(second);
    assert_true(strstr(text, "(no task)  670 ms, 67.0 %") < second);
    assert_true(report_fixture_has_line(second, "1|90.0 ms|56.2 %|160 ms|100 %|fetch"));
    /* What only leads there has no row of its own. */
    assert_null(strstr(second, "main"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_trees_and_summaries_split_too(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.by = "thread";
    const char *text = report_fixture_render(&pyr_report_tree, profile, &options, &out);
    const char *worker = strstr(text, "\n  Worker  500 ms, 50.0 %, 2 calls\n\n");
    assert_non_null(worker);
    assert_true(report_fixture_has_line(worker, "60.0 %|300 ms|200 ms|100 ms|handle"));
    assert_null(strstr(worker, "loop"));
    pyr_buf_clear(&out);
    text = report_fixture_render(&pyr_report_summary, profile, &options, &out);
    assert_null(strstr(text, "Call tree"));
    worker = strstr(text, "\n  Worker  ");
    assert_non_null(worker);
    assert_true(report_fixture_has_line(worker, "1|300 ms|handle"));
    assert_true(report_fixture_has_line(worker, "60.0 %|300 ms|handle"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

/* Ten tasks more, each with one function. */
static void add_tasks(struct pyr_profile *profile)
{
    struct pyr_err err = {0};
    for (int i = 0; i < 10; i++) {
        char name[16];
        pyr_thread thread;
        struct pyr_thread_info info = {.kind = PYR_THREAD_TASK, .parent = {1}};
        snprintf(name, sizeof name, "More-%d", i);
        assert_true(pyr_strtab_add_text(profile->strings, name, &info.name, &err));
        assert_true(pyr_threads_add(profile->threads, &info, &thread, &err));
        assert_true(pyr_values_add(profile->values, (pyr_stack){1}, thread, 2, 100 - i, &err));
    }
}

static void test_sections_are_limited_in_number_and_say_so(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    add_tasks(profile);
    options.by = "task";
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    assert_non_null(strstr(text, "\n  More-3  "));
    assert_null(strstr(text, "\n  More-4  "));
    assert_true(report_fixture_has_line(
        text, "… and 6 more tasks, <0.1 % of the total; --report tasks lists them"));
    pyr_buf_clear(&out);
    options.limit = UINT32_MAX;
    text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    assert_non_null(strstr(text, "\n  More-9  "));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_where_there_is_nothing_to_split_by_the_cure_is_told(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.by = "tag";
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "No tag was seen; pyrometer trace --tag"));
    assert_string_equal(pyr_sections_cure(profile, PYR_BY_THREAD), "");
    assert_non_null(strstr(pyr_sections_cure(profile, PYR_BY_TASK), "--no-tasks"));
    assert_non_null(strstr(pyr_sections_cure(profile, PYR_BY_GREENLET), "--no-greenlets"));
    assert_non_null(strstr(pyr_sections_cure(profile, PYR_BY_CONTEXT), "context="));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_reports_that_do_not_split_refuse(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    options.by = "task";
    for (size_t i = 0; pyr_reports[i] != NULL; i++) {
        struct pyr_buf out = {0};
        struct pyr_err err = {0};
        const bool ok = pyr_reports[i]->render(profile, &options, &out, &err);
        assert_int_equal(ok, pyr_reports[i]->splits);
        assert_int_equal(err.code, ok ? PYR_OK : PYR_ERR_USAGE);
        pyr_buf_release(&out);
    }
    options.by = "colour";
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    assert_false(pyr_report_flat.render(profile, &options, &out, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_report_options options = report_fixture_options();
    options.by = "tag";
    report_fixture_starve_concurrent(&pyr_report_summary, &options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_group_is_the_whole_of_its_section),
        cmocka_unit_test(test_trees_and_summaries_split_too),
        cmocka_unit_test(test_sections_are_limited_in_number_and_say_so),
        cmocka_unit_test(test_where_there_is_nothing_to_split_by_the_cure_is_told),
        cmocka_unit_test(test_reports_that_do_not_split_refuse),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
