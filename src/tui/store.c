/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/store.h"

#include <string.h>

#include "base/mem.h"

#define FIRST_RECENT 1024u

uint32_t pyr_store_state(const struct pyr_recent *sample)
{
    return (sample->idle ? PYR_STATE_IDLE : 0u) | (sample->holds_gil ? PYR_STATE_GIL : 0u);
}

const struct pyr_recent *pyr_store_recent(const struct pyr_store *store, uint32_t back)
{
    const uint32_t at = store->recent_first + store->recent_count - 1 - back;
    return &store->recent[at & (store->recent_cap - 1)];
}

/* Doubles the ring, which starts at its beginning then. */
static bool grow_recent(struct pyr_store *store, struct pyr_err *err)
{
    const uint32_t cap = store->recent_cap == 0 ? FIRST_RECENT : store->recent_cap * 2;
    struct pyr_recent *ring = pyr_mem_zalloc(cap, sizeof *ring);
    if (ring == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t i = 0; i < store->recent_count; i++) {
        ring[i] = store->recent[(store->recent_first + i) & (store->recent_cap - 1)];
    }
    pyr_mem_free(store->recent);
    store->recent = ring;
    store->recent_cap = cap;
    store->recent_first = 0;
    return true;
}

static void forget_oldest(struct pyr_store *store)
{
    store->recent_first = (store->recent_first + 1) & (store->recent_cap - 1);
    store->recent_count--;
}

static bool keep_recent(struct pyr_store *store, const struct pyr_recent *sample,
                        struct pyr_err *err)
{
    while (store->recent_count > 0 &&
           pyr_store_recent(store, store->recent_count - 1)->time_ns + PYR_STORE_KEEP_NS <
               sample->time_ns) {
        forget_oldest(store);
    }
    if (store->recent_count == store->recent_cap) {
        if (store->recent_cap < PYR_STORE_MAX_RECENT) {
            if (!grow_recent(store, err)) {
                return false;
            }
        } else {
            forget_oldest(store);
        }
    }
    store->recent_count++;
    const uint32_t at = (store->recent_first + store->recent_count - 1) & (store->recent_cap - 1);
    store->recent[at] = *sample;
    return true;
}

static bool add_to_row(struct pyr_store *store, const struct pyr_recent *sample,
                       struct pyr_err *err)
{
    const uint32_t state = pyr_store_state(sample);
    const uint64_t key =
        (uint64_t)sample->stack.i << 32 | (uint32_t)(sample->thread.i << PYR_STATE_BITS) | state;
    uint32_t at = pyr_map_get(&store->row_of, key);
    if (at == 0) {
        if (store->row_count == PYR_STORE_MAX_ROWS) {
            store->dropped++;
            return true;
        }
        if (!pyr_mem_grow(&store->rows, &store->row_cap, store->row_count + (size_t)1,
                          sizeof *store->rows, err) ||
            !pyr_map_put(&store->row_of, key, store->row_count + 1, err)) {
            return false;
        }
        at = ++store->row_count;
        store->rows[at - 1] = (struct pyr_store_row){
            .stack = sample->stack.i, .thread = sample->thread.i, .state = state};
    }
    store->rows[at - 1].samples++;
    store->rows[at - 1].wall_ns += sample->wall_ns;
    return true;
}

static bool add_to_thread(struct pyr_store *store, const struct pyr_recent *sample,
                          struct pyr_err *err)
{
    const uint32_t id = sample->thread.i;
    if (!pyr_mem_grow(&store->threads, &store->thread_cap, id + (size_t)1, sizeof *store->threads,
                      err)) {
        return false;
    }
    store->thread_count = id >= store->thread_count ? id + 1 : store->thread_count;
    struct pyr_store_thread *thread = &store->threads[id];
    thread->samples++;
    *(sample->idle ? &thread->idle_ns : &thread->active_ns) += sample->wall_ns;
    thread->gil_ns += sample->holds_gil ? sample->wall_ns : 0;
    thread->collecting_ns += sample->collecting ? sample->wall_ns : 0;
    thread->cpu_ns += sample->cpu_ns;
    thread->last = *sample;
    return true;
}

