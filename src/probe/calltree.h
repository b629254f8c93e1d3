/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Call tree: where one thread's calls went, a node for each distinct path.
 *
 * The running thread is the only writer, and it only ever adds nodes and raises counters; the
 * thread that writes the file reads the nodes that have been published, at any time, without a
 * lock. Nodes never move, so `parent` is also the way back: returning from a call is one load.
 *
 * At a node limit, paths that are not in the tree yet are folded: each function then has one node
 * under "(folded)", so that calls and times per function stay exact while paths are lost. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomic.h"

/* In the low bits of a key, which are free as what it points at is aligned. */
#define PYR_KEY_FOLDED 1u    /* stands for all its paths */
#define PYR_KEY_COROUTINE 2u /* of a coroutine or asynchronous generator */
#define PYR_KEY_WATCHED 4u   /* a function whose calls tell about others */
#define PYR_KEY_TAGS 7u

/* 56 bytes; with its share of the look-up table at most 64. */
struct pyr_node {
    const void *key;         /* code object, PyMethodDef of a builtin, or a label; see the tags */
    struct pyr_node *parent; /* NULL for the root */
    struct pyr_node *last_child; /* entered last from here: the next one most likely; not NULL */
    uint64_t self_ticks;
    uint64_t calls;
    uint64_t resumes; /* entries into a generator or coroutine that had begun before */
    uint32_t index;   /* in its tree; 0 is the root; a parent's is smaller than its child's */
    uint32_t record;  /* number in the function registry; 0 for root and "(folded)" */
};

/* What only some nodes have, in chunks beside theirs, made where needed. CPU time is the node's own
 * ticks without `off_ticks`, and `cpu_ns`: while its thread is not switched all time is CPU time,
 * and only what was not so is noted, with what the kernel's clock said of it instead. */
struct pyr_node_more {
    uint64_t off_ticks;
    uint64_t cpu_ns;
    uint64_t awaited_ticks;
    uint64_t starved_ticks;
    uint32_t task; /* number of the label it is or lies below; 0: none */
    uint32_t tag;
};

#define PYR_TREE_FIRST_CHUNK 8u /* nodes; each next chunk is twice as large */
#define PYR_TREE_MAX_CHUNKS 26u
/* In `record`: the node only remembers that this callee is not to be recorded. */
#define PYR_RECORD_EXCLUDED 0x80000000u
/* In `record`: the node is a label, whose number the rest is; no frame of a stack. */
#define PYR_RECORD_LABEL 0x40000000u

struct pyr_calltree {
    struct pyr_node *chunks[PYR_TREE_MAX_CHUNKS];    /* owned */
    struct pyr_node_more *more[PYR_TREE_MAX_CHUNKS]; /* owned; published */
    uint32_t count;                                  /* published: nodes below it are whole */
    uint32_t *table;                                 /* owned; indices of nodes, 0 is free */
    uint32_t table_size;
    struct pyr_node *fold_root;   /* NULL until the limit is reached */
    struct pyr_node **fold_stack; /* owned; where each folded call returns to */
    uint32_t fold_depth;
    uint32_t fold_cap;
};

/* False when out of memory; `tree` may then be released or thrown away. */
bool pyr_calltree_init(struct pyr_calltree *tree);
void pyr_calltree_release(struct pyr_calltree *tree);

static inline uint32_t pyr_calltree_chunk(uint32_t index)
{
    return 31u - (uint32_t)__builtin_clz((index + PYR_TREE_FIRST_CHUNK) / PYR_TREE_FIRST_CHUNK);
}

static inline uint32_t pyr_calltree_place(uint32_t index, uint32_t chunk)
{
    return index + PYR_TREE_FIRST_CHUNK - (PYR_TREE_FIRST_CHUNK << chunk);
}

static inline struct pyr_node *pyr_calltree_node(const struct pyr_calltree *tree, uint32_t index)
{
    uint32_t chunk = pyr_calltree_chunk(index);
    return &tree->chunks[chunk][pyr_calltree_place(index, chunk)];
}

/* NULL where there is none: all of it is 0 then. */
static inline struct pyr_node_more *pyr_calltree_more(const struct pyr_calltree *tree,
                                                      uint32_t index)
{
    uint32_t chunk = pyr_calltree_chunk(index);
    struct pyr_node_more *more = PYR_SHARED_GET(tree->more[chunk]);
    return more == NULL ? NULL : &more[pyr_calltree_place(index, chunk)];
}

/* Makes it where there is none; NULL when out of memory. */
struct pyr_node_more *pyr_calltree_need_more(struct pyr_calltree *tree, uint32_t index);

static inline struct pyr_node *pyr_calltree_root(const struct pyr_calltree *tree)
{
    return tree->chunks[0];
}

/* NULL when there is none. */
struct pyr_node *pyr_calltree_find(const struct pyr_calltree *tree, const struct pyr_node *parent,
                                   const void *key);
/* Adds a child that is not there yet, below the labels of its parent; NULL when out of memory. */
struct pyr_node *pyr_calltree_add(struct pyr_calltree *tree, struct pyr_node *parent,
                                  const void *key, uint32_t record);
/* Enters a folded call to `key`, which will return to `from`; NULL when out of memory. */
struct pyr_node *pyr_calltree_fold(struct pyr_calltree *tree, struct pyr_node *from,
                                   const void *key, uint32_t record);
/* The node that the innermost folded call returns to, which is thereby left. */
struct pyr_node *pyr_calltree_unfold(struct pyr_calltree *tree);

static inline const void *pyr_key_tagged(const void *key, unsigned tags)
{
    return (const char *)key + tags;
}

static inline unsigned pyr_key_tags(const void *key)
{
    return (unsigned)(uintptr_t)key & PYR_KEY_TAGS;
}

/* Do both keys name the same function, whatever their tags? */
static inline bool pyr_key_matches(const void *a, const void *b)
{
    return (((uintptr_t)a ^ (uintptr_t)b) & ~(uintptr_t)PYR_KEY_TAGS) == 0;
}

/* Bytes taken from the system. */
uint64_t pyr_calltree_size(const struct pyr_calltree *tree);
