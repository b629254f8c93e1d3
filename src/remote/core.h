/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Core files: what is left of a process that crashed, or that gcore copied: its memory, less what
 * can be had from the files it had mapped, its threads with their registers, and its name. Kernels
 * leave out what was mapped from files and never written to; such pages are read from those files,
 * if they are still the same by their build ids.
 * Threads: one owner. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/elf_file.h"
#include "remote/maps.h"
#include "remote/memory.h"

#define PYR_CORE_MAX_THREADS 65536
#define PYR_CORE_REGISTERS 27 /* of x86-64, in the order of struct user_regs_struct */

struct pyr_core_thread {
    uint32_t tid;
    uint64_t registers[PYR_CORE_REGISTERS];
};

/* A part of a file that was mapped. */
struct pyr_core_mapping {
    uint64_t start;
    uint64_t end;
    uint64_t offset; /* in the file */
    uint32_t file;   /* index into the files */
};

struct pyr_core_file {
    const char *path; /* as the process knew it; borrowed from the notes */
    int fd;           /* owned; -1: it can't be had, or is another one now */
    bool tried;
};

struct pyr_core {
    struct pyr_elf elf;
    uint32_t *segments; /* owned: the elf's that hold memory, in the order of addresses */
    uint32_t segment_count;
    uint8_t *notes; /* owned */
    size_t notes_size;
    struct pyr_core_mapping *mappings; /* owned; in the order of addresses */
    uint32_t mapping_count;
    struct pyr_core_file *files; /* owned */
    uint32_t file_count;
    struct pyr_core_thread *threads; /* owned; the one that crashed first */
    uint32_t thread_count;
    uint32_t pid;
    char command[81]; /* as started, cut */
    uint64_t program; /* an address in the executable; 0: not known */
};

/* `executable`: the file to use for the program that crashed; NULL: the one that the core names.
 * Fails if it is another program than that. */
PYR_MUST_USE bool pyr_core_open(struct pyr_core *core, const char *path, const char *executable,
                                struct pyr_err *err);
/* The same of bytes in memory, borrowed; no files are opened. */
PYR_MUST_USE bool pyr_core_open_bytes(struct pyr_core *core, const uint8_t *data, size_t size,
                                      struct pyr_err *err);
void pyr_core_release(struct pyr_core *core); /* what has been opened, also if that failed */
/* What was mapped where, as for a process. */
PYR_MUST_USE bool pyr_core_maps(const struct pyr_core *core, struct pyr_maps *maps,
                                struct pyr_err *err);
/* A descriptor of its own of the file behind `address`; -1 when there is none. */
int pyr_core_open_mapped(struct pyr_core *core, uint64_t address);
/* Copies memory of the process. */
PYR_MUST_USE bool pyr_core_read(struct pyr_core *core, uint64_t address, void *into, size_t size);
/* Its memory; borrows the core. NULL when out of memory. */
struct pyr_memory *pyr_memory_open_core(struct pyr_core *core);
