/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Ring: the last events of a trace, for its timeline: 16 bytes each. What falls out is counted.
 * Guarded by the GIL; what is lost anyone may ask. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/atomic.h"
#include "base/err.h"

#define PYR_RING_DEFAULT 1000000u
/* As a node: the context has been left, nothing of it runs. */
#define PYR_RING_NOTHING UINT32_MAX

/* From `ticks` on the context with the number is in its node with the index. */
struct pyr_ring_event {
    uint64_t ticks;
    uint32_t context;
    uint32_t node;
};

struct pyr_ring {
    struct pyr_ring_event *events; /* owned */
    uint32_t size;
    uint64_t count; /* all there have been */
};

struct pyr_ring *pyr_ring_new(uint32_t size); /* NULL when out of memory */
void pyr_ring_free(struct pyr_ring *ring);    /* NULL is allowed */
void pyr_ring_clear(struct pyr_ring *ring);

static inline void pyr_ring_add(struct pyr_ring *ring, uint64_t ticks, uint32_t context,
                                uint32_t node)
{
    ring->events[ring->count % ring->size] = (struct pyr_ring_event){ticks, context, node};
    pyr_counter_add(&ring->count, 1);
}

/* Events there are still, and the one at `index` of them, oldest first. */
uint32_t pyr_ring_kept(const struct pyr_ring *ring);
struct pyr_ring_event pyr_ring_get(const struct pyr_ring *ring, uint32_t index);
uint64_t pyr_ring_lost(const struct pyr_ring *ring);
