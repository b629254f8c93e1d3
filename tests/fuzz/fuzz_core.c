/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Feeds the reader of core files, and looks for an interpreter in what it makes of them. */
#include "remote/core.h"
#include "remote/locate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int open_nothing(void *context, const struct pyr_map_entry *entry)
{
    (void)context;
    (void)entry;
    return -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pyr_core core;
    struct pyr_maps maps = {0};
    struct pyr_location location;
    struct pyr_err err = {0};
    if (!pyr_core_open_bytes(&core, data, size, &err)) {
        return 0;
    }
    struct pyr_memory *memory = pyr_memory_open_core(&core);
    if (memory != NULL && pyr_core_maps(&core, &maps, &err)) {
        const struct pyr_locate in = {memory, &maps, open_nothing, NULL};
        (void)!pyr_locate(&in, &location, &err);
    }
    pyr_maps_release(&maps);
    pyr_memory_close(memory);
    pyr_core_release(&core);
    return 0;
}
