/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Table: rows of cells laid out in aligned columns that fit the terminal.
 *
 * When the natural widths do not fit, columns that may be left out are, in the order of their
 * `drop`; then the flexible ones share what is left, cut with a visible mark. Fill it in this
 * order: pyr_table_init, then per row pyr_table_row and one pyr_table_add per column, then
 * pyr_table_render. Running out of memory is remembered and told by pyr_table_render().
 * Start zeroed. Threads: one owner. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "reports/printable.h"
#include "reports/report.h"
#include "reports/style.h"

#define PYR_TABLE_MAX_COLUMNS 24

struct pyr_table_column {
    const char *title; /* borrowed; "" for none */
    bool left;         /* aligned left; figures are aligned right */
    uint8_t drop;      /* 0: always shown; of the others the largest is left out first */
    uint8_t min;       /* flexible when not 0: never narrower than this many columns */
    uint8_t gap;       /* spaces before it; 0 means two */
    enum pyr_cut cut;
    bool absent;    /* this time: its cells are given, but not shown */
    bool gives_way; /* a flexible column that gets narrow before the others do */
};

struct pyr_table {
    const struct pyr_table_column *columns; /* borrowed */
    uint32_t column_count;
    struct pyr_buf text;          /* of all cells, one after the other; owned */
    struct pyr_table_cell *cells; /* owned */
    uint32_t cell_count;
    uint32_t cell_cap;
    bool failed;
};

void pyr_table_init(struct pyr_table *table, const struct pyr_table_column *columns,
                    uint32_t count);
void pyr_table_release(struct pyr_table *table);

/* The next cell of the current row; a row is full after one for each column. The text must be
 * safe (see reports/printable.h); it is copied. */
void pyr_table_add(struct pyr_table *table, enum pyr_style style, const char *text);
/* The same for text that was appended to table->text since `start`. Its first `lead` bytes are
 * dim and never cut: the branches of a tree. */
void pyr_table_add_since(struct pyr_table *table, enum pyr_style style, size_t start, size_t lead);
/* Appends heading and rows, each line indented by two. Uses width, color and ascii of `options`. */
PYR_MUST_USE bool pyr_table_render(const struct pyr_table *table,
                                   const struct pyr_report_options *options, struct pyr_buf *out,
                                   struct pyr_err *err);
