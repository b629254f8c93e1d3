/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Coroutines: the frames of a coroutine or generator that is suspended: its own, that of the one it
 * awaits, and so on. */
#pragma once

#include "remote/layout.h"
#include "remote/memory.h"
#include "remote/stack.h"

#define PYR_MAX_COROUTINE_CHAIN 20000 /* coroutines that await each other */

enum pyr_coroutine_state {
    PYR_COROUTINE_NONE = 0, /* no coroutine or generator, or not to be read */
    PYR_COROUTINE_CREATED,  /* not begun */
    PYR_COROUTINE_SUSPENDED,
    PYR_COROUTINE_RUNNING,
    PYR_COROUTINE_FINISHED,
};

/* What a coroutine, generator or asynchronous generator is at; `*frame` gets the address of its
 * frame, 0 when it has none any more. */
enum pyr_coroutine_state pyr_coroutine_look(struct pyr_memory *memory,
                                            const struct pyr_layout *layout, uint64_t coroutine,
                                            uint64_t *frame);
/* Appends the frames, innermost first. Those of coroutines that are running are not all there: they
 * are on their thread's stack. False when out of memory. */
PYR_MUST_USE bool pyr_coroutine_stack(struct pyr_memory *memory, const struct pyr_layout *layout,
                                      uint64_t coroutine, struct pyr_raw_stack *stack);
/* Where the qualified name of a coroutine is, from its start. */
uint32_t pyr_coroutine_name_offset(const struct pyr_layout *layout);
