/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Stacks: a trie; a stack is its parent stack and one more frame on top.
 *
 * Ids are dense and start at 1; id 0 is the empty stack, the parent of every outermost frame. A
 * parent's id is always smaller than its child's, so one pass from the end sums inclusive values.
 * Threads: one writer, readers after it. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/frames.h"

typedef struct {
    uint32_t i;
} pyr_stack;

struct pyr_stack_node {
    pyr_stack parent;
    pyr_frame_id frame;
};

struct pyr_stacks;

struct pyr_stacks *pyr_stacks_new(void); /* NULL when out of memory */
void pyr_stacks_free(struct pyr_stacks *tab);
PYR_MUST_USE bool pyr_stacks_add(struct pyr_stacks *tab, pyr_stack parent, pyr_frame_id frame,
                                 pyr_stack *id, struct pyr_err *err);
/* Id 0 when there is no such stack. */
pyr_stack pyr_stacks_find(const struct pyr_stacks *tab, pyr_stack parent, pyr_frame_id frame);
/* `id` from 1 to the count. */
struct pyr_stack_node pyr_stacks_get(const struct pyr_stacks *tab, pyr_stack id);
uint32_t pyr_stacks_count(const struct pyr_stacks *tab);
