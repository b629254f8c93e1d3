/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/memory.h"

void pyr_memory_close(struct pyr_memory *memory)
{
    if (memory != NULL) {
        memory->source->close(memory);
    }
}

bool pyr_memory_read_all(struct pyr_memory *memory, const struct pyr_memory_range *ranges,
                         uint32_t count)
{
    for (uint32_t done = 0; done < count;) {
        uint32_t batch = count - done;
        batch = batch > PYR_MEMORY_MAX_BATCH ? PYR_MEMORY_MAX_BATCH : batch;
        memory->reads++;
        for (uint32_t i = 0; i < batch; i++) {
            memory->bytes += ranges[done + i].size;
        }
        if (memory->source->read(memory, ranges + done, batch) < batch) {
            return false;
        }
        done += batch;
    }
    return true;
}

bool pyr_memory_read(struct pyr_memory *memory, uint64_t address, void *into, size_t size)
{
    struct pyr_memory_range range = {.address = address, .size = size, .into = into};
    return pyr_memory_read_all(memory, &range, 1);
}

bool pyr_memory_read_u64(struct pyr_memory *memory, uint64_t address, uint64_t *value)
{
    return pyr_memory_read(memory, address, value, sizeof(*value));
}

bool pyr_memory_read_u32(struct pyr_memory *memory, uint64_t address, uint32_t *value)
{
    return pyr_memory_read(memory, address, value, sizeof(*value));
}
