/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Coroutines: since when those that are suspended have been, by the address of their frame, which
 * is theirs as long as they live. A table of its own, as every step of a task asks it for each
 * coroutine that awaits another. Guarded by the GIL. */
#pragma once

#include <stdint.h>

struct pyr_suspended {
    const void *frame; /* to compare, never to follow; NULL: free */
    uint64_t since;    /* ticks, 0 while it is not suspended */
};

struct pyr_coroutines {
    struct pyr_suspended *table; /* owned; open addressing */
    uint32_t mask;               /* places - 1; 0 when there are none */
    uint32_t count;
};

void pyr_coroutines_release(struct pyr_coroutines *coroutines);
void pyr_coroutines_clear(struct pyr_coroutines *coroutines);
/* Out of memory its time is not known: nothing is lost but that. */
void pyr_coroutines_suspend(struct pyr_coroutines *coroutines, const void *frame, uint64_t now);
/* Ticks since it was suspended; 0 when that is not known. It is not suspended any more. */
uint64_t pyr_coroutines_resume(struct pyr_coroutines *coroutines, const void *frame, uint64_t now);
