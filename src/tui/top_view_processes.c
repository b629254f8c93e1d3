/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_view.h"

#include <stdio.h>

#include "tui/figure_columns.h"

#define MIN_NAMES 16 /* columns for the command before figures are left out */

static const struct pyr_figure_column columns[] = {
    {"pid", 9, 0}, {"active", 8, 0}, {"GIL", 8, 1},     {"CPU", 8, 2},
    {"GC", 8, 5},  {"time", 11, 4},  {"threads", 9, 3},
};
#define FIGURES (sizeof columns / sizeof columns[0])

static struct pyr_share_text figure_text(const struct pyr_top_model *model,
                                         const struct pyr_top_process *process, size_t column)
{
    const uint64_t span_ns = model->sums.now_span_ns;
    struct pyr_share_text text;
    switch (column) {
    case 1:
        return pyr_share_text(process->now.active_ns, span_ns);
    case 2:
        return pyr_share_text(process->now.gil_ns, span_ns);
    case 3:
        return pyr_share_text(process->now.cpu_ns, span_ns);
    case 4:
        return pyr_share_text(process->now.collecting_ns, span_ns);
    case 5:
        snprintf(text.text, sizeof text.text, "%.2f s", (double)process->active_ns / 1e9);
        return text;
    default:
        break;
    }
    if (column == 6 && process->threads == 0) {
        return (struct pyr_share_text){"gone"};
    }
    snprintf(text.text, sizeof text.text, "%u",
             (unsigned)(column == 0 ? process->pid : process->threads));
    return text;
}

static void draw_titles(uint8_t keep, struct pyr_grid *grid, uint32_t row)
{
    struct pyr_line line = pyr_line_start(grid, row);
    pyr_figure_columns_title(columns, FIGURES, keep, &line);
    pyr_line_add(&line, PYR_STYLE_HEAD, "command");
}

static void draw_row(const struct pyr_top_model *model, uint8_t keep, struct pyr_grid *grid,
                     uint32_t at, uint32_t row)
{
    const struct pyr_top_process *process = &model->processes[at];
    const char *command = pyr_top_model_command(model, process->pid);
    const enum pyr_style heat =
        pyr_style_heat((int64_t)process->now.active_ns, (int64_t)model->sums.now_span_ns);
    struct pyr_line line = pyr_line_start(grid, row);
    for (size_t i = 0; i < FIGURES; i++) {
        if (columns[i].drop < keep) {
            pyr_figure_columns_put(&line, columns[i].columns, i == 1 ? heat : PYR_STYLE_PLAIN,
                                   figure_text(model, process, i).text);
        }
    }
    pyr_line_skip(&line, PYR_FIGURE_COLUMNS_GAP);
    pyr_line_add_command(&line,
                         model->filter.pid == process->pid ? PYR_STYLE_WARN : PYR_STYLE_STRONG,
                         command == NULL ? "" : command, line.rest.columns);
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
    pyr_list_fit(&ui->processes, model->process_count, area.rows);
    for (uint32_t i = 0; i < area.rows && ui->processes.first + i < model->process_count; i++) {
        const uint32_t at = ui->processes.first + i;
        draw_row(model, keep, grid, at, area.row + i);
        if (at == ui->processes.at) {
            pyr_grid_choose(grid, (struct pyr_span){area.row + i, 0, grid->columns});
        }
    }
    return true;
}

const struct pyr_top_view pyr_top_view_processes = {.name = "processes", .draw = draw};
