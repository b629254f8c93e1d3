/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/store.h"

#include "base/mem.h"
#include "unit.h"

#define MS 1000000ull

static struct pyr_recent sample_at(uint64_t time_ms)
{
    return (struct pyr_recent){
        .time_ns = time_ms * MS, .wall_ns = 10 * MS, .stack = {1}, .thread = {1}};
}

static void add(struct pyr_store *store, struct pyr_recent sample)
{
    struct pyr_err err = {0};
    assert_true(pyr_store_add(store, &sample, 1, &err));
}

static void test_samples_add_up_by_stack_thread_and_state(void **state)
{
    (void)state;
    struct pyr_store store = {0};
    struct pyr_recent sample = sample_at(1000);
    add(&store, sample);
    sample.time_ns += 10 * MS;
    add(&store, sample);
    sample.holds_gil = true;
    add(&store, sample);
    sample.idle = true;
    sample.thread.i = 2;
    add(&store, sample);
    assert_int_equal(store.row_count, 3);
    assert_int_equal(store.rows[0].samples, 2);
    assert_int_equal(store.rows[0].wall_ns, 20 * MS);
    assert_int_equal(store.rows[1].state, PYR_STATE_GIL);
    assert_int_equal(store.rows[2].state, PYR_STATE_GIL | PYR_STATE_IDLE);
    assert_int_equal(store.threads[1].active_ns, 30 * MS);
    assert_int_equal(store.threads[1].gil_ns, 10 * MS);
    assert_int_equal(store.threads[2].idle_ns, 10 * MS);
    assert_int_equal(pyr_store_elapsed(&store), 20 * MS);
    pyr_store_release(&store);
}

static void test_single_samples_are_kept_for_some_seconds(void **state)
{
    (void)state;
    struct pyr_store store = {0};
    for (uint64_t ms = 1000; ms <= 21000; ms += 10) {
        add(&store, sample_at(ms));
    }
    assert_int_equal(store.samples, 2001);
    assert_int_equal(store.recent_count, PYR_STORE_KEEP_NS / (10 * MS) + 1);
    assert_int_equal(pyr_store_recent(&store, 0)->time_ns, 21000 * MS);
    assert_int_equal(pyr_store_recent(&store, 100)->time_ns, 20000 * MS);
    assert_int_equal(pyr_store_span(&store, 2000 * MS), 2000 * MS);
    assert_int_equal(store.rows[0].samples, 2001);
    pyr_store_release(&store);
}

static void test_the_ring_has_a_limit(void **state)
{
    (void)state;
    struct pyr_store store = {0};
    struct pyr_recent sample = sample_at(1000);
    for (uint32_t i = 0; i < PYR_STORE_MAX_RECENT + 10; i++) {
        sample.time_ns++;
        add(&store, sample);
    }
    assert_int_equal(store.recent_count, PYR_STORE_MAX_RECENT);
    assert_int_equal(pyr_store_recent(&store, 0)->time_ns, sample.time_ns);
    assert_int_equal(pyr_store_recent(&store, PYR_STORE_MAX_RECENT - 1)->time_ns,
                     sample.time_ns - PYR_STORE_MAX_RECENT + 1);
    pyr_store_release(&store);
}

static void test_only_the_part_of_a_sample_inside_the_window_counts(void **state)
{
    (void)state;
    struct pyr_store store = {0};
    add(&store, sample_at(1000));
    add(&store, sample_at(1010));
    const struct pyr_recent *newest = pyr_store_recent(&store, 0);
    const struct pyr_recent *oldest = pyr_store_recent(&store, 1);
    assert_int_equal(pyr_store_within(&store, newest, 100 * MS), 10 * MS);
    assert_int_equal(pyr_store_within(&store, newest, 4 * MS), 4 * MS);
    assert_int_equal(pyr_store_within(&store, oldest, 13 * MS), 3 * MS);
    assert_int_equal(pyr_store_within(&store, oldest, 10 * MS), 0);
    pyr_store_release(&store);
}

static void test_the_span_is_what_was_really_seen(void **state)
{
    (void)state;
    struct pyr_store store = {0};
    assert_int_equal(pyr_store_span(&store, 2000 * MS), 0);
    add(&store, sample_at(1000));
    assert_int_equal(pyr_store_span(&store, 2000 * MS), 10 * MS);
    add(&store, sample_at(1010));
    assert_int_equal(pyr_store_span(&store, 2000 * MS), 20 * MS);
    pyr_store_release(&store);
}

static void test_clearing_forgets_the_sums_but_not_the_last_moments(void **state)
{
    (void)state;
    struct pyr_store store = {0};
    add(&store, sample_at(1000));
    add(&store, sample_at(1010));
    pyr_store_clear(&store);
    assert_int_equal(store.row_count, 0);
    assert_int_equal(store.samples, 0);
    assert_int_equal(store.recent_count, 2);
    assert_int_equal(pyr_store_elapsed(&store), 0);
    add(&store, sample_at(1020));
    assert_int_equal(store.row_count, 1);
    assert_int_equal(store.rows[0].samples, 1);
    assert_int_equal(pyr_store_elapsed(&store), 10 * MS);
    assert_int_equal(store.threads[1].samples, 1);
    pyr_store_release(&store);
}

static void test_a_copy_stays_as_it_was(void **state)
{
    (void)state;
    struct pyr_store store = {0};
    struct pyr_store copy = {0};
    struct pyr_err err = {0};
    add(&store, sample_at(1000));
    assert_true(pyr_store_copy(&copy, &store, &err));
    add(&store, sample_at(1010));
    pyr_store_clear(&store);
    assert_int_equal(copy.samples, 1);
    assert_int_equal(copy.rows[0].wall_ns, 10 * MS);
    assert_int_equal(pyr_store_recent(&copy, 0)->time_ns, 1000 * MS);
    assert_true(pyr_store_copy(&copy, &store, &err));
    assert_int_equal(copy.samples, 0);
    pyr_store_release(&copy);
    pyr_store_release(&store);
}

static void test_running_out_of_memory_is_told_and_survived(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_store store = {0};
        struct pyr_store copy = {0};
        struct pyr_err err = {0};
        const struct pyr_recent sample = sample_at(1000);
        pyr_mem_fail_after(nth);
        failed = !pyr_store_add(&store, &sample, 1, &err) || !pyr_store_copy(&copy, &store, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        add(&store, sample_at(1010));
        assert_true(store.samples >= 1);
        pyr_store_release(&copy);
        pyr_store_release(&store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_add_up_by_stack_thread_and_state),
        cmocka_unit_test(test_single_samples_are_kept_for_some_seconds),
        cmocka_unit_test(test_the_ring_has_a_limit),
        cmocka_unit_test(test_only_the_part_of_a_sample_inside_the_window_counts),
        cmocka_unit_test(test_the_span_is_what_was_really_seen),
        cmocka_unit_test(test_clearing_forgets_the_sums_but_not_the_last_moments),
        cmocka_unit_test(test_a_copy_stays_as_it_was),
        cmocka_unit_test(test_running_out_of_memory_is_told_and_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
