/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/grid.h"

#include <string.h>

#include "base/mem.h"
#include "reports/printable.h"

static struct pyr_cell *cell_at(struct pyr_grid *grid, uint32_t column, uint32_t row)
{
    return &grid->cells[(size_t)row * grid->columns + column];
}

static void make_blank(struct pyr_cell *cell)
{
    *cell = (struct pyr_cell){.text = " ", .size = 1, .columns = 1};
}

void pyr_grid_clear(struct pyr_grid *grid)
{
    const size_t count = (size_t)grid->columns * grid->rows;
    for (size_t i = 0; i < count; i++) {
        make_blank(&grid->cells[i]);
    }
}

bool pyr_grid_resize(struct pyr_grid *grid, uint32_t columns, uint32_t rows, struct pyr_err *err)
{
    columns = columns > PYR_GRID_MAX_COLUMNS ? PYR_GRID_MAX_COLUMNS : columns;
    rows = rows > PYR_GRID_MAX_ROWS ? PYR_GRID_MAX_ROWS : rows;
    if (!pyr_mem_grow(&grid->cells, &grid->cap, (size_t)columns * rows, sizeof *grid->cells, err)) {
        return false;
    }
    grid->columns = columns;
    grid->rows = rows;
    pyr_grid_clear(grid);
    return true;
}

void pyr_grid_release(struct pyr_grid *grid)
{
    pyr_mem_free(grid->cells);
    *grid = (struct pyr_grid){0};
}

/* The part of the span that is inside the grid. */
static uint32_t clip(const struct pyr_grid *grid, struct pyr_span span)
{
    if (span.row >= grid->rows || span.column >= grid->columns) {
        return 0;
    }
    const uint32_t room = grid->columns - span.column;
    return span.columns < room ? span.columns : room;
}

/* How many bytes the character that begins there has; 0 if it is none that may be shown. */
static size_t character_size(const char *text, size_t len)
{
    const uint8_t lead = (uint8_t)text[0];
    size_t size = 1;
    if (lead < 0x20 || lead == 0x7F) {
        return 0;
    }
    if (lead >= 0x80) {
        size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
        if (lead >= 0xF5 || size > len) {
            return 0;
        }
        for (size_t i = 1; i < size; i++) {
            if (((uint8_t)text[i] & 0xC0u) != 0x80) {
                return 0;
            }
        }
        if (lead == 0xC2 && (uint8_t)text[1] < 0xA0) {
            return 0; /* the control characters beyond ASCII */
        }
    }
    return size;
}

/* Half of a wide character must not stay when something is drawn over the other half. */
static void cut_loose(struct pyr_grid *grid, uint32_t column, uint32_t row)
{
    if (cell_at(grid, column, row)->columns == 0 && column > 0) {
        make_blank(cell_at(grid, column - 1, row));
    }
    if (cell_at(grid, column, row)->columns == 2 && column + 1 < grid->columns) {
        make_blank(cell_at(grid, column + 1, row));
    }
}

static void set_cell(struct pyr_grid *grid, uint32_t column, uint32_t row, struct pyr_cell cell)
{
    cut_loose(grid, column, row);
    *cell_at(grid, column, row) = cell;
}

/* Puts what takes no column of its own, an accent, onto the character before it. */
static void join(struct pyr_cell *cell, const char *text, size_t size)
{
    if (cell->columns != 0 && cell->size + size < sizeof cell->text) {
        memcpy(cell->text + cell->size, text, size);
        cell->size = (uint8_t)(cell->size + size);
        cell->text[cell->size] = '\0';
    }
}

uint32_t pyr_grid_put(struct pyr_grid *grid, struct pyr_span span, struct pyr_look look,
                      const char *text, size_t len)
{
    const uint32_t room = clip(grid, span);
    uint32_t used = 0;
    uint32_t last = 0; /* column of the character before, plus 1 */
    for (size_t at = 0; at < len;) {
        size_t size = character_size(text + at, len - at);
        const char *shown = text + at;
        at += size == 0 ? 1 : size;
        uint32_t columns = 1;
        if (size > 1) {
            columns = (uint32_t)pyr_printable_columns(shown, size);
        }
        if (size == 0 || (size > 1 && grid->ascii && columns > 0)) {
            shown = "?";
            size = 1;
            columns = 1;
        }
        if (columns == 0) {
            if (last > 0 && !grid->ascii) {
                join(cell_at(grid, last - 1, span.row), shown, size);
            }
            continue;
        }
        if (used + columns > room) {
            break;
        }
        struct pyr_cell cell = {.size = (uint8_t)size, .columns = (uint8_t)columns, .look = look};
        memcpy(cell.text, shown, size);
        last = span.column + used + 1;
        set_cell(grid, last - 1, span.row, cell);
        if (columns == 2) {
            set_cell(grid, last, span.row, (struct pyr_cell){.look = look});
        }
        used += columns;
    }
    return used;
}

uint32_t pyr_grid_put_text(struct pyr_grid *grid, struct pyr_span span, struct pyr_look look,
                           const char *text)
{
    return pyr_grid_put(grid, span, look, text, strlen(text));
}

void pyr_grid_put_right(struct pyr_grid *grid, struct pyr_span span, struct pyr_look look,
                        const char *text)
{
    const size_t len = strlen(text);
    const size_t columns = pyr_printable_columns(text, len);
    if (columns < span.columns) {
        span.column += span.columns - (uint32_t)columns;
        span.columns = (uint32_t)columns;
    }
    (void)pyr_grid_put(grid, span, look, text, len);
}

void pyr_grid_paint(struct pyr_grid *grid, struct pyr_span span, struct pyr_look look)
{
    const uint32_t columns = clip(grid, span);
    for (uint32_t i = 0; i < columns; i++) {
        cell_at(grid, span.column + i, span.row)->look = look;
    }
}

void pyr_grid_choose(struct pyr_grid *grid, struct pyr_span span)
{
    const uint32_t columns = clip(grid, span);
    for (uint32_t i = 0; i < columns; i++) {
        cell_at(grid, span.column + i, span.row)->look.chosen = true;
    }
}

const struct pyr_cell *pyr_grid_cell(const struct pyr_grid *grid, uint32_t column, uint32_t row)
{
    if (column >= grid->columns || row >= grid->rows) {
        return NULL;
    }
    return &grid->cells[(size_t)row * grid->columns + column];
}

static bool is_blank(const struct pyr_cell *cell)
{
    return cell->size == 1 && cell->text[0] == ' ';
}

static void add_row(const struct pyr_cell *cells, uint32_t count, struct pyr_buf *out)
{
    while (count > 0 && is_blank(&cells[count - 1])) {
        count--;
    }
    for (uint32_t i = 0; i < count; i++) {
        pyr_buf_add(out, cells[i].text, cells[i].size);
    }
    pyr_buf_add_char(out, '\n');
}

void pyr_grid_add_text(const struct pyr_grid *grid, struct pyr_buf *out)
{
    for (uint32_t row = 0; row < grid->rows; row++) {
        add_row(grid->cells + (size_t)row * grid->columns, grid->columns, out);
    }
}
