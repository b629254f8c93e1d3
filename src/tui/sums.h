/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Sums: what the samples of a store add up to per function or line, per stack and per shape, for
 * the samples that a filter lets through; now (the last moments) and since the start.
 *
 * Built anew for each picture, in time linear in stacks and samples. Start zeroed; the room is used
 * again. Threads: one owner. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "tui/mirror.h"
#include "tui/store.h"

#define PYR_SUMS_NOW_NS 2000000000ull   /* what "now" means */
#define PYR_SUMS_FLAME_NS 5000000000ull /* and in the flame view */

struct pyr_sums_filter {
    uint32_t thread; /* only this; 0: all */
    uint32_t pid;    /* only this process; 0: all */
    bool idle;       /* idle threads too */
    bool gil;        /* only samples that held the GIL */
    bool lines;      /* sums are per line, not per function */
};

/* Of one function, or of one line of it, in ns of wall time. */
struct pyr_sum {
    uint64_t own_now;
    uint64_t total_now;
    uint64_t own_all;
    uint64_t total_all;
};

/* Of one stack and all that goes on from it. */
struct pyr_sum_stack {
    uint64_t now;
    uint64_t all;
};

struct pyr_sums {
    struct pyr_sum *keys; /* owned; by function or frame id */
    uint32_t key_count;
    uint32_t key_cap;
    struct pyr_sum_stack *stacks; /* owned; by stack id, with 0: everything */
    uint32_t stack_count;
    uint32_t stack_cap;
    uint64_t *shapes; /* owned; by shape id: time of it and what goes on from it; 0: everything */
    uint32_t shape_count;
    uint32_t shape_cap;
    uint64_t now_span_ns; /* time that passed: the whole of which the sums are shares */
    uint64_t all_span_ns;
    uint64_t flame_span_ns;
};

PYR_MUST_USE bool pyr_sums_build(struct pyr_sums *sums, const struct pyr_mirror *mirror,
                                 const struct pyr_store *store,
                                 const struct pyr_sums_filter *filter, struct pyr_err *err);
void pyr_sums_release(struct pyr_sums *sums);

/* Does the filter let samples of this thread and state through? */
bool pyr_sums_lets(const struct pyr_sums_filter *filter, const struct pyr_mirror *mirror,
                   uint32_t thread, uint32_t state);
/* What a stack's innermost frame is summed up under: its function or its frame. */
uint32_t pyr_sums_key(const struct pyr_mirror_path *path, bool lines);
