/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/batch.h"

#include "base/mem.h"

void pyr_batch_release(struct pyr_batch *batch)
{
    pyr_mem_free(batch->ranges);
    pyr_mem_free((void *)batch->read);
    *batch = (struct pyr_batch){0};
}

void pyr_batch_clear(struct pyr_batch *batch)
{
    batch->count = 0;
    batch->failed = false;
}

void pyr_batch_add(struct pyr_batch *batch, uint64_t address, void *into, size_t size, bool *read)
{
    struct pyr_err err = {0};
    *read = false;
    if (size == 0) {
        *read = true;
        return;
    }
    if (batch->count == batch->cap || batch->count == batch->read_cap) {
        size_t needed = (size_t)batch->count + 1;
        if (!pyr_mem_grow(&batch->ranges, &batch->cap, needed, sizeof(*batch->ranges), &err) ||
            !pyr_mem_grow((void *)&batch->read, &batch->read_cap, needed, sizeof(*batch->read),
                          &err)) {
            batch->failed = true;
            return;
        }
    }
    batch->ranges[batch->count] = (struct pyr_memory_range){address, size, into};
    batch->read[batch->count++] = read;
}

bool pyr_batch_read(struct pyr_batch *batch, struct pyr_memory *memory)
{
    uint32_t failed = 0;
    uint32_t done = 0;
    while (done < batch->count && failed <= PYR_BATCH_MAX_FAILED) {
        uint32_t asked = batch->count - done;
        asked = asked > PYR_MEMORY_MAX_BATCH ? PYR_MEMORY_MAX_BATCH : asked;
        memory->reads++;
        uint32_t got = memory->source->read(memory, batch->ranges + done, asked);
        for (uint32_t i = done; i < done + got; i++) {
            *batch->read[i] = true;
            memory->bytes += batch->ranges[i].size;
        }
        done += got;
        if (got < asked) {
            if (memory->failure != PYR_MEMORY_NOT_MAPPED) {
                return false;
            }
            failed++;
            done++;
        }
    }
    return !batch->failed;
}
