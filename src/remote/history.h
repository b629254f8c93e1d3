/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* History: the samples of the last moments, one by one, in a ring; and a profile of them alone.
 * Threads: one at a time. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"
#include "remote/recorder.h"

/* However long the time, the ring holds no more samples (40 MB). */
#define PYR_HISTORY_MAX_SAMPLES 1000000

struct pyr_history;

/* Keeps samples for `keep_ns`. NULL when out of memory. */
struct pyr_history *pyr_history_new(uint64_t keep_ns);
void pyr_history_free(struct pyr_history *history); /* NULL is allowed */
void pyr_history_clear(struct pyr_history *history);
/* Adds a sample, and drops those that are too old by its time. */
PYR_MUST_USE bool pyr_history_add(struct pyr_history *history, const struct pyr_recent *recent,
                                  struct pyr_err *err);
uint32_t pyr_history_count(const struct pyr_history *history);
/* `index` from 0, the oldest. Borrowed until the next add. */
const struct pyr_recent *pyr_history_get(const struct pyr_history *history, uint32_t index);
/* A profile, the caller's, of the samples from `since_ns` (CLOCK_MONOTONIC) on: their stacks and
 * threads as `from`, which they were taken for, has them, the same metrics, and a timeline. Its
 * start is `since_ns` or the first sample's, whichever is later. */
PYR_MUST_USE bool pyr_history_profile(const struct pyr_history *history,
                                      const struct pyr_profile *from, uint64_t since_ns,
                                      struct pyr_profile **profile, struct pyr_err *err);
