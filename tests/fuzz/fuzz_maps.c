/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Feeds the reader of /proc/PID/maps. */
#include <stdlib.h>

#include "remote/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pyr_maps maps;
    struct pyr_err err = {0};
    if (!pyr_maps_parse(&maps, (const char *)data, size, &err)) {
        return 0;
    }
    uint64_t end = 0;
    for (uint32_t i = 0; i < maps.count; i++) {
        const struct pyr_map_entry *entry = &maps.entries[i];
        bool ordered = entry->start >= end && entry->start < entry->end;
        if (!ordered || pyr_maps_find(&maps, entry->start) != entry ||
            pyr_maps_find(&maps, entry->end - 1) != entry) {
            abort();
        }
        end = entry->end;
    }
    pyr_maps_release(&maps);
    return 0;
}
