/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/slices.h"

#include <stdlib.h>

#include "base/mem.h"
#include "formats/path.h"

static int compare(const void *a, const void *b)
{
    const struct pyr_slice *x = a, *y = b;
    if (x->thread.i != y->thread.i) {
        return x->thread.i < y->thread.i ? -1 : 1;
    }
    if (x->place != y->place) {
        return x->place < y->place ? -1 : 1;
    }
    /* Of two that start together the longer holds the other. */
    if (x->weight != y->weight) {
        return x->weight > y->weight ? -1 : 1;
    }
    return x->stack.i < y->stack.i ? -1 : x->stack.i > y->stack.i;
}

static void take_runs(struct pyr_slices *slices, const struct pyr_timeline *timeline)
{
    uint32_t count = pyr_timeline_count(timeline);
    for (uint32_t i = 0; i < count; i++) {
        struct pyr_run run = pyr_timeline_get(timeline, i);
        if (run.duration_ns > 0) {
            slices->items[slices->count++] = (struct pyr_slice){
                .thread = run.thread,
                .stack = run.stack,
                .place = run.start_ns,
                .weight = run.duration_ns > INT64_MAX ? INT64_MAX : (int64_t)run.duration_ns,
            };
        }
    }
}

static bool take_rows(struct pyr_slices *slices, const struct pyr_profile *profile, int column,
                      struct pyr_err *err)
{
    uint32_t count = pyr_values_count(profile->values);
    uint32_t *order = NULL;
    if (!pyr_path_order(profile, (uint32_t)column, &order, err)) {
        return false;
    }
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_value_row row = pyr_values_get(profile->values, i);
        if (row.v[column] > 0) {
            slices->items[slices->count++] = (struct pyr_slice){
                .thread = row.thread,
                .stack = row.stack,
                .place = order[row.stack.i],
                .weight = row.v[column],
            };
        }
    }
    pyr_mem_free(order);
    return true;
}

bool pyr_slices_init(struct pyr_slices *slices, const struct pyr_profile *profile, int column,
                     struct pyr_err *err)
{
    uint32_t runs = pyr_timeline_count(profile->timeline);
    size_t most = runs > 0 ? runs : pyr_values_count(profile->values);
    slices->items = pyr_mem_zalloc(most + 1, sizeof *slices->items);
    if (slices->items == NULL) {
        return pyr_err_nomem(err);
    }
    slices->in_time = runs > 0;
    if (slices->in_time) {
        take_runs(slices, profile->timeline);
    } else if (column >= 0 && !take_rows(slices, profile, column, err)) {
        return false;
    }
    qsort(slices->items, slices->count, sizeof *slices->items, compare);
    return true;
}

void pyr_slices_release(struct pyr_slices *slices)
{
    pyr_mem_free(slices->items);
    *slices = (struct pyr_slices){0};
}

bool pyr_slices_next_thread(const struct pyr_slices *slices, struct pyr_slice_range *range)
{
    range->from = range->to;
    if (range->from == slices->count) {
        return false;
    }
    range->thread = slices->items[range->from].thread;
    while (range->to < slices->count && slices->items[range->to].thread.i == range->thread.i) {
        range->to++;
    }
    return true;
}
