/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/contexts.h"

#include "base/mem.h"
#include "report_fixture.h"
#include "unit.h"

#define MS 1000000

struct fixture {
    struct pyr_profile *profile;
    struct pyr_report_options options;
    struct pyr_view view;
    struct pyr_contexts all;
    struct pyr_contexts joined;
};

static void start(struct fixture *f, bool tasks)
{
    struct pyr_err err = {0};
    *f = (struct fixture){.profile = report_fixture_concurrent(),
                          .options = report_fixture_options()};
    assert_true(pyr_view_init(&f->view, f->profile, &f->options, &err));
    assert_true(pyr_contexts_fill(&f->all, &f->view, tasks, &err));
    assert_true(pyr_contexts_join(&f->joined, &f->all, &err));
}

static void stop(struct fixture *f)
{
    pyr_contexts_release(&f->all);
    pyr_contexts_release(&f->joined);
    pyr_view_release(&f->view);
    pyr_profile_free(f->profile);
}

static void test_what_is_left_of_a_lifetime_was_awaited(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, true);
    assert_int_equal(f.all.count, 3);
    for (uint32_t i = 0; i < f.all.count; i++) {
        const struct pyr_context *task = &f.all.items[i];
        const int64_t starved = task->starved == PYR_NOT_KNOWN ? 0 : task->starved;
        assert_int_equal(task->running + task->suspended + starved, task->lifetime);
    }
    assert_int_equal(f.all.items[0].thread.i, 4); /* with its tagged work, the most expensive */
    assert_int_equal(f.all.items[0].running, 160 * MS);
    assert_int_equal(f.all.items[0].tags, 1);
    assert_true(f.all.items[2].starved == PYR_NOT_KNOWN);
    stop(&f);
}

static void test_sums_leave_out_what_is_not_known(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, true);
    assert_int_equal(f.joined.count, 2);
    assert_int_equal(f.joined.items[0].count, 2);
    assert_int_equal(f.joined.items[0].starved, 30 * MS);
    assert_int_equal(f.joined.items[0].lifetime, 950 * MS);
    assert_int_equal(f.joined.items[0].suspended, 740 * MS);
    assert_int_equal(f.joined.items[0].switches, 8);
    stop(&f);
}

static void test_greenlets_are_not_said_to_starve(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, false);
    assert_int_equal(f.all.count, 1);
    assert_true(f.all.items[0].starved == PYR_NOT_KNOWN);
    assert_int_equal(f.all.items[0].suspended, 500 * MS);
    stop(&f);
}

static void test_a_task_that_did_not_end_has_no_known_lifetime(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, true);
    struct pyr_thread_info info = pyr_threads_get(f.profile->threads, (pyr_thread){3});
    struct pyr_contexts again = {0};
    struct pyr_err err = {0};
    info.end_ns = 0;
    pyr_threads_update(f.profile->threads, (pyr_thread){3}, &info);
    assert_true(pyr_contexts_fill(&again, &f.view, true, &err));
    assert_int_equal(again.items[1].thread.i, 3);
    assert_true(again.items[1].lifetime == PYR_NOT_KNOWN);
    assert_true(again.items[1].suspended == PYR_NOT_KNOWN);
    assert_int_equal(again.items[1].running, 150 * MS);
    pyr_contexts_release(&again);
    stop(&f);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct fixture f;
    bool ok = false;
    start(&f, true);
    for (long nth = 0; !ok; nth++) {
        struct pyr_contexts all = {0};
        struct pyr_contexts joined = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        ok = pyr_contexts_fill(&all, &f.view, true, &err) && pyr_contexts_join(&joined, &all, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, ok ? PYR_OK : PYR_ERR_NOMEM);
        pyr_contexts_release(&all);
        pyr_contexts_release(&joined);
    }
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_left_of_a_lifetime_was_awaited),
        cmocka_unit_test(test_sums_leave_out_what_is_not_known),
        cmocka_unit_test(test_greenlets_are_not_said_to_starve),
        cmocka_unit_test(test_a_task_that_did_not_end_has_no_known_lifetime),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
