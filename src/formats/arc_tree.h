/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Arc tree: turns a call graph (who called whom, what it cost) into stacks.
 *
 * Formats such as pstats and callgrind keep one entry per caller and callee, not whole stacks. The
 * tree made here shares each arc out over the paths that lead to its caller, in proportion to the
 * cost of what is called there: what gprof assumes too. What a graph says stays exactly true of the
 * tree: every arc's self values, and thus every function's. Inclusive values are right too, unless
 * functions call each other in a circle: in and above one they are estimates. Which path a cost
 * lies on is always one, so say so in the meta.
 *
 * In recursion an arc occurs at most twice on a path: once for its primitive calls and once, below,
 * for the others, so that derived figures count recursion once.
 * Threads: one owner. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"

struct pyr_arc {
    pyr_frame_id caller; /* id 0: called by nobody known */
    pyr_frame_id callee;
    double inclusive;       /* cost; not negative */
    double below;           /* the same less the callee's own: what the shares are made from */
    double recursive_share; /* 0..1: the part of its calls that are not primitive */
};

struct pyr_arc_graph {
    struct pyr_arc *arcs; /* owned */
    int64_t *values;      /* owned; `columns` self values per arc */
    uint32_t count;
    uint32_t arcs_cap;
    uint32_t values_cap;
    uint32_t columns; /* set it before the first add */
};

/* `values` has graph->columns values, for the profile's first columns. */
PYR_MUST_USE bool pyr_arc_graph_add(struct pyr_arc_graph *graph, const struct pyr_arc *arc,
                                    const int64_t *values, struct pyr_err *err);
void pyr_arc_graph_release(struct pyr_arc_graph *graph);

/* Adds the stacks and their values to `profile`, whose frames the arcs name. Needs memory and time
 * in proportion to the number of arcs. */
PYR_MUST_USE bool pyr_arc_tree_build(struct pyr_profile *profile, const struct pyr_arc_graph *graph,
                                     struct pyr_err *err);
