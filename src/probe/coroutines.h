/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Coroutines: since when those that are suspended have been, by the address of their frame, which
 * is theirs as long as they live. Guarded by the GIL. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"

struct pyr_coroutines {
    struct pyr_map by_frame; /* address -> place in `since`, from 1 */
    uint64_t *since;         /* owned; ticks, 0 while it is not suspended */
    uint32_t count;
    uint32_t cap;
};

void pyr_coroutines_release(struct pyr_coroutines *coroutines);
void pyr_coroutines_clear(struct pyr_coroutines *coroutines);
/* Out of memory its time is not known: nothing is lost but that. */
void pyr_coroutines_suspend(struct pyr_coroutines *coroutines, const void *frame, uint64_t now);
/* Ticks since it was suspended; 0 when that is not known. It is not suspended any more. */
uint64_t pyr_coroutines_resume(struct pyr_coroutines *coroutines, const void *frame, uint64_t now);
