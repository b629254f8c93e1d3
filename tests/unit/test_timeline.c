/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/timeline.h"

#include "base/mem.h"
#include "unit.h"

static void test_runs_keep_their_order(void **state)
{
    (void)state;
    struct pyr_timeline *timeline = pyr_timeline_new();
    struct pyr_err err = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        struct pyr_run run = {1000 - i, i, {i % 3}, {i}};
        assert_true(pyr_timeline_add(timeline, run, &err));
    }
    assert_int_equal(pyr_timeline_count(timeline), 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        struct pyr_run run = pyr_timeline_get(timeline, i);
        assert_int_equal(run.start_ns, 1000 - i);
        assert_int_equal(run.duration_ns, i);
        assert_int_equal(run.thread.i, i % 3);
        assert_int_equal(run.stack.i, i);
    }
    pyr_timeline_free(timeline);
    pyr_timeline_free(NULL);
}

static void test_a_shift_ends_at_the_largest_time(void **state)
{
    (void)state;
    struct pyr_timeline *timeline = pyr_timeline_new();
    struct pyr_err err = {0};
    assert_true(pyr_timeline_add(timeline, (struct pyr_run){5, 1, {1}, {1}}, &err));
    assert_true(pyr_timeline_add(timeline, (struct pyr_run){UINT64_MAX - 1, 1, {1}, {1}}, &err));
    pyr_timeline_shift(timeline, 10);
    assert_true(pyr_timeline_get(timeline, 0).start_ns == 15);
    assert_true(pyr_timeline_get(timeline, 1).start_ns == UINT64_MAX);
    pyr_timeline_free(timeline);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        uint32_t added = 0;
        pyr_mem_fail_after(nth);
        struct pyr_timeline *timeline = pyr_timeline_new();
        while (timeline != NULL && added < 100 &&
               pyr_timeline_add(timeline, (struct pyr_run){.start_ns = added}, &err)) {
            added++;
        }
        pyr_mem_fail_after(-1);
        failed = added < 100;
        if (timeline != NULL) {
            assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
            assert_int_equal(pyr_timeline_count(timeline), added);
        }
        pyr_timeline_free(timeline);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_keep_their_order),
        cmocka_unit_test(test_a_shift_ends_at_the_largest_time),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
