/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Native: stacks of machine code, and their names, by elfutils (libdw).
 *
 * While a thread is held still (native_stop.h), its registers and the used part of its stack are
 * copied; unwinding and naming are done on the copy when it runs again. What is mapped where is
 * looked up anew when code turns up that was not there before. One of these serves one process, and
 * one program: after exec() open another. Threads: one.
 *
 * In order: pyr_stopper_stop(), the Python stacks, pyr_native_copy() of each thread,
 * pyr_stopper_resume(); then for each thread pyr_native_unwind() and pyr_native_merge(), and for
 * each PYR_RAW_NATIVE frame of the result pyr_native_symbol(), which says what the model's function
 * of kind PYR_FUNC_NATIVE is: name, module, file and first line, and the line that runs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/native_merge.h"
#include "remote/native_stop.h"
#include "remote/stack.h"
#include "remote/target.h"

#define PYR_NATIVE_MAX_STACK (1u << 20) /* bytes that are copied of a thread's stack */
#define PYR_NATIVE_MAX_FRAMES 65536     /* of machine code; beyond, a stack is cut */

struct pyr_native;

/* False where native stacks can't be had: libdw is not there, or this processor is not known to us;
 * `err` says which and what to do. */
PYR_MUST_USE bool pyr_native_available(struct pyr_err *err);
/* Borrows `target`, which must be a process. NULL with `err` set. */
struct pyr_native *pyr_native_open(const struct pyr_target *target, struct pyr_err *err);
void pyr_native_close(struct pyr_native *native); /* NULL is allowed */

/* Keeps registers and stack of a thread that `stopper` holds, until the next copy of it. `python`
 * is its Python stack at the same moment: where that touches the C stack is kept too. */
PYR_MUST_USE bool pyr_native_copy(struct pyr_native *native, const struct pyr_stopper *stopper,
                                  uint32_t tid, const struct pyr_raw_stack *python,
                                  struct pyr_err *err);
/* The copy's frames, innermost first, appended to `machine` as PYR_RAW_NATIVE: `code` is the
 * program counter (of callers: within the call), `owner` its enum pyr_native_role. `truncated` is
 * set when the unwinding ended before the thread's start: that is no failure. */
PYR_MUST_USE bool pyr_native_unwind(struct pyr_native *native, uint32_t tid,
                                    struct pyr_raw_stack *machine, struct pyr_err *err);
/* pyr_native_merge_stacks() for the thread that was unwound last; counts how the stacks matched. */
PYR_MUST_USE bool pyr_native_merge(struct pyr_native *native, const struct pyr_raw_stack *python,
                                   const struct pyr_raw_stack *machine, bool whole,
                                   struct pyr_raw_stack *merged, struct pyr_err *err);

struct pyr_native_symbol {
    const char *name;    /* as it was written where that can be known; "0x1a2b0" (the function's
                            place in its file) or "??" when not named; never empty */
    const char *module;  /* the last part of the file's path, "[vdso]"; "" when not known */
    const char *file;    /* of the source where the function begins; "" when not known */
    uint32_t first_line; /* of the function, as far as its code tells; 0 when not known */
    uint32_t line;       /* that runs, if in the same file; 0 when not known */
    enum pyr_native_role role;
};
/* What the code at `pc` is: kept per program counter. Texts live as long as `native`, the struct
 * until the next call. NULL when out of memory. */
const struct pyr_native_symbol *pyr_native_symbol(struct pyr_native *native, uint64_t pc);

struct pyr_native_counts {
    uint64_t stacks; /* merged */
    uint64_t cut;
    uint64_t mismatched;
    uint64_t frames; /* unwound */
};
const struct pyr_native_counts *pyr_native_counts(const struct pyr_native *native);
