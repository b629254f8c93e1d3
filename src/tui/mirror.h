/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Mirror: a copy of the tables of a profile that goes on being written elsewhere, brought up to
 * date in steps that cost only what is new. Ids are the same in both, so that samples may name
 * stacks by them; values are not copied.
 *
 * It also knows of each stack what the sums over functions and lines need: whether its innermost
 * frame is in the stack a second time (recursion counts once). Start zeroed. Threads: one owner;
 * pyr_mirror_update() while the source may not change, pyr_mirror_settle() any time after it. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "model/profile.h"

struct pyr_mirror_path {
    uint32_t parent;    /* stack id */
    uint32_t frame;     /* frame id */
    uint32_t func;      /* function id */
    uint32_t depth;     /* 1: outermost */
    uint64_t functions; /* one bit or more for each function in the stack: a quick "no" */
    uint32_t shape;     /* shape id */
    bool again_func;    /* the function is further out in the stack already */
    bool again_frame;   /* and so is the same line of it */
};

/* Stacks by their functions alone, whatever lines they were at: a tree whose ids never change, so
 * that a box of a flame graph is the same one at the next look. */
struct pyr_mirror_shape {
    uint32_t parent; /* shape id, smaller than its own; 0: outermost */
    uint32_t func;
    uint32_t depth; /* 1: outermost */
};

struct pyr_mirror {
    struct pyr_profile *profile;   /* owned; NULL until the first update */
    struct pyr_mirror_path *paths; /* owned; by stack id, so the first is unused */
    uint32_t path_count;           /* with the first */
    uint32_t path_cap;
    struct pyr_mirror_shape *shapes; /* owned; by shape id, so the first is unused */
    uint32_t shape_count;            /* with the first */
    uint32_t shape_cap;
    struct pyr_map shape_of; /* of parent shape and function */
    uint64_t threads_stamp;  /* of the source */
    uint32_t generation;     /* rises when the source turned out to be another: ids mean others */
};

/* Copies what `source` has beyond what is here. On failure what was copied stays right, and the
 * next update goes on from there. */
PYR_MUST_USE bool pyr_mirror_update(struct pyr_mirror *mirror, const struct pyr_profile *source,
                                    struct pyr_err *err);
/* Works out paths and shapes of the stacks that were copied. */
PYR_MUST_USE bool pyr_mirror_settle(struct pyr_mirror *mirror, struct pyr_err *err);
void pyr_mirror_release(struct pyr_mirror *mirror);
