/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/table.h"

#include <string.h>

#include "base/mem.h"

#define INDENT 2

struct pyr_table_cell {
    size_t start; /* in the table's text */
    uint32_t len;
    uint32_t lead;
    uint32_t columns; /* it takes on a terminal */
    enum pyr_style style;
};

/* What was decided for one rendering. */
struct layout {
    uint32_t width[PYR_TABLE_MAX_COLUMNS];
    bool shown[PYR_TABLE_MAX_COLUMNS];
};

void pyr_table_init(struct pyr_table *table, const struct pyr_table_column *columns, uint32_t count)
{
    table->columns = columns;
    table->column_count = count < PYR_TABLE_MAX_COLUMNS ? count : PYR_TABLE_MAX_COLUMNS;
}

void pyr_table_release(struct pyr_table *table)
{
    pyr_buf_release(&table->text);
    pyr_mem_free(table->cells);
    *table = (struct pyr_table){0};
}

void pyr_table_add(struct pyr_table *table, enum pyr_style style, const char *text)
{
    const size_t start = table->text.len;
    pyr_buf_add_text(&table->text, text);
    pyr_table_add_since(table, style, start, 0);
}

void pyr_table_add_since(struct pyr_table *table, enum pyr_style style, size_t start, size_t lead)
{
    struct pyr_err ignored = {0};
    if (table->text.failed || table->failed) {
        return;
    }
    const size_t len = table->text.len - start;
    if (len > UINT32_MAX || !pyr_mem_grow(&table->cells, &table->cell_cap, table->cell_count + 1u,
                                          sizeof *table->cells, &ignored)) {
        table->failed = true;
        return;
    }
    table->cells[table->cell_count++] = (struct pyr_table_cell){
        .start = start,
        .len = (uint32_t)len,
        .lead = (uint32_t)(lead < len ? lead : len),
        .columns = len == 0 ? 0 : (uint32_t)pyr_printable_columns(table->text.data + start, len),
        .style = style,
    };
}

static uint32_t gap_before(const struct pyr_table *table, uint32_t column)
{
    return table->columns[column].gap == 0 ? 2 : table->columns[column].gap;
}

/* A title may be the name of a metric from a file. */
static void add_title(const struct pyr_table *table, uint32_t column, struct pyr_buf *out)
{
    const char *title = table->columns[column].title;
    pyr_printable_add(out, title, strlen(title));
}

static uint32_t title_columns(const struct pyr_table *table, uint32_t column)
{
    struct pyr_buf title = {0};
    add_title(table, column, &title);
    const size_t columns = title.len == 0 ? 0 : pyr_printable_columns(title.data, title.len);
    pyr_buf_release(&title);
    return (uint32_t)columns;
}

static void measure(const struct pyr_table *table, struct layout *layout)
{
    for (uint32_t c = 0; c < table->column_count; c++) {
        layout->shown[c] = !table->columns[c].absent;
        layout->width[c] = title_columns(table, c);
    }
    for (uint32_t i = 0; i < table->cell_count; i++) {
        uint32_t *width = &layout->width[i % table->column_count];
        if (table->cells[i].columns > *width) {
            *width = table->cells[i].columns;
        }
    }
}

/* Columns taken when the flexible ones are as wide as they need to be, or as narrow as they may. */
static uint32_t columns_taken(const struct pyr_table *table, const struct layout *layout,
                              bool narrow)
{
    uint32_t taken = INDENT;
    bool first = true;
    for (uint32_t c = 0; c < table->column_count; c++) {
        const uint32_t min = table->columns[c].min;
        if (!layout->shown[c]) {
            continue;
        }
        taken += first ? 0 : gap_before(table, c);
        taken += narrow && min != 0 && min < layout->width[c] ? min : layout->width[c];
        first = false;
    }
    return taken;
}

static bool is_flexible(const struct pyr_table *table, const struct layout *layout, uint32_t c)
{
    return layout->shown[c] && table->columns[c].min != 0;
}

/* Columns that give way get narrow, down to their least width, until all flexible ones fit. */
static void give_way(const struct pyr_table *table, struct layout *layout, uint32_t room)
{
    uint32_t needed = 0;
    for (uint32_t c = 0; c < table->column_count; c++) {
        needed += is_flexible(table, layout, c) ? layout->width[c] : 0;
    }
    for (uint32_t c = 0; c < table->column_count && needed > room; c++) {
        const uint32_t min = table->columns[c].min;
        if (is_flexible(table, layout, c) && table->columns[c].gives_way &&
            layout->width[c] > min) {
            const uint32_t most = layout->width[c] - min;
            const uint32_t gives = most < needed - room ? most : needed - room;
            layout->width[c] -= gives;
            needed -= gives;
        }
    }
}

/* Gives the flexible columns what the others leave: those that give way first do so; then each
 * gets what it needs if that is no more than an equal part of what is left, and the others that
 * equal part. */
static void share_out(const struct pyr_table *table, struct layout *layout, uint32_t room)
{
    bool settled[PYR_TABLE_MAX_COLUMNS] = {false};
    uint32_t open = 0;
    give_way(table, layout, room);
    for (uint32_t c = 0; c < table->column_count; c++) {
        settled[c] = !is_flexible(table, layout, c);
        open += settled[c] ? 0 : 1;
    }
    /* Settling one enlarges the equal part of the others, so look again, at most once each. */
    for (uint32_t round = 0; round < table->column_count; round++) {
        for (uint32_t c = 0; c < table->column_count; c++) {
            if (!settled[c] && layout->width[c] <= room / open) {
                room -= layout->width[c];
                settled[c] = true;
                open--;
            }
        }
    }
    for (uint32_t c = 0; c < table->column_count; c++) {
        if (!settled[c]) {
            layout->width[c] = room / open > 0 ? room / open : 1;
            room -= layout->width[c] < room ? layout->width[c] : room;
            open--;
        }
    }
}

