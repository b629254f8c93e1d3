/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/path.h"

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

bool pyr_path_order(const struct pyr_profile *profile, uint32_t **order, struct pyr_err *err)
{
    uint32_t count = pyr_stacks_count(profile->stacks);
    uint32_t *sizes = pyr_mem_zalloc((size_t)count + 1, sizeof *sizes);
    *order = pyr_mem_zalloc((size_t)count + 1, sizeof **order);
    if (sizes == NULL || *order == NULL) {
        pyr_mem_free(sizes);
        pyr_mem_free(*order);
        *order = NULL;
        return pyr_err_nomem(err);
    }
    /* Parents have smaller ids: from the end, every subtree's size; from the start, its place,
     * where sizes[] turns into the next free place among the stack's children. */
    for (uint32_t i = count; i > 0; i--) {
        sizes[i]++;
        sizes[pyr_stacks_get(profile->stacks, (pyr_stack){i}).parent.i] += sizes[i];
    }
    sizes[0] = 1;
    for (uint32_t i = 1; i <= count; i++) {
        uint32_t parent = pyr_stacks_get(profile->stacks, (pyr_stack){i}).parent.i;
        uint32_t size = sizes[i];
        (*order)[i] = sizes[parent];
        sizes[i] = sizes[parent] + 1;
        sizes[parent] += size;
    }
    pyr_mem_free(sizes);
    return true;
}
