/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* What the sampler's ways of reading have in common. */
#include <string.h>

#include "remote/fields.h"
#include "remote/sampler_state.h"

#define MAX_DECODES 4 /* of one thread in one reading, while it stands still */
/* A program can say that it has any number of threads, of any depth; of all threads together: */
#define MAX_HELD ((uint64_t)1 << 30) /* bytes of memory */
#define MAX_FURTHER (1u << 18)       /* frames that are read one by one, in a round */

void sampler_add_island(struct pyr_sampler *sampler, struct island *island, int end)
{
    const struct pyr_layout *layout = &sampler->target->layout;
    struct pyr_batch *batch = &sampler->batch;
    if (island->gil != 0) {
        pyr_batch_add(batch, island->gil, island->gil_bytes[end], pyr_gil_size(layout),
                      &island->gil_read[end]);
    } else {
        pyr_batch_add(batch, sampler->target->current_thread, island->gil_bytes[end],
                      sizeof(uint64_t), &island->gil_read[end]);
    }
    if (end != 0) {
        return;
    }
    pyr_batch_add(batch, island->interpreter + layout->interpreter_threads_head,
                  &island->list_head_now, sizeof(island->list_head_now), &island->list_head_read);
    if (layout->interpreter_code_generation != PYR_LAYOUT_NONE) {
        pyr_batch_add(batch, island->interpreter + layout->interpreter_code_generation,
                      &island->generation, sizeof(island->generation), &island->generation_read);
    }
    uint64_t gc = 0;
    if (layout->interpreter_gc_collecting != PYR_LAYOUT_NONE) {
        gc = island->interpreter + layout->interpreter_gc_collecting;
    } else if (layout->runtime_gc_collecting != PYR_LAYOUT_NONE) {
        gc = sampler->target->runtime + layout->runtime_gc_collecting;
    }
    island->gc = 0;
    if (gc != 0) {
        pyr_batch_add(batch, gc, &island->gc, sizeof(island->gc), &island->gc_read);
    }
}

struct pyr_gil_words sampler_words(const struct pyr_sampler *sampler, const struct island *island,
                                   int end)
{
    if (island->gil != 0) {
        return pyr_gil_decode(&sampler->target->layout, island->gil_bytes[end]);
    }
    uint64_t current = pyr_field_u64(island->gil_bytes[end], sizeof(uint64_t), 0);
    return (struct pyr_gil_words){.holder = current, .locked = current != 0};
}

void sampler_add_pieces(struct pyr_sampler *sampler, struct tracked *thread, int copy)
{
    struct pyr_lane *lane = &thread->lane;
    for (uint32_t i = 0; i < lane->piece_count; i++) {
        struct pyr_lane_piece *piece = &lane->pieces[i];
        pyr_batch_add(&sampler->batch, piece->address, lane->copies[copy] + piece->at, piece->size,
                      &piece->is_read[copy]);
    }
}

static uint64_t size_of(const struct tracked *thread)
{
    const struct pyr_lane *lane = &thread->lane;
    return (uint64_t)lane->copy_caps[0] + lane->copy_caps[1] +
           lane->chunk_cap * sizeof(*lane->chunks) + lane->loose_cap * sizeof(*lane->loose) +
           lane->piece_cap * sizeof(*lane->pieces) +
           ((uint64_t)thread->stacks[0].cap + thread->stacks[1].cap) *
               sizeof(*thread->stacks[0].frames);
}

/* Keeps the sum of what all threads take up. False when this one's would be too much, and was
 * forgotten. */
static bool weigh(struct pyr_sampler *sampler, struct tracked *thread)
{
    uint64_t size = size_of(thread);
    bool fits = sampler->held_bytes - thread->held_bytes + size <= MAX_HELD;
    if (!fits) {
        pyr_lane_forget(&thread->lane);
        pyr_raw_stack_release(&thread->stacks[0]);
        pyr_raw_stack_release(&thread->stacks[1]);
        thread->has_stack = false;
        size = 0;
    }
    sampler->held_bytes += size - thread->held_bytes;
    thread->held_bytes = size;
    return fits;
}

