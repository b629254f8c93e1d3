/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/path.h"

#include <stdlib.h>

#include "base/mem.h"

bool pyr_path_fill(struct pyr_path *path, const struct pyr_profile *profile, pyr_stack stack,
                   struct pyr_err *err)
{
    uint32_t depth = 0;
    for (pyr_stack s = stack; s.i != 0; s = pyr_stacks_get(profile->stacks, s).parent) {
        depth++;
    }
    if (!pyr_mem_grow(&path->stacks, &path->cap, depth, sizeof *path->stacks, err)) {
        return false;
    }
    path->depth = depth;
    for (pyr_stack s = stack; s.i != 0; s = pyr_stacks_get(profile->stacks, s).parent) {
        path->stacks[--depth] = s;
    }
    return true;
}

void pyr_path_release(struct pyr_path *path)
{
    pyr_mem_free(path->stacks);
    *path = (struct pyr_path){0};
}

struct sibling {
    int64_t inclusive;
    uint32_t parent;
    uint32_t id;
    uint32_t size; /* stacks in its tree, itself included */
};

static int compare(const void *a, const void *b)
{
    const struct sibling *x = a, *y = b;
    if (x->parent != y->parent) {
        return x->parent < y->parent ? -1 : 1;
    }
    if (x->inclusive != y->inclusive) {
        return x->inclusive > y->inclusive ? -1 : 1;
    }
    return x->id < y->id ? -1 : x->id > y->id;
}

static void add_saturated(int64_t *to, int64_t value)
{
    if (__builtin_add_overflow(*to, value, to)) {
        *to = value < 0 ? INT64_MIN : INT64_MAX;
    }
}

/* Entry i is stack i; entry 0 is what holds the outermost ones. */
static void measure(const struct pyr_profile *profile, uint32_t column, struct sibling *siblings)
{
    uint32_t rows = pyr_values_count(profile->values);
    for (uint32_t i = 1; i <= rows; i++) {
        struct pyr_value_row row = pyr_values_get(profile->values, i);
        add_saturated(&siblings[row.stack.i].inclusive, row.v[column]);
    }
    for (uint32_t i = pyr_stacks_count(profile->stacks); i > 0; i--) {
        uint32_t parent = pyr_stacks_get(profile->stacks, (pyr_stack){i}).parent.i;
        siblings[i].id = i;
        siblings[i].parent = parent;
        siblings[i].size++;
        siblings[parent].size += siblings[i].size;
        add_saturated(&siblings[parent].inclusive, siblings[i].inclusive);
    }
}

bool pyr_path_order(const struct pyr_profile *profile, uint32_t column, uint32_t **order,
                    struct pyr_err *err)
{
    uint32_t count = pyr_stacks_count(profile->stacks);
    struct sibling *siblings = pyr_mem_zalloc((size_t)count + 1, sizeof *siblings);
    uint32_t *next = pyr_mem_zalloc((size_t)count + 1, sizeof *next);
    *order = pyr_mem_zalloc((size_t)count + 1, sizeof **order);
    bool ok = siblings != NULL && next != NULL && *order != NULL;
    if (ok) {
        measure(profile, column, siblings);
        qsort(siblings + 1, count, sizeof *siblings, compare);
        /* Parents have smaller ids, so each has its place before its children ask for theirs:
         * next[] is the next free place in a stack's tree. */
        next[0] = 1;
        for (uint32_t i = 1; i <= count; i++) {
            const struct sibling *s = &siblings[i];
            (*order)[s->id] = next[s->parent];
            next[s->id] = next[s->parent] + 1;
            next[s->parent] += s->size;
        }
    } else {
        pyr_mem_free(*order);
        *order = NULL;
        pyr_err_nomem(err);
    }
    pyr_mem_free(siblings);
    pyr_mem_free(next);
    return ok;
}
