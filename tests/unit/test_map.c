/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include "base/mem.h"
#include "unit.h"

#define MANY 100000u

static void test_finds_every_key_and_no_other(void **state)
{
    (void)state;
    struct pyr_map map = {0};
    struct pyr_err err = {0};
    assert_int_equal(pyr_map_get(&map, 7), 0);
    for (uint32_t i = 1; i <= MANY; i++) {
        assert_true(pyr_map_put(&map, (uint64_t)i << 32, i, &err));
    }
    assert_int_equal(map.count, MANY);
    for (uint32_t i = 1; i <= MANY; i++) {
        assert_int_equal(pyr_map_get(&map, (uint64_t)i << 32), i);
        assert_int_equal(pyr_map_get(&map, ((uint64_t)i << 32) + 1), 0);
    }
    pyr_map_release(&map);
    assert_int_equal(pyr_map_get(&map, (uint64_t)1 << 32), 0);
}

static void test_zero_is_a_key_but_not_a_value(void **state)
{
    (void)state;
    struct pyr_map map = {0};
    struct pyr_err err = {0};
    assert_true(pyr_map_put(&map, 0, 5, &err));
    assert_int_equal(pyr_map_get(&map, 0), 5);
    assert_false(pyr_map_put(&map, 1, 0, &err));
    assert_int_equal(map.count, 1);
    pyr_map_release(&map);
}

static void test_putting_again_replaces(void **state)
{
    (void)state;
    struct pyr_map map = {0};
    struct pyr_err err = {0};
    assert_true(pyr_map_put(&map, 3, 1, &err));
    assert_true(pyr_map_put(&map, 3, 2, &err));
    assert_int_equal(pyr_map_get(&map, 3), 2);
    assert_int_equal(map.count, 1);
    pyr_map_release(&map);
}

static void test_clearing_keeps_the_room(void **state)
{
    (void)state;
    struct pyr_map map = {0};
    struct pyr_err err = {0};
    pyr_map_clear(&map);
    assert_true(pyr_map_reserve(&map, 1000, &err));
    uint32_t mask = map.mask;
    for (int round = 0; round < 2; round++) {
        pyr_mem_fail_after(0);
        for (uint32_t i = 1; i <= 1000; i++) {
            assert_true(pyr_map_put(&map, i, i, &err));
        }
        pyr_mem_fail_after(-1);
        pyr_map_clear(&map);
        assert_int_equal(map.count, 0);
        assert_int_equal(map.mask, mask);
        assert_int_equal(pyr_map_get(&map, 1), 0);
    }
    pyr_map_release(&map);
}

static void test_an_absurd_reserve_is_refused(void **state)
{
    (void)state;
    struct pyr_map map = {0};
    struct pyr_err err = {0};
    assert_false(pyr_map_reserve(&map, UINT32_MAX, &err));
    assert_int_equal(err.code, PYR_ERR_LIMIT);
    assert_null(map.slots);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_map map = {0};
        struct pyr_err err = {0};
        uint32_t added = 0;
        pyr_mem_fail_after(nth);
        while (added < 1000 && pyr_map_put(&map, added + 1, added + 1, &err)) {
            added++;
        }
        pyr_mem_fail_after(-1);
        failed = added < 1000;
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_int_equal(map.count, added);
        for (uint32_t i = 1; i <= 1000; i++) {
            assert_int_equal(pyr_map_get(&map, i), i <= added ? i : 0);
        }
        assert_true(pyr_map_put(&map, 5000, 1, &err));
        pyr_map_release(&map);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_every_key_and_no_other),
        cmocka_unit_test(test_zero_is_a_key_but_not_a_value),
        cmocka_unit_test(test_putting_again_replaces),
        cmocka_unit_test(test_clearing_keeps_the_room),
        cmocka_unit_test(test_an_absurd_reserve_is_refused),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
