/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Profile: what every collector fills and every report, format and view reads.
 *
 * strings <- functions <- frames <- stacks; metrics x (stack, thread) = values; threads; an
 * optional timeline; meta. The tables are members, joined by typed ids, never by pointers.
 * The profile owns its tables, and the arena that holds all text.
 * Threads: one writer; readers only after the writer has stopped. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "model/frames.h"
#include "model/functions.h"
#include "model/meta.h"
#include "model/metrics.h"
#include "model/stacks.h"
#include "model/strtab.h"
#include "model/threads.h"
#include "model/timeline.h"
#include "model/values.h"

struct pyr_profile {
    struct pyr_arena *arena; /* owned, like all below */
    struct pyr_strtab *strings;
    struct pyr_functions *functions;
    struct pyr_frames *frames;
    struct pyr_stacks *stacks;
    struct pyr_metrics metrics;
    struct pyr_threads *threads;
    struct pyr_values *values;
    struct pyr_timeline *timeline;
    struct pyr_meta *meta;
};

struct pyr_profile *pyr_profile_new(struct pyr_err *err);
void pyr_profile_free(struct pyr_profile *profile); /* NULL is allowed */

/* A function given by its texts, NUL-terminated, none NULL. */
struct pyr_function_text {
    const char *qualname;
    const char *module;
    const char *file;
    uint32_t first_line;
    enum pyr_func_kind kind;
};
PYR_MUST_USE bool pyr_profile_add_function(struct pyr_profile *profile,
                                           const struct pyr_function_text *text, pyr_func *id,
                                           struct pyr_err *err);
/* Adds the frame (function, line) on top of `parent`. */
PYR_MUST_USE bool pyr_profile_push(struct pyr_profile *profile, pyr_stack parent, pyr_func func,
                                   uint32_t line, pyr_stack *stack, struct pyr_err *err);
/* The function on top of `stack` (not the empty one). */
pyr_func pyr_profile_stack_function(const struct pyr_profile *profile, pyr_stack stack);
/* Adds everything in `from` to `into`: functions are joined by their texts, values add up, threads
 * are appended unless `join_threads`, which joins those of equal pid, tid, name, kind and tag whose
 * parents are joined, too: their switches and starved times add up, and they last from the earlier
 * start to the later end; starved times are known only if both are. In meta the honesty counters
 * add up, the period covers both, it is finished only if both are, and of everything else `into`
 * keeps what it has. Runs and the times of threads move with the difference of the two starts. On
 * failure `into` may hold a part of `from`. */
PYR_MUST_USE bool pyr_profile_merge(struct pyr_profile *into, const struct pyr_profile *from,
                                    bool join_threads, struct pyr_err *err);