static void fit(const struct pyr_table *table, struct layout *layout, uint32_t width)
{
    while (columns_taken(table, layout, true) > width) {
        uint32_t victim = table->column_count;
        for (uint32_t c = 0; c < table->column_count; c++) {
            if (layout->shown[c] && table->columns[c].drop != 0 &&
                (victim == table->column_count ||
                 table->columns[c].drop > table->columns[victim].drop)) {
                victim = c;
            }
        }
        if (victim == table->column_count) {
            break;
        }
        layout->shown[victim] = false;
    }
    if (columns_taken(table, layout, false) <= width) {
        return;
    }
    uint32_t flexible = 0;
    for (uint32_t c = 0; c < table->column_count; c++) {
        if (layout->shown[c] && table->columns[c].min != 0) {
            flexible += layout->width[c];
        }
    }
    const uint32_t fixed = columns_taken(table, layout, false) - flexible;
    share_out(table, layout, width > fixed ? width - fixed : 0);
}

/* A cell's text without padding, cut to `width`. */
static void add_cell_text(const struct pyr_table *table, const struct pyr_table_cell *cell,
                          const struct pyr_table_column *column,
                          const struct pyr_report_options *options, struct pyr_buf *out,
                          uint32_t width)
{
    if (cell->len == 0) {
        return;
    }
    const char *text = table->text.data + cell->start;
    uint32_t room = width;
    if (cell->lead > 0) {
        const uint32_t lead = (uint32_t)pyr_printable_columns(text, cell->lead);
        pyr_style_begin(out, PYR_STYLE_DIM, options->color);
        pyr_buf_add(out, text, cell->lead);
        pyr_style_end(out, PYR_STYLE_DIM, options->color);
        room = lead < width ? width - lead : 1;
    }
    pyr_style_begin(out, cell->style, options->color);
    if (column->min == 0) {
        pyr_buf_add(out, text + cell->lead, cell->len - cell->lead);
    } else {
        pyr_printable_add_cut(out, text + cell->lead, cell->len - cell->lead, room, column->cut,
                              options->ascii);
    }
    pyr_style_end(out, cell->style, options->color);
}

static void render_row(const struct pyr_table *table, const struct pyr_table_cell *cells,
                       const struct layout *layout, const struct pyr_report_options *options,
                       struct pyr_buf *out)
{
    uint32_t pending = INDENT; /* spaces owed, so that no line ends in spaces */
    bool first = true;
    for (uint32_t c = 0; c < table->column_count; c++) {
        if (!layout->shown[c]) {
            continue;
        }
        const uint32_t width = layout->width[c];
        const uint32_t used = cells[c].columns < width ? cells[c].columns : width;
        pending += first ? 0 : gap_before(table, c);
        first = false;
        pending += table->columns[c].left ? 0 : width - used;
        if (cells[c].len > 0) {
            pyr_buf_add_repeated(out, ' ', pending);
            add_cell_text(table, &cells[c], &table->columns[c], options, out, width);
            pending = 0;
        } else {
            pending += used;
        }
        pending += table->columns[c].left ? width - used : 0;
    }
    pyr_buf_add_char(out, '\n');
}

static void render_heading(const struct pyr_table *table, const struct layout *layout,
                           const struct pyr_report_options *options, struct pyr_buf *out)
{
    struct pyr_buf title = {0};
    uint32_t pending = INDENT;
    bool first = true;
    for (uint32_t c = 0; c < table->column_count; c++) {
        if (!layout->shown[c]) {
            continue;
        }
        const uint32_t used = title_columns(table, c);
        const uint32_t pad = layout->width[c] > used ? layout->width[c] - used : 0;
        pending += (first ? 0 : gap_before(table, c)) + (table->columns[c].left ? 0 : pad);
        first = false;
        pyr_buf_clear(&title);
        add_title(table, c, &title);
        if (title.len > 0) {
            pyr_buf_add_repeated(out, ' ', pending);
            pyr_style_begin(out, PYR_STYLE_HEAD, options->color);
            pyr_printable_add_cut(out, title.data, title.len, layout->width[c], PYR_CUT_END,
                                  options->ascii);
            pyr_style_end(out, PYR_STYLE_HEAD, options->color);
            pending = 0;
        }
        pending += table->columns[c].left ? pad : 0;
    }
    out->failed = out->failed || title.failed;
    pyr_buf_release(&title);
    pyr_buf_add_char(out, '\n');
}

bool pyr_table_render(const struct pyr_table *table, const struct pyr_report_options *options,
                      struct pyr_buf *out, struct pyr_err *err)
{
    struct layout layout = {{0}, {false}};
    if (table->failed || table->text.failed) {
        return pyr_err_nomem(err);
    }
    if (table->column_count == 0) {
        return true;
    }
    measure(table, &layout);
    if (options->width != 0) {
        fit(table, &layout, options->width);
    }
    render_heading(table, &layout, options, out);
    for (uint32_t i = 0; i + table->column_count <= table->cell_count; i += table->column_count) {
        render_row(table, &table->cells[i], &layout, options, out);
    }
    return pyr_buf_check(out, err);
}
