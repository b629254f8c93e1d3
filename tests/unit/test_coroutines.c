/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/coroutines.h"

#include "base/mem.h"
#include "unit.h"

/* Frames are only compared, never followed. */
static const void *frame(uintptr_t number)
{
    return (const void *)(number * 64);
}

static void test_the_time_between_suspending_and_resuming_is_given(void **state)
{
    (void)state;
    struct pyr_coroutines coroutines = {0};
    pyr_coroutines_suspend(&coroutines, frame(1), 100);
    pyr_coroutines_suspend(&coroutines, frame(2), 150);
    assert_int_equal(pyr_coroutines_resume(&coroutines, frame(1), 175), 75);
    assert_int_equal(pyr_coroutines_resume(&coroutines, frame(2), 180), 30);
    pyr_coroutines_release(&coroutines);
}

static void test_nobody_is_suspended_twice(void **state)
{
    (void)state;
    struct pyr_coroutines coroutines = {0};
    assert_int_equal(pyr_coroutines_resume(&coroutines, frame(1), 10), 0);
    pyr_coroutines_suspend(&coroutines, frame(1), 20);
    assert_int_equal(pyr_coroutines_resume(&coroutines, frame(1), 30), 10);
    assert_int_equal(pyr_coroutines_resume(&coroutines, frame(1), 40), 0);
    pyr_coroutines_suspend(&coroutines, frame(1), 50);
    assert_int_equal(pyr_coroutines_resume(&coroutines, frame(1), 50), 0);
    pyr_coroutines_release(&coroutines);
}

static void test_a_clock_that_goes_back_gives_no_time(void **state)
{
    (void)state;
    struct pyr_coroutines coroutines = {0};
    pyr_coroutines_suspend(&coroutines, frame(1), 100);
    assert_int_equal(pyr_coroutines_resume(&coroutines, frame(1), 90), 0);
    pyr_coroutines_release(&coroutines);
}

static void test_what_was_cleared_is_not_known(void **state)
{
    (void)state;
    struct pyr_coroutines coroutines = {0};
    pyr_coroutines_suspend(&coroutines, frame(1), 100);
    pyr_coroutines_clear(&coroutines);
    assert_int_equal(pyr_coroutines_resume(&coroutines, frame(1), 200), 0);
    pyr_coroutines_suspend(&coroutines, frame(2), 300);
    assert_int_equal(pyr_coroutines_resume(&coroutines, frame(2), 310), 10);
    assert_int_equal(pyr_coroutines_resume(&coroutines, frame(1), 320), 0);
    pyr_coroutines_release(&coroutines);
    pyr_coroutines_release(&coroutines);
}

static void test_there_may_be_many(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    struct pyr_coroutines coroutines = {0};
    for (uintptr_t i = 1; i <= COUNT; i++) {
        pyr_coroutines_suspend(&coroutines, frame(i), i);
    }
    for (uintptr_t i = COUNT; i >= 1; i--) {
        assert_int_equal(pyr_coroutines_resume(&coroutines, frame(i), 2 * COUNT), 2 * COUNT - i);
    }
    pyr_coroutines_release(&coroutines);
}

/* A frame's address is used again: the table does not grow with coroutines that are gone. */
static void test_an_address_keeps_its_place(void **state)
{
    (void)state;
    struct pyr_coroutines coroutines = {0};
    for (uint64_t i = 1; i <= 10000; i++) {
        pyr_coroutines_suspend(&coroutines, frame(i % 8 + 1), i);
    }
    assert_int_equal(coroutines.count, 8);
    pyr_coroutines_release(&coroutines);
}

/* Out of memory a time is not known; the others stay true. */
static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_coroutines coroutines = {0};
        failed = false;
        pyr_mem_fail_after(nth);
        for (uintptr_t i = 1; i <= 200; i++) {
            pyr_coroutines_suspend(&coroutines, frame(i), i);
        }
        pyr_mem_fail_after(-1);
        for (uintptr_t i = 1; i <= 200; i++) {
            uint64_t ticks = pyr_coroutines_resume(&coroutines, frame(i), 1000);
            assert_true(ticks == 0 || ticks == 1000 - i);
            failed = failed || ticks == 0;
        }
        pyr_coroutines_release(&coroutines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_time_between_suspending_and_resuming_is_given),
        cmocka_unit_test(test_nobody_is_suspended_twice),
        cmocka_unit_test(test_a_clock_that_goes_back_gives_no_time),
        cmocka_unit_test(test_what_was_cleared_is_not_known),
        cmocka_unit_test(test_there_may_be_many),
        cmocka_unit_test(test_an_address_keeps_its_place),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
