/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/stacks.h"

#include "base/mem.h"
#include "unit.h"

/* One stack `depth` frames deep. */
static bool add_tower(struct pyr_stacks *tab, uint32_t depth, pyr_stack *top, struct pyr_err *err)
{
    *top = (pyr_stack){0};
    for (uint32_t i = 1; i <= depth; i++) {
        if (!pyr_stacks_add(tab, *top, (pyr_frame_id){1 + i % 3}, top, err)) {
            return false;
        }
    }
    return true;
}

static void test_a_stack_is_its_parent_and_a_frame(void **state)
{
    (void)state;
    struct pyr_stacks *tab = pyr_stacks_new();
    struct pyr_err err = {0};
    pyr_stack root = {0};
    pyr_stack child = {0};
    pyr_stack other = {0};
    pyr_stack again = {0};
    assert_true(pyr_stacks_add(tab, (pyr_stack){0}, (pyr_frame_id){1}, &root, &err));
    assert_true(pyr_stacks_add(tab, root, (pyr_frame_id){1}, &child, &err));
    assert_true(pyr_stacks_add(tab, root, (pyr_frame_id){2}, &other, &err));
    assert_true(pyr_stacks_add(tab, root, (pyr_frame_id){1}, &again, &err));
    assert_int_equal(root.i, 1);
    assert_int_equal(child.i, 2);
    assert_int_equal(other.i, 3);
    assert_int_equal(again.i, child.i);
    assert_int_equal(pyr_stacks_count(tab), 3);
    assert_int_equal(pyr_stacks_get(tab, other).parent.i, root.i);
    assert_int_equal(pyr_stacks_get(tab, other).frame.i, 2);
    assert_int_equal(pyr_stacks_get(tab, root).parent.i, 0);
    pyr_stacks_free(tab);
    pyr_stacks_free(NULL);
}

static void test_parents_come_before_their_children(void **state)
{
    (void)state;
    struct pyr_stacks *tab = pyr_stacks_new();
    struct pyr_err err = {0};
    pyr_stack top = {0};
    assert_true(add_tower(tab, 100000, &top, &err));
    assert_int_equal(pyr_stacks_count(tab), 100000);
    for (uint32_t i = 1; i <= 100000; i++) {
        assert_true(pyr_stacks_get(tab, (pyr_stack){i}).parent.i < i);
    }
    pyr_stacks_free(tab);
}

static void test_a_parent_that_is_not_there_is_refused(void **state)
{
    (void)state;
    struct pyr_stacks *tab = pyr_stacks_new();
    struct pyr_err err = {0};
    pyr_stack id = {0};
    assert_false(pyr_stacks_add(tab, (pyr_stack){1}, (pyr_frame_id){1}, &id, &err));
    assert_int_equal(err.code, PYR_ERR_FORMAT);
    assert_int_equal(pyr_stacks_count(tab), 0);
    pyr_stacks_free(tab);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        pyr_stack top = {0};
        pyr_mem_fail_after(nth);
        struct pyr_stacks *tab = pyr_stacks_new();
        failed = tab == NULL || !add_tower(tab, 500, &top, &err);
        pyr_mem_fail_after(-1);
        if (tab != NULL) {
            assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
            assert_true(add_tower(tab, 500, &top, &err));
            assert_int_equal(pyr_stacks_count(tab), 500);
            assert_int_equal(top.i, 500);
        }
        pyr_stacks_free(tab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stack_is_its_parent_and_a_frame),
        cmocka_unit_test(test_parents_come_before_their_children),
        cmocka_unit_test(test_a_parent_that_is_not_there_is_refused),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
