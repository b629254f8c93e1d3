/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Map: from a 64-bit key to a 32-bit value, by open addressing.
 *
 * Value 0 means "not there", so it can't be stored: ids in this project start at 1.
 * Start zeroed. Threads: one writer; readers only while nobody writes. */
#pragma once

#include <stdint.h>

#include "base/err.h"

struct pyr_map {
    struct pyr_map_slot *slots; /* owned */
    uint32_t mask;              /* slots - 1; 0 when there are none */
    uint32_t count;
};

void pyr_map_release(struct pyr_map *map);
void pyr_map_clear(struct pyr_map *map); /* keeps the room */
/* 0 when `key` is not there. */
uint32_t pyr_map_get(const struct pyr_map *map, uint64_t key);
/* Adds or replaces. On failure the map is as it was. */
PYR_MUST_USE bool pyr_map_put(struct pyr_map *map, uint64_t key, uint32_t value,
                              struct pyr_err *err);
/* Room for `count` keys, so that the next puts up to it can't fail. */
PYR_MUST_USE bool pyr_map_reserve(struct pyr_map *map, uint32_t count, struct pyr_err *err);
