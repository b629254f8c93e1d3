/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native_merge.h"

/* Where a merge is. */
struct merge {
    const struct pyr_raw_stack *python;
    const struct pyr_raw_stack *machine;
    uint32_t depth; /* of the machine's stack, as far as it is of interest */
    bool whole;
    uint32_t next;           /* Python frame */
    uint32_t idle;           /* innermost calls of the loop that run no Python frame */
    const uint64_t *entries; /* NULL: the loop is known by its name */
    uint32_t entry_count;
    uint32_t next_entry;
    struct pyr_raw_stack *merged;
};

static enum pyr_native_role role_at(const struct merge *merge, uint32_t index)
{
    return (enum pyr_native_role)merge->machine->frames[index].owner;
}

/* Where the machine frame at `index` ends on the stack. */
static uint64_t end_of(const struct merge *merge, uint32_t index)
{
    const struct pyr_raw_stack *machine = merge->machine;
    return machine->frames[index + 1 < machine->count ? index + 1 : index].address;
}

static bool holds(const struct merge *merge, uint32_t index, uint64_t address)
{
    return address >= merge->machine->frames[index].address && address < end_of(merge, index);
}

/* By name. What is split off from the loop, or is one of the functions that replace it in builds
 * with tail calls, is called by the loop itself: both are one call then. */
static bool is_named_loop(const struct merge *merge, uint32_t index)
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

/* Is the machine frame at `index` a call of the loop? To be asked from the innermost frame out. */
static bool is_call_of_loop(struct merge *merge, uint32_t index)
{
    if (merge->entries == NULL) {
        return is_named_loop(merge, index);
    }
    if (merge->next_entry < merge->entry_count &&
        holds(merge, index, merge->entries[merge->next_entry])) {
        merge->next_entry++;
        return true;
    }
    return false;
}

static bool ends_call(const struct pyr_raw_frame *frame)
{
    return frame->kind == PYR_RAW_PYTHON && frame->is_entry;
}

static uint32_t count_calls_of_loop(struct merge *merge)
{
    uint32_t count = 0;
    merge->next_entry = 0;
    for (uint32_t i = 0; i < merge->depth; i++) {
        count += is_call_of_loop(merge, i);
    }
    merge->next_entry = 0;
    return count;
}

/* Tells whether the places of the entry frames say where each is. Those beyond what could be
 * unwound are said to be there, but not where. */
static bool places_hold(struct merge *merge, bool machine_cut)
{
    const struct pyr_raw_stack *machine = merge->machine;
    const uint32_t found = count_calls_of_loop(merge);
    if (found == merge->entry_count) {
        return true;
    }
    return machine_cut && merge->depth > 0 &&
           merge->entries[found] >= machine->frames[merge->depth - 1].address;
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

static uint32_t depth_of(const struct merge *merge, bool *based)
{
    uint32_t depth = 0;
    *based = false;
    while (depth < merge->machine->count && !*based) {
        *based = role_at(merge, depth++) == PYR_NATIVE_BASE;
    }
    return depth;
}

bool pyr_native_merge_stacks(const struct pyr_native_stacks *stacks, struct pyr_raw_stack *merged,
                             enum pyr_native_match *match, struct pyr_err *err)
{
    struct merge merge = {
        .python = stacks->python,
        .machine = stacks->machine,
        .whole = stacks->whole,
        .merged = merged,
        .entries = stacks->entries,
        .entry_count = stacks->entry_count,
    };
    bool based = false;
    merge.depth = depth_of(&merge, &based);
    const bool cut = stacks->machine->truncated && !based;
    if (merge.entries != NULL && !places_hold(&merge, cut)) {
        merge.entries = NULL;
    }
    *match = compare(&merge, cut);
    if (!push_all(&merge, *match == PYR_NATIVE_MISMATCHED)) {
        return pyr_err_set(err, PYR_ERR_NOMEM, "no memory for a stack of %u frames",
                           stacks->python->count + stacks->machine->count);
    }
    merged->truncated = merged->truncated || stacks->python->truncated;
    merged->torn = merged->torn || stacks->python->torn;
    return true;
}
