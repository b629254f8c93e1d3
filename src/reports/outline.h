/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Outline: which branches of the tree of calls are worth a line when there are only so many lines.
 *
 * The largest branch is shown first, then the largest of what is known by then, its children among
 * them, and so on until the lines are used. Chains of library functions that do nothing but call
 * the next take one line. Start zeroed. Threads: one owner. */
#pragma once

#include "base/err.h"
#include "reports/branches.h"

#define PYR_OUTLINE_MIN_SHARE                                                                      \
    0.01 /* smaller branches are not shown where nobody says how small                             \
          */

/* A branch that is shown. Its children are level.first … level.end - 1 of the branches; those with
 * a mark are shown too, as the node of that number. */
struct pyr_outline_node {
    struct pyr_branch branch; /* the last one of a folded chain */
    struct pyr_branch_figures figures;
    struct pyr_branch_level level;
    uint32_t parent;
    uint32_t depth;       /* 0: the root, which is no function */
    uint32_t shown;       /* of its children */
    uint32_t hidden;      /* the others */
    int64_t hidden_value; /* of those, and what folded chains spent beside their last function */
    bool folded;          /* functions that called it are not shown */
};

struct pyr_outline {
    struct pyr_branches branches;
    struct pyr_outline_node *nodes; /* owned; the first is the root, parents before children */
    uint32_t node_count;
    uint32_t node_cap;
    struct pyr_outline_candidate *heap; /* owned; branches that could be shown next */
    uint32_t heap_count;
    uint32_t heap_cap;
    uint32_t lines;    /* used */
    int64_t threshold; /* smaller branches are not shown */
    bool cut;          /* larger ones were left out too, for want of lines */
};

/* Chooses what to show in `lines` lines. A level's rest takes a line too, see below. */
PYR_MUST_USE bool pyr_outline_fill(struct pyr_outline *outline, const struct pyr_view *view,
                                   uint32_t lines, struct pyr_err *err);
void pyr_outline_release(struct pyr_outline *outline);

/* Are its hidden children worth telling: do they matter together? */
bool pyr_outline_has_rest(const struct pyr_outline *outline, const struct pyr_outline_node *node);
