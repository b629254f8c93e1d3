/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native_merge.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "unit.h"

/* Stacks are written as texts, innermost frame first.
 * Python's: a letter for each frame, a capital for an entry frame; 'g' the collector, '^' what was
 * cut off further out.
 * The machine's: a digit for a shown frame, '.' machinery, '@' the loop, '%' a part of it, '$' the
 * base; '~' at the end: it may not reach the start.
 * The merged one: the same letters and signs. */
static void push(struct pyr_raw_stack *stack, struct pyr_raw_frame frame)
{
    assert_true(pyr_raw_stack_push(stack, frame));
}

static void python_from(const char *text, struct pyr_raw_stack *stack)
{
    for (; *text != '\0'; text++) {
        struct pyr_raw_frame frame = {.code = (uint64_t)*text, .kind = PYR_RAW_PYTHON};
        frame.is_entry = *text >= 'A' && *text <= 'Z';
        if (*text == 'g') {
            frame.kind = PYR_RAW_GC;
        } else if (*text == '^') {
            frame.kind = PYR_RAW_TRUNCATED;
            stack->truncated = true;
        }
        push(stack, frame);
    }
}

static void machine_from(const char *text, struct pyr_raw_stack *stack)
{
    static const char signs[] = ".@%$";
    static const uint8_t roles[] = {PYR_NATIVE_HIDDEN, PYR_NATIVE_EVAL, PYR_NATIVE_EVAL_PART,
                                    PYR_NATIVE_BASE};
    for (; *text != '\0' && *text != '~'; text++) {
        struct pyr_raw_frame frame = {.code = (uint64_t)*text, .kind = PYR_RAW_NATIVE};
        const char *sign = strchr(signs, *text);
        frame.owner = sign != NULL ? roles[sign - signs] : PYR_NATIVE_SHOWN;
        push(stack, frame);
    }
    stack->truncated = *text == '~';
}

struct merge_case {
    const char *python;
    const char *machine;
    const char *merged;
    enum pyr_native_match match;
};

static void check(const struct merge_case *it, bool whole)
{
    struct pyr_raw_stack python = {0}, machine = {0}, merged = {0};
    enum pyr_native_match match = PYR_NATIVE_CUT;
    struct pyr_err err = {0};
    char text[128] = "";
    python_from(it->python, &python);
    machine_from(it->machine, &machine);
    const struct pyr_native_stacks stacks = {
        .python = &python, .machine = &machine, .whole = whole};
    assert_true(pyr_native_merge_stacks(&stacks, &merged, &match, &err));
    for (uint32_t i = 0; i < merged.count && i < sizeof text - 1; i++) {
        text[i] = (char)merged.frames[i].code;
        text[i + 1] = '\0';
    }
    if (strcmp(text, it->merged) != 0 || match != it->match) {
        fail_msg("%s + %s gives %s (%d), not %s (%d)", it->python, it->machine, text, match,
                 it->merged, it->match);
    }
    assert_int_equal(merged.truncated, python.truncated);
    pyr_raw_stack_release(&python);
    pyr_raw_stack_release(&machine);
    pyr_raw_stack_release(&merged);
}

static void check_all(const struct merge_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check(&cases[i], false);
    }
}

static void test_up_to_3_10_each_call_of_the_loop_runs_one_frame(void **state)
{
    (void)state;
    static const struct merge_case cases[] = {
        {"C", "@..$", "C", PYR_NATIVE_MATCHED},
        {"CBA", "@.@.@...$", "CBA", PYR_NATIVE_MATCHED},
        {"CBA", "12.@.@3.@...$", "12CB3A", PYR_NATIVE_MATCHED},
        {"BA", ".1.@2345.@.9$", "1B2345A9", PYR_NATIVE_MATCHED},
    };
    check_all(cases, sizeof cases / sizeof *cases);
}

