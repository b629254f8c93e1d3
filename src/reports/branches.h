/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Branches: the tree of stacks as a reader wants it, one level at a time.
 *
 * A branch is all stacks that were reached along the same path of functions: lines are joined, and
 * a function that calls itself stays one branch. What the import system calls for a branch is the
 * branch's own child, unless the options ask for full paths; what all its functions spent
 * themselves there is one child more. Levels stay open until the release. Start zeroed. Threads:
 * one owner. */
#pragma once

#include "base/err.h"
#include "reports/sort.h"
#include "reports/view.h"

struct pyr_branch {
    pyr_func func;
    uint32_t first; /* of its stacks, in the pool */
    uint32_t count;
    uint32_t mark;     /* 0 at first; for whoever opens branches */
    bool imported;     /* the import system stands between it and the branch above */
    int64_t inclusive; /* of the view's main metric */
};

/* What opening a branch tells about it. */
struct pyr_branch_figures {
    int64_t self;
    int64_t calls;
    int64_t cpu;        /* of the inclusive time; 0 where it is not known beside it */
    int64_t waiting;    /* the rest of it */
    uint32_t recursion; /* how many levels of direct recursion were joined into it */
};

/* The children of an opened branch are branches[first] … branches[end - 1], in the order asked. */
struct pyr_branch_level {
    uint32_t first;
    uint32_t end;
};

struct pyr_branches {
    const struct pyr_view *view; /* borrowed */
    struct pyr_sort sort;
    struct pyr_branch *branches; /* owned; of all open levels */
    uint32_t branch_count;
    uint32_t branch_cap;
    struct pyr_branch_stack *pool; /* owned */
    uint32_t pool_count;
    uint32_t pool_cap;
    uint8_t *kinds;     /* per function: is it of the import system? NULL: not asked. Owned */
    pyr_func machinery; /* stands for the functions of the import system; id 0: there are none */
    uint8_t *kept;      /* per stack: it or one above it passes the filters; NULL: all do. Owned */
};

PYR_MUST_USE bool pyr_branches_init(struct pyr_branches *branches, const struct pyr_view *view,
                                    struct pyr_err *err);
void pyr_branches_release(struct pyr_branches *branches);
/* Opens the whole profile. */
PYR_MUST_USE bool pyr_branches_open_root(struct pyr_branches *branches,
                                         struct pyr_branch_level *level, struct pyr_err *err);
PYR_MUST_USE bool pyr_branches_open(struct pyr_branches *branches, struct pyr_branch branch,
                                    struct pyr_branch_figures *figures,
                                    struct pyr_branch_level *level, struct pyr_err *err);
