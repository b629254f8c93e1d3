/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_draw.h"

#include "tui/line.h"
#include "tui/top_header.h"
#include "tui/top_view.h"

static const struct pyr_top_view *const views[PYR_TOP_VIEWS] = {
    [PYR_TOP_TABLE] = &pyr_top_view_table,         [PYR_TOP_THREADS] = &pyr_top_view_threads,
    [PYR_TOP_PROCESSES] = &pyr_top_view_processes, [PYR_TOP_FLAME] = &pyr_top_view_flame,
    [PYR_TOP_DETAILS] = &pyr_top_view_details,     [PYR_TOP_HELP] = &pyr_top_view_help,
};

/* How the rows that there are shared out: the view gets the most, and always one. */
struct parts {
    uint32_t header;
    bool tabs;
    bool footer;
};

static struct parts share_out(uint32_t rows)
{
    struct parts parts = {.header = 3, .tabs = true, .footer = true};
    if (rows < 10) {
        parts.header = rows < 4 ? 0 : 1;
        parts.tabs = rows >= 8;
        parts.footer = rows >= 2;
    }
    return parts;
}

/* What is shown if not all is. */
static void draw_filter(const struct pyr_top_model *model, struct pyr_line *line)
{
    const struct pyr_sums_filter *filter = &model->filter;
    struct pyr_buf name = {0};
    if (model->paused) {
        pyr_line_add(line, PYR_STYLE_WARN, " paused ");
    }
    if (filter->thread != 0) {
        pyr_buf_add_text(&name, " only ");
        pyr_top_model_add_thread(model, filter->thread, &name);
        pyr_buf_add_char(&name, ' ');
        pyr_line_add_cut(line, pyr_look_of(PYR_STYLE_WARN), &name, 30, PYR_CUT_END);
    }
    if (filter->pid != 0) {
        pyr_line_addf(line, PYR_STYLE_WARN, " only process %u ", (unsigned)filter->pid);
    }
    if (filter->gil) {
        pyr_line_add(line, PYR_STYLE_WARN, " only with the GIL ");
    }
    if (filter->idle) {
        pyr_line_add(line, PYR_STYLE_WARN, " with idle threads ");
    }
    if (filter->lines) {
        pyr_line_add(line, PYR_STYLE_WARN, " by line ");
    }
    if (model->search.len > 0) {
        pyr_line_add(line, PYR_STYLE_WARN, " /");
        pyr_line_add_raw(line, PYR_STYLE_WARN, model->search.data, 20);
    }
    pyr_buf_release(&name);
}

static void draw_tabs(const struct pyr_top_ui *ui, const struct pyr_top_model *model,
                      struct pyr_grid *grid, uint32_t row)
{
    struct pyr_line line = pyr_line_start(grid, row);
    const uint32_t open = ui->view < PYR_TOP_TABS ? (uint32_t)ui->view : (uint32_t)ui->before;
    for (uint32_t i = 0; i < PYR_TOP_TABS; i++) {
        const uint32_t start = line.rest.column;
        pyr_line_addf(&line, i == open ? PYR_STYLE_STRONG : PYR_STYLE_DIM, " %u %s ",
                      (unsigned)(i + 1), views[i]->name);
        if (i == open) {
            pyr_grid_choose(grid, (struct pyr_span){row, start, line.rest.column - start});
        }
    }
    line.full = false;
    pyr_line_skip(&line, 1);
    draw_filter(model, &line);
}

static void draw_keys(struct pyr_line *line)
{
    static const char *const keys[][2] = {
        {"q", "quit"},     {"?", "help"},  {"Tab", "view"},  {"s", "sort"},   {"/", "search"},
        {"Enter", "open"}, {"l", "lines"}, {"i", "idle"},    {"g", "GIL"},    {"p", "pause"},
        {"c", "clear"},    {"+-", "rate"}, {"t", "threads"}, {"r", "reverse"}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct pyr_line whole = *line;
        pyr_line_addf(&whole, PYR_STYLE_PLAIN, "%s %s", keys[i][0], keys[i][1]);
        if (whole.full) {
            break;
        }
        pyr_line_add(line, PYR_STYLE_STRONG, keys[i][0]);
        pyr_line_addf(line, PYR_STYLE_DIM, " %s", keys[i][1]);
        pyr_line_skip(line, 2);
    }
}

static void draw_footer(const struct pyr_top_ui *ui, const struct pyr_top_model *model,
                        struct pyr_grid *grid, uint32_t row)
{
    struct pyr_line line = pyr_line_start(grid, row);
    if (ui->input.searching) {
        pyr_line_add(&line, PYR_STYLE_STRONG, "/");
        if (ui->input.typed.len > 0) {
            pyr_line_add_raw(&line, PYR_STYLE_STRONG, ui->input.typed.data, grid->columns);
        }
        pyr_grid_choose(grid, (struct pyr_span){row, line.rest.column, 1});
        pyr_line_skip(&line, 2);
        pyr_line_add_raw(&line, PYR_STYLE_WARN, ui->message, grid->columns);
    } else if (ui->message[0] != '\0') {
        pyr_line_add_raw(&line, PYR_STYLE_WARN, ui->message, grid->columns);
    } else if (model->facts.ended) {
        pyr_line_add_raw(&line, PYR_STYLE_WARN, model->facts.why, grid->columns);
        pyr_line_add(&line, PYR_STYLE_DIM, "  q quits");
    } else {
        draw_keys(&line);
    }
}

bool pyr_top_draw(struct pyr_top_ui *ui, const struct pyr_top_model *model, struct pyr_grid *grid,
                  struct pyr_err *err)
{
    const struct parts parts = share_out(grid->rows);
    struct pyr_top_area area = {.row = 0};
    if (grid->rows == 0 || grid->columns == 0) {
        return true;
    }
    pyr_grid_clear(grid);
    area.row = pyr_top_header_draw(model, grid, parts.header);
    if (parts.tabs) {
        draw_tabs(ui, model, grid, area.row++);
    }
    area.rows = grid->rows - area.row - (parts.footer ? 1 : 0);
    if (parts.footer) {
        draw_footer(ui, model, grid, grid->rows - 1);
    }
    return views[ui->view]->draw(ui, model, grid, area, err);
}
