/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/figure_columns.h"

uint32_t pyr_figure_columns_width(const struct pyr_figure_column *columns, size_t count,
                                  uint8_t keep)
{
    uint32_t width = PYR_FIGURE_COLUMNS_GAP;
    for (size_t i = 0; i < count; i++) {
        width += columns[i].drop < keep ? columns[i].columns : 0u;
    }
    return width;
}

uint8_t pyr_figure_columns_keep(const struct pyr_figure_column *columns, size_t count,
                                uint32_t width, uint32_t rest)
{
    uint8_t keep = 1;
    for (size_t i = 0; i < count; i++) {
        keep = columns[i].drop >= keep ? (uint8_t)(columns[i].drop + 1) : keep;
    }
    while (keep > 1 && pyr_figure_columns_width(columns, count, keep) + rest > width) {
        keep--;
    }
    return keep;
}

void pyr_figure_columns_title(const struct pyr_figure_column *columns, size_t count, uint8_t keep,
                              struct pyr_line *line)
{
    for (size_t i = 0; i < count; i++) {
        if (columns[i].drop < keep) {
            pyr_figure_columns_put(line, columns[i].columns, PYR_STYLE_HEAD, columns[i].title);
        }
    }
    pyr_line_skip(line, PYR_FIGURE_COLUMNS_GAP);
}

void pyr_figure_columns_put(struct pyr_line *line, uint32_t columns, enum pyr_style style,
                            const char *text)
{
    struct pyr_span span = line->rest;
    span.columns = columns < span.columns ? columns : span.columns;
    pyr_grid_put_right(line->grid, span, pyr_look_of(style), text);
    pyr_line_skip(line, columns);
}
