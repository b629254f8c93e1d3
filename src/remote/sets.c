/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/sets.h"

#define BLOCK 64u             /* slots that are read at once */
#define DUMMY_HASH UINT64_MAX /* of a slot whose item was taken out */

bool pyr_set_count(struct pyr_memory *memory, const struct pyr_layout *layout, uint64_t set,
                   uint64_t *count)
{
    return set != 0 && pyr_memory_read_u64(memory, set + layout->set_used, count);
}

bool pyr_set_each(struct pyr_memory *memory, const struct pyr_layout *layout, uint64_t set,
                  pyr_object_item *item, void *context)
{
    uint64_t table = 0;
    uint64_t mask = 0;
    if (set == 0 || !pyr_memory_read_u64(memory, set + layout->set_table, &table) ||
        !pyr_memory_read_u64(memory, set + layout->set_mask, &mask)) {
        return false;
    }
    for (uint64_t from = 0; from <= mask && from < PYR_SET_MAX_SLOTS; from += BLOCK) {
        uint64_t entries[BLOCK][2]; /* an item and its hash */
        const uint64_t left = mask - from + 1;
        const uint64_t now = left < BLOCK && left != 0 ? left : BLOCK;
        if (!pyr_memory_read(memory, table + from * sizeof(entries[0]), entries,
                             now * sizeof(entries[0]))) {
            return false;
        }
        for (uint64_t i = 0; i < now; i++) {
            if (entries[i][0] != 0 && entries[i][1] != DUMMY_HASH &&
                !item(context, entries[i][0], entries[i][1])) {
                return true;
            }
        }
    }
    return true;
}
