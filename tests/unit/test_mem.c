/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <string.h>

#include "unit.h"

static void test_zeroed_memory_is_zero(void **state)
{
    (void)state;
    unsigned char *bytes = pyr_mem_zalloc(10, 10);
    assert_non_null(bytes);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(bytes[i], 0);
    }
    pyr_mem_free(bytes);
}

static void test_a_product_that_overflows_is_refused(void **state)
{
    (void)state;
    /* volatile, or the compiler sees it coming and warns */
    volatile size_t half = SIZE_MAX / 2;
    assert_null(pyr_mem_zalloc(half, 3));
}

static void test_nothing_is_not_out_of_memory(void **state)
{
    (void)state;
    void *nothing = pyr_mem_alloc(0);
    void *none = pyr_mem_zalloc(0, 8);
    assert_non_null(nothing);
    assert_non_null(none);
    pyr_mem_free(nothing);
    pyr_mem_free(none);
    pyr_mem_free(NULL);
}

static void test_growing_keeps_items_and_zeroes_the_rest(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    uint64_t *items = NULL;
    uint32_t cap = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        assert_true(pyr_mem_grow(&items, &cap, (size_t)i + 1, sizeof *items, &err));
        assert_true(cap > i);
        assert_int_equal(items[i], 0);
        items[i] = i + 1;
    }
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(items[i], i + 1);
    }
    pyr_mem_free(items);
}

static void test_growing_happens_seldom(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    char *items = NULL;
    uint32_t cap = 0;
    int changes = 0;
    for (size_t i = 1; i <= 1000000; i++) {
        uint32_t before = cap;
        assert_true(pyr_mem_grow(&items, &cap, i, 1, &err));
        changes += cap != before;
    }
    assert_in_range(changes, 1, 40);
    pyr_mem_free(items);
}

static void test_growing_past_the_bounds_is_refused(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    char *items = NULL;
    uint32_t cap = 0;
    assert_false(pyr_mem_grow(&items, &cap, (size_t)UINT32_MAX + 1, 1, &err));
    assert_int_equal(err.code, PYR_ERR_LIMIT);
    err.code = PYR_OK;
    assert_false(pyr_mem_grow(&items, &cap, UINT32_MAX, SIZE_MAX / 2, &err));
    assert_int_equal(err.code, PYR_ERR_NOMEM);
    assert_null(items);
    assert_int_equal(cap, 0);
}

static void test_a_failed_growth_changes_nothing(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    uint32_t *items = NULL;
    uint32_t cap = 0;
    assert_true(pyr_mem_grow(&items, &cap, 1, sizeof *items, &err));
    items[0] = 42;
    uint32_t *before = items;
    uint32_t cap_before = cap;
    pyr_mem_fail_after(0);
    assert_false(pyr_mem_grow(&items, &cap, (size_t)cap + 1, sizeof *items, &err));
    pyr_mem_fail_after(-1);
    assert_int_equal(err.code, PYR_ERR_NOMEM);
    assert_ptr_equal(items, before);
    assert_int_equal(cap, cap_before);
    assert_int_equal(items[0], 42);
    pyr_mem_free(items);
}

static void test_only_the_chosen_allocation_fails(void **state)
{
    (void)state;
    pyr_mem_fail_after(1);
    char *first = pyr_mem_alloc(1);
    char *second = pyr_mem_strdup("text");
    char *third = pyr_mem_strdup("text");
    pyr_mem_fail_after(-1);
    assert_non_null(first);
    assert_null(second);
    assert_string_equal(third, "text");
    pyr_mem_free(first);
    pyr_mem_free(third);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeroed_memory_is_zero),
        cmocka_unit_test(test_a_product_that_overflows_is_refused),
        cmocka_unit_test(test_nothing_is_not_out_of_memory),
        cmocka_unit_test(test_growing_keeps_items_and_zeroes_the_rest),
        cmocka_unit_test(test_growing_happens_seldom),
        cmocka_unit_test(test_growing_past_the_bounds_is_refused),
        cmocka_unit_test(test_a_failed_growth_changes_nothing),
        cmocka_unit_test(test_only_the_chosen_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
