/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Unwind: from a copy of a thread's registers and stack to its frames of machine code.
 *
 * How much of a stack is used is known from the thread's first copy that could be unwound to the
 * end; that first one takes PYR_NATIVE_MAX_STACK bytes or what is mapped. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "remote/native_modules.h"
#include "remote/native_stop.h"
#include "remote/perf_map.h"
#include "remote/stack.h"

#define PYR_NATIVE_REGISTERS 17 /* in the order of DWARF: 0 to 15 and the program counter */

struct pyr_native_copied {
    uint32_t tid;
    Dwarf_Word registers[PYR_NATIVE_REGISTERS];
    uint64_t start; /* a little below the stack pointer when it was copied */
    uint8_t *bytes; /* owned; from there up */
    size_t size;
    size_t cap;
    uint64_t
        *entries; /* owned; where the calls of the interpreter's loop are, see native_merge.h */
    uint32_t entry_count;
    uint32_t entry_cap;
    bool placed;        /* entries say it, for all */
    uint64_t stack_end; /* address behind the outermost word that unwinding needs; 0: not known */
};

struct pyr_native_unwinder {
    const struct pyr_dw *dw;
    struct pyr_native_modules *modules; /* borrowed */
    struct pyr_perf_map *perf_map;      /* borrowed */
    struct pyr_memory *memory;          /* borrowed */
    const struct pyr_layout *layout;    /* borrowed */
    Elf *machine;                       /* says which processor it is */
    char header[sizeof(Elf64_Ehdr)];    /* what `machine` is made of */
    bool attached;
    struct pyr_native_copied *copies; /* owned; one per thread */
    uint32_t count;
    uint32_t cap;
    struct pyr_map by_tid; /* index + 1 */

    /* While frames are looked for. */
    struct pyr_native_copied *copy;
    struct pyr_raw_stack *stack;
    uint64_t highest; /* word that was read */
    uint32_t frames;
    bool unread;    /* a word was asked for that the copy has not */
    bool over;      /* enough, or no sense in going on */
    bool resumable; /* the copy's registers are now those of a trampoline's caller */
    bool failed;    /* out of memory */
};

PYR_MUST_USE bool pyr_native_unwinder_open(struct pyr_native_unwinder *unwinder,
                                           struct pyr_native_modules *modules,
                                           struct pyr_perf_map *perf_map, struct pyr_err *err);
void pyr_native_unwinder_close(struct pyr_native_unwinder *unwinder); /* zeroed is allowed */

/* As pyr_native_copy() and pyr_native_unwind(), except for the roles. */
PYR_MUST_USE bool pyr_native_unwinder_copy(struct pyr_native_unwinder *unwinder,
                                           const struct pyr_stopper *stopper, uint32_t tid,
                                           const struct pyr_raw_stack *python, struct pyr_err *err);
PYR_MUST_USE bool pyr_native_unwinder_run(struct pyr_native_unwinder *unwinder, uint32_t tid,
                                          struct pyr_raw_stack *machine, struct pyr_err *err);
