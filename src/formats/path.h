/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Paths: the frames of a stack from the outermost to the running one, and the order of a tree. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"

/* Start zeroed; may be filled again and again. */
struct pyr_path {
    pyr_stack *stacks; /* owned; outermost first */
    uint32_t depth;
    uint32_t cap;
};

PYR_MUST_USE bool pyr_path_fill(struct pyr_path *path, const struct pyr_profile *profile,
                                pyr_stack stack, struct pyr_err *err);
void pyr_path_release(struct pyr_path *path);

/* All stacks depth first, parents before children; of siblings the one with the largest inclusive
 * value in `column` first, those with equal ones by id. `*order` has an entry per stack id up to
 * the count (entry 0 is 0): the stack's place, from 1. The caller owns it. */
PYR_MUST_USE bool pyr_path_order(const struct pyr_profile *profile, uint32_t column,
                                 uint32_t **order, struct pyr_err *err);
