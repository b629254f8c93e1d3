/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Line: one row of a grid, filled with pieces from left to right. A piece that does not fit is
 * left out as a whole, and so is all after it. */
#pragma once

#include "base/err.h"
#include "reports/printable.h"
#include "tui/grid.h"

struct pyr_line {
    struct pyr_grid *grid;
    struct pyr_span rest; /* what is not filled yet */
    bool full;
};

struct pyr_line pyr_line_start(struct pyr_grid *grid, uint32_t row);
/* The text is printable already. */
void pyr_line_add(struct pyr_line *line, enum pyr_style style, const char *text);
void pyr_line_addf(struct pyr_line *line, enum pyr_style style, const char *fmt, ...)
    PYR_PRINTF(3, 4);
/* A piece that is cut rather than left out, to at most `columns`. */
void pyr_line_add_cut(struct pyr_line *line, struct pyr_look look, const struct pyr_buf *text,
                      uint32_t columns, enum pyr_cut cut);
/* Any bytes, made printable and cut. */
void pyr_line_add_raw(struct pyr_line *line, enum pyr_style style, const char *text,
                      uint32_t columns);
/* A command line: of its first word, the program's path, only the name. */
void pyr_line_add_command(struct pyr_line *line, enum pyr_style style, const char *command,
                          uint32_t columns);
void pyr_line_skip(struct pyr_line *line, uint32_t columns);

/* A share as "12.3 %" in at most seven columns; "-" of nothing. */
struct pyr_share_text {
    char text[24];
};
struct pyr_share_text pyr_share_text(uint64_t part, uint64_t whole);
/* "12:34", "1:02:03", "2d 03:04". */
struct pyr_share_text pyr_elapsed_text(uint64_t ns);
