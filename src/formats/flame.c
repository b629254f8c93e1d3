/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/flame.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

/* The box of `func` above the box at `parent`, made if need be; its place goes to `*place`. */
static bool find_box(struct pyr_flame *flame, struct pyr_map *places, uint32_t parent,
                     pyr_func func, uint32_t *place, struct pyr_err *err)
{
    const uint64_t key = (uint64_t)parent << 32 | func.i;
    *place = pyr_map_get(places, key);
    if (*place != 0) {
        return true;
    }
    if (!pyr_mem_grow(&flame->boxes, &flame->cap, (size_t)flame->count + 1, sizeof *flame->boxes,
                      err) ||
        !pyr_map_put(places, key, flame->count, err)) {
        return false;
    }
    *place = flame->count++;
    flame->boxes[*place] = (struct pyr_flame_box){
        .parent = parent, .depth = flame->boxes[parent].depth + 1, .func = func};
    return true;
}

/* Makes the boxes; `place_of`, by stack id, begins zeroed. */
static bool make_boxes(struct pyr_flame *flame, const struct pyr_profile *profile,
                       struct pyr_map *places, uint32_t *place_of, struct pyr_err *err)
{
    const uint32_t stacks = pyr_stacks_count(profile->stacks);
    if (!pyr_mem_grow(&flame->boxes, &flame->cap, 1, sizeof *flame->boxes, err)) {
        return false;
    }
    flame->count = 1;
    for (uint32_t i = 1; i <= stacks; i++) {
        const pyr_stack stack = {i};
        const struct pyr_stack_node node = pyr_stacks_get(profile->stacks, stack);
        if (!find_box(flame, places, place_of[node.parent.i],
                      pyr_profile_stack_function(profile, stack), &place_of[i], err)) {
            return false;
        }
    }
    return true;
}

static void weigh(struct pyr_flame *flame, const struct pyr_profile *profile, int column,
                  const uint32_t *place_of)
{
    const uint32_t rows = column < 0 ? 0 : pyr_values_count(profile->values);
    for (uint32_t i = 1; i <= rows; i++) {
        const struct pyr_value_row row = pyr_values_get(profile->values, i);
        struct pyr_flame_box *box = &flame->boxes[place_of[row.stack.i]];
        if (row.v[column] > 0) {
            box->self = pyr_values_sum(box->self, row.v[column]);
        }
    }
    for (uint32_t i = flame->count; i-- > 0;) {
        struct pyr_flame_box *box = &flame->boxes[i];
        box->total = pyr_values_sum(box->total, box->self);
        if (i > 0) {
            struct pyr_flame_box *parent = &flame->boxes[box->parent];
            parent->total = pyr_values_sum(parent->total, box->total);
        }
    }
}

struct place {
    uint32_t box;
    uint32_t parent;
    int64_t total;
};

static int compare_siblings(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    if (a->parent != b->parent) {
        return a->parent < b->parent ? -1 : 1;
    }
    if (a->total != b->total) {
        return a->total > b->total ? -1 : 1;
    }
    return a->box < b->box ? -1 : a->box > b->box;
}

/* Puts siblings side by side. In the order of their parents' places, so that a parent has its own
 * place by then. */
static bool lay_out(struct pyr_flame *flame, struct pyr_err *err)
{
    struct place *order = pyr_mem_alloc(flame->count * sizeof *order);
    if (order == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t i = 1; i < flame->count; i++) {
        order[i] = (struct place){i, flame->boxes[i].parent, flame->boxes[i].total};
    }
    qsort(order + 1, flame->count - 1, sizeof *order, compare_siblings);
    uint32_t parent = UINT32_MAX;
    int64_t next = 0;
    for (uint32_t i = 1; i < flame->count; i++) {
        struct pyr_flame_box *box = &flame->boxes[order[i].box];
        if (box->parent != parent) {
            parent = box->parent;
            next = flame->boxes[parent].start;
        }
        box->start = next;
        next = pyr_values_sum(next, box->total);
    }
    pyr_mem_free(order);
    return true;
}

/* Boxes without width are left out: those of stacks that have no value of this metric. All below
 * such a box are without, too, so no place of a parent is lost. */
static bool drop_empty(struct pyr_flame *flame, struct pyr_err *err)
{
    uint32_t *place_of = pyr_mem_zalloc(flame->count, sizeof *place_of);
    uint32_t kept = 1;
    if (place_of == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t i = 1; i < flame->count; i++) {
        struct pyr_flame_box box = flame->boxes[i];
        if (box.total == 0) {
            continue;
        }
        box.parent = place_of[box.parent];
        place_of[i] = kept;
        flame->depth = box.depth > flame->depth ? box.depth : flame->depth;
        flame->boxes[kept++] = box;
    }
    flame->count = kept;
    pyr_mem_free(place_of);
    return true;
}

bool pyr_flame_init(struct pyr_flame *flame, const struct pyr_profile *profile, int column,
                    struct pyr_err *err)
{
    struct pyr_map places = {0};
    uint32_t *place_of =
        pyr_mem_zalloc((size_t)pyr_stacks_count(profile->stacks) + 1, sizeof *place_of);
    if (place_of == NULL) {
        return pyr_err_nomem(err);
    }
    bool ok = make_boxes(flame, profile, &places, place_of, err);
    if (ok) {
        weigh(flame, profile, column, place_of);
        ok = drop_empty(flame, err) && lay_out(flame, err);
    }
    pyr_map_release(&places);
    pyr_mem_free(place_of);
    if (!ok) {
        pyr_flame_release(flame);
    }
    return ok;
}

void pyr_flame_release(struct pyr_flame *flame)
{
    pyr_mem_free(flame->boxes);
    *flame = (struct pyr_flame){0};
}
