/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/calltree.h"

#include "base/mem.h"

/* What last_child points at in a node without children: its key equals none, nor does the next. */
static struct pyr_node no_child[2];

static uint32_t slot_of(const struct pyr_calltree *tree, const struct pyr_node *parent,
                        const void *key)
{
    /* Two multiplications: code objects often lie evenly spaced in memory, which one would leave
     * spaced evenly, and so in clusters where a few series of them meet. */
    uint64_t mixed = (uint64_t)(uintptr_t)key + parent->index * 0x9E3779B97F4A7C15u;
    mixed *= 0xD6E8FEB86659FD93u;
    mixed = (mixed ^ mixed >> 29) * 0xD6E8FEB86659FD93u;
    return (uint32_t)((mixed >> 32) * tree->table_size >> 32);
}

static uint32_t next_slot(const struct pyr_calltree *tree, uint32_t i)
{
    return i + 1 < tree->table_size ? i + 1 : 0;
}

/* One more than asked for, with no key, so that every node has a next one to look at. */
static struct pyr_node *new_chunk(uint32_t chunk)
{
    return pyr_mem_zalloc(((size_t)PYR_TREE_FIRST_CHUNK << chunk) + 1, sizeof(struct pyr_node));
}

bool pyr_calltree_init(struct pyr_calltree *tree)
{
    *tree = (struct pyr_calltree){.table_size = 2 * PYR_TREE_FIRST_CHUNK};
    tree->table = pyr_mem_zalloc(tree->table_size, sizeof *tree->table);
    tree->chunks[0] = new_chunk(0);
    if (tree->table == NULL || tree->chunks[0] == NULL) {
        return false;
    }
    tree->chunks[0][0].last_child = no_child;
    pyr_publish_u32(&tree->count, 1);
    return true;
}

void pyr_calltree_release(struct pyr_calltree *tree)
{
    for (uint32_t i = 0; i < PYR_TREE_MAX_CHUNKS; i++) {
        pyr_mem_free(tree->chunks[i]);
        pyr_mem_free(tree->more[i]);
    }
    pyr_mem_free(tree->table);
    pyr_mem_free(tree->fold_stack);
    *tree = (struct pyr_calltree){0};
}

struct pyr_node *pyr_calltree_find(const struct pyr_calltree *tree, const struct pyr_node *parent,
                                   const void *key)
{
    uint32_t i = slot_of(tree, parent, key);
    while (tree->table[i] != 0) {
        struct pyr_node *node = pyr_calltree_node(tree, tree->table[i]);
        if (node->key == key && node->parent == parent) {
            return node;
        }
        i = next_slot(tree, i);
    }
    return NULL;
}

static void put(struct pyr_calltree *tree, const struct pyr_node *node)
{
    uint32_t i = slot_of(tree, node->parent, node->key);
    while (tree->table[i] != 0) {
        i = next_slot(tree, i);
    }
    tree->table[i] = node->index;
}

static bool grow_table(struct pyr_calltree *tree)
{
    uint32_t size = tree->table_size + tree->table_size / 2;
    uint32_t *table = pyr_mem_zalloc(size, sizeof *table);
    if (table == NULL) {
        return false;
    }
    pyr_mem_free(tree->table);
    tree->table = table;
    tree->table_size = size;
    for (uint32_t i = 1; i < tree->count; i++) {
        put(tree, pyr_calltree_node(tree, i));
    }
    return true;
}

struct pyr_node_more *pyr_calltree_need_more(struct pyr_calltree *tree, uint32_t index)
{
    uint32_t chunk = pyr_calltree_chunk(index);
    if (tree->more[chunk] == NULL) {
        struct pyr_node_more *more =
            pyr_mem_zalloc((size_t)PYR_TREE_FIRST_CHUNK << chunk, sizeof *more);
        PYR_SHARED_SET(tree->more[chunk], more);
    }
    return pyr_calltree_more(tree, index);
}

/* What runs below a task or a tag is that task's or tag's, too. */
static void inherit_labels(struct pyr_calltree *tree, const struct pyr_node *parent, uint32_t index)
{
    const struct pyr_node_more *of_parent = pyr_calltree_more(tree, parent->index);
    if (of_parent == NULL || (of_parent->task | of_parent->tag) == 0) {
        return;
    }
    struct pyr_node_more *more = pyr_calltree_need_more(tree, index);
    if (more != NULL) {
        more->task = of_parent->task;
        more->tag = of_parent->tag;
    }
}

struct pyr_node *pyr_calltree_add(struct pyr_calltree *tree, struct pyr_node *parent,
                                  const void *key, uint32_t record)
{
    uint32_t index = tree->count;
    uint32_t chunk = pyr_calltree_chunk(index);
    /* Between 7/12 and 7/8 full, so that a node's share of the table is 7 bytes at most. */
    if ((uint64_t)index * 8 >= (uint64_t)tree->table_size * 7 && !grow_table(tree)) {
        return NULL;
    }
    if (chunk >= PYR_TREE_MAX_CHUNKS) {
        return NULL;
    }
    if (tree->chunks[chunk] == NULL) {
        tree->chunks[chunk] = new_chunk(chunk);
        if (tree->chunks[chunk] == NULL) {
            return NULL;
        }
    }
    struct pyr_node *node = pyr_calltree_node(tree, index);
    *node = (struct pyr_node){
        .key = key, .parent = parent, .last_child = no_child, .index = index, .record = record};
    inherit_labels(tree, parent, index);
    put(tree, node);
    pyr_publish_u32(&tree->count, index + 1);
    return node;
}

struct pyr_node *pyr_calltree_fold(struct pyr_calltree *tree, struct pyr_node *from,
                                   const void *key, uint32_t record)
{
    struct pyr_err err = {0};
    if (tree->fold_root == NULL) {
        tree->fold_root = pyr_calltree_add(tree, pyr_calltree_root(tree), &tree->fold_root, 0);
        if (tree->fold_root == NULL) {
            return NULL;
        }
    }
    const void *folded = pyr_key_tagged(key, PYR_KEY_FOLDED);
    struct pyr_node *node = pyr_calltree_find(tree, tree->fold_root, folded);
    if (node == NULL) {
        node = pyr_calltree_add(tree, tree->fold_root, folded, record);
    }
    if (node == NULL ||
        !pyr_mem_grow(&tree->fold_stack, &tree->fold_cap, (size_t)tree->fold_depth + 1,
                      sizeof *tree->fold_stack, &err)) {
        return NULL;
    }
    tree->fold_stack[tree->fold_depth++] = from;
    return node;
}

struct pyr_node *pyr_calltree_unfold(struct pyr_calltree *tree)
{
    return tree->fold_stack[--tree->fold_depth];
}

uint64_t pyr_calltree_size(const struct pyr_calltree *tree)
{
    uint64_t size = (uint64_t)tree->table_size * sizeof *tree->table +
                    (uint64_t)tree->fold_cap * sizeof(void *);
    for (uint32_t i = 0; i < PYR_TREE_MAX_CHUNKS; i++) {
        if (tree->chunks[i] != NULL) {
            size += (((uint64_t)PYR_TREE_FIRST_CHUNK << i) + 1) * sizeof(struct pyr_node);
        }
        if (tree->more[i] != NULL) {
            size += ((uint64_t)PYR_TREE_FIRST_CHUNK << i) * sizeof(struct pyr_node_more);
        }
    }
    return size;
}
