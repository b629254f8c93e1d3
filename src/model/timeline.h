/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Timeline: what ran when, for views over time; optional.
 *
 * A run says that from `start_ns` (since the profile's start) for `duration_ns` a thread was in a
 * stack. Runs are kept in the order added, which is by end time within a thread.
 * Threads: one writer, readers after it. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/stacks.h"
#include "model/threads.h"

struct pyr_run {
    uint64_t start_ns;
    uint64_t duration_ns;
    pyr_thread thread;
    pyr_stack stack;
};

struct pyr_timeline;

struct pyr_timeline *pyr_timeline_new(void); /* NULL when out of memory */
void pyr_timeline_free(struct pyr_timeline *timeline);
PYR_MUST_USE bool pyr_timeline_add(struct pyr_timeline *timeline, struct pyr_run run,
                                   struct pyr_err *err);
/* Starts every run so much later: for when the profile turns out to start earlier. */
void pyr_timeline_shift(struct pyr_timeline *timeline, uint64_t ns);
/* `index` from 0. */
struct pyr_run pyr_timeline_get(const struct pyr_timeline *timeline, uint32_t index);
uint32_t pyr_timeline_count(const struct pyr_timeline *timeline);

/* Ends at the largest time instead of passing it. */
static inline uint64_t pyr_timeline_sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}
