/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/arc_tree.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

/* A path deeper than this is not continued, unless its function has not been entered before. */
#define MAX_DEPTH 512
/* What may be spent beyond the first visit of every arc: nodes, and steps along paths and arcs. */
#define MAX_NODES_PER_ARC 16
#define MIN_NODES 4096
#define MAX_WORK_PER_ARC 512
/* Paths with less than this share of all cost are not continued, unless as above. */
#define MIN_SHARE 1e-6
#define NO_ARC UINT32_MAX
#define NO_NODE UINT32_MAX

struct node {
    uint32_t arc;    /* NO_ARC: a root that stands for a caller nobody calls */
    uint32_t parent; /* NO_NODE at a root */
    pyr_frame_id frame;
    uint32_t depth;
    bool again;      /* the arc is on the path above already */
    pyr_stack stack; /* once made */
    double share;    /* of its arc, before all are scaled to make a whole */
};

/* What is known of a place, by frame id. */
struct place {
    uint32_t arcs_from; /* its arcs as a caller: from here in tree.by_caller */
    uint32_t put;       /* how many of them are in tree.by_caller yet */
    bool entered;       /* its arcs have been followed once */
    double below_in;    /* of all arcs into it, without those from itself */
    uint32_t arcs_in;
};

struct tree {
    const struct pyr_arc_graph *graph;
    struct place *places;
    uint32_t *by_caller; /* arc numbers, ordered by caller */
    uint32_t *arc_seen;  /* by arc: the walk that last met it */
    uint8_t *arc_times;  /* by arc: how often that walk met it */
    struct node *nodes;
    uint32_t count, cap;
    uint32_t *heap; /* nodes to continue, the heaviest first */
    uint32_t heap_count, heap_cap;
    uint32_t walk;
    uint64_t work_left;
    uint32_t max_nodes;
    double total;
};

bool pyr_arc_graph_add(struct pyr_arc_graph *graph, const struct pyr_arc *arc,
                       const int64_t *values, struct pyr_err *err)
{
    size_t n = graph->columns;
    if (graph->count >= NO_ARC / 2 / (n + 1)) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "too many callers and callees");
    }
    if (!pyr_mem_grow(&graph->arcs, &graph->arcs_cap, (size_t)graph->count + 1, sizeof *graph->arcs,
                      err) ||
        !pyr_mem_grow(&graph->values, &graph->values_cap, ((size_t)graph->count + 1) * n,
                      sizeof *graph->values, err)) {
        return false;
    }
    graph->arcs[graph->count] = *arc;
    memcpy(graph->values + graph->count * n, values, n * sizeof *values);
    graph->count++;
    return true;
}

void pyr_arc_graph_release(struct pyr_arc_graph *graph)
{
    pyr_mem_free(graph->arcs);
    pyr_mem_free(graph->values);
    *graph = (struct pyr_arc_graph){0};
}

static double node_weight(const struct tree *tree, uint32_t node)
{
    const struct node *n = &tree->nodes[node];
    return n->arc == NO_ARC ? 0 : n->share * tree->graph->arcs[n->arc].inclusive;
}

/* Ties go to the older node, so that the result does not depend on the heap's shape. */
static bool is_before(const struct tree *tree, uint32_t a, uint32_t b)
{
    double wa = node_weight(tree, a), wb = node_weight(tree, b);
    return wa > wb || (!(wb > wa) && a < b);
}

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t t = *a;
    *a = *b;
    *b = t;
}

