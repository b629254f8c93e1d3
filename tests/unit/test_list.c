/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/list.h"

#include "unit.h"

static void assert_list(const struct pyr_list *list, uint32_t at, uint32_t first)
{
    assert_int_equal(list->at, at);
    assert_int_equal(list->first, first);
}

static void test_the_chosen_row_stays_in_view(void **state)
{
    (void)state;
    struct pyr_list list = {0};
    pyr_list_fit(&list, 100, 10);
    for (int i = 0; i < 12; i++) {
        pyr_list_move(&list, PYR_MOVE_DOWN);
    }
    assert_list(&list, 12, 3);
    for (int i = 0; i < 10; i++) {
        pyr_list_move(&list, PYR_MOVE_UP);
    }
    assert_list(&list, 2, 2);
    pyr_list_move(&list, PYR_MOVE_LAST);
    assert_list(&list, 99, 90);
    pyr_list_move(&list, PYR_MOVE_PAGE_UP);
    assert_list(&list, 89, 89);
    pyr_list_move(&list, PYR_MOVE_FIRST);
    assert_list(&list, 0, 0);
    pyr_list_move(&list, PYR_MOVE_PAGE_DOWN);
    assert_list(&list, 10, 1);
}

static void test_moves_end_at_both_ends(void **state)
{
    (void)state;
    struct pyr_list list = {0};
    pyr_list_fit(&list, 3, 10);
    pyr_list_move(&list, PYR_MOVE_UP);
    pyr_list_move(&list, PYR_MOVE_PAGE_UP);
    assert_list(&list, 0, 0);
    pyr_list_move(&list, PYR_MOVE_PAGE_DOWN);
    pyr_list_move(&list, PYR_MOVE_DOWN);
    assert_list(&list, 2, 0);
    pyr_list_move(&list, PYR_MOVE_LEFT);
    assert_list(&list, 2, 0);
}

static void test_a_list_may_shrink_or_be_empty(void **state)
{
    (void)state;
    struct pyr_list list = {0};
    pyr_list_fit(&list, 100, 10);
    pyr_list_move(&list, PYR_MOVE_LAST);
    pyr_list_fit(&list, 20, 10);
    assert_list(&list, 19, 10);
    pyr_list_fit(&list, 20, 50);
    assert_list(&list, 19, 0);
    pyr_list_fit(&list, 20, 0);
    assert_list(&list, 19, 19);
    pyr_list_fit(&list, 0, 10);
    assert_list(&list, 0, 0);
    pyr_list_move(&list, PYR_MOVE_LAST);
    pyr_list_move(&list, PYR_MOVE_PAGE_DOWN);
    assert_list(&list, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_chosen_row_stays_in_view),
        cmocka_unit_test(test_moves_end_at_both_ends),
        cmocka_unit_test(test_a_list_may_shrink_or_be_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
