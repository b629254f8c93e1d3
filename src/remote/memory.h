/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Memory: where an interpreter's bytes come from. One small interface, so that the same reader
 * works on another process, on a core file, on this process, and on bytes that a fuzzer made up.
 *
 * All that is read is hostile: an address may be anything, and what stands there may change between
 * two reads. Addresses are the target's. A read does not allocate, and never faults or blocks.
 * Threads: a memory belongs to one thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The kernel takes so many in one call; more are read in several. */
#define PYR_MEMORY_MAX_BATCH 1024

struct pyr_memory_range {
    uint64_t address;
    size_t size;
    void *into; /* borrowed; `size` bytes */
};

/* Why the last read failed. */
enum pyr_memory_failure {
    PYR_MEMORY_FINE = 0,
    PYR_MEMORY_NOT_MAPPED, /* nothing readable at that address */
    PYR_MEMORY_GONE,       /* the process has ended */
    PYR_MEMORY_DENIED,     /* we may not read it (any more: it gained rights) */
};

struct pyr_memory;

/* What kinds of memory have to do. */
struct pyr_memory_source {
    /* Reads the ranges in the order given, earlier ones before later ones. Gives the number that
     * were read whole, up to the first that could not be. */
    uint32_t (*read)(struct pyr_memory *memory, const struct pyr_memory_range *ranges,
                     uint32_t count);
    void (*close)(struct pyr_memory *memory); /* frees it */
};

/* The head of every kind's own struct. */
struct pyr_memory {
    const struct pyr_memory_source *source;
    enum pyr_memory_failure failure; /* of the last read that failed */
    uint64_t reads;                  /* calls of source->read */
    uint64_t bytes;                  /* asked for */
};

void pyr_memory_close(struct pyr_memory *memory); /* NULL is allowed */

/* Reads all ranges, in one call of the kernel up to PYR_MEMORY_MAX_BATCH. False when any of them
 * could not be read; then what stands in the others is undefined. */
PYR_MUST_USE bool pyr_memory_read_all(struct pyr_memory *memory,
                                      const struct pyr_memory_range *ranges, uint32_t count);
PYR_MUST_USE bool pyr_memory_read(struct pyr_memory *memory, uint64_t address, void *into,
                                  size_t size);
PYR_MUST_USE bool pyr_memory_read_u64(struct pyr_memory *memory, uint64_t address, uint64_t *value);
PYR_MUST_USE bool pyr_memory_read_u32(struct pyr_memory *memory, uint64_t address, uint32_t *value);

/* Another process, by process_vm_readv(2), or /proc/PID/mem where that is not allowed or not there.
 * Proves with `probe_address` (0: none) that it can be read. NULL with `err` set, which says who
 * may do it and how to become that. */
struct pyr_memory *pyr_memory_open_process(uint32_t pid, uint64_t probe_address,
                                           struct pyr_err *err);

/* A part of a made-up memory: `size` bytes at `address`, borrowed. */
struct pyr_memory_image {
    uint64_t address;
    const void *data;
    size_t size;
};
/* For tests and fuzzing: only what `images` hold is mapped. NULL when out of memory. */
struct pyr_memory *pyr_memory_open_images(const struct pyr_memory_image *images, uint32_t count);
