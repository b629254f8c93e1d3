/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Walk: from a thread state to its frames, one frame at a time, through any memory.
 *
 * The simple walker: each frame is a read, so it is for memory that stands still (a core file, a
 * stopped or frozen process), for a look now and then, and the measure that faster plans are tested
 * against. It never trusts what it reads: cycles, wild pointers and absurd lengths end the walk. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/layout.h"
#include "remote/memory.h"
#include "remote/stack.h"

enum pyr_walk_result {
    PYR_WALK_OK = 0,
    PYR_WALK_EMPTY,  /* no Python frame: the thread is in C, not yet or no longer in Python */
    PYR_WALK_TORN,   /* a frame was no frame; the stack holds what was good up to there */
    PYR_WALK_FAILED, /* the thread state itself could not be read */
};

/* What one frame says; shared with the batched readers, which have its bytes already. False when
 * the bytes (layout->frame_size of them) can't be a frame. `*frame` gets all but a shim's kind;
 * `*shim`: it is the interpreter's own and not to be shown, but its caller's callee is an entry. */
PYR_MUST_USE bool pyr_walk_decode(const struct pyr_layout *layout, const uint8_t *bytes,
                                  uint64_t address, struct pyr_raw_frame *frame, uint64_t *back,
                                  bool *shim);

/* Does a chain that has come to its end, so that `stack` holds all of it, end where chains do? From
 * 3.11 on that is at a frame called from C. One that ends elsewhere was read while its innermost
 * frame was being linked to its caller. */
bool pyr_walk_ends_well(const struct pyr_layout *layout, const struct pyr_raw_stack *stack);

/* `thread`: address of the thread state. At most `max_depth` frames, from the innermost; what is
 * cut is said in the stack, with a PYR_RAW_TRUNCATED frame at its end. */
enum pyr_walk_result pyr_walk(struct pyr_memory *memory, const struct pyr_layout *layout,
                              uint64_t thread, uint32_t max_depth, struct pyr_raw_stack *stack);
