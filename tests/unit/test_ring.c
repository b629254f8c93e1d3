/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/ring.h"

#include "base/mem.h"
#include "unit.h"

static void add(struct pyr_ring *ring, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++) {
        pyr_ring_add(ring, i * 10, (uint32_t)i % 3, (uint32_t)i);
    }
}

static void test_an_event_is_sixteen_bytes(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct pyr_ring_event), 16);
}

static void test_a_new_ring_has_nothing(void **state)
{
    (void)state;
    struct pyr_ring *ring = pyr_ring_new(8);
    assert_int_equal(pyr_ring_kept(ring), 0);
    assert_int_equal(pyr_ring_lost(ring), 0);
    pyr_ring_free(ring);
    pyr_ring_free(NULL);
}

static void test_events_are_given_oldest_first(void **state)
{
    (void)state;
    struct pyr_ring *ring = pyr_ring_new(8);
    add(ring, 0, 8);
    assert_int_equal(pyr_ring_kept(ring), 8);
    assert_int_equal(pyr_ring_lost(ring), 0);
    for (uint32_t i = 0; i < 8; i++) {
        struct pyr_ring_event event = pyr_ring_get(ring, i);
        assert_int_equal(event.ticks, i * 10);
        assert_int_equal(event.context, i % 3);
        assert_int_equal(event.node, i);
    }
    pyr_ring_free(ring);
}

static void test_the_last_events_are_kept_and_the_others_counted(void **state)
{
    (void)state;
    for (uint64_t count = 1; count < 40; count++) {
        struct pyr_ring *ring = pyr_ring_new(7);
        add(ring, 0, count);
        uint64_t kept = count < 7 ? count : 7;
        assert_int_equal(pyr_ring_kept(ring), kept);
        assert_int_equal(pyr_ring_lost(ring), count - kept);
        for (uint32_t i = 0; i < kept; i++) {
            assert_int_equal(pyr_ring_get(ring, i).node, count - kept + i);
        }
        pyr_ring_free(ring);
    }
}

static void test_a_cleared_ring_begins_anew(void **state)
{
    (void)state;
    struct pyr_ring *ring = pyr_ring_new(4);
    add(ring, 0, 9);
    pyr_ring_clear(ring);
    assert_int_equal(pyr_ring_kept(ring), 0);
    assert_int_equal(pyr_ring_lost(ring), 0);
    add(ring, 50, 52);
    assert_int_equal(pyr_ring_kept(ring), 2);
    assert_int_equal(pyr_ring_get(ring, 0).node, 50);
    assert_int_equal(pyr_ring_get(ring, 1).node, 51);
    pyr_ring_free(ring);
}

static void test_a_ring_of_no_size_keeps_one_event(void **state)
{
    (void)state;
    struct pyr_ring *ring = pyr_ring_new(0);
    add(ring, 0, 3);
    assert_int_equal(pyr_ring_kept(ring), 1);
    assert_int_equal(pyr_ring_get(ring, 0).node, 2);
    pyr_ring_free(ring);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_ring *ring = NULL;
    long nth = 0;
    for (; ring == NULL; nth++) {
        pyr_mem_fail_after(nth);
        ring = pyr_ring_new(8);
        pyr_mem_fail_after(-1);
    }
    assert_int_equal(nth, 3); /* the ring, its events, and then none failed */
    pyr_ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_is_sixteen_bytes),
        cmocka_unit_test(test_a_new_ring_has_nothing),
        cmocka_unit_test(test_events_are_given_oldest_first),
        cmocka_unit_test(test_the_last_events_are_kept_and_the_others_counted),
        cmocka_unit_test(test_a_cleared_ring_begins_anew),
        cmocka_unit_test(test_a_ring_of_no_size_keeps_one_event),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
