/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/diff_groups.h"

#include <string.h>

#include "base/mem.h"
#include "report_fixture.h"
#include "reports/diff.h"
#include "unit.h"

#define MS 1000000

static struct pyr_profile *changed(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = report_fixture_concurrent();
    /* parse, in Task-1, takes 60 ms less and is called 4 times more; work on Worker 10 ms more. */
    assert_true(
        pyr_values_add(profile->values, (pyr_stack){5}, (pyr_thread){3}, 2, -60 * MS, &err));
    assert_true(pyr_values_add(profile->values, (pyr_stack){5}, (pyr_thread){3}, 0, 4, &err));
    assert_true(pyr_values_add(profile->values, (pyr_stack){8}, (pyr_thread){2}, 2, 10 * MS, &err));
    return profile;
}

static void test_groups_that_changed_most_come_first_with_their_functions(void **state)
{
    (void)state;
    struct pyr_profile *before = report_fixture_concurrent();
    struct pyr_profile *after = changed();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    options.by = "coroutine";
    assert_true(pyr_diff_render(before, after, &options, &out, &err));
    assert_true(report_fixture_has_line(out.data, "−60.0 ms|−40.0 %|150 ms|90.0 ms|11 → 15|serve"));
    assert_true(report_fixture_has_line(out.data, "+10.0 ms|+1.5 %|670 ms|680 ms|5|(no task)"));
    assert_true(report_fixture_has_line(out.data, "=|=|180 ms|180 ms|fetch"));
    assert_true(strstr(out.data, "serve") < strstr(out.data, "(no task)"));
    const char *serve = strstr(out.data, "\n  serve\n");
    assert_non_null(serve);
    assert_true(report_fixture_has_line(serve, "−60.0 ms|−60.0 %|100 ms|40.0 ms|10 → 14|parse"));
    /* A group without a change has no section. */
    assert_null(strstr(out.data, "\n  fetch\n"));
    pyr_buf_release(&out);
    pyr_profile_free(before);
    pyr_profile_free(after);
}

static void test_groups_in_one_profile_only_are_new_or_gone(void **state)
{
    (void)state;
    struct pyr_profile *before = report_fixture_new();
    struct pyr_profile *after = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    options.by = "task";
    assert_true(pyr_diff_render(before, after, &options, &out, &err));
    assert_true(report_fixture_has_line(out.data, "+160 ms|new|160 ms|0 → 3|Task-2"));
    pyr_buf_clear(&out);
    assert_true(pyr_diff_render(after, before, &options, &out, &err));
    assert_true(report_fixture_has_line(out.data, "−160 ms|gone|160 ms|3 → 0|Task-2"));
    pyr_buf_clear(&out);
    assert_true(pyr_diff_render(before, before, &options, &out, &err));
    assert_true(report_fixture_has_line(out.data, "No task was seen"));
    pyr_buf_release(&out);
    pyr_profile_free(before);
    pyr_profile_free(after);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_profile *before = report_fixture_concurrent();
    struct pyr_profile *after = changed();
    struct pyr_report_options options = report_fixture_options();
    bool ok = false;
    options.by = "tag";
    for (long nth = 0; !ok; nth++) {
        struct pyr_err err = {0};
        struct pyr_buf out = {0};
        pyr_mem_fail_after(nth);
        ok = pyr_diff_render(before, after, &options, &out, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, ok ? PYR_OK : PYR_ERR_NOMEM);
        pyr_buf_release(&out);
    }
    pyr_profile_free(before);
    pyr_profile_free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_that_changed_most_come_first_with_their_functions),
        cmocka_unit_test(test_groups_in_one_profile_only_are_new_or_gone),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
