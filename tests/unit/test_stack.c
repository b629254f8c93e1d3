/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/stack.h"

#include "base/mem.h"
#include "unit.h"

static void test_frames_are_kept_in_the_order_they_come(void **state)
{
    (void)state;
    struct pyr_raw_stack stack = {0};
    for (uint64_t i = 0; i < 1000; i++) {
        assert_true(pyr_raw_stack_push(&stack, (struct pyr_raw_frame){.code = i, .offset = 7}));
    }
    assert_int_equal(stack.count, 1000);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_int_equal(stack.frames[i].code, i);
        assert_int_equal(stack.frames[i].offset, 7);
    }
    pyr_raw_stack_release(&stack);
    assert_null(stack.frames);
    pyr_raw_stack_release(&stack);
}

static void test_no_stack_grows_beyond_the_limit(void **state)
{
    (void)state;
    struct pyr_raw_stack stack = {0};
    const struct pyr_raw_frame frame = {.code = 1};
    for (uint32_t i = 0; i < PYR_STACK_MAX_DEPTH; i++) {
        assert_true(pyr_raw_stack_push(&stack, frame));
    }
    assert_false(pyr_raw_stack_push(&stack, frame));
    assert_int_equal(stack.count, PYR_STACK_MAX_DEPTH);
    pyr_raw_stack_release(&stack);
}

static void test_a_push_without_memory_leaves_the_stack_as_it_was(void **state)
{
    (void)state;
    struct pyr_raw_stack stack = {0};
    const struct pyr_raw_frame frame = {.code = 1};
    pyr_mem_fail_after(0);
    assert_false(pyr_raw_stack_push(&stack, frame));
    pyr_mem_fail_after(-1);
    assert_int_equal(stack.count, 0);
    assert_true(pyr_raw_stack_push(&stack, frame));
    assert_int_equal(stack.count, 1);
    pyr_raw_stack_release(&stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_are_kept_in_the_order_they_come),
        cmocka_unit_test(test_no_stack_grows_beyond_the_limit),
        cmocka_unit_test(test_a_push_without_memory_leaves_the_stack_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
