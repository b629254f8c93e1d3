/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Flame: a profile's stacks as the boxes of a flame graph: paths of functions, whatever the lines
 * and threads, each as wide as its inclusive value, the heaviest of siblings first.
 * Threads: one owner. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"

struct pyr_flame_box {
    uint32_t parent; /* its place in the list, a smaller one; the first box is its own */
    uint32_t depth;  /* 0 for the first box, which stands for the whole profile */
    pyr_func func;   /* id 0 for the first box */
    int64_t start;   /* where it begins, in the metric's unit from the left edge */
    int64_t total;   /* how wide it is; above 0, except of the first box of an empty profile */
    int64_t self;
};

/* Start zeroed. */
struct pyr_flame {
    struct pyr_flame_box *boxes; /* owned; parents before children */
    uint32_t count;
    uint32_t cap;
    uint32_t depth; /* of the deepest box */
};

/* Made of the metric in `column`, -1 for none, which gives the first box alone; values below 0, as
 * differences have, count as none. */
PYR_MUST_USE bool pyr_flame_init(struct pyr_flame *flame, const struct pyr_profile *profile,
                                 int column, struct pyr_err *err);
void pyr_flame_release(struct pyr_flame *flame);