bool sampler_plan_lane(struct pyr_sampler *sampler, struct tracked *thread, int copies)
{
    struct pyr_err err = {0};
    bool ok = pyr_lane_plan(&thread->lane, &sampler->target->layout, copies, &err);
    (void)weigh(sampler, thread); /* then frames are read one by one, as many as may be */
    return ok;
}

bool sampler_add_lane(struct pyr_sampler *sampler, struct tracked *thread)
{
    const struct pyr_layout *layout = &sampler->target->layout;
    struct pyr_lane *lane = &thread->lane;
    if (!sampler_plan_lane(sampler, thread, 1)) {
        return false;
    }
    pyr_batch_add(&sampler->batch, lane->thread, lane->state, layout->thread_size,
                  &lane->state_read);
    sampler_add_pieces(sampler, thread, 0);
    return true;
}

enum pyr_lane_result sampler_decode_copy(struct pyr_sampler *sampler, struct tracked *thread,
                                         int copy, struct pyr_raw_stack *stack, bool *further)
{
    uint32_t depth = sampler->options.max_depth;
    if (sampler->further_ns != sampler->now_ns) {
        sampler->further_ns = sampler->now_ns;
        sampler->further_left = MAX_FURTHER;
    }
    uint32_t left = sampler->further_left < depth ? sampler->further_left : depth;
    struct pyr_lane_reading reading = {.memory = sampler->target->memory,
                                       .layout = &sampler->target->layout,
                                       .max_depth = depth,
                                       .copy = copy,
                                       .further_max = left};
    enum pyr_lane_result result = pyr_lane_decode(&thread->lane, &reading, stack);
    sampler->further_left -= left - reading.further_max;
    *further = *further || reading.further;
    return weigh(sampler, thread) ? result : PYR_LANE_FAILED;
}

enum pyr_lane_result sampler_decode(struct pyr_sampler *sampler, struct tracked *thread,
                                    bool *further)
{
    struct pyr_raw_stack *stack = &thread->stacks[!thread->now];
    enum pyr_lane_result result = PYR_LANE_FAILED;
    for (int i = 0; i < MAX_DECODES; i++) {
        result = sampler_decode_copy(sampler, thread, 0, stack, further);
        if (result != PYR_LANE_AGAIN) {
            break;
        }
        pyr_batch_clear(&sampler->batch);
        *further = true;
        if (!sampler_add_lane(sampler, thread) ||
            !pyr_batch_read(&sampler->batch, sampler->target->memory)) {
            return PYR_LANE_FAILED;
        }
    }
    return result;
}

/* The collector is no frame of Python's: it is where the thread is beyond its frames. */
static void add_collector(struct pyr_raw_stack *stack)
{
    const struct pyr_raw_frame gc = {.kind = PYR_RAW_GC, .offset = -1};
    if (pyr_raw_stack_push(stack, gc)) {
        memmove(stack->frames + 1, stack->frames, (stack->count - 1) * sizeof(gc));
        stack->frames[0] = gc;
    }
}

void sampler_accept(struct pyr_sampler *sampler, struct tracked *thread,
                    enum pyr_sample_quality quality)
{
    struct pyr_raw_stack *stack = &thread->stacks[!thread->now];
    const struct island *island = &sampler->islands[thread->island];
    if (sampler->options.gc && island->gc != 0 && island->words.locked &&
        island->words.holder == thread->lane.thread) {
        add_collector(stack);
    }
    thread->same_outermost = pyr_stack_same(stack, &thread->stacks[thread->now]);
    thread->now = !thread->now;
    thread->has_stack = quality == PYR_SAMPLE_EXACT;
    thread->sampled = true;
    thread->quality = quality;
    pyr_lane_settle(&thread->lane, &sampler->target->layout);
}

void sampler_accept_unchanged(struct tracked *thread)
{
    thread->same_outermost = thread->stacks[thread->now].count;
    thread->sampled = true;
    thread->quality = PYR_SAMPLE_EXACT;
}
