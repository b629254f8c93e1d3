/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Compare: what two copies of a stack prove that were made one after the other while it may have
 * moved, with the thread state read in between.
 *
 * What is the same in both stood still, but for one thing: where popped frames stay readable, two
 * copies of a stack that goes up and down fast may be wrong in the same way. So each call in it
 * must be known as well: its caller, the place there and who was called have been seen together in
 * a stack that was proved; and the outermost frame must be that of the last sample. Where copies
 * differ, one whose calls are all known is a stack that the program has, though perhaps of no
 * single moment. Pure: nothing is read here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/stack.h"

#define PYR_EDGES_MAX (1u << 18) /* calls; then all are forgotten and learnt anew */

/* Calls that were proved: a set of hashes. Start zeroed. */
struct pyr_edges {
    uint64_t *slots; /* owned; 0: free */
    uint32_t cap;    /* a power of two */
    uint32_t count;
};

void pyr_edges_release(struct pyr_edges *edges);
/* Learns the calls of a proved stack, but for the `known` outermost frames. What does not fit into
 * memory is not learnt. */
void pyr_edges_learn(struct pyr_edges *edges, const struct pyr_raw_stack *stack, uint32_t known);
/* Are all calls of the stack known? Those among the `known` outermost frames are. */
bool pyr_edges_has(const struct pyr_edges *edges, const struct pyr_raw_stack *stack,
                   uint32_t known);

/* So many frames, from the outermost in, are the same frames in both, at the same instructions; of
 * the innermost, if it is so in both, the instruction may differ. */
uint32_t pyr_stack_stable(const struct pyr_raw_stack *a, const struct pyr_raw_stack *b);
/* So many frames, from the outermost in, are the same in every way. */
uint32_t pyr_stack_same(const struct pyr_raw_stack *a, const struct pyr_raw_stack *b);
/* Keeps the `stable` outermost frames, and marks the place of those that were inside of them. */
PYR_MUST_USE bool pyr_stack_cut(struct pyr_raw_stack *stack, uint32_t stable);

enum pyr_compare_result {
    PYR_COMPARE_EQUAL = 0, /* proved */
    PYR_COMPARE_FIRST,     /* not equal, but all calls of the first copy are known */
    PYR_COMPARE_SECOND,    /* of the second */
    PYR_COMPARE_UNKNOWN,   /* neither */
};

/* `edges` NULL: what is equal is taken as proved without asking for calls. A copy of count 0 was no
 * chain of frames; `last` is the stack that was accepted last. */
enum pyr_compare_result pyr_compare(const struct pyr_raw_stack *first,
                                    const struct pyr_raw_stack *second,
                                    const struct pyr_raw_stack *last,
                                    const struct pyr_edges *edges);
