/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Totals: the figures that are derived from a profile's self values, never stored.
 *
 * Built for all threads, for one or for a group of them. Borrows the profile, which must not change
 * meanwhile. "Inclusive" is self plus everything called from it; in recursion a function's
 * inclusive value counts each moment once: only entries that are not already below the same
 * function count. "Primitive" calls are those entries. What "occurs" is a stack that has values, of
 * the threads asked for, or lies below one that has. Takes time linear in stacks and rows, whatever
 * their depth. Threads: one owner. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"

/* One function, or one caller -> callee pair (an arc; caller id 0: called by nobody recorded).
 * For an arc, self and inclusive are the callee's share while called from that caller. */
struct pyr_total {
    pyr_func caller; /* id 0 in a function's own total */
    pyr_func func;
    const int64_t *self;      /* one per metric; borrowed from the totals */
    const int64_t *inclusive; /* the same, recursion counted once */
    const int64_t *primitive; /* the self values of entries not below the same function or arc:
                                 for the metric "calls" this is the primitive call count */
};

struct pyr_totals;

/* `thread` id 0 means all threads. On failure `*out` is NULL. */
PYR_MUST_USE bool pyr_totals_new(const struct pyr_profile *profile, pyr_thread thread,
                                 struct pyr_totals **out, struct pyr_err *err);
/* The same of all threads whose entry in `group_of`, one per thread from id 0 up, is `group`. */
PYR_MUST_USE bool pyr_totals_new_group(const struct pyr_profile *profile, const uint32_t *group_of,
                                       uint32_t group, struct pyr_totals **out,
                                       struct pyr_err *err);
void pyr_totals_free(struct pyr_totals *totals); /* NULL is allowed */

/* Per stack, one value per metric; stack id 0 gives the whole profile. Borrowed. */
const int64_t *pyr_totals_stack_self(const struct pyr_totals *totals, pyr_stack stack);
const int64_t *pyr_totals_stack_inclusive(const struct pyr_totals *totals, pyr_stack stack);

/* Functions that occur, in the order of their ids; `index` from 0. */
uint32_t pyr_totals_function_count(const struct pyr_totals *totals);
struct pyr_total pyr_totals_function(const struct pyr_totals *totals, uint32_t index);
/* -1 when the function does not occur. */
int64_t pyr_totals_find_function(const struct pyr_totals *totals, pyr_func func);

/* Arcs ordered by (callee, caller); `index` from 0. */
uint32_t pyr_totals_arc_count(const struct pyr_totals *totals);
struct pyr_total pyr_totals_arc(const struct pyr_totals *totals, uint32_t index);

/* Children of a stack, those that occur, in the order of their ids, for walking the tree from the
 * root (id 0): the first child, then each next sibling; id 0 ends. */
pyr_stack pyr_totals_first_child(const struct pyr_totals *totals, pyr_stack stack);
pyr_stack pyr_totals_next_sibling(const struct pyr_totals *totals, pyr_stack stack);
