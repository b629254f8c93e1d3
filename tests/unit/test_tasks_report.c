/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/tasks_report.h"

#include <string.h>

#include "report_fixture.h"
#include "reports/flat.h"
#include "unit.h"

static void test_each_task_has_its_times_and_each_coroutine_their_sums(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const char *text = report_fixture_render(&pyr_report_tasks, profile, &options, &out);
    assert_non_null(strstr(
        text,
        "  By coroutine\n"
        "\n"
        "  tasks  lifetime  running     each  awaiting  starved     cpu  waiting  steps  "
        "coroutine\n"
        "      2    950 ms   180 ms  90.0 ms    740 ms  30.0 ms  130 ms  50.0 ms      8  fetch\n"
        "      1    900 ms   150 ms   150 ms    730 ms  20.0 ms  140 ms  10.0 ms      5  serve\n"));
    assert_non_null(strstr(
        text,
        "  Tasks\n"
        "\n"
        "  lifetime  running  awaiting  starved      cpu  waiting  steps  task    coroutine  tag\n"
        "    500 ms   160 ms    310 ms  30.0 ms   110 ms  50.0 ms      4  Task-2  fetch      "
        "alice\n"
        "    900 ms   150 ms    730 ms  20.0 ms   140 ms  10.0 ms      5  Task-1  serve\n"
        "    450 ms  20.0 ms    430 ms        –  20.0 ms     0 s       4  Task-3  fetch\n"
        "  –: a loop that does not tell"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static const char *first_task(const struct pyr_profile *profile, const char *sort, bool reverse,
                              struct pyr_buf *out)
{
    struct pyr_report_options options = report_fixture_options();
    options.sort = sort;
    options.reverse = reverse;
    options.limit = 1;
    pyr_buf_clear(out);
    const char *text = report_fixture_render(&pyr_report_tasks, profile, &options, out);
    return strstr(text, "\n  Tasks\n");
}

static void test_tasks_are_sorted_by_what_is_asked_for(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_buf out = {0};
    assert_non_null(strstr(first_task(profile, "elapsed", false, &out), "Task-1"));
    assert_non_null(strstr(first_task(profile, "cpu", false, &out), "Task-1"));
    assert_non_null(strstr(first_task(profile, "waiting", false, &out), "Task-2"));
    assert_non_null(strstr(first_task(profile, "awaiting", true, &out), "Task-2"));
    assert_non_null(strstr(first_task(profile, "starved", false, &out), "Task-2"));
    assert_non_null(strstr(first_task(profile, "calls", false, &out), "Task-1"));
    /* Columns by the names that stand above them. */
    assert_non_null(strstr(first_task(profile, "lifetime", false, &out), "Task-1"));
    assert_non_null(strstr(first_task(profile, "running", false, &out), "Task-2"));
    assert_non_null(strstr(first_task(profile, "suspended", true, &out), "Task-2"));
    assert_non_null(strstr(first_task(profile, "each", false, &out), "Task-2"));
    assert_non_null(strstr(first_task(profile, "steps", false, &out), "Task-1"));
    assert_non_null(strstr(first_task(profile, "switches", true, &out), "Task-2"));
    assert_non_null(strstr(first_task(profile, "name", true, &out), "Task-3"));
    assert_true(report_fixture_has_line(first_task(profile, "self", false, &out),
                                        "… 2 more, 17.0 % of the total"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_tasks_beyond_the_limit_are_not_taken_for_a_coroutine_s(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_thread_info info = pyr_threads_get(profile->threads, (pyr_thread){5});
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    assert_true(pyr_strtab_add_text(profile->strings, "(other tasks)", &info.name, &err));
    pyr_threads_update(profile->threads, (pyr_thread){5}, &info);
    const char *text = report_fixture_render(&pyr_report_tasks, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "–|450 ms|20.0 ms|–|430 ms|–|20.0 ms|0 s|4|("));
    assert_true(report_fixture_has_line(text, "1|500 ms|160 ms|160 ms|310 ms|30.0 ms|110 ms"));
    assert_true(report_fixture_has_line(text, "–: tasks beyond the limit; what they starved"));
    assert_null(strstr(text, "(other tasks)  fetch"));
    pyr_buf_clear(&out);
    options.by = "coroutine";
    text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    assert_non_null(strstr(text, "  fetch  1 task, 160 ms"));
    assert_non_null(strstr(text, "  (other tasks)  20.0 ms"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_of_work_under_one_tag_only_running_is_known(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.tag = "alice";
    const char *text = report_fixture_render(&pyr_report_tasks, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "500 ms|60.0 ms|–|Task-2"));
    assert_null(strstr(text, "Task-1"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_without_tasks_the_cure_is_told(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const char *text = report_fixture_render(&pyr_report_tasks, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "No task was seen; pyrometer trace tells"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct pyr_report_options options = report_fixture_options();
    report_fixture_starve_concurrent(&pyr_report_tasks, &options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_task_has_its_times_and_each_coroutine_their_sums),
        cmocka_unit_test(test_tasks_are_sorted_by_what_is_asked_for),
        cmocka_unit_test(test_tasks_beyond_the_limit_are_not_taken_for_a_coroutine_s),
        cmocka_unit_test(test_of_work_under_one_tag_only_running_is_known),
        cmocka_unit_test(test_without_tasks_the_cure_is_told),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
