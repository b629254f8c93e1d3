/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native_merge.h"

/* Where a merge is. */
struct merge {
    const struct pyr_raw_stack *python;
    const struct pyr_raw_stack *machine;
    uint32_t depth; /* of the machine's stack, as far as it is of interest */
    bool whole;
    uint32_t next; /* Python frame */
    uint32_t idle; /* innermost calls of the loop that run no Python frame */
    struct pyr_raw_stack *merged;
};

static enum pyr_native_role role_at(const struct merge *merge, uint32_t index)
{
    return (enum pyr_native_role)merge->machine->frames[index].owner;
}

/* Is the machine frame at `index` a call of the loop? What is split off from the loop, or is one of
 * the functions that replace it in builds with tail calls, is called by the loop itself: both are
 * one call then. */
static bool is_call_of_loop(const struct merge *merge, uint32_t index)
{
    const enum pyr_native_role role = role_at(merge, index);
    if (role != PYR_NATIVE_EVAL_PART) {
        return role == PYR_NATIVE_EVAL;
    }
    if (index + 1 >= merge->depth) {
        return true;
    }
    const enum pyr_native_role outer = role_at(merge, index + 1);
    return outer != PYR_NATIVE_EVAL && outer != PYR_NATIVE_EVAL_PART;
}

static bool ends_call(const struct pyr_raw_frame *frame)
{
    return frame->kind == PYR_RAW_PYTHON && frame->is_entry;
}

static uint32_t count_calls_of_loop(const struct merge *merge)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < merge->depth; i++) {
        count += is_call_of_loop(merge, i);
    }
    return count;
}

static uint32_t count_entries(const struct pyr_raw_stack *python)
{
    uint32_t count = 0;
    bool open = false;
    for (uint32_t i = 0; i < python->count; i++) {
        const struct pyr_raw_frame *frame = &python->frames[i];
        open = open || frame->kind == PYR_RAW_PYTHON;
        if (ends_call(frame)) {
            count++;
            open = false;
        }
    }
    return count + open;
}

static bool push(struct merge *merge, const struct pyr_raw_frame *frame)
{
    return pyr_raw_stack_push(merge->merged, *frame);
}

static bool push_python(struct merge *merge, bool all)
{
    bool ended = false;
    while (merge->next < merge->python->count && (all || !ended)) {
        const struct pyr_raw_frame *frame = &merge->python->frames[merge->next++];
        ended = ends_call(frame);
        if (!push(merge, frame)) {
            return false;
        }
    }
    return true;
}

/* Where Python's stack was cut, what called its outermost frame is not known. */
static bool is_beyond_python(const struct merge *merge, bool call)
{
    const struct pyr_raw_stack *python = merge->python;
    const uint32_t left = python->count - merge->next;
    if ((!python->truncated && !python->torn) || merge->next == 0) {
        return false;
    }
    return left == 0 ||
           (call && left == 1 && python->frames[merge->next].kind == PYR_RAW_TRUNCATED);
}

static bool push_machine(struct merge *merge, uint32_t index, bool call)
{
    const enum pyr_native_role role = role_at(merge, index);
    /* A part of the loop, even of the whole stack: its call's Python frames come further out. */
    if (role == PYR_NATIVE_SHOWN || (merge->whole && (call || role != PYR_NATIVE_EVAL_PART))) {
        return push(merge, &merge->machine->frames[index]);
    }
    return true;
}

/* `until_loop`: no further out than the innermost call of the loop. */
static bool push_all(struct merge *merge, bool until_loop)
{
    bool ok = true;
    for (uint32_t i = 0; i < merge->depth && ok; i++) {
        const bool call = is_call_of_loop(merge, i);
        if ((call && until_loop) || is_beyond_python(merge, call)) {
            break;
        }
        if (call && merge->idle > 0) {
            merge->idle--;
        } else if (call) {
            ok = push_python(merge, false);
        }
        ok = ok && push_machine(merge, i, call);
    }
    return ok && push_python(merge, true);
}

static enum pyr_native_match compare(struct merge *merge, bool machine_cut)
{
    const bool python_cut = merge->python->truncated || merge->python->torn;
    const uint32_t calls = count_calls_of_loop(merge);
    const uint32_t entries = count_entries(merge->python);
    if (calls == entries) {
        return PYR_NATIVE_MATCHED;
    }
    /* The thread is just entering or leaving the loop: Python has no such frame yet, or any more.
     */
    if (calls == entries + 1 && !python_cut) {
        merge->idle = 1;
        return PYR_NATIVE_MATCHED;
    }
    /* What is cut lacks its outermost frames; those further in are there, and match. */
    return (calls < entries ? machine_cut : python_cut) ? PYR_NATIVE_CUT : PYR_NATIVE_MISMATCHED;
}

bool pyr_native_merge_stacks(const struct pyr_raw_stack *python,
                             const struct pyr_raw_stack *machine, bool whole,
                             struct pyr_raw_stack *merged, enum pyr_native_match *match,
                             struct pyr_err *err)
{
    struct merge merge = {.python = python, .machine = machine, .whole = whole, .merged = merged};
    bool based = false;
    while (merge.depth < machine->count && !based) {
        based = role_at(&merge, merge.depth++) == PYR_NATIVE_BASE;
    }
    *match = compare(&merge, machine->truncated && !based);
    if (!push_all(&merge, *match == PYR_NATIVE_MISMATCHED)) {
        return pyr_err_set(err, PYR_ERR_NOMEM, "no memory for a stack of %u frames",
                           python->count + machine->count);
    }
    merged->truncated = merged->truncated || python->truncated;
    merged->torn = merged->torn || python->torn;
    return true;
}
