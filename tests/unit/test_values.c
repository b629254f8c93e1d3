/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/values.h"

#include "base/mem.h"
#include "unit.h"

static const pyr_thread no_thread = {0};

static bool add_numbered(struct pyr_values *tab, uint32_t count, struct pyr_err *err)
{
    for (uint32_t i = 1; i <= count; i++) {
        if (!pyr_values_add(tab, (pyr_stack){i}, (pyr_thread){i % 3}, i % 5, 1, err)) {
            return false;
        }
    }
    return true;
}

static void test_a_row_is_a_stack_and_a_thread(void **state)
{
    (void)state;
    struct pyr_values *tab = pyr_values_new();
    struct pyr_err err = {0};
    assert_true(pyr_values_add(tab, (pyr_stack){1}, (pyr_thread){1}, 0, 5, &err));
    assert_true(pyr_values_add(tab, (pyr_stack){1}, (pyr_thread){2}, 0, 6, &err));
    assert_true(pyr_values_add(tab, (pyr_stack){2}, (pyr_thread){1}, 0, 7, &err));
    assert_true(pyr_values_add(tab, (pyr_stack){1}, (pyr_thread){1}, 0, -10, &err));
    assert_int_equal(pyr_values_count(tab), 3);
    assert_int_equal(pyr_values_get(tab, 1).v[0], -5);
    assert_int_equal(pyr_values_get(tab, 2).v[0], 6);
    assert_int_equal(pyr_values_get(tab, 3).v[0], 7);
    assert_int_equal(pyr_values_get(tab, 3).stack.i, 2);
    assert_int_equal(pyr_values_get(tab, 2).thread.i, 2);
    assert_int_equal(pyr_values_find(tab, (pyr_stack){2}, (pyr_thread){1}), 3);
    assert_int_equal(pyr_values_find(tab, (pyr_stack){2}, (pyr_thread){2}), 0);
    pyr_values_free(tab);
    pyr_values_free(NULL);
}

static void test_rows_widen_as_columns_are_used(void **state)
{
    (void)state;
    struct pyr_values *tab = pyr_values_new();
    struct pyr_err err = {0};
    for (uint32_t column = 0; column < PYR_MAX_METRICS; column++) {
        for (uint32_t i = 1; i <= 50; i++) {
            assert_true(pyr_values_add(tab, (pyr_stack){i}, no_thread, column,
                                       (int64_t)i * 100 + column, &err));
        }
    }
    for (uint32_t i = 1; i <= 50; i++) {
        for (uint32_t column = 0; column < PYR_MAX_METRICS; column++) {
            assert_int_equal(pyr_values_get(tab, i).v[column], i * 100 + column);
        }
    }
    pyr_values_free(tab);
}

static void test_a_column_too_many_is_refused(void **state)
{
    (void)state;
    struct pyr_values *tab = pyr_values_new();
    struct pyr_err err = {0};
    int64_t v[PYR_MAX_METRICS + 1] = {0};
    assert_false(pyr_values_add(tab, (pyr_stack){1}, no_thread, PYR_MAX_METRICS, 1, &err));
    assert_int_equal(err.code, PYR_ERR_LIMIT);
    assert_false(pyr_values_add(tab, (pyr_stack){1}, no_thread, UINT32_MAX, 1, &err));
    assert_false(pyr_values_set(tab, (pyr_stack){1}, no_thread, v, PYR_MAX_METRICS + 1, &err));
    assert_int_equal(pyr_values_count(tab), 0);
    pyr_values_free(tab);
}

static void test_sums_stop_at_the_ends_of_the_range(void **state)
{
    (void)state;
    struct pyr_values *tab = pyr_values_new();
    struct pyr_err err = {0};
    assert_true(pyr_values_add(tab, (pyr_stack){1}, no_thread, 0, INT64_MAX, &err));
    assert_true(pyr_values_add(tab, (pyr_stack){1}, no_thread, 0, 1, &err));
    assert_true(pyr_values_add(tab, (pyr_stack){2}, no_thread, 0, INT64_MIN, &err));
    assert_true(pyr_values_add(tab, (pyr_stack){2}, no_thread, 0, -1, &err));
    assert_true(pyr_values_get(tab, 1).v[0] == INT64_MAX);
    assert_true(pyr_values_get(tab, 2).v[0] == INT64_MIN);
    pyr_values_free(tab);
}

static void test_setting_replaces_the_first_values(void **state)
{
    (void)state;
    struct pyr_values *tab = pyr_values_new();
    struct pyr_err err = {0};
    const int64_t first[] = {1, 2, 3};
    const int64_t second[] = {7, 8};
    assert_true(pyr_values_set(tab, (pyr_stack){1}, no_thread, first, 3, &err));
    assert_true(pyr_values_set(tab, (pyr_stack){1}, no_thread, second, 2, &err));
    assert_int_equal(pyr_values_get(tab, 1).v[0], 7);
    assert_int_equal(pyr_values_get(tab, 1).v[1], 8);
    assert_int_equal(pyr_values_get(tab, 1).v[2], 3);
    pyr_values_free(tab);
}

static void test_only_changes_stamp_a_row(void **state)
{
    (void)state;
    struct pyr_values *tab = pyr_values_new();
    struct pyr_err err = {0};
    const int64_t v[] = {1, 2};
    assert_true(pyr_values_set(tab, (pyr_stack){1}, no_thread, v, 2, &err));
    assert_true(pyr_values_add(tab, (pyr_stack){2}, no_thread, 0, 0, &err));
    uint32_t ended = pyr_values_next_epoch(tab);
    assert_true(pyr_values_get(tab, 1).epoch <= ended);
    assert_true(pyr_values_get(tab, 2).epoch <= ended);
    assert_true(pyr_values_set(tab, (pyr_stack){1}, no_thread, v, 2, &err));
    assert_true(pyr_values_add(tab, (pyr_stack){2}, no_thread, 0, 0, &err));
    assert_true(pyr_values_widen(tab, 5, &err));
    assert_true(pyr_values_get(tab, 1).epoch <= ended);
    assert_true(pyr_values_get(tab, 2).epoch <= ended);
    assert_true(pyr_values_add(tab, (pyr_stack){1}, no_thread, 1, 1, &err));
    assert_true(pyr_values_add(tab, (pyr_stack){3}, no_thread, 1, 1, &err));
    assert_true(pyr_values_get(tab, 1).epoch > ended);
    assert_true(pyr_values_get(tab, 2).epoch <= ended);
    assert_true(pyr_values_get(tab, 3).epoch > ended);
    assert_int_equal(pyr_values_next_epoch(tab), ended + 1);
    pyr_values_free(tab);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        struct pyr_values *tab = pyr_values_new();
        failed = tab == NULL || !add_numbered(tab, 300, &err);
        pyr_mem_fail_after(-1);
        if (tab != NULL) {
            assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
            uint32_t done = pyr_values_count(tab);
            for (uint32_t i = 1; i <= done; i++) {
                assert_int_equal(pyr_values_get(tab, i).v[i % 5], 1);
            }
            assert_true(add_numbered(tab, 300, &err));
            assert_int_equal(pyr_values_count(tab), 300);
        }
        pyr_values_free(tab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row_is_a_stack_and_a_thread),
        cmocka_unit_test(test_rows_widen_as_columns_are_used),
        cmocka_unit_test(test_a_column_too_many_is_refused),
        cmocka_unit_test(test_sums_stop_at_the_ends_of_the_range),
        cmocka_unit_test(test_setting_replaces_the_first_values),
        cmocka_unit_test(test_only_changes_stamp_a_row),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
