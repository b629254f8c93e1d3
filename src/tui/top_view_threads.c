/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_view.h"

#include <stdio.h>

#include "tui/figure_columns.h"

#define NAME_COLUMNS 22
#define MIN_NAMES 12 /* columns for names before figures are left out */

static const struct pyr_figure_column columns[] = {
    {"state", 8, 0}, {"active", 8, 1}, {"GIL", 8, 2}, {"CPU", 8, 3},
    {"GC", 8, 6},    {"all", 8, 5},    {"tid", 9, 4},
};
#define FIGURES (sizeof columns / sizeof columns[0])

static const char *state_of(const struct pyr_top_thread *thread, enum pyr_style *style)
{
    const struct pyr_recent *last = &thread->all.last;
    *style = PYR_STYLE_DIM;
    if (thread->gone) {
        return "gone";
    }
    if (last->idle) {
        return "idle";
    }
    if (last->collecting) {
        *style = PYR_STYLE_WARN;
        return "GC";
    }
    *style = last->holds_gil ? PYR_STYLE_HOT : PYR_STYLE_GOOD;
    return last->holds_gil ? "GIL" : "active";
}

static struct pyr_share_text figure_text(const struct pyr_top_model *model,
                                         const struct pyr_top_thread *thread, size_t column,
                                         enum pyr_style *style)
{
    const uint64_t span_ns = model->sums.now_span_ns;
    struct pyr_share_text text;
    *style = PYR_STYLE_PLAIN;
    switch (column) {
    case 0:
        snprintf(text.text, sizeof text.text, "%s", state_of(thread, style));
        return text;
    case 1:
        *style = pyr_style_heat((int64_t)thread->now.active_ns, (int64_t)span_ns);
        return pyr_share_text(thread->now.active_ns, span_ns);
    case 2:
        return pyr_share_text(thread->now.gil_ns, span_ns);
    case 3:
        return pyr_share_text(thread->now.cpu_ns, span_ns);
    case 4:
        return pyr_share_text(thread->now.collecting_ns, span_ns);
    case 5:
        return pyr_share_text(thread->all.active_ns, model->sums.all_span_ns);
    default:
        break;
    }
    const struct pyr_thread_info info =
        pyr_threads_get(model->mirror.profile->threads, (pyr_thread){thread->thread});
    snprintf(text.text, sizeof text.text, "%u", (unsigned)info.tid);
    *style = PYR_STYLE_DIM;
    return text;
}

static void draw_titles(uint8_t keep, struct pyr_grid *grid, uint32_t row)
{
    struct pyr_line line = pyr_line_start(grid, row);
    pyr_figure_columns_title(columns, FIGURES, keep, &line);
    const uint32_t names = line.rest.column;
    pyr_line_add(&line, PYR_STYLE_HEAD, "thread");
    line.rest.column = names;
    line.rest.columns = grid->columns > names ? grid->columns - names : 0;
    pyr_line_skip(&line, NAME_COLUMNS + PYR_FIGURE_COLUMNS_GAP);
    pyr_line_add(&line, PYR_STYLE_HEAD, "is in");
}

/* The name, and where the last sample found it. */
static void draw_names(const struct pyr_top_model *model, const struct pyr_top_thread *thread,
                       struct pyr_line *line)
{
    struct pyr_buf text = {0};
    const struct pyr_line start = *line;
    const uint32_t stack = thread->all.last.stack.i;
    const bool chosen = model->filter.thread == thread->thread;
    if (model->process_count > 1) {
        pyr_buf_addf(&text, "%u ", (unsigned)thread->pid);
    }
    pyr_top_model_add_thread(model, thread->thread, &text);
    pyr_line_add_cut(line, pyr_look_of(chosen ? PYR_STYLE_WARN : PYR_STYLE_STRONG), &text,
                     NAME_COLUMNS, PYR_CUT_MIDDLE);
    *line = start;
    pyr_line_skip(line, NAME_COLUMNS + PYR_FIGURE_COLUMNS_GAP);
    if (stack > 0 && stack < model->mirror.path_count && !thread->gone) {
        pyr_buf_clear(&text);
        pyr_top_model_add_function(model, model->mirror.paths[stack].func, &text);
        pyr_line_add_cut(line, pyr_look_of(PYR_STYLE_DIM), &text, line->rest.columns,
                         PYR_CUT_MIDDLE);
    }
    pyr_buf_release(&text);
}

static void draw_row(const struct pyr_top_model *model, uint8_t keep, struct pyr_grid *grid,
                     uint32_t at, uint32_t row)
{
    struct pyr_line line = pyr_line_start(grid, row);
    for (size_t i = 0; i < FIGURES; i++) {
        if (columns[i].drop < keep) {
            enum pyr_style style = PYR_STYLE_PLAIN;
            const struct pyr_share_text text = figure_text(model, &model->threads[at], i, &style);
            pyr_figure_columns_put(&line, columns[i].columns, style, text.text);
        }
    }
    pyr_line_skip(&line, PYR_FIGURE_COLUMNS_GAP);
    draw_names(model, &model->threads[at], &line);
}

static bool draw(struct pyr_top_ui *ui, const struct pyr_top_model *model, struct pyr_grid *grid,
                 struct pyr_top_area area, struct pyr_err *err)
{
    const uint8_t keep = pyr_figure_columns_keep(columns, FIGURES, grid->columns, MIN_NAMES);
    (void)err;
    if (area.rows > 1) {
        draw_titles(keep, grid, area.row++);
        area.rows--;
    }
    pyr_list_fit(&ui->threads, model->thread_count, area.rows);
    for (uint32_t i = 0; i < area.rows && ui->threads.first + i < model->thread_count; i++) {
        const uint32_t at = ui->threads.first + i;
        draw_row(model, keep, grid, at, area.row + i);
        if (at == ui->threads.at) {
            pyr_grid_choose(grid, (struct pyr_span){area.row + i, 0, grid->columns});
        }
    }
    return true;
}

const struct pyr_top_view pyr_top_view_threads = {.name = "threads", .draw = draw};