static bool heap_push(struct tree *tree, uint32_t node, struct pyr_err *err)
{
    if (!pyr_mem_grow(&tree->heap, &tree->heap_cap, (size_t)tree->heap_count + 1,
                      sizeof *tree->heap, err)) {
        return false;
    }
    uint32_t i = tree->heap_count++;
    tree->heap[i] = node;
    while (i > 0 && is_before(tree, tree->heap[i], tree->heap[(i - 1) / 2])) {
        swap(&tree->heap[i], &tree->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    return true;
}

static uint32_t heap_pop(struct tree *tree)
{
    uint32_t top = tree->heap[0], i = 0;
    tree->heap[0] = tree->heap[--tree->heap_count];
    for (;;) {
        uint32_t best = i, left = 2 * i + 1;
        for (uint32_t child = left; child < tree->heap_count && child <= left + 1; child++) {
            best = is_before(tree, tree->heap[child], tree->heap[best]) ? child : best;
        }
        if (best == i) {
            return top;
        }
        swap(&tree->heap[i], &tree->heap[best]);
        i = best;
    }
}

static bool add_node(struct tree *tree, const struct node *node, struct pyr_err *err)
{
    return pyr_mem_grow(&tree->nodes, &tree->cap, (size_t)tree->count + 1, sizeof *tree->nodes,
                        err) &&
           (tree->nodes[tree->count] = *node, heap_push(tree, tree->count++, err));
}

/* Marks the arcs on the path to `node`. */
static void mark_path(struct tree *tree, uint32_t node)
{
    tree->walk++;
    for (uint32_t i = node; i != NO_NODE; i = tree->nodes[i].parent) {
        const struct node *n = &tree->nodes[i];
        if (n->arc != NO_ARC) {
            tree->arc_times[n->arc] =
                tree->arc_seen[n->arc] == tree->walk ? (uint8_t)(tree->arc_times[n->arc] + 1) : 1;
            tree->arc_seen[n->arc] = tree->walk;
        }
        if (tree->work_left > 0) {
            tree->work_left--;
        }
    }
}

/* The part of all that happens in the node's place that happens at this node. */
static double share_of_place(const struct tree *tree, const struct node *node)
{
    const struct place *place = &tree->places[node->frame.i];
    if (node->arc == NO_ARC || place->arcs_in == 0) {
        return 1;
    }
    const struct pyr_arc *arc = &tree->graph->arcs[node->arc];
    if (arc->caller.i == arc->callee.i) {
        return node->share;
    }
    return place->below_in > 0 ? node->share * arc->below / place->below_in
                               : node->share / place->arcs_in;
}

/* Adds the node for `arc` below `from`, whose path has been marked. */
static bool follow(struct tree *tree, uint32_t from, uint32_t arc, struct pyr_err *err)
{
    const struct pyr_arc *a = &tree->graph->arcs[arc];
    bool on_path = tree->arc_seen[arc] == tree->walk;
    if (on_path && (tree->arc_times[arc] > 1 || !(a->recursive_share > 0))) {
        return true;
    }
    const struct node node = {
        .arc = arc,
        .parent = from,
        .frame = a->callee,
        .depth = tree->nodes[from].depth + 1,
        .again = on_path,
        .share = share_of_place(tree, &tree->nodes[from]),
    };
    return add_node(tree, &node, err);
}

static bool continue_node(struct tree *tree, uint32_t node, struct pyr_err *err)
{
    pyr_frame_id frame = tree->nodes[node].frame;
    struct place *place = &tree->places[frame.i];
    uint32_t from = place->arcs_from, to = tree->places[frame.i + 1].arcs_from;
    bool first = !place->entered;
    if (from == to) {
        return true;
    }
    if (!first) {
        if (tree->nodes[node].depth >= MAX_DEPTH || tree->work_left == 0 ||
            tree->count >= tree->max_nodes || node_weight(tree, node) < tree->total * MIN_SHARE) {
            return true;
        }
        mark_path(tree, node);
        tree->work_left -= tree->work_left < to - from ? tree->work_left : to - from;
    } else {
        tree->walk++; /* nothing is marked: a place met for the first time is not on its path */
    }
    place->entered = true;
    for (uint32_t i = from; i < to; i++) {
        if (!follow(tree, node, tree->by_caller[i], err)) {
            return false;
        }
    }
    return true;
}

static bool drain(struct tree *tree, struct pyr_err *err)
{
    while (tree->heap_count > 0) {
        if (!continue_node(tree, heap_pop(tree), err)) {
            return false;
        }
    }
    return true;
}

static bool tree_init(struct tree *tree, const struct pyr_profile *profile,
                      const struct pyr_arc_graph *graph, struct pyr_err *err)
{
    size_t frames = pyr_frames_count(profile->frames);
    uint64_t max_nodes = (uint64_t)graph->count * MAX_NODES_PER_ARC + MIN_NODES;
    tree->graph = graph;
    tree->max_nodes = max_nodes < UINT32_MAX ? (uint32_t)max_nodes : UINT32_MAX;
    tree->work_left = (uint64_t)graph->count * MAX_WORK_PER_ARC;
    tree->places = pyr_mem_zalloc(frames + 2, sizeof *tree->places);
    tree->by_caller = pyr_mem_zalloc((size_t)graph->count + 1, sizeof *tree->by_caller);
    tree->arc_seen = pyr_mem_zalloc((size_t)graph->count + 1, sizeof *tree->arc_seen);
    tree->arc_times = pyr_mem_zalloc((size_t)graph->count + 1, sizeof *tree->arc_times);
    if (tree->places == NULL || tree->by_caller == NULL || tree->arc_seen == NULL ||
        tree->arc_times == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct pyr_arc *arc = &graph->arcs[i];
        struct place *callee = &tree->places[arc->callee.i];
        tree->places[arc->caller.i + 1].arcs_from++;
        if (arc->caller.i != arc->callee.i) {
            callee->below_in += arc->below;
            callee->arcs_in++;
        }
        tree->total += arc->caller.i == 0 ? arc->inclusive : 0;
    }
    for (size_t i = 1; i < frames + 2; i++) {
        tree->places[i].arcs_from += tree->places[i - 1].arcs_from;
    }
    for (uint32_t i = 0; i < graph->count; i++) {
        struct place *caller = &tree->places[graph->arcs[i].caller.i];
        tree->by_caller[caller->arcs_from + caller->put++] = i;
    }
    return true;
}

static void tree_release(struct tree *tree)
{
    pyr_mem_free(tree->places);
    pyr_mem_free(tree->by_caller);
    pyr_mem_free(tree->arc_seen);
    pyr_mem_free(tree->arc_times);
    pyr_mem_free(tree->nodes);
    pyr_mem_free(tree->heap);
}

/* First from what nobody calls; then, for circles that nothing leads into, from their first arc's
 * caller. */
static bool grow(struct tree *tree, struct pyr_err *err)
{
    const struct pyr_arc_graph *graph = tree->graph;
    for (uint32_t i = 0; i < graph->count; i++) {
        if (graph->arcs[i].caller.i == 0) {
            const struct node node = {
                .arc = i, .parent = NO_NODE, .frame = graph->arcs[i].callee, .share = 1};
            if (!add_node(tree, &node, err)) {
                return false;
            }
        }
    }
    if (!drain(tree, err)) {
        return false;
    }
    for (uint32_t i = 0; i < graph->count; i++) {
        pyr_frame_id caller = graph->arcs[i].caller;
        if (caller.i != 0 && !tree->places[caller.i].entered) {
            const struct node node = {
                .arc = NO_ARC, .parent = NO_NODE, .frame = caller, .share = 1};
            if (!add_node(tree, &node, err) || !drain(tree, err)) {
                return false;
            }
        }
    }
    return true;
}

/* An arc's values are dealt out to its nodes, first calls and repeated ones apart. */
struct deal {
    double whole; /* of the shares of all nodes */
    double given; /* of those that had their part */
    uint32_t nodes;
    uint32_t served;
};

static struct deal *deal_of(struct deal *deals, const struct node *node)
{
    return &deals[(size_t)node->arc * 2 + node->again];
}

/* The part of `value` up to the fraction `share`; the whole for 1, whatever the rounding. */
static int64_t part(int64_t value, double share)
{
    if (!(share > 0)) {
        return 0;
    }
    return share >= 1 ? value : llround((double)value * share);
}

static bool give(struct pyr_profile *profile, const struct pyr_arc_graph *graph, struct deal *deals,
                 const struct node *node, struct pyr_err *err)
{
    const int64_t *values = graph->values + (size_t)node->arc * graph->columns;
    bool split = deals[(size_t)node->arc * 2 + 1].nodes > 0;
    double repeated = split ? graph->arcs[node->arc].recursive_share : 0;
    struct deal *deal = deal_of(deals, node);
    double from =
        deal->whole > 0 ? deal->given / deal->whole : (double)deal->served / (double)deal->nodes;
    deal->given += node->share;
    deal->served++;
    double to = deal->served == deal->nodes ? 1
                : deal->whole > 0           ? deal->given / deal->whole
                                            : (double)deal->served / (double)deal->nodes;
    for (uint32_t c = 0; c < graph->columns; c++) {
        int64_t again = part(values[c], repeated);
        int64_t mine = node->again ? again : values[c] - again;
        int64_t delta = part(mine, to) - part(mine, from);
        if (!pyr_values_add(profile->values, node->stack, (pyr_thread){0}, c, delta, err)) {
            return false;
        }
    }
    return true;
}

static bool store(struct tree *tree, struct pyr_profile *profile, struct pyr_err *err)
{
    struct deal *deals = pyr_mem_zalloc((size_t)tree->graph->count * 2 + 1, sizeof *deals);
    bool ok = deals != NULL || pyr_err_nomem(err);
    for (uint32_t i = 0; ok && i < tree->count; i++) {
        struct node *node = &tree->nodes[i];
        pyr_stack parent =
            node->parent == NO_NODE ? (pyr_stack){0} : tree->nodes[node->parent].stack;
        ok = pyr_stacks_add(profile->stacks, parent, node->frame, &node->stack, err);
        if (node->arc != NO_ARC) {
            deal_of(deals, node)->whole += node->share;
            deal_of(deals, node)->nodes++;
        }
    }
    for (uint32_t i = 0; ok && i < tree->count; i++) {
        if (tree->nodes[i].arc != NO_ARC) {
            ok = give(profile, tree->graph, deals, &tree->nodes[i], err);
        }
    }
    pyr_mem_free(deals);
    return ok;
}

bool pyr_arc_tree_build(struct pyr_profile *profile, const struct pyr_arc_graph *graph,
                        struct pyr_err *err)
{
    struct tree tree = {0};
    bool ok =
        tree_init(&tree, profile, graph, err) && grow(&tree, err) && store(&tree, profile, err);
    tree_release(&tree);
    return ok;
}
