/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/compare.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

#define FIRST_CAP 1024u

void pyr_edges_release(struct pyr_edges *edges)
{
    pyr_mem_free(edges->slots);
    *edges = (struct pyr_edges){0};
}

static uint64_t edge_hash(const struct pyr_raw_frame *caller, const struct pyr_raw_frame *callee)
{
    uint64_t place = pyr_hash_u64(caller->code) + (uint32_t)caller->offset;
    uint64_t hash = pyr_hash_u64(place ^ pyr_hash_u64(callee->code ^ callee->kind));
    return hash == 0 ? 1 : hash;
}

/* The slot that holds `hash`, or the free one where it would be. */
static uint64_t *find_slot(const struct pyr_edges *edges, uint64_t hash)
{
    uint32_t mask = edges->cap - 1;
    uint32_t at = (uint32_t)hash & mask;
    while (edges->slots[at] != 0 && edges->slots[at] != hash) {
        at = (at + 1) & mask;
    }
    return &edges->slots[at];
}

static bool make_room(struct pyr_edges *edges)
{
    if (edges->cap > 0 && edges->count < edges->cap / 2) {
        return true;
    }
    if (edges->count >= PYR_EDGES_MAX) {
        memset(edges->slots, 0, edges->cap * sizeof(*edges->slots));
        edges->count = 0;
        return true;
    }
    struct pyr_edges larger = {.cap = edges->cap == 0 ? FIRST_CAP : 2 * edges->cap,
                               .count = edges->count};
    larger.slots = pyr_mem_zalloc(larger.cap, sizeof(*larger.slots));
    if (larger.slots == NULL) {
        return edges->cap > 0 && edges->count < edges->cap - 1;
    }
    for (uint32_t i = 0; i < edges->cap; i++) {
        if (edges->slots[i] != 0) {
            *find_slot(&larger, edges->slots[i]) = edges->slots[i];
        }
    }
    pyr_mem_free(edges->slots);
    *edges = larger;
    return true;
}

/* Calls of a stack are counted by the callee: index 0 is that of the innermost frame. Those among
 * the `known` outermost frames are left out. */
static uint32_t calls_beyond(const struct pyr_raw_stack *stack, uint32_t known)
{
    uint32_t callees = known > 1 ? known : 1; /* nobody called the outermost */
    return stack->count > callees ? stack->count - callees : 0;
}

void pyr_edges_learn(struct pyr_edges *edges, const struct pyr_raw_stack *stack, uint32_t known)
{
    for (uint32_t i = calls_beyond(stack, known); i-- > 0;) {
        if (!make_room(edges)) {
            return;
        }
        uint64_t hash = edge_hash(&stack->frames[i + 1], &stack->frames[i]);
        uint64_t *slot = find_slot(edges, hash);
        edges->count += *slot == 0;
        *slot = hash;
    }
}

bool pyr_edges_has(const struct pyr_edges *edges, const struct pyr_raw_stack *stack, uint32_t known)
{
    for (uint32_t i = calls_beyond(stack, known); i-- > 0;) {
        uint64_t hash = edge_hash(&stack->frames[i + 1], &stack->frames[i]);
        if (edges->cap == 0 || *find_slot(edges, hash) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_same_frame(const struct pyr_raw_frame *a, const struct pyr_raw_frame *b)
{
    return a->address == b->address && a->code == b->code && a->kind == b->kind;
}

uint32_t pyr_stack_stable(const struct pyr_raw_stack *a, const struct pyr_raw_stack *b)
{
    uint32_t most = a->count < b->count ? a->count : b->count;
    uint32_t stable = 0;
    while (stable < most) {
        const struct pyr_raw_frame *x = &a->frames[a->count - 1 - stable];
        const struct pyr_raw_frame *y = &b->frames[b->count - 1 - stable];
        bool innermost = stable + 1 == a->count && stable + 1 == b->count;
        if (!is_same_frame(x, y) || (x->offset != y->offset && !innermost)) {
            break;
        }
        stable++;
    }
    return stable;
}

uint32_t pyr_stack_same(const struct pyr_raw_stack *a, const struct pyr_raw_stack *b)
{
    uint32_t most = a->count < b->count ? a->count : b->count;
    if (most == 0) {
        return 0; /* there may be no frames to point to */
    }
    const struct pyr_raw_frame *x = a->frames + a->count;
    const struct pyr_raw_frame *y = b->frames + b->count;
    uint32_t same = 0;
    while (same < most) {
        x--;
        y--;
        if (!is_same_frame(x, y) || x->offset != y->offset || x->is_entry != y->is_entry) {
            break;
        }
        same++;
    }
    return same;
}

bool pyr_stack_cut(struct pyr_raw_stack *stack, uint32_t stable)
{
    const struct pyr_raw_frame mark = {.kind = PYR_RAW_TORN, .offset = -1};
    uint32_t cut = stack->count - stable;
    if (cut == 0) {
        if (!pyr_raw_stack_push(stack, mark)) {
            return false;
        }
        cut = 1;
        memmove(stack->frames + 1, stack->frames, stable * sizeof(mark));
    }
    memmove(stack->frames + 1, stack->frames + cut, stable * sizeof(mark));
    stack->frames[0] = mark;
    stack->count = stable + 1;
    stack->torn = true;
    return true;
}

/* A chain that was cut while it was copied may end at any frame, so it has to end where the last
 * one did. */
static bool has_same_end(const struct pyr_raw_stack *a, const struct pyr_raw_stack *b)
{
    return a->count > 0 && b->count > 0 &&
           is_same_frame(&a->frames[a->count - 1], &b->frames[b->count - 1]);
}

static bool is_known(const struct pyr_raw_stack *stack, const struct pyr_raw_stack *last,
                     const struct pyr_edges *edges)
{
    return has_same_end(stack, last) && pyr_edges_has(edges, stack, pyr_stack_same(stack, last));
}

enum pyr_compare_result pyr_compare(const struct pyr_raw_stack *first,
                                    const struct pyr_raw_stack *second,
                                    const struct pyr_raw_stack *last, const struct pyr_edges *edges)
{
    uint32_t stable = pyr_stack_stable(first, second);
    bool equal = stable == first->count && stable == second->count;
    if (edges == NULL) {
        return equal ? PYR_COMPARE_EQUAL : PYR_COMPARE_UNKNOWN;
    }
    if (equal && ((first->count == 0 && last->count == 0) || is_known(first, last, edges))) {
        return PYR_COMPARE_EQUAL;
    }
    if (!equal && is_known(first, last, edges)) {
        return PYR_COMPARE_FIRST;
    }
    return !equal && is_known(second, last, edges) ? PYR_COMPARE_SECOND : PYR_COMPARE_UNKNOWN;
}
