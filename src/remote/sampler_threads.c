/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The sampler's list of threads. Listing takes a read for each, so it is done when the list has
 * changed, which every round can see from the thread states that it reads anyway. */
#include <string.h>

#include "base/mem.h"
#include "remote/fields.h"
#include "remote/sampler_state.h"

#define FIRST_TO_TELL_SWAPS 12 /* since then who changes the interpreter takes the GIL anew */
#define MAX_STRANGERS 64       /* threads that are new, at the head of the list */

static void release_tracked(struct tracked *thread)
{
    pyr_lane_release(&thread->lane);
    pyr_pulse_release(&thread->pulse);
    pyr_raw_stack_release(&thread->stacks[0]);
    pyr_raw_stack_release(&thread->stacks[1]);
}

void sampler_forget_threads(struct pyr_sampler *sampler)
{
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        release_tracked(&sampler->tracked[i]);
    }
    pyr_mem_free(sampler->tracked);
    sampler->tracked = NULL;
    sampler->tracked_count = 0;
    sampler->held_bytes = 0;
    pyr_map_clear(&sampler->by_address);
    pyr_remote_threads_release(&sampler->threads);
}

uint32_t sampler_find(const struct pyr_sampler *sampler, uint64_t address)
{
    uint32_t found = pyr_map_get(&sampler->by_address, address);
    return found == 0 ? NO_THREAD : found - 1;
}

static uint64_t gil_address(const struct pyr_sampler *sampler, uint64_t interpreter)
{
    const struct pyr_layout *layout = &sampler->target->layout;
    uint64_t gil = 0;
    if (pyr_gil_size(layout) == 0) {
        return 0;
    }
    if (layout->runtime_gil != PYR_LAYOUT_NONE) {
        return sampler->target->runtime + layout->runtime_gil;
    }
    if (layout->interpreter_gil == PYR_LAYOUT_NONE ||
        !pyr_memory_read_u64(sampler->target->memory, interpreter + layout->interpreter_gil,
                             &gil)) {
        return 0;
    }
    return gil;
}

/* The island of an interpreter, made if there is none. */
static uint32_t island_of(struct pyr_sampler *sampler, uint64_t interpreter, struct pyr_err *err)
{
    for (uint32_t i = 0; i < sampler->island_count; i++) {
        if (sampler->islands[i].interpreter == interpreter) {
            return i;
        }
    }
    uint64_t gil = gil_address(sampler, interpreter);
    for (uint32_t i = 0; i < sampler->island_count; i++) {
        if (sampler->islands[i].gil == gil) {
            sampler->islands[i].swaps =
                pyr_layout_minor(&sampler->target->layout) < FIRST_TO_TELL_SWAPS;
            return i;
        }
    }
    if (!pyr_mem_grow(&sampler->islands, &sampler->island_cap, (size_t)sampler->island_count + 1,
                      sizeof(*sampler->islands), err)) {
        return NO_THREAD;
    }
    struct island *island = &sampler->islands[sampler->island_count];
    memset(island, 0, sizeof(*island));
    island->gil = gil;
    island->interpreter = interpreter;
    return sampler->island_count++;
}

static bool is_same_thread(const struct pyr_remote_thread *a, const struct pyr_remote_thread *b)
{
    return a->address == b->address && a->unique_id == b->unique_id && a->ident == b->ident &&
           a->interpreter == b->interpreter;
}

/* Takes over what was known of the thread, or begins it. */
static bool begin_thread(struct pyr_sampler *sampler, const struct pyr_remote_threads *old,
                         struct tracked *was, uint32_t at, struct tracked *thread,
                         struct pyr_err *err)
{
    const struct pyr_remote_thread *item = &sampler->threads.items[at];
    for (uint32_t i = 0; i < old->count; i++) {
        /* Mostly nothing moved, or all by as many places as threads have ended. */
        uint32_t j = (at + i) % old->count;
        if (was[j].lane.state != NULL && is_same_thread(&old->items[j], item)) {
            *thread = was[j];
            memset(&was[j], 0, sizeof(was[j]));
            pyr_pulse_init(&was[j].pulse, 0, 0); /* a descriptor of 0 would be one to close */
            if (thread->pulse.tid != item->tid) {
                pyr_pulse_release(&thread->pulse);
                pyr_pulse_init(&thread->pulse, sampler->target->pid, item->tid);
            }
            return true;
        }
    }
    pyr_pulse_init(&thread->pulse, sampler->target->pid, item->tid);
    return pyr_lane_init(&thread->lane, item->address, &sampler->target->layout, err);
}

