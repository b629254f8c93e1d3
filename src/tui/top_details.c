/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_details.h"

#include <stdlib.h>

#include "base/mem.h"

struct arc {
    const struct pyr_mirror *mirror;
    bool lines;
    uint32_t caller; /* keys */
    uint32_t callee;
};

static uint32_t key_of(const struct arc *arc, uint32_t stack)
{
    return stack == 0 ? 0 : pyr_sums_key(&arc->mirror->paths[stack], arc->lines);
}

/* Is the same pair further out in the stack? Then what goes on here was counted there. */
static bool is_again(const struct arc *arc, uint32_t stack)
{
    const struct pyr_mirror_path *path = &arc->mirror->paths[stack];
    if (arc->lines ? !path->again_frame : !path->again_func) {
        return false;
    }
    for (uint32_t at = path->parent; at != 0; at = arc->mirror->paths[at].parent) {
        if (key_of(arc, at) == arc->callee &&
            key_of(arc, arc->mirror->paths[at].parent) == arc->caller) {
            return true;
        }
    }
    return false;
}

static bool add(struct pyr_top_relatives *relatives, struct pyr_map *index, uint64_t place,
                struct pyr_top_relative more, struct pyr_err *err)
{
    uint32_t at = pyr_map_get(index, place);
    if (at == 0) {
        if (!pyr_mem_grow(&relatives->items, &relatives->cap, relatives->count + (size_t)1,
                          sizeof *relatives->items, err) ||
            !pyr_map_put(index, place, relatives->count + 1, err)) {
            return false;
        }
        at = ++relatives->count;
        relatives->items[at - 1] = (struct pyr_top_relative){.key = more.key};
    }
    relatives->items[at - 1].now += more.now;
    relatives->items[at - 1].all += more.all;
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct pyr_top_relative *x = a;
    const struct pyr_top_relative *y = b;
    if (x->all != y->all) {
        return x->all > y->all ? -1 : 1;
    }
    return (x->key > y->key) - (x->key < y->key);
}

static void sort(struct pyr_top_relatives *relatives)
{
    if (relatives->count > 1) {
        qsort(relatives->items, relatives->count, sizeof *relatives->items, compare);
    }
}

bool pyr_top_details_build(struct pyr_top_details *details, const struct pyr_top_model *model,
                           uint32_t key, struct pyr_err *err)
{
    const struct pyr_sums *sums = &model->sums;
    struct arc arc = {.mirror = &model->mirror, .lines = model->filter.lines};
    details->key = key;
    details->sum = key < sums->key_count ? sums->keys[key] : (struct pyr_sum){0};
    details->callers.count = 0;
    details->callees.count = 0;
    pyr_map_clear(&details->index);
    for (uint32_t i = 1; key != 0 && i < sums->stack_count; i++) {
        const struct pyr_sum_stack *stack = &sums->stacks[i];
        if (stack->all == 0 && stack->now == 0) {
            continue;
        }
        arc.callee = key_of(&arc, i);
        arc.caller = key_of(&arc, model->mirror.paths[i].parent);
        if ((arc.callee != key && arc.caller != key) || is_again(&arc, i)) {
            continue;
        }
        struct pyr_top_relative more = {.key = arc.caller, .now = stack->now, .all = stack->all};
        /* Callers are numbered apart from callees: the one who calls may be called as well. */
        if (arc.callee == key &&
            !add(&details->callers, &details->index, (uint64_t)more.key << 1, more, err)) {
            return false;
        }
        more.key = arc.callee;
        if (arc.caller == key &&
            !add(&details->callees, &details->index, (uint64_t)more.key << 1 | 1, more, err)) {
            return false;
        }
    }
    sort(&details->callers);
    sort(&details->callees);
    return true;
}

void pyr_top_details_release(struct pyr_top_details *details)
{
    pyr_mem_free(details->callers.items);
    pyr_mem_free(details->callees.items);
    pyr_map_release(&details->index);
    *details = (struct pyr_top_details){0};
}
