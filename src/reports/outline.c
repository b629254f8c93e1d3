/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/outline.h"

#include "base/mem.h"

#define MAX_DEPTH 250
#define MAX_LOSS 0.001 /* of the whole, by each function that is folded */

struct pyr_outline_candidate {
    uint32_t branch;
    uint32_t parent; /* node */
    int64_t size;
};

static int64_t size_of(int64_t value)
{
    return value < 0 ? -value : value;
}

/* The larger one; of equals the one found first, so that the outline is always the same. */
static bool comes_first(const struct pyr_outline_candidate *a,
                        const struct pyr_outline_candidate *b)
{
    return a->size != b->size ? a->size > b->size : a->branch < b->branch;
}

static void swap(struct pyr_outline_candidate *a, struct pyr_outline_candidate *b)
{
    const struct pyr_outline_candidate kept = *a;
    *a = *b;
    *b = kept;
}

static bool heap_add(struct pyr_outline *o, struct pyr_outline_candidate candidate,
                     struct pyr_err *err)
{
    if (!pyr_mem_grow(&o->heap, &o->heap_cap, o->heap_count + (size_t)1, sizeof *o->heap, err)) {
        return false;
    }
    uint32_t at = o->heap_count++;
    o->heap[at] = candidate;
    while (at > 0 && comes_first(&o->heap[at], &o->heap[(at - 1) / 2])) {
        swap(&o->heap[at], &o->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    return true;
}

static struct pyr_outline_candidate heap_take(struct pyr_outline *o)
{
    const struct pyr_outline_candidate first = o->heap[0];
    uint32_t at = 0;
    o->heap[0] = o->heap[--o->heap_count];
    for (;;) {
        uint32_t best = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < o->heap_count; child++) {
            best = comes_first(&o->heap[child], &o->heap[best]) ? child : best;
        }
        if (best == at) {
            return first;
        }
        swap(&o->heap[at], &o->heap[best]);
        at = best;
    }
}

bool pyr_outline_has_rest(const struct pyr_outline *o, const struct pyr_outline_node *node)
{
    return node->hidden > 0 && o->threshold > 0 && size_of(node->hidden_value) >= o->threshold;
}

/* A rest has a line of its own where it stands beside something. */
static uint32_t rest_lines(const struct pyr_outline *o, const struct pyr_outline_node *node)
{
    return node->shown > 0 && pyr_outline_has_rest(o, node) ? 1 : 0;
}

static bool add_node(struct pyr_outline *o, struct pyr_outline_node node, struct pyr_err *err)
{
    const uint32_t number = o->node_count;
    if (!pyr_mem_grow(&o->nodes, &o->node_cap, number + (size_t)1, sizeof *o->nodes, err)) {
        return false;
    }
    for (uint32_t i = node.level.first; i < node.level.end; i++) {
        const struct pyr_branch *branch = &o->branches.branches[i];
        const int64_t size = size_of(branch->inclusive);
        node.hidden++;
        node.hidden_value += branch->inclusive;
        if (size < o->threshold) {
            continue;
        }
        o->cut = o->cut || node.depth >= MAX_DEPTH;
        if (node.depth < MAX_DEPTH &&
            !heap_add(o, (struct pyr_outline_candidate){i, number, size}, err)) {
            return false;
        }
    }
    o->nodes[o->node_count++] = node;
    return true;
}

/* May the branch be left out, as `next` tells all that matters about it? */
static bool is_passed(const struct pyr_outline *o, const struct pyr_branch *branch,
                      const struct pyr_branch *next, bool below_library)
{
    const struct pyr_view *view = o->branches.view;
    const double lost = (double)size_of(branch->inclusive - next->inclusive);
    /* The first function of a library says what was asked of it. */
    return !view->options->full_paths && below_library && pyr_view_is_library(view, branch->func) &&
           pyr_view_is_library(view, next->func) && lost < MAX_LOSS * (double)size_of(view->whole);
}

/* Opens the candidate, or what a chain leads to from there. */
static bool open_node(struct pyr_outline *o, const struct pyr_outline_candidate *candidate,
                      struct pyr_outline_node *node, struct pyr_err *err)
{
    const struct pyr_outline_node *parent = &o->nodes[candidate->parent];
    const bool below_library =
        parent->depth > 0 && pyr_view_is_library(o->branches.view, parent->branch.func);
    *node = (struct pyr_outline_node){.branch = o->branches.branches[candidate->branch],
                                      .parent = candidate->parent,
                                      .depth = parent->depth + 1};
    node->folded = node->branch.imported;
    for (;;) {
        uint32_t largest = 0;
        if (!pyr_branches_open(&o->branches, node->branch, &node->figures, &node->level, err)) {
            return false;
        }
        const struct pyr_branch *branches = o->branches.branches;
        for (uint32_t i = node->level.first; i < node->level.end; i++) {
            const bool larger = i == node->level.first || size_of(branches[i].inclusive) >
                                                              size_of(branches[largest].inclusive);
            largest = larger ? i : largest;
        }
        if (node->level.first == node->level.end ||
            size_of(branches[largest].inclusive) < o->threshold ||
            !is_passed(o, &node->branch, &branches[largest], below_library)) {
            return true;
        }
        node->branch = branches[largest];
        node->folded = true;
    }
}

/* Shows the candidate if there are lines for it and for the rests it leaves. */
static bool show(struct pyr_outline *o, const struct pyr_outline_candidate *candidate,
                 uint32_t lines, struct pyr_err *err)
{
    struct pyr_outline_node node;
    if (!open_node(o, candidate, &node, err)) {
        return false;
    }
    struct pyr_branch *branch = &o->branches.branches[candidate->branch];
    struct pyr_outline_node parent = o->nodes[candidate->parent];
    const uint32_t before = rest_lines(o, &parent);
    parent.shown++;
    parent.hidden--;
    parent.hidden_value -= node.branch.inclusive;
    const uint64_t used = (uint64_t)o->lines + 1 + rest_lines(o, &parent) - before;
    if (used > lines && o->lines > 0) {
        o->cut = true;
        o->heap_count = 0;
        return true;
    }
    o->lines = (uint32_t)used;
    o->nodes[candidate->parent] = parent;
    branch->mark = o->node_count;
    return add_node(o, node, err);
}

bool pyr_outline_fill(struct pyr_outline *o, const struct pyr_view *view, uint32_t lines,
                      struct pyr_err *err)
{
    const double share = view->options->min_share;
    struct pyr_outline_node root = {.shown = 0};
    o->threshold =
        (int64_t)((double)size_of(view->whole) * (share >= 0 ? share : PYR_OUTLINE_MIN_SHARE));
    if (o->threshold == 0 && share != 0) {
        o->threshold = 1; /* a few samples: what has none is nothing */
    }
    if (!pyr_branches_init(&o->branches, view, err) ||
        !pyr_branches_open_root(&o->branches, &root.level, err) || !add_node(o, root, err)) {
        return false;
    }
    while (o->heap_count > 0) {
        const struct pyr_outline_candidate candidate = heap_take(o);
        if (!show(o, &candidate, lines, err)) {
            return false;
        }
    }
    return true;
}

void pyr_outline_release(struct pyr_outline *o)
{
    pyr_branches_release(&o->branches);
    pyr_mem_free(o->nodes);
    pyr_mem_free(o->heap);
    *o = (struct pyr_outline){0};
}
