/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Values: rows of (stack, thread) with one *self* value per metric.
 *
 * A row is found or made by its stack and thread; rows keep the order in which they were made and
 * are numbered from 1. Every change stamps the row with the table's epoch, so that a writer can
 * append only what changed since it last wrote. Values are signed because a difference is a
 * profile too. Threads: one writer, readers after it. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/metrics.h"
#include "model/stacks.h"
#include "model/threads.h"

struct pyr_values;

struct pyr_value_row {
    pyr_stack stack;
    pyr_thread thread; /* id 0: not told apart */
    uint32_t epoch;    /* in which it last changed */
    const int64_t *v;  /* borrowed, one per metric, valid until the next change to the table */
};

struct pyr_values *pyr_values_new(void); /* NULL when out of memory */
void pyr_values_free(struct pyr_values *tab);

/* Adds `delta` to one value. Saturates instead of overflowing. */
PYR_MUST_USE bool pyr_values_add(struct pyr_values *tab, pyr_stack stack, pyr_thread thread,
                                 uint32_t column, int64_t delta, struct pyr_err *err);
/* Replaces the first `count` values of the row. Unchanged values do not stamp the row. */
PYR_MUST_USE bool pyr_values_set(struct pyr_values *tab, pyr_stack stack, pyr_thread thread,
                                 const int64_t *v, uint32_t count, struct pyr_err *err);
/* Makes every row, and those to come, at least `columns` wide; new values are 0. */
PYR_MUST_USE bool pyr_values_widen(struct pyr_values *tab, uint32_t columns, struct pyr_err *err);
/* 0 when there is no such row. */
uint32_t pyr_values_find(const struct pyr_values *tab, pyr_stack stack, pyr_thread thread);
/* `row` from 1 to the count. */
struct pyr_value_row pyr_values_get(const struct pyr_values *tab, uint32_t row);
uint32_t pyr_values_count(const struct pyr_values *tab);
/* Starts a new epoch and gives the one that ended: rows stamped with it or before are done. */
uint32_t pyr_values_next_epoch(struct pyr_values *tab);

/* How values add up everywhere: at the ends of the range instead of past them. */
static inline int64_t pyr_values_sum(int64_t a, int64_t b)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) {
        return a < 0 ? INT64_MIN : INT64_MAX;
    }
    return sum;
}
