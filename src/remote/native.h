/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Native: stacks of machine code of a stopped thread, and their names, by elfutils (libdw).
 *
 * A thread is stopped with ptrace() for as long as it takes to copy its registers and the used part
 * of its stack; unwinding and naming are done afterwards on the copy. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/stack.h"
#include "remote/target.h"

struct pyr_native;

/* False where Pyrometer was built without libdw; `err` says so. */
bool pyr_native_available(struct pyr_err *err);
struct pyr_native *pyr_native_open(const struct pyr_target *target, struct pyr_err *err);
void pyr_native_close(struct pyr_native *native); /* NULL is allowed; lets go of all threads */

/* Stops all threads named; those that are gone are left out. pyr_native_resume() lets them run. */
PYR_MUST_USE bool pyr_native_stop(struct pyr_native *native, const uint32_t *tids, uint32_t count,
                                  struct pyr_err *err);
void pyr_native_resume(struct pyr_native *native);
/* While stopped: keeps registers and stack of `tid` for pyr_native_unwind(). */
PYR_MUST_USE bool pyr_native_copy(struct pyr_native *native, uint32_t tid, struct pyr_err *err);
/* The copy's frames, innermost first, appended as PYR_RAW_NATIVE: `code` is the program counter
 * (of callers: within the call). */
PYR_MUST_USE bool pyr_native_unwind(struct pyr_native *native, uint32_t tid,
                                    struct pyr_raw_stack *stack, struct pyr_err *err);

struct pyr_native_symbol {
    const char *name; /* demangled where it can be; "0x…" or "??" when not known; owned by native */
    const char *module; /* the file's last part */
    const char *file;   /* source; "" when not known */
    uint32_t line;
    bool is_eval;        /* the interpreter's loop: stands for Python frames */
    bool is_interpreter; /* within CPython itself */
};
/* Kept per program counter. */
const struct pyr_native_symbol *pyr_native_symbol(struct pyr_native *native, uint64_t pc);

/* One stack of both: each eval loop of `native` takes the Python frames up to and with the next
 * entry frame; the interpreter's own machinery in between is left out unless `whole`. Frames that
 * don't match leave the Python stack whole, below the native tip. */
PYR_MUST_USE bool pyr_native_merge(struct pyr_native *native, const struct pyr_raw_stack *python,
                                   const struct pyr_raw_stack *machine, bool whole,
                                   struct pyr_raw_stack *merged, struct pyr_err *err);