static void test_since_3_11_a_call_of_the_loop_runs_frames_up_to_an_entry(void **state)
{
    (void)state;
    static const struct merge_case cases[] = {
        {"cbA", "@...$", "cbA", PYR_NATIVE_MATCHED},
        {"edCbA", "1.@2.@..$", "1edC2bA", PYR_NATIVE_MATCHED},
        {"DcB", "@1@$", "D1cB", PYR_NATIVE_MATCHED},
        /* A frame of 3.13 and later that is not marked because what it came by is not read. */
        {"cb", "1.@..$", "1cb", PYR_NATIVE_MATCHED},
    };
    check_all(cases, sizeof cases / sizeof *cases);
}

static void test_parts_of_the_loop_are_one_call_with_the_loop(void **state)
{
    (void)state;
    static const struct merge_case cases[] = {
        {"cbA", "1%@..$", "1cbA", PYR_NATIVE_MATCHED},
        {"dCbA", "%@2%@..$", "dC2bA", PYR_NATIVE_MATCHED},
        {"BA", "%1%@$", "B1A", PYR_NATIVE_MATCHED},
        /* Where the compiler left out the loop's own frame. */
        {"cbA", "1%..$", "1cbA", PYR_NATIVE_MATCHED},
        {"bA", "1%%@$", "1bA", PYR_NATIVE_MATCHED},
        /* Two calls, one upon the other, are two. */
        {"BA", "@@$", "BA", PYR_NATIVE_MATCHED},
    };
    check_all(cases, sizeof cases / sizeof *cases);
}

static void test_a_loop_just_entered_or_left_has_no_python_frame(void **state)
{
    (void)state;
    static const struct merge_case cases[] = {
        {"cbA", "@1@..$", "1cbA", PYR_NATIVE_MATCHED},
        {"", "@..$", "", PYR_NATIVE_MATCHED},
        {"BA", "3@2.@1@$", "32B1A", PYR_NATIVE_MATCHED},
        {"BA", "3@2.@1@~", "32B1A", PYR_NATIVE_MATCHED},
    };
    check_all(cases, sizeof cases / sizeof *cases);
}

static void test_a_thread_without_python_frames_shows_the_machine_s(void **state)
{
    (void)state;
    static const struct merge_case cases[] = {
        {"", "123.$", "123", PYR_NATIVE_MATCHED},
        {"", "", "", PYR_NATIVE_MATCHED},
        {"", "12~", "12", PYR_NATIVE_MATCHED},
    };
    check_all(cases, sizeof cases / sizeof *cases);
}

static void test_nothing_beyond_the_base_is_looked_at(void **state)
{
    (void)state;
    static const struct merge_case cases[] = {
        {"bA", "1@.$2@3@", "1bA", PYR_NATIVE_MATCHED},
        {"bA", "1@.$2@3@~", "1bA", PYR_NATIVE_MATCHED},
    };
    check_all(cases, sizeof cases / sizeof *cases);
}

static void test_a_machine_stack_that_ends_early_is_matched_from_the_inside(void **state)
{
    (void)state;
    static const struct merge_case cases[] = {
        {"edCbA", "1@2~", "1edC2bA", PYR_NATIVE_CUT},
        {"edCbA", "12~", "12edCbA", PYR_NATIVE_CUT},
        {"edCbA", "1@2@3~", "1edC2bA3", PYR_NATIVE_MATCHED},
    };
    check_all(cases, sizeof cases / sizeof *cases);
}

static void test_a_python_stack_that_was_cut_is_matched_from_the_inside(void **state)
{
    (void)state;
    static const struct merge_case cases[] = {
        {"edCb^", "1@2@3@4@$", "1edC2b^", PYR_NATIVE_CUT},
        {"eD^", "1@2@3@4@$", "1eD2^", PYR_NATIVE_CUT},
        {"edCb^", "1@2@$", "1edC2b^", PYR_NATIVE_MATCHED},
    };
    check_all(cases, sizeof cases / sizeof *cases);
}

