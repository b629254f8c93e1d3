/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/compare.h"

#include "base/mem.h"
#include "unit.h"

/* A stack whose frames are written outermost first: code, offset, code, offset, … */
static void fill(struct pyr_raw_stack *stack, const int *codes, uint32_t count)
{
    stack->count = 0;
    for (uint32_t i = count; i-- > 0;) {
        const struct pyr_raw_frame frame = {.code = (uint64_t)codes[2 * i],
                                            .offset = codes[2 * i + 1],
                                            .address = 0x1000 + 0x80 * (uint64_t)i};
        assert_true(pyr_raw_stack_push(stack, frame));
    }
}

#define FILL(stack, ...)                                                                           \
    fill(stack, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / 2 / sizeof(int))

struct copies {
    struct pyr_raw_stack first;
    struct pyr_raw_stack second;
    struct pyr_raw_stack last;
    struct pyr_edges edges;
};

static void release(struct copies *copies)
{
    pyr_raw_stack_release(&copies->first);
    pyr_raw_stack_release(&copies->second);
    pyr_raw_stack_release(&copies->last);
    pyr_edges_release(&copies->edges);
}

static enum pyr_compare_result compare(struct copies *copies)
{
    return pyr_compare(&copies->first, &copies->second, &copies->last, &copies->edges);
}

static void test_equal_copies_with_known_calls_are_proved(void **state)
{
    (void)state;
    struct copies copies = {0};
    FILL(&copies.last, 1, 10, 2, 20, 3, 30);
    pyr_edges_learn(&copies.edges, &copies.last, 0);
    FILL(&copies.first, 1, 10, 2, 20, 3, 34);
    FILL(&copies.second, 1, 10, 2, 20, 3, 36); /* the innermost runs on */
    assert_int_equal(compare(&copies), PYR_COMPARE_EQUAL);
    release(&copies);
}

/* Where popped frames stay readable two copies may be wrong in the same way. */
static void test_equal_copies_with_a_call_that_was_never_proved_are_not(void **state)
{
    (void)state;
    struct copies copies = {0};
    FILL(&copies.last, 1, 10, 2, 20, 3, 30);
    pyr_edges_learn(&copies.edges, &copies.last, 0);
    FILL(&copies.first, 1, 10, 2, 20, 4, 30);
    FILL(&copies.second, 1, 10, 2, 20, 4, 30);
    assert_int_equal(compare(&copies), PYR_COMPARE_UNKNOWN);
    assert_int_equal(pyr_compare(&copies.first, &copies.second, &copies.last, NULL),
                     PYR_COMPARE_EQUAL);
    FILL(&copies.first, 1, 12, 2, 20, 3, 30); /* the same callee from another place */
    FILL(&copies.second, 1, 12, 2, 20, 3, 30);
    assert_int_equal(compare(&copies), PYR_COMPARE_UNKNOWN);
    release(&copies);
}

static void test_of_copies_that_differ_the_one_with_known_calls_is_likely(void **state)
{
    (void)state;
    struct copies copies = {0};
    FILL(&copies.last, 1, 10, 2, 20, 3, 30);
    pyr_edges_learn(&copies.edges, &copies.last, 0);
    FILL(&copies.first, 1, 10, 2, 20);
    FILL(&copies.second, 1, 10, 2, 20, 9, 30);
    assert_int_equal(compare(&copies), PYR_COMPARE_FIRST);
    FILL(&copies.first, 1, 10, 2, 20, 9, 30);
    FILL(&copies.second, 1, 10, 2, 20);
    assert_int_equal(compare(&copies), PYR_COMPARE_SECOND);
    copies.second.count = 0; /* no chain of frames */
    assert_int_equal(compare(&copies), PYR_COMPARE_UNKNOWN);
    release(&copies);
}

