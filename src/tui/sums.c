/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/sums.h"

#include <string.h>

#include "base/mem.h"

uint32_t pyr_sums_key(const struct pyr_mirror_path *path, bool lines)
{
    return lines ? path->frame : path->func;
}

bool pyr_sums_lets(const struct pyr_sums_filter *filter, const struct pyr_mirror *mirror,
                   uint32_t thread, uint32_t state)
{
    if ((!filter->idle && (state & PYR_STATE_IDLE) != 0) ||
        (filter->gil && (state & PYR_STATE_GIL) == 0) ||
        (filter->thread != 0 && filter->thread != thread)) {
        return false;
    }
    if (filter->pid == 0) {
        return true;
    }
    return thread != 0 && thread <= pyr_threads_count(mirror->profile->threads) &&
           pyr_threads_get(mirror->profile->threads, (pyr_thread){thread}).pid == filter->pid;
}

static bool make_room(struct pyr_sums *sums, const struct pyr_mirror *mirror, bool lines,
                      struct pyr_err *err)
{
    const struct pyr_profile *profile = mirror->profile;
    sums->key_count =
        (lines ? pyr_frames_count(profile->frames) : pyr_functions_count(profile->functions)) + 1;
    sums->stack_count = mirror->path_count;
    sums->shape_count = mirror->shape_count;
    if (!pyr_mem_grow(&sums->keys, &sums->key_cap, sums->key_count, sizeof *sums->keys, err) ||
        !pyr_mem_grow(&sums->stacks, &sums->stack_cap, sums->stack_count, sizeof *sums->stacks,
                      err) ||
        !pyr_mem_grow(&sums->shapes, &sums->shape_cap, sums->shape_count, sizeof *sums->shapes,
                      err)) {
        sums->key_count = 0;
        sums->stack_count = 0;
        sums->shape_count = 0;
        return false;
    }
    memset(sums->keys, 0, sums->key_count * sizeof *sums->keys);
    memset(sums->stacks, 0, sums->stack_count * sizeof *sums->stacks);
    memset(sums->shapes, 0, sums->shape_count * sizeof *sums->shapes);
    return true;
}

/* Ids come with the samples, and are looked at before they are used. */
static bool is_known(const struct pyr_sums *sums, uint32_t stack)
{
    return stack < sums->stack_count;
}

static void add_recent(struct pyr_sums *sums, const struct pyr_mirror *mirror,
                       const struct pyr_store *store, const struct pyr_sums_filter *filter)
{
    for (uint32_t back = 0; back < store->recent_count; back++) {
        const struct pyr_recent *sample = pyr_store_recent(store, back);
        const uint64_t flame_ns = pyr_store_within(store, sample, PYR_SUMS_FLAME_NS);
        if (sample->time_ns + PYR_SUMS_FLAME_NS <= store->newest_ns) {
            break;
        }
        if (is_known(sums, sample->stack.i) &&
            pyr_sums_lets(filter, mirror, sample->thread.i, pyr_store_state(sample))) {
            sums->shapes[mirror->paths[sample->stack.i].shape] += flame_ns;
            sums->stacks[sample->stack.i].now += pyr_store_within(store, sample, PYR_SUMS_NOW_NS);
        }
    }
}

static void add_rows(struct pyr_sums *sums, const struct pyr_mirror *mirror,
                     const struct pyr_store *store, const struct pyr_sums_filter *filter)
{
    for (uint32_t i = 0; i < store->row_count; i++) {
        const struct pyr_store_row *row = &store->rows[i];
        if (is_known(sums, row->stack) && pyr_sums_lets(filter, mirror, row->thread, row->state)) {
            sums->stacks[row->stack].all += row->wall_ns;
        }
    }
}

/* Children come after their parents, so one pass from the end sums up what goes on from each. */
static void sum_up(struct pyr_sums *sums, const struct pyr_mirror *mirror, bool lines)
{
    for (uint32_t i = sums->stack_count; i-- > 1;) {
        struct pyr_sum_stack *stack = &sums->stacks[i];
        const struct pyr_mirror_path *path = &mirror->paths[i];
        struct pyr_sum *key = &sums->keys[pyr_sums_key(path, lines)];
        if (lines ? !path->again_frame : !path->again_func) {
            key->total_now += stack->now;
            key->total_all += stack->all;
        }
        sums->stacks[path->parent].now += stack->now;
        sums->stacks[path->parent].all += stack->all;
    }
    for (uint32_t i = sums->shape_count; i-- > 1;) {
        sums->shapes[mirror->shapes[i].parent] += sums->shapes[i];
    }
}

static void sum_own(struct pyr_sums *sums, const struct pyr_mirror *mirror, bool lines)
{
    for (uint32_t i = 1; i < sums->stack_count; i++) {
        struct pyr_sum *key = &sums->keys[pyr_sums_key(&mirror->paths[i], lines)];
        key->own_now += sums->stacks[i].now;
        key->own_all += sums->stacks[i].all;
    }
}

bool pyr_sums_build(struct pyr_sums *sums, const struct pyr_mirror *mirror,
                    const struct pyr_store *store, const struct pyr_sums_filter *filter,
                    struct pyr_err *err)
{
    if (mirror->path_count == 0) {
        sums->key_count = 0;
        sums->stack_count = 0;
        sums->shape_count = 0;
        return true;
    }
    if (!make_room(sums, mirror, filter->lines, err)) {
        return false;
    }
    sums->now_span_ns = pyr_store_span(store, PYR_SUMS_NOW_NS);
    sums->flame_span_ns = pyr_store_span(store, PYR_SUMS_FLAME_NS);
    sums->all_span_ns = pyr_store_elapsed(store);
    add_recent(sums, mirror, store, filter);
    add_rows(sums, mirror, store, filter);
    sum_own(sums, mirror, filter->lines);
    sum_up(sums, mirror, filter->lines);
    return true;
}

void pyr_sums_release(struct pyr_sums *sums)
{
    pyr_mem_free(sums->keys);
    pyr_mem_free(sums->stacks);
    pyr_mem_free(sums->shapes);
    *sums = (struct pyr_sums){0};
}
