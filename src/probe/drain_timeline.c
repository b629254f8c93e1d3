/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/drain.h"

#include "base/mem.h"
#include "probe/event.h"
#include "probe/ring.h"

/* Where a context is while the events are read, and since when. */
struct place {
    uint64_t since;
    uint32_t node; /* PYR_RING_NOTHING: nowhere */
};

static bool add_run(struct pyr_drain *drain, struct pyr_trace *trace, uint32_t context,
                    struct place place, uint64_t until, struct pyr_err *err)
{
    const struct pyr_drained_tree *tree = &drain->trees[context];
    if (place.node == PYR_RING_NOTHING || place.node >= tree->count ||
        tree->nodes[place.node].stack.i == 0) {
        return true;
    }
    double ns_per_tick = pyr_trace_ns_per_tick(trace);
    uint64_t first = trace->first_ticks;
    uint64_t start = place.since > first ? place.since : first;
    uint64_t start_ns = (uint64_t)((double)(start - first) * ns_per_tick);
    uint64_t end_ns = until > first ? (uint64_t)((double)(until - first) * ns_per_tick) : 0;
    const struct pyr_run run = {
        .start_ns = start_ns,
        .duration_ns = end_ns > start_ns ? end_ns - start_ns : 0,
        .thread = tree->nodes[place.node].thread,
        .stack = tree->nodes[place.node].stack,
    };
    return pyr_timeline_add(drain->profile->timeline, run, err);
}

bool pyr_drain_timeline(struct pyr_drain *drain, struct pyr_trace *trace, struct pyr_err *err)
{
    if (trace->ring == NULL || drain->has_timeline) {
        return true;
    }
    struct place *places = pyr_mem_zalloc(drain->trees_count + (size_t)1, sizeof *places);
    if (places == NULL) {
        return pyr_err_nomem(err);
    }
    bool ok = true;
    for (uint32_t i = 0; ok && i < drain->trees_count; i++) {
        places[i].node = PYR_RING_NOTHING;
    }
    uint32_t kept = pyr_ring_kept(trace->ring);
    for (uint32_t i = 0; ok && i < kept; i++) {
        const struct pyr_ring_event event = pyr_ring_get(trace->ring, i);
        if (event.context < drain->trees_count) {
            struct place *place = &places[event.context];
            ok = add_run(drain, trace, event.context, *place, event.ticks, err);
            *place = (struct place){.since = event.ticks, .node = event.node};
        }
    }
    uint64_t now = trace->running ? pyr_event_ticks() : 0;
    for (uint32_t i = 0; ok && trace->running && i < drain->trees_count; i++) {
        ok = add_run(drain, trace, i, places[i], now, err);
    }
    pyr_mem_free(places);
    ok = ok && pyr_meta_set_number(drain->profile->meta, PYR_META_LOST_RUNS,
                                   (int64_t)pyr_ring_lost(trace->ring), err);
    drain->has_timeline = ok;
    return ok;
}