static void test_a_chain_that_ends_elsewhere_than_the_last_is_not_believed(void **state)
{
    (void)state;
    struct copies copies = {0};
    FILL(&copies.last, 1, 10, 2, 20, 3, 30);
    pyr_edges_learn(&copies.edges, &copies.last, 0);
    const struct pyr_raw_frame lone = copies.last.frames[0];
    assert_true(pyr_raw_stack_push(&copies.first, lone));
    assert_true(pyr_raw_stack_push(&copies.second, lone));
    assert_int_equal(compare(&copies), PYR_COMPARE_UNKNOWN);
    copies.first.count = copies.second.count = 0; /* Python has ended, or has it? */
    assert_int_equal(compare(&copies), PYR_COMPARE_UNKNOWN);
    copies.last.count = 0;
    assert_int_equal(compare(&copies), PYR_COMPARE_EQUAL);
    release(&copies);
}

static void test_stable_frames_are_those_at_the_same_instructions(void **state)
{
    (void)state;
    struct copies copies = {0};
    FILL(&copies.first, 1, 10, 2, 20, 3, 30);
    FILL(&copies.second, 1, 10, 2, 22, 3, 30);
    assert_int_equal(pyr_stack_stable(&copies.first, &copies.second), 1);
    assert_int_equal(pyr_stack_same(&copies.first, &copies.second), 1);
    FILL(&copies.second, 1, 10, 2, 20, 3, 32);
    assert_int_equal(pyr_stack_stable(&copies.first, &copies.second), 3);
    assert_int_equal(pyr_stack_same(&copies.first, &copies.second), 2);
    FILL(&copies.second, 1, 10, 2, 22); /* not innermost in both: it has called, or not */
    assert_int_equal(pyr_stack_stable(&copies.first, &copies.second), 1);
    release(&copies);
}

static void test_cutting_marks_what_is_missing(void **state)
{
    (void)state;
    struct copies copies = {0};
    for (uint32_t stable = 1; stable <= 3; stable++) {
        FILL(&copies.first, 1, 10, 2, 20, 3, 30);
        assert_true(pyr_stack_cut(&copies.first, stable));
        assert_true(copies.first.torn);
        assert_int_equal(copies.first.count, stable + 1);
        assert_int_equal(copies.first.frames[0].kind, PYR_RAW_TORN);
        assert_int_equal(copies.first.frames[stable].code, 1);
        assert_int_equal(copies.first.frames[1].code, stable);
    }
    release(&copies);
}

static void test_calls_are_remembered_up_to_the_limit_and_then_learnt_anew(void **state)
{
    (void)state;
    struct copies copies = {0};
    for (int i = 0; i < (int)PYR_EDGES_MAX + 1; i++) {
        FILL(&copies.last, 1, i, 2, 20);
        assert_false(pyr_edges_has(&copies.edges, &copies.last, 0));
        pyr_edges_learn(&copies.edges, &copies.last, 0);
        assert_true(pyr_edges_has(&copies.edges, &copies.last, 0));
    }
    assert_int_equal(copies.edges.count, 1);
    FILL(&copies.last, 1, 5, 2, 20);
    assert_false(pyr_edges_has(&copies.edges, &copies.last, 0));
    assert_true(pyr_edges_has(&copies.edges, &copies.last, 2)); /* known otherwise */
    release(&copies);
}

/* What does not fit is not learnt, and so not known later; nothing else is harmed. */
static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    for (long nth = 0; nth < 4; nth++) {
        struct copies copies = {0};
        FILL(&copies.last, 1, 0, 2, 20);
        pyr_mem_fail_after(nth);
        for (int i = 0; i < 3000; i++) {
            copies.last.frames[1].offset = i;
            pyr_edges_learn(&copies.edges, &copies.last, 0);
            assert_int_equal(pyr_edges_has(&copies.edges, &copies.last, 0), i > 0 || nth > 0);
        }
        pyr_mem_fail_after(-1);
        release(&copies);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_copies_with_known_calls_are_proved),
        cmocka_unit_test(test_equal_copies_with_a_call_that_was_never_proved_are_not),
        cmocka_unit_test(test_of_copies_that_differ_the_one_with_known_calls_is_likely),
        cmocka_unit_test(test_a_chain_that_ends_elsewhere_than_the_last_is_not_believed),
        cmocka_unit_test(test_stable_frames_are_those_at_the_same_instructions),
        cmocka_unit_test(test_cutting_marks_what_is_missing),
        cmocka_unit_test(test_calls_are_remembered_up_to_the_limit_and_then_learnt_anew),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
