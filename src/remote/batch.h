/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Batch: ranges to be read in one call, some of which may no longer be there.
 *
 * A call of the kernel ends at the first range that is not mapped. Then what comes after it is read
 * in another, so that a guess that was wrong costs a call and nothing else. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/memory.h"

#define PYR_BATCH_MAX_FAILED 256u /* ranges; more in one batch, and the rest is not read */

struct pyr_batch {
    struct pyr_memory_range *ranges; /* owned */
    bool **read;                     /* owned; where to say of each whether it could be read */
    uint32_t count;
    uint32_t cap;
    uint32_t read_cap;
    bool failed; /* out of memory: some were not added */
};

void pyr_batch_release(struct pyr_batch *batch); /* zeroed is allowed */
void pyr_batch_clear(struct pyr_batch *batch);
/* `*read` becomes true when it has been read. Room is kept, so that this seldom allocates. */
void pyr_batch_add(struct pyr_batch *batch, uint64_t address, void *into, size_t size, bool *read);
/* Reads all in the order in which they were added. False when the process is gone or may not be
 * read any more, or when not all could be added. */
PYR_MUST_USE bool pyr_batch_read(struct pyr_batch *batch, struct pyr_memory *memory);