/* Up to 3.12 a sub-interpreter that another thread runs than made it has the latter's number. */
static bool find_shared(struct pyr_sampler *sampler, struct pyr_err *err)
{
    struct pyr_map by_ident = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < sampler->tracked_count; i++) {
        uint64_t ident = sampler->threads.items[i].ident;
        uint32_t other = pyr_map_get(&by_ident, ident);
        sampler->tracked[i].is_shared = other != 0;
        if (other != 0) {
            sampler->tracked[other - 1].is_shared = true;
        } else if (ident != 0) {
            ok = pyr_map_put(&by_ident, ident, i + 1, err);
        }
    }
    pyr_map_release(&by_ident);
    return ok;
}

static bool take_over(struct pyr_sampler *sampler, struct pyr_remote_threads *old,
                      struct pyr_err *err)
{
    struct tracked *was = sampler->tracked;
    uint32_t was_count = sampler->tracked_count;
    uint32_t count = sampler->threads.count;
    struct tracked *now = pyr_mem_zalloc(count, sizeof(*now));
    bool ok = true;
    uint32_t made = 0;
    if (now == NULL) {
        count = 0;
        ok = pyr_err_nomem(err);
    }
    sampler->island_count = 0;
    pyr_map_clear(&sampler->by_address);
    while (ok && made < count) {
        ok = begin_thread(sampler, old, was, made, &now[made], err);
        if (ok) {
            now[made].has_stack = false;
            now[made].island = island_of(sampler, sampler->threads.items[made].interpreter, err);
            ok = now[made].island != NO_THREAD &&
                 pyr_map_put(&sampler->by_address, sampler->threads.items[made].address, made + 1,
                             err);
            made++;
        }
    }
    for (uint32_t i = 0; i < was_count; i++) {
        sampler->held_bytes -= was[i].held_bytes;
        release_tracked(&was[i]); /* the threads that have ended; others are zeroed */
    }
    pyr_mem_free(was);
    sampler->tracked = now;
    sampler->tracked_count = made;
    return ok && find_shared(sampler, err);
}

/* Reads each thread's link to the next, and proves that they make up the lists as they are now. */
static bool link_threads(struct pyr_sampler *sampler)
{
    const struct pyr_layout *layout = &sampler->target->layout;
    struct pyr_batch *batch = &sampler->batch;
    uint32_t linked = 0;
    pyr_batch_clear(batch);
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        pyr_batch_add(batch, thread->lane.thread + layout->thread_next, &thread->next,
                      sizeof(thread->next), &thread->wanted);
    }
    for (uint32_t i = 0; i < sampler->island_count; i++) {
        struct island *island = &sampler->islands[i];
        pyr_batch_add(batch, island->interpreter + layout->interpreter_threads_head,
                      &island->list_head, sizeof(island->list_head), &island->list_head_read);
    }
    if (!pyr_batch_read(batch, sampler->target->memory)) {
        return false;
    }
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        const struct tracked *thread = &sampler->tracked[i];
        bool ends = thread->next == 0;
        linked += thread->wanted && (ends || sampler_find(sampler, thread->next) != NO_THREAD);
    }
    for (uint32_t i = 0; i < sampler->island_count; i++) {
        /* New threads are put at the head, which would not look changed from now on. */
        if (sampler_find(sampler, sampler->islands[i].list_head) == NO_THREAD) {
            return false;
        }
    }
    return linked == sampler->tracked_count;
}

