/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Grid: an off-screen picture of a terminal, cell by cell. Views draw here; screen.c puts it out,
 * and tests compare it as text.
 *
 * Drawing outside the grid is cut off and never an error, so that a view need not know whether it
 * fits. Start zeroed. Threads: one owner. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "reports/style.h"

#define PYR_GRID_MAX_COLUMNS 1000
#define PYR_GRID_MAX_ROWS 500
#define PYR_GRID_CELL_BYTES 20 /* a character with what joins it; further marks are left out */

/* How a cell looks: a style, and what goes on top of it. */
struct pyr_look {
    uint8_t style; /* enum pyr_style */
    bool chosen;   /* the row or box that keys act on */
    uint8_t fill;  /* background 1..PYR_LOOK_FILLS, as boxes of a flame graph have; 0: none */
};

#define PYR_LOOK_FILLS 4

struct pyr_cell {
    char text[PYR_GRID_CELL_BYTES]; /* NUL-terminated; "" in the right half of a wide character */
    uint8_t size;                   /* of the text, in bytes */
    uint8_t columns;                /* that it takes: 1 or 2, and 0 for a right half */
    struct pyr_look look;
};

struct pyr_grid {
    uint32_t columns;
    uint32_t rows;
    bool ascii;             /* other characters become '?' */
    struct pyr_cell *cells; /* owned; row after row */
    uint32_t cap;
};

/* The next draws go to a grid of this size, at most the maximum above; all cells are spaces. */
PYR_MUST_USE bool pyr_grid_resize(struct pyr_grid *grid, uint32_t columns, uint32_t rows,
                                  struct pyr_err *err);
void pyr_grid_release(struct pyr_grid *grid);
void pyr_grid_clear(struct pyr_grid *grid);

/* A piece of one row to draw into: what does not fit is cut off. */
struct pyr_span {
    uint32_t row;
    uint32_t column;
    uint32_t columns;
};

/* Draws `len` bytes of text from the span's left edge and gives the columns used. The text should
 * be printable (reports/printable.h); what is not becomes '?'. A wide character that would be cut
 * in half is left out. */
uint32_t pyr_grid_put(struct pyr_grid *grid, struct pyr_span span, struct pyr_look look,
                      const char *text, size_t len);
uint32_t pyr_grid_put_text(struct pyr_grid *grid, struct pyr_span span, struct pyr_look look,
                           const char *text);
/* The same against the right edge. */
void pyr_grid_put_right(struct pyr_grid *grid, struct pyr_span span, struct pyr_look look,
                        const char *text);
/* Gives the cells of the span another look, and leaves their text. */
void pyr_grid_paint(struct pyr_grid *grid, struct pyr_span span, struct pyr_look look);
/* Marks them as chosen, whatever they look like otherwise. */
void pyr_grid_choose(struct pyr_grid *grid, struct pyr_span span);

/* NULL outside the grid. Borrowed, valid until the grid is resized. */
const struct pyr_cell *pyr_grid_cell(const struct pyr_grid *grid, uint32_t column, uint32_t row);
/* The grid as lines of text without spaces at their ends. */
void pyr_grid_add_text(const struct pyr_grid *grid, struct pyr_buf *out);

static inline struct pyr_look pyr_look_of(enum pyr_style style)
{
    const struct pyr_look look = {.style = (uint8_t)style};
    return look;
}
