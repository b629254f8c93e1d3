/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/values.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"

struct row {
    pyr_stack stack;
    pyr_thread thread;
    uint32_t epoch;
};

struct pyr_values {
    struct row *rows; /* owned; row 1 is the first */
    uint32_t row_cap;
    uint32_t count;
    int64_t *v;      /* owned; `stride` of them for each row */
    uint32_t v_cap;  /* in rows */
    uint32_t stride; /* only as wide as is used: most profiles have three columns of the sixteen */
    uint32_t epoch;
    struct pyr_map by_place; /* owned */
};

struct pyr_values *pyr_values_new(void)
{
    struct pyr_values *tab = pyr_mem_zalloc(1, sizeof *tab);
    if (tab != NULL) {
        tab->stride = 1;
        tab->epoch = 1;
    }
    return tab;
}

void pyr_values_free(struct pyr_values *tab)
{
    if (tab == NULL) {
        return;
    }
    pyr_map_release(&tab->by_place);
    pyr_mem_free(tab->rows);
    pyr_mem_free(tab->v);
    pyr_mem_free(tab);
}

bool pyr_values_widen(struct pyr_values *tab, uint32_t columns, struct pyr_err *err)
{
    if (columns <= tab->stride) {
        return true;
    }
    if (columns > PYR_MAX_METRICS) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "%u metrics: a profile has at most %d", columns,
                           PYR_MAX_METRICS);
    }
    if (tab->v_cap == 0) {
        tab->stride = columns;
        return true;
    }
    int64_t *wide = pyr_mem_zalloc(tab->v_cap, columns * sizeof *wide);
    if (wide == NULL) {
        return pyr_err_nomem(err);
    }
    for (size_t i = 0; i < tab->count; i++) {
        memcpy(wide + i * columns, tab->v + i * tab->stride, tab->stride * sizeof *wide);
    }
    pyr_mem_free(tab->v);
    tab->v = wide;
    tab->stride = columns;
    return true;
}

static uint64_t key_of(pyr_stack stack, pyr_thread thread)
{
    return (uint64_t)stack.i << 32 | thread.i;
}

uint32_t pyr_values_find(const struct pyr_values *tab, pyr_stack stack, pyr_thread thread)
{
    return pyr_map_get(&tab->by_place, key_of(stack, thread));
}

/* Sets `*row` to the row of (stack, thread), made if need be, with room for `columns` columns. */
static bool find_or_make(struct pyr_values *tab, uint64_t key, uint32_t columns, uint32_t *row,
                         struct pyr_err *err)
{
    if (!pyr_values_widen(tab, columns, err)) {
        return false;
    }
    *row = pyr_map_get(&tab->by_place, key);
    if (*row != 0) {
        return true;
    }
    size_t needed = (size_t)tab->count + 1;
    if (!pyr_mem_grow(&tab->rows, &tab->row_cap, needed, sizeof *tab->rows, err) ||
        !pyr_mem_grow(&tab->v, &tab->v_cap, needed, tab->stride * sizeof *tab->v, err) ||
        !pyr_map_put(&tab->by_place, key, tab->count + 1, err)) {
        return false;
    }
    tab->rows[tab->count] = (struct row){
        .stack = {(uint32_t)(key >> 32)}, .thread = {(uint32_t)key}, .epoch = tab->epoch};
    *row = ++tab->count;
    return true;
}

static int64_t *values_of(const struct pyr_values *tab, uint32_t row)
{
    return tab->v + (size_t)(row - 1) * tab->stride;
}

bool pyr_values_add(struct pyr_values *tab, pyr_stack stack, pyr_thread thread, uint32_t column,
                    int64_t delta, struct pyr_err *err)
{
    uint32_t row = 0;
    uint32_t columns = column < PYR_MAX_METRICS ? column + 1 : PYR_MAX_METRICS + 1;
    if (!find_or_make(tab, key_of(stack, thread), columns, &row, err)) {
        return false;
    }
    int64_t *value = &values_of(tab, row)[column];
    int64_t sum = pyr_values_sum(*value, delta);
    if (sum != *value) {
        *value = sum;
        tab->rows[row - 1].epoch = tab->epoch;
    }
    return true;
}

bool pyr_values_set(struct pyr_values *tab, pyr_stack stack, pyr_thread thread, const int64_t *v,
                    uint32_t count, struct pyr_err *err)
{
    uint32_t row = 0;
    if (!find_or_make(tab, key_of(stack, thread), count, &row, err)) {
        return false;
    }
    int64_t *values = values_of(tab, row);
    if (count > 0 && memcmp(values, v, count * sizeof *v) != 0) {
        memcpy(values, v, count * sizeof *v);
        tab->rows[row - 1].epoch = tab->epoch;
    }
    return true;
}

struct pyr_value_row pyr_values_get(const struct pyr_values *tab, uint32_t row)
{
    const struct row *place = &tab->rows[row - 1];
    return (struct pyr_value_row){place->stack, place->thread, place->epoch, values_of(tab, row)};
}

uint32_t pyr_values_count(const struct pyr_values *tab)
{
    return tab->count;
}

uint32_t pyr_values_next_epoch(struct pyr_values *tab)
{
    return tab->epoch++;
}
