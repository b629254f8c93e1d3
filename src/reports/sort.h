/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Sort: the columns that reports can be ordered by, under our names and those of cProfile. */
#pragma once

#include "base/err.h"
#include "reports/view.h"

enum pyr_sort_by {
    PYR_SORT_SELF,
    PYR_SORT_TOTAL,
    PYR_SORT_CALLS,
    PYR_SORT_PRIMITIVE,
    PYR_SORT_PERCALL,
    PYR_SORT_CPU,     /* beside the wall time */
    PYR_SORT_WAITING, /* the rest of it */
    PYR_SORT_AWAITED, /* these three of coroutine functions */
    PYR_SORT_STARVED,
    PYR_SORT_ELAPSED,
    PYR_SORT_NAME,
    PYR_SORT_FILE,
    PYR_SORT_LINE,
    PYR_SORT_MODULE,
    PYR_SORT_METRIC, /* the self value of one metric */
};

struct pyr_sort {
    enum pyr_sort_by by;
    int metric;     /* of PYR_SORT_METRIC */
    bool reverse;   /* figures go from large to small, texts from a to z, unless reversed */
    bool inclusive; /* CPU and waiting are of the total, not of the self time */
};

/* Reads options->sort; `otherwise` when it is NULL. An unknown column is a usage error that
 * names those there are. */
PYR_MUST_USE bool pyr_sort_find(const struct pyr_view *view, enum pyr_sort_by otherwise,
                                struct pyr_sort *sort, struct pyr_err *err);

/* Orders functions or arcs, by what the callee (`func`) is, or by the caller if `callers`.
 * Equal ones are ordered by self value, then name, so that a report is always the same. */
void pyr_sort_totals(const struct pyr_view *view, const struct pyr_sort *sort, bool callers,
                     struct pyr_total *totals, uint32_t count);

/* The order of two functions by a text column (name, file, line, module); other columns: name. */
int pyr_sort_compare_text(const struct pyr_view *view, enum pyr_sort_by by, pyr_func a, pyr_func b);
