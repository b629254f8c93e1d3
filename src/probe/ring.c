/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/ring.h"

#include "base/mem.h"

struct pyr_ring *pyr_ring_new(uint32_t size)
{
    struct pyr_ring *ring = pyr_mem_zalloc(1, sizeof *ring);
    if (ring == NULL) {
        return NULL;
    }
    ring->size = size > 0 ? size : 1;
    ring->events = pyr_mem_zalloc(ring->size, sizeof *ring->events);
    if (ring->events == NULL) {
        pyr_mem_free(ring);
        return NULL;
    }
    return ring;
}

void pyr_ring_free(struct pyr_ring *ring)
{
    if (ring != NULL) {
        pyr_mem_free(ring->events);
        pyr_mem_free(ring);
    }
}

void pyr_ring_clear(struct pyr_ring *ring)
{
    pyr_counter_set(&ring->count, 0);
}

uint32_t pyr_ring_kept(const struct pyr_ring *ring)
{
    return ring->count < ring->size ? (uint32_t)ring->count : ring->size;
}

struct pyr_ring_event pyr_ring_get(const struct pyr_ring *ring, uint32_t index)
{
    uint64_t first = ring->count - pyr_ring_kept(ring);
    return ring->events[(first + index) % ring->size];
}

uint64_t pyr_ring_lost(const struct pyr_ring *ring)
{
    uint64_t count = pyr_counter_read(&ring->count);
    return count > ring->size ? count - ring->size : 0;
}
