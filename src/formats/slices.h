/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Slices: a profile as a row of weighted stacks per thread, for formats that draw along time.
 *
 * With a timeline they are its runs, ordered by start; without one they are the profile's rows with
 * the values above 0 of one metric, depth first and the heaviest first, which shows the tree but no
 * history.
 * Threads: one owner. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"

struct pyr_slice {
    pyr_thread thread;
    pyr_stack stack;
    uint64_t place; /* ns since the profile's start with a timeline; else only an order */
    int64_t weight; /* ns with a timeline; else the metric's value */
};

/* Start zeroed. */
struct pyr_slices {
    struct pyr_slice *items; /* owned; ordered by thread, then place */
    uint32_t count;
    bool in_time; /* made from a timeline */
};

struct pyr_slice_range {
    pyr_thread thread;
    uint32_t from, to;
};

/* `column` of the metric used without a timeline; -1 gives no slices then. */
PYR_MUST_USE bool pyr_slices_init(struct pyr_slices *slices, const struct pyr_profile *profile,
                                  int column, struct pyr_err *err);
void pyr_slices_release(struct pyr_slices *slices);
/* Moves `range`, zeroed before the first call, to the next thread's slices; false at the end. */
bool pyr_slices_next_thread(const struct pyr_slices *slices, struct pyr_slice_range *range);