bool pyr_store_add(struct pyr_store *store, const struct pyr_recent *samples, uint32_t count,
                   struct pyr_err *err)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct pyr_recent *sample = &samples[i];
        if (store->start_ns == 0) {
            store->start_ns =
                sample->time_ns - (sample->wall_ns < sample->time_ns ? sample->wall_ns : 0);
        }
        if (!keep_recent(store, sample, err) || !add_to_row(store, sample, err) ||
            !add_to_thread(store, sample, err)) {
            return false;
        }
        store->newest_ns = sample->time_ns > store->newest_ns ? sample->time_ns : store->newest_ns;
        store->samples++;
        store->torn += sample->torn ? 1 : 0;
    }
    return true;
}

void pyr_store_clear(struct pyr_store *store)
{
    pyr_map_clear(&store->row_of);
    store->row_count = 0;
    for (uint32_t i = 0; i < store->thread_count; i++) {
        const struct pyr_recent last = store->threads[i].last;
        store->threads[i] = (struct pyr_store_thread){.last = last};
    }
    store->start_ns = store->newest_ns;
    store->samples = 0;
    store->torn = 0;
    store->dropped = 0;
}

bool pyr_store_copy(struct pyr_store *copy, const struct pyr_store *store, struct pyr_err *err)
{
    struct pyr_store made = *store;
    pyr_store_release(copy);
    made.row_of = (struct pyr_map){0}; /* only adding needs it */
    made.recent = pyr_mem_zalloc(store->recent_cap + (size_t)1, sizeof *made.recent);
    made.rows = pyr_mem_zalloc(store->row_count + (size_t)1, sizeof *made.rows);
    made.threads = pyr_mem_zalloc(store->thread_count + (size_t)1, sizeof *made.threads);
    if (made.recent == NULL || made.rows == NULL || made.threads == NULL) {
        pyr_store_release(&made);
        return pyr_err_nomem(err);
    }
    if (store->recent_cap > 0) {
        memcpy(made.recent, store->recent, store->recent_cap * sizeof *made.recent);
    }
    if (store->row_count > 0) {
        memcpy(made.rows, store->rows, store->row_count * sizeof *made.rows);
    }
    if (store->thread_count > 0) {
        memcpy(made.threads, store->threads, store->thread_count * sizeof *made.threads);
    }
    *copy = made;
    return true;
}

void pyr_store_release(struct pyr_store *store)
{
    pyr_mem_free(store->recent);
    pyr_mem_free(store->rows);
    pyr_mem_free(store->threads);
    pyr_map_release(&store->row_of);
    *store = (struct pyr_store){0};
}

uint64_t pyr_store_span(const struct pyr_store *store, uint64_t wanted_ns)
{
    if (store->recent_count == 0) {
        return 0;
    }
    const struct pyr_recent *oldest = pyr_store_recent(store, store->recent_count - 1);
    const uint64_t start =
        oldest->time_ns - (oldest->wall_ns < oldest->time_ns ? oldest->wall_ns : 0);
    const uint64_t held = store->newest_ns - start;
    return held < wanted_ns ? held : wanted_ns;
}

uint64_t pyr_store_within(const struct pyr_store *store, const struct pyr_recent *sample,
                          uint64_t window_ns)
{
    const uint64_t age_ns =
        store->newest_ns > sample->time_ns ? store->newest_ns - sample->time_ns : 0;
    const uint64_t left_ns = age_ns < window_ns ? window_ns - age_ns : 0;
    return sample->wall_ns < left_ns ? sample->wall_ns : left_ns;
}

uint64_t pyr_store_elapsed(const struct pyr_store *store)
{
    return store->newest_ns - store->start_ns;
}
