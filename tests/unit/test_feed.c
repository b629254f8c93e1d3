/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/feed.h"

#include "base/mem.h"
#include "unit.h"

static void add(struct pyr_feed *feed, uint64_t time_ns)
{
    const struct pyr_recent sample = {.time_ns = time_ns};
    pyr_feed_add(feed, &sample);
}

static void test_what_was_taken_is_not_given_again(void **state)
{
    (void)state;
    struct pyr_feed feed = {0};
    struct pyr_feed_batch batch = {0};
    add(&feed, 1);
    add(&feed, 2);
    pyr_feed_take(&feed, &batch);
    assert_int_equal(batch.count, 2);
    assert_int_equal(batch.items[1].time_ns, 2);
    add(&feed, 3);
    pyr_feed_take(&feed, &batch);
    assert_int_equal(batch.count, 1);
    assert_int_equal(batch.items[0].time_ns, 3);
    pyr_feed_take(&feed, &batch);
    assert_int_equal(batch.count, 0);
    pyr_feed_batch_release(&batch);
    pyr_feed_release(&feed);
}

static void test_what_has_no_room_is_dropped_and_counted(void **state)
{
    (void)state;
    struct pyr_feed feed = {0};
    struct pyr_feed_batch batch = {0};
    for (uint32_t i = 0; i < PYR_FEED_MAX_SAMPLES + 7; i++) {
        add(&feed, i);
    }
    pyr_feed_take(&feed, &batch);
    assert_int_equal(batch.count, PYR_FEED_MAX_SAMPLES);
    assert_int_equal(batch.dropped, 7);
    pyr_feed_take(&feed, &batch);
    assert_int_equal(batch.dropped, 0);
    pyr_feed_batch_release(&batch);
    pyr_feed_release(&feed);
}

static void test_without_memory_samples_are_counted_as_dropped(void **state)
{
    (void)state;
    struct pyr_feed feed = {0};
    struct pyr_feed_batch batch = {0};
    pyr_mem_fail_after(0);
    add(&feed, 1);
    pyr_mem_fail_after(-1);
    add(&feed, 2);
    pyr_feed_take(&feed, &batch);
    assert_int_equal(batch.count, 1);
    assert_int_equal(batch.dropped, 1);
    pyr_feed_batch_release(&batch);
    pyr_feed_release(&feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_taken_is_not_given_again),
        cmocka_unit_test(test_what_has_no_room_is_dropped_and_counted),
        cmocka_unit_test(test_without_memory_samples_are_counted_as_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
