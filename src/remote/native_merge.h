/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Merge: one stack of a thread's Python frames and its frames of machine code.
 *
 * Each call of the interpreter's loop runs Python frames: one up to 3.10; since 3.11 the frame that
 * the call was made for, which is_entry marks, and those that it called without leaving the loop.
 *
 * Where a call of the loop is in the machine's stack can be known in two ways. From 3.12 on, each
 * puts a frame of its own on the C stack, which the entry frame points back to: the machine frame
 * that holds this address is the call, whatever it is named (with tail calls, or in a program
 * without symbols, nothing is named as the loop is). Otherwise the loop is known by its name; the
 * loop's frames and the entry frames are the same number, and the n-th of one is the n-th of the
 * other. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/native_names.h"
#include "remote/stack.h"

enum pyr_native_match {
    PYR_NATIVE_MATCHED = 0,
    PYR_NATIVE_CUT,        /* one of the two ended early: what is further out is not interleaved */
    PYR_NATIVE_MISMATCHED, /* Python's stack is whole, below the machine frames further in */
};

struct pyr_native_stacks {
    const struct pyr_raw_stack *python;
    /* PYR_RAW_NATIVE frames with their enum pyr_native_role in `owner` and the stack pointer in
     * `address`; `truncated` if it may not reach the start of the thread. */
    const struct pyr_raw_stack *machine;
    const uint64_t
        *entries; /* for each entry frame where on the C stack its call is; may be NULL */
    uint32_t entry_count;
    bool whole; /* the frames of CPython's own machinery stay in */
};

/* Appends to `merged`. False when memory runs out or at PYR_STACK_MAX_DEPTH. */
PYR_MUST_USE bool pyr_native_merge_stacks(const struct pyr_native_stacks *stacks,
                                          struct pyr_raw_stack *merged,
                                          enum pyr_native_match *match, struct pyr_err *err);