static void test_what_does_not_match_leaves_python_whole_below_the_tip(void **state)
{
    (void)state;
    static const struct merge_case cases[] = {
        {"edCbA", "1.2@3$", "12edCbA", PYR_NATIVE_MISMATCHED},
        {"A", "1@2@3@$", "1A", PYR_NATIVE_MISMATCHED},
        {"BA", "12.$", "12BA", PYR_NATIVE_MISMATCHED},
        {"A", "1@2@3@~", "1A", PYR_NATIVE_MISMATCHED},
    };
    check_all(cases, sizeof cases / sizeof *cases);
}

static void test_the_collector_stays_where_python_has_it(void **state)
{
    (void)state;
    static const struct merge_case cases[] = {
        {"gcbA", "12.@.$", "12gcbA", PYR_NATIVE_MATCHED},
        {"gBA", "1@2@$", "1gB2A", PYR_NATIVE_MATCHED},
    };
    check_all(cases, sizeof cases / sizeof *cases);
}

static void test_the_machinery_is_there_when_asked_for(void **state)
{
    (void)state;
    static const struct merge_case cases[] = {
        {"edCbA", "1.@2.@..$", "1.edC@2.bA@..$", PYR_NATIVE_MATCHED},
        {"cbA", "@1%@.$", "@1cbA@.$", PYR_NATIVE_MATCHED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check(&cases[i], true);
    }
}

struct place_case {
    const char *python;
    const char *machine;
    uint64_t entries[4]; /* machine frame n covers 16n to 16n + 15 */
    uint32_t entry_count;
    const char *merged;
    enum pyr_native_match match;
};

static void check_place(const struct place_case *it)
{
    struct pyr_raw_stack python = {0}, machine = {0}, merged = {0};
    enum pyr_native_match match = PYR_NATIVE_CUT;
    struct pyr_err err = {0};
    char text[128] = "";
    python_from(it->python, &python);
    machine_from(it->machine, &machine);
    for (uint32_t i = 0; i < machine.count; i++) {
        machine.frames[i].address = 16 * (uint64_t)i;
    }
    const struct pyr_native_stacks stacks = {
        .python = &python,
        .machine = &machine,
        .entries = it->entries,
        .entry_count = it->entry_count,
    };
    assert_true(pyr_native_merge_stacks(&stacks, &merged, &match, &err));
    for (uint32_t i = 0; i < merged.count && i < sizeof text - 1; i++) {
        text[i] = (char)merged.frames[i].code;
        text[i + 1] = '\0';
    }
    if (strcmp(text, it->merged) != 0 || match != it->match) {
        fail_msg("%s + %s gives %s (%d), not %s (%d)", it->python, it->machine, text, match,
                 it->merged, it->match);
    }
    pyr_raw_stack_release(&python);
    pyr_raw_stack_release(&machine);
    pyr_raw_stack_release(&merged);
}

static void test_since_3_12_the_place_on_the_stack_tells_where_the_loop_is(void **state)
{
    (void)state;
    static const struct place_case cases[] = {
        /* No frame has the loop's name: tail calls, or no symbols. */
        {"edCbA", "1..2.3$", {17, 64}, 2, "1edC2bA3", PYR_NATIVE_MATCHED},
        /* Names that would mislead: the loop in another interpreter of the same thread. */
        {"bA", "1@2@3@$", {16}, 1, "1bA23", PYR_NATIVE_MATCHED},
        /* The loop has been entered but its first frame is not there yet. */
        {"bA", "@1.@$", {48}, 1, "1bA", PYR_NATIVE_MATCHED},
        /* Where one begins is within it, where it ends is not. */
        {"BA", "1..2$", {16, 32}, 2, "1BA2", PYR_NATIVE_MATCHED},
        {"BA", "1..2$", {31, 32}, 2, "1BA2", PYR_NATIVE_MATCHED},
        /* The machine's stack was cut: the rest is further out. */
        {"edCbA", "1.2~", {17, 640}, 2, "1edC2bA", PYR_NATIVE_CUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_place(&cases[i]);
    }
}

static void test_places_that_are_nowhere_leave_it_to_the_names(void **state)
{
    (void)state;
    static const struct place_case cases[] = {
        {"edCbA", "1@2@$", {17, 7000}, 2, "1edC2bA", PYR_NATIVE_MATCHED},
        {"edCbA", "1@2@$", {0, 0}, 2, "1edC2bA", PYR_NATIVE_MATCHED},
        {"edCbA", "1.2.$", {17, 7000}, 2, "12edCbA", PYR_NATIVE_MISMATCHED},
        {"edCbA", "1.2.$", {48, 17}, 2, "12edCbA", PYR_NATIVE_MISMATCHED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_place(&cases[i]);
    }
}

/* The stacks of a recursion through C, and of none: the work grows with their depth only. */
static void test_deep_stacks_are_merged_whole(void **state)
{
    (void)state;
    struct pyr_raw_stack python = {0}, machine = {0}, merged = {0};
    enum pyr_native_match match = PYR_NATIVE_CUT;
    struct pyr_err err = {0};
    for (uint32_t i = 0; i < 50000; i++) {
        python_from("bA", &python);
        machine_from("1.@", &machine);
    }
    const struct pyr_native_stacks stacks = {.python = &python, .machine = &machine};
    assert_true(pyr_native_merge_stacks(&stacks, &merged, &match, &err));
    assert_int_equal(match, PYR_NATIVE_MATCHED);
    assert_int_equal(merged.count, 150000);
    for (uint32_t i = 0; i < merged.count; i++) {
        assert_int_equal(merged.frames[i].code, "1bA"[i % 3]);
    }
    pyr_raw_stack_release(&python);
    pyr_raw_stack_release(&machine);
    pyr_raw_stack_release(&merged);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_raw_stack python = {0}, machine = {0};
    bool failed = true;
    for (uint32_t i = 0; i < 500; i++) {
        python_from("bA", &python);
        machine_from("1.@", &machine);
    }
    const struct pyr_native_stacks stacks = {.python = &python, .machine = &machine};
    for (long nth = 0; failed; nth++) {
        struct pyr_raw_stack merged = {0};
        enum pyr_native_match match = PYR_NATIVE_CUT;
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_native_merge_stacks(&stacks, &merged, &match, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_raw_stack_release(&merged);
    }
    pyr_raw_stack_release(&python);
    pyr_raw_stack_release(&machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_up_to_3_10_each_call_of_the_loop_runs_one_frame),
        cmocka_unit_test(test_since_3_11_a_call_of_the_loop_runs_frames_up_to_an_entry),
        cmocka_unit_test(test_parts_of_the_loop_are_one_call_with_the_loop),
        cmocka_unit_test(test_a_loop_just_entered_or_left_has_no_python_frame),
        cmocka_unit_test(test_a_thread_without_python_frames_shows_the_machine_s),
        cmocka_unit_test(test_nothing_beyond_the_base_is_looked_at),
        cmocka_unit_test(test_a_machine_stack_that_ends_early_is_matched_from_the_inside),
        cmocka_unit_test(test_a_python_stack_that_was_cut_is_matched_from_the_inside),
        cmocka_unit_test(test_what_does_not_match_leaves_python_whole_below_the_tip),
        cmocka_unit_test(test_the_collector_stays_where_python_has_it),
        cmocka_unit_test(test_the_machinery_is_there_when_asked_for),
        cmocka_unit_test(test_since_3_12_the_place_on_the_stack_tells_where_the_loop_is),
        cmocka_unit_test(test_places_that_are_nowhere_leave_it_to_the_names),
        cmocka_unit_test(test_deep_stacks_are_merged_whole),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
