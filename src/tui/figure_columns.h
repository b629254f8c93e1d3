/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Figure columns: the figures at the left of a list, of fixed widths, of which those that matter
 * least are left out where the terminal is narrow. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/line.h"

#define PYR_FIGURE_COLUMNS_GAP 2 /* between the figures and what follows */

struct pyr_figure_column {
    const char *title;
    uint8_t columns;
    uint8_t drop; /* 0: always shown; of the others the largest is left out first */
};

/* Those with a `drop` from the result on are left out, so that `rest` columns are left. */
uint8_t pyr_figure_columns_keep(const struct pyr_figure_column *columns, size_t count,
                                uint32_t width, uint32_t rest);
/* What the others and the gap after them take. */
uint32_t pyr_figure_columns_width(const struct pyr_figure_column *columns, size_t count,
                                  uint8_t keep);
/* Titles, and the gap. */
void pyr_figure_columns_title(const struct pyr_figure_column *columns, size_t count, uint8_t keep,
                              struct pyr_line *line);
/* Text at the right of the next `columns` columns. */
void pyr_figure_columns_put(struct pyr_line *line, uint32_t columns, enum pyr_style style,
                            const char *text);
