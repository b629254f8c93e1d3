/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/groups.h"

#include <string.h>

#include "base/mem.h"
#include "report_fixture.h"
#include "unit.h"

#define MS 1000000

/* "label wall/cpu calls tasks; …" in order, times in ms. */
static void assert_groups(struct pyr_report_options options, enum pyr_by by, const char *expected)
{
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_view view = {0};
    struct pyr_groups groups = {0};
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    int64_t sum = 0;
    options.min_share = -1;
    assert_true(pyr_view_init(&view, profile, &options, &err));
    assert_true(pyr_groups_fill(&groups, &view, by, &err));
    for (uint32_t i = 0; i < groups.count; i++) {
        const struct pyr_group *group = &groups.items[i];
        sum += group->value;
        if (group->rows > 0) {
            pyr_groups_add_label(&groups, group, &out);
            pyr_buf_addf(&out, " %d/%d %d %u; ", (int)(group->value / MS), (int)(group->cpu / MS),
                         (int)group->calls, (unsigned)group->tasks);
        }
    }
    assert_string_equal(out.data, expected);
    assert_int_equal(sum, view.whole);
    pyr_buf_release(&out);
    pyr_groups_release(&groups);
    pyr_view_release(&view);
    pyr_profile_free(profile);
}

static void test_every_way_of_grouping_adds_up_to_the_whole(void **state)
{
    (void)state;
    const struct pyr_report_options all = {.thread = NULL};
    assert_groups(all, PYR_BY_THREAD, "MainThread 500/350 18 3; Worker 500/300 2 0; ");
    assert_groups(all, PYR_BY_TASK,
                  "(no task) 670/380 5 0; Task-2 160/110 3 1; Task-1 150/140 11 1; "
                  "Task-3 20/20 1 1; ");
    assert_groups(all, PYR_BY_COROUTINE,
                  "(no task) 670/380 5 0; fetch 180/130 4 2; serve 150/140 11 1; ");
    assert_groups(all, PYR_BY_GREENLET, "(no greenlet) 700/450 19 3; Greenlet-0 300/200 1 0; ");
    assert_groups(all, PYR_BY_CONTEXT, "(no context) 1000/650 20 3; ");
    assert_groups(all, PYR_BY_TAG, "(no tag) 920/570 20 3; alice 60/60 0 0; bob 20/20 0 0; ");
}

static void test_only_threads_in_view_are_grouped(void **state)
{
    (void)state;
    const struct pyr_report_options worker = {.thread = "Worker"};
    const struct pyr_report_options fetch = {.task = "fetch"};
    assert_groups(worker, PYR_BY_GREENLET, "Greenlet-0 300/200 1 0; (no greenlet) 200/100 1 0; ");
    assert_groups(fetch, PYR_BY_TAG, "(no tag) 120/70 4 2; alice 60/60 0 0; ");
}

static void test_names_are_read_and_others_refused(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    enum pyr_by by = PYR_BY_THREAD;
    assert_true(pyr_by_find("tag", &by, &err));
    assert_int_equal(by, PYR_BY_TAG);
    assert_string_equal(pyr_by_word(by, true), "tags");
    assert_false(pyr_by_find("process", &by, &err));
    assert_non_null(strstr(err.message, "thread, task, coroutine, greenlet, context or tag"));
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_err none = {0};
    bool ok = false;
    assert_true(pyr_view_init(&view, profile, &options, &none));
    for (long nth = 0; !ok; nth++) {
        struct pyr_groups groups = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        ok = pyr_groups_fill(&groups, &view, PYR_BY_TASK, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, ok ? PYR_OK : PYR_ERR_NOMEM);
        pyr_groups_release(&groups);
    }
    pyr_view_release(&view);
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way_of_grouping_adds_up_to_the_whole),
        cmocka_unit_test(test_only_threads_in_view_are_grouped),
        cmocka_unit_test(test_names_are_read_and_others_refused),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
