/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Reading from another CPU while the target runs: the stack, the thread state and the stack again in
 * one call. What is the same in both copies stood still. */
#include <string.h>

#include "remote/sampler_state.h"

#define COMPARED_TRIES 6

/* The stack of one copy. */
static enum pyr_lane_result decode_copy(struct pyr_sampler *sampler, struct tracked *thread,
                                        int copy, struct pyr_raw_stack *stack, bool *further)
{
    struct pyr_lane_reading reading = {.memory = sampler->target->memory,
                                       .layout = &sampler->target->layout,
                                       .max_depth = sampler->options.max_depth,
                                       .further_max = sampler->options.max_depth,
                                       .copy = copy};
    enum pyr_lane_result result = pyr_lane_decode(&thread->lane, &reading, stack);
    *further = *further || reading.further || result == PYR_LANE_AGAIN;
    return result;
}

static bool same_frame(const struct pyr_raw_frame *a, const struct pyr_raw_frame *b, bool innermost)
{
    return a->address == b->address && a->code == b->code && a->kind == b->kind &&
           (innermost || a->offset == b->offset);
}

/* So many frames, from the outermost in, are the same in both. Of the innermost the instruction may
 * differ: it runs. */
static uint32_t stable_frames(const struct pyr_raw_stack *a, const struct pyr_raw_stack *b)
{
    uint32_t most = a->count < b->count ? a->count : b->count;
    uint32_t same = 0;
    while (same < most) {
        bool innermost = same + 1 == a->count && same + 1 == b->count;
        if (!same_frame(&a->frames[a->count - 1 - same], &b->frames[b->count - 1 - same],
                        innermost)) {
            break;
        }
        same++;
    }
    return same;
}

/* Keeps the stable frames and marks what is missing. */
static bool cut_tip(struct pyr_raw_stack *stack, uint32_t stable)
{
    const struct pyr_raw_frame mark = {.kind = PYR_RAW_TORN, .offset = -1};
    uint32_t cut = stack->count - stable;
    memmove(stack->frames, stack->frames + cut, stable * sizeof(mark));
    stack->count = stable;
    if (!pyr_raw_stack_push(stack, mark)) {
        return false;
    }
    memmove(stack->frames + 1, stack->frames, stable * sizeof(mark));
    stack->frames[0] = mark;
    stack->torn = true;
    return true;
}

/* Reads one thread in one call of its own, both copies around its state. */
static bool read_both(struct pyr_sampler *sampler, struct island *island, struct tracked *thread)
{
    struct pyr_err err = {0};
    const struct pyr_layout *layout = &sampler->target->layout;
    struct pyr_lane *lane = &thread->lane;
    if (!pyr_lane_plan(lane, layout, 2, &err)) {
        return false;
    }
    pyr_batch_clear(&sampler->batch);
    sampler_add_island(sampler, island, 0);
    sampler_add_pieces(sampler, thread, 0);
    pyr_batch_add(&sampler->batch, lane->thread, lane->state, layout->thread_size,
                  &lane->state_read);
    sampler_add_pieces(sampler, thread, 1);
    sampler_add_island(sampler, island, 1);
    return pyr_batch_read(&sampler->batch, sampler->target->memory);
}

/* Reads a thread until both copies agree. The stack is left in stacks[!now]. */
static enum island_result read_thread(struct pyr_sampler *sampler, struct island *island,
                                      struct tracked *thread)
{
    struct pyr_raw_stack *first = &thread->stacks[!thread->now];
    struct pyr_raw_stack *second = &sampler->second;
    for (int tries = 0; tries < COMPARED_TRIES; tries++) {
        bool further = false;
        if (!read_both(sampler, island, thread)) {
            return ISLAND_GONE;
        }
        if (!island->gil_read[0] || !island->gil_read[1] ||
            !sampler_list_holds(sampler, thread->island)) {
            return ISLAND_OUTDATED;
        }
        enum pyr_lane_result a = decode_copy(sampler, thread, 0, first, &further);
        enum pyr_lane_result b = decode_copy(sampler, thread, 1, second, &further);
        bool last = tries + 1 == COMPARED_TRIES;
        if (a == PYR_LANE_FAILED || (a != b && !last) || further || a == PYR_LANE_TORN) {
            sampler->counts.retries++;
            continue;
        }
        uint32_t stable = stable_frames(first, second);
        if (stable == first->count && stable == second->count) {
            sampler_accept(sampler, thread, true);
            return ISLAND_READ;
        }
        sampler->counts.retries++;
        if (last && stable > 0 && cut_tip(first, stable)) {
            sampler_accept(sampler, thread, false);
            return ISLAND_READ;
        }
    }
    return ISLAND_LOST;
}

enum island_result sampler_read_compared(struct pyr_sampler *sampler, uint32_t index)
{
    struct island *island = &sampler->islands[index];
    enum island_result result = ISLAND_READ;
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        thread->wanted = false;
    }
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        if (thread->island != index) {
            continue;
        }
        thread->wanted = true;
        enum island_result one = read_thread(sampler, island, thread);
        thread->wanted = false;
        if (one == ISLAND_LOST) {
            sampler->counts.lost++;
        } else if (one != ISLAND_READ) {
            return one;
        }
        island->words = sampler_words(sampler, island, 1);
    }
    return result;
}
