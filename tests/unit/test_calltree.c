/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/calltree.h"

#include "base/mem.h"
#include "unit.h"

/* Keys are only compared, never followed; like objects they are aligned. */
static const void *key(uintptr_t number)
{
    return (const void *)(number * 16);
}

static void test_a_new_tree_has_a_root_and_nothing_else(void **state)
{
    (void)state;
    struct pyr_calltree tree;
    assert_true(pyr_calltree_init(&tree));
    struct pyr_node *root = pyr_calltree_root(&tree);
    assert_int_equal(tree.count, 1);
    assert_null(root->parent);
    assert_ptr_equal(pyr_calltree_node(&tree, 0), root);
    assert_null(pyr_calltree_find(&tree, root, key(1)));
    assert_ptr_not_equal(root->last_child->key, key(1));
    pyr_calltree_release(&tree);
}

static void test_one_function_under_two_callers_is_two_nodes(void **state)
{
    (void)state;
    struct pyr_calltree tree;
    assert_true(pyr_calltree_init(&tree));
    struct pyr_node *root = pyr_calltree_root(&tree);
    struct pyr_node *a = pyr_calltree_add(&tree, root, key(1), 1);
    struct pyr_node *b = pyr_calltree_add(&tree, root, key(2), 2);
    struct pyr_node *below_a = pyr_calltree_add(&tree, a, key(3), 3);
    struct pyr_node *below_b = pyr_calltree_add(&tree, b, key(3), 3);
    assert_ptr_not_equal(below_a, below_b);
    assert_ptr_equal(pyr_calltree_find(&tree, a, key(3)), below_a);
    assert_ptr_equal(pyr_calltree_find(&tree, b, key(3)), below_b);
    assert_null(pyr_calltree_find(&tree, root, key(3)));
    assert_ptr_equal(below_b->parent, b);
    assert_true(below_b->parent->index < below_b->index);
    pyr_calltree_release(&tree);
}

static void test_nodes_stay_where_they_are_however_many_come(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct pyr_calltree tree;
    assert_true(pyr_calltree_init(&tree));
    struct pyr_node *root = pyr_calltree_root(&tree);
    struct pyr_node *first = pyr_calltree_add(&tree, root, key(1), 1);
    struct pyr_node *parent = first;
    for (uint32_t i = 2; i <= COUNT; i++) {
        struct pyr_node *node = pyr_calltree_add(&tree, i % 3 == 0 ? root : parent, key(i), i);
        assert_non_null(node);
        assert_int_equal(node->index, i);
        parent = node;
    }
    assert_ptr_equal(pyr_calltree_node(&tree, 1), first);
    for (uint32_t i = 1; i <= COUNT; i++) {
        struct pyr_node *node = pyr_calltree_node(&tree, i);
        assert_int_equal(node->record, i);
        assert_ptr_equal(pyr_calltree_find(&tree, node->parent, key(i)), node);
    }
    pyr_calltree_release(&tree);
}

static void test_a_node_with_its_share_of_the_table_fits_64_bytes(void **state)
{
    (void)state;
    struct pyr_calltree tree;
    assert_int_equal(sizeof(struct pyr_node), 56);
    assert_true(pyr_calltree_init(&tree));
    /* Full chunks, so that no room is counted that later nodes will use. */
    uint32_t full = PYR_TREE_FIRST_CHUNK * ((1u << 12) - 1);
    while (tree.count < full) {
        assert_non_null(
            pyr_calltree_add(&tree, pyr_calltree_root(&tree), key(tree.count), tree.count));
    }
    assert_true(pyr_calltree_size(&tree) <= (uint64_t)full * 64);
    pyr_calltree_release(&tree);
}

static void test_folded_calls_return_to_where_they_came_from(void **state)
{
    (void)state;
    struct pyr_calltree tree;
    assert_true(pyr_calltree_init(&tree));
    struct pyr_node *caller = pyr_calltree_add(&tree, pyr_calltree_root(&tree), key(1), 1);
    struct pyr_node *outer = pyr_calltree_fold(&tree, caller, key(2), 2);
    struct pyr_node *inner = pyr_calltree_fold(&tree, outer, key(3), 3);
    struct pyr_node *again = pyr_calltree_fold(&tree, inner, key(2), 2);
    assert_ptr_equal(again, outer);
    assert_ptr_equal(outer->parent, tree.fold_root);
    assert_ptr_equal(outer->key, pyr_key_tagged(key(2), PYR_KEY_FOLDED));
    assert_ptr_equal(pyr_calltree_unfold(&tree), inner);
    assert_ptr_equal(pyr_calltree_unfold(&tree), outer);
    assert_ptr_equal(pyr_calltree_unfold(&tree), caller);
    assert_int_equal(tree.fold_depth, 0);
    pyr_calltree_release(&tree);
}

/* Running out of memory at any single allocation gives NULL and leaves the tree whole. */
static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_calltree tree;
        pyr_mem_fail_after(nth);
        failed = !pyr_calltree_init(&tree);
        for (uint32_t i = 1; !failed && i <= 1000; i++) {
            struct pyr_node *node = pyr_calltree_add(&tree, pyr_calltree_root(&tree), key(i), i);
            failed = node == NULL || pyr_calltree_fold(&tree, node, key(i), i) == NULL;
        }
        pyr_mem_fail_after(-1);
        for (uint32_t i = 1; tree.table != NULL && tree.chunks[0] != NULL && i < tree.count; i++) {
            struct pyr_node *node = pyr_calltree_node(&tree, i);
            assert_ptr_equal(pyr_calltree_find(&tree, node->parent, node->key), node);
        }
        pyr_calltree_release(&tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_tree_has_a_root_and_nothing_else),
        cmocka_unit_test(test_one_function_under_two_callers_is_two_nodes),
        cmocka_unit_test(test_nodes_stay_where_they_are_however_many_come),
        cmocka_unit_test(test_a_node_with_its_share_of_the_table_fits_64_bytes),
        cmocka_unit_test(test_folded_calls_return_to_where_they_came_from),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