bool sampler_list(struct pyr_sampler *sampler, struct pyr_err *err)
{
    struct pyr_remote_threads old = {0};
    uint32_t count = sampler->threads.count;
    /* The listing wants the old one, to know numbers from, and so do we. */
    if (count > 0) {
        old.items = pyr_mem_alloc(count * sizeof(*old.items));
        if (old.items == NULL) {
            return pyr_err_nomem(err);
        }
        memcpy(old.items, sampler->threads.items, count * sizeof(*old.items));
        old.count = count;
    }
    sampler->outdated = false;
    bool ok = pyr_remote_threads_list(sampler->target, &sampler->threads, err);
    if (!ok) {
        sampler_forget_threads(sampler);
    } else {
        ok = take_over(sampler, &old, err);
    }
    pyr_remote_threads_release(&old);
    if (!ok) {
        return false;
    }
    if (sampler->threads.torn || !link_threads(sampler)) {
        sampler->outdated = true; /* a thread that is not in it would not be seen */
        sampler->counts.threads_missed++;
    }
    return true;
}

/* Is it the thread that was listed, and not another whose state is where that one's was? That would
 * look like the same holder of the GIL, but run elsewhere; and up to 3.11 a thread that has not
 * begun goes by the number of the one that made it. */
static bool is_itself(const struct pyr_sampler *sampler, const struct tracked *thread)
{
    const struct pyr_layout *layout = &sampler->target->layout;
    const uint8_t *state = thread->lane.state;
    const struct pyr_remote_thread *item =
        &sampler->threads.items[(size_t)(thread - sampler->tracked)];
    return pyr_field_u64(state, layout->thread_size, layout->thread_interpreter) ==
               item->interpreter &&
           pyr_field_u64(state, layout->thread_size, layout->thread_id) == item->ident &&
           (layout->thread_unique_id == PYR_LAYOUT_NONE ||
            pyr_field_u64(state, layout->thread_size, layout->thread_unique_id) == item->unique_id);
}

bool sampler_state_holds(const struct pyr_sampler *sampler, const struct tracked *thread)
{
    const struct pyr_layout *layout = &sampler->target->layout;
    return thread->lane.state_read && is_itself(sampler, thread) &&
           pyr_field_u64(thread->lane.state, layout->thread_size, layout->thread_next) ==
               thread->next;
}

bool sampler_list_holds(struct pyr_sampler *sampler, uint32_t island)
{
    const struct island *of = &sampler->islands[island];
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        const struct tracked *thread = &sampler->tracked[i];
        if (thread->island == island && thread->wanted && !sampler_state_holds(sampler, thread)) {
            return false;
        }
    }
    return of->list_head_read && of->list_head_now == of->list_head;
}

/* The first thread of the list that is known; the new ones are before it. */
static uint64_t skip_strangers(const struct pyr_sampler *sampler, uint64_t address)
{
    const struct pyr_layout *layout = &sampler->target->layout;
    for (int i = 0; address != 0 && sampler_find(sampler, address) == NO_THREAD; i++) {
        if (i == MAX_STRANGERS || !pyr_memory_read_u64(sampler->target->memory,
                                                       address + layout->thread_next, &address)) {
            return 0;
        }
    }
    return address;
}

void sampler_keep_members(struct pyr_sampler *sampler, uint32_t index)
{
    const struct pyr_layout *layout = &sampler->target->layout;
    const struct island *island = &sampler->islands[index];
    uint64_t address = island->list_head_read ? island->list_head_now : 0;
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        bool listed_here = sampler->threads.items[i].interpreter == island->interpreter;
        thread->is_member = thread->island == index && !listed_here; /* as far as is known */
    }
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        address = skip_strangers(sampler, address);
        uint32_t at = sampler_find(sampler, address);
        if (at == NO_THREAD || sampler->tracked[at].is_member) {
            break;
        }
        sampler->tracked[at].is_member = true;
        if (!pyr_memory_read_u64(sampler->target->memory, address + layout->thread_next,
                                 &address)) {
            break;
        }
    }
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        bool other = thread->wanted && thread->lane.state_read && !is_itself(sampler, thread);
        if (thread->island == index && (!thread->is_member || other)) {
            thread->wanted = thread->has_stack = false;
        }
    }
    sampler->outdated = true;
    sampler->counts.threads_missed++;
}
