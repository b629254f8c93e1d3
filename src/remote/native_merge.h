/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Merge: one stack of a thread's Python frames and its frames of machine code.
 *
 * Each call of the interpreter's loop runs Python frames: one up to 3.10; since 3.11 the frame that
 * the call was made for, which is_entry marks, and those that it called without leaving the loop.
 * So the loop's frames in the machine's stack and the entry frames in Python's are the same number,
 * and the n-th of one is the n-th of the other. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "remote/native_names.h"
#include "remote/stack.h"

enum pyr_native_match {
    PYR_NATIVE_MATCHED = 0,
    PYR_NATIVE_CUT,        /* one of the two ended early: what is further out is not interleaved */
    PYR_NATIVE_MISMATCHED, /* Python's stack is whole, below the machine frames further in */
};

/* Appends to `merged`. Frames of `machine` are PYR_RAW_NATIVE with their enum pyr_native_role in
 * `owner`; it is `truncated` if it may not reach the start of the thread. `whole`: the frames of
 * CPython's own machinery stay in. False when memory runs out or at PYR_STACK_MAX_DEPTH. */
PYR_MUST_USE bool pyr_native_merge_stacks(const struct pyr_raw_stack *python,
                                          const struct pyr_raw_stack *machine, bool whole,
                                          struct pyr_raw_stack *merged,
                                          enum pyr_native_match *match, struct pyr_err *err);
