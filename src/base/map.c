/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

#define MIN_SLOTS 16
#define MAX_SLOTS ((uint32_t)1 << 31)

struct pyr_map_slot {
    uint64_t key;
    uint32_t value; /* 0: free */
};

/* The slot that has `key`, or the free one where it belongs. The address of the slots takes part
 * in the hash, so that a file can't be made whose keys all fall on the same place. */
static struct pyr_map_slot *find_slot(struct pyr_map_slot *slots, uint32_t mask, uint64_t key)
{
    uint64_t i = pyr_hash_u64(key ^ (uint64_t)(uintptr_t)slots);
    while (slots[i & mask].value != 0 && slots[i & mask].key != key) {
        i++;
    }
    return &slots[i & mask];
}

/* How many keys `slots` slots take: at most 0.7 of them, so that a search is short and ends. */
static uint64_t load_limit(uint64_t slots)
{
    return slots * 7 / 10;
}

void pyr_map_release(struct pyr_map *map)
{
    pyr_mem_free(map->slots);
    *map = (struct pyr_map){0};
}

void pyr_map_clear(struct pyr_map *map)
{
    if (map->slots != NULL) {
        memset(map->slots, 0, ((size_t)map->mask + 1) * sizeof *map->slots);
    }
    map->count = 0;
}

uint32_t pyr_map_get(const struct pyr_map *map, uint64_t key)
{
    return map->slots == NULL ? 0 : find_slot(map->slots, map->mask, key)->value;
}

static bool resize(struct pyr_map *map, uint32_t size, struct pyr_err *err)
{
    struct pyr_map_slot *slots = pyr_mem_zalloc(size, sizeof *slots);
    if (slots == NULL) {
        pyr_err_nomem(err);
        return false; /* said here, for a checker that does not see what the other file returns */
    }
    for (uint64_t i = 0; map->slots != NULL && i <= map->mask; i++) {
        struct pyr_map_slot old = map->slots[i];
        if (old.value != 0) {
            *find_slot(slots, size - 1, old.key) = old;
        }
    }
    pyr_mem_free(map->slots);
    map->slots = slots;
    map->mask = size - 1;
    return true;
}

bool pyr_map_reserve(struct pyr_map *map, uint32_t count, struct pyr_err *err)
{
    uint64_t old_size = map->slots == NULL ? 0 : (uint64_t)map->mask + 1;
    uint64_t size = old_size < MIN_SLOTS ? MIN_SLOTS : old_size;
    while (load_limit(size) < count && size < MAX_SLOTS) {
        size *= 2;
    }
    if (load_limit(size) < count) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "a table holds at most %llu keys",
                           (unsigned long long)load_limit(MAX_SLOTS));
    }
    return size == old_size ? true : resize(map, (uint32_t)size, err);
}

bool pyr_map_put(struct pyr_map *map, uint64_t key, uint32_t value, struct pyr_err *err)
{
    if (value == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE, "a map can't hold the value 0");
    }
    if (map->slots != NULL) {
        struct pyr_map_slot *slot = find_slot(map->slots, map->mask, key);
        if (slot->value != 0) {
            slot->value = value;
            return true;
        }
    }
    if (!pyr_map_reserve(map, map->count + 1, err)) {
        return false;
    }
    *find_slot(map->slots, map->mask, key) = (struct pyr_map_slot){key, value};
    map->count++;
    return true;
}
