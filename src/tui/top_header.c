/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_header.h"

#include <stdio.h>

#include "reports/figure.h"
#include "tui/line.h"

/* Label and figure, then a gap. */
static void add_figure(struct pyr_line *line, const char *label, const char *figure)
{
    struct pyr_line before = *line;
    pyr_line_add(line, PYR_STYLE_DIM, label);
    pyr_line_add(line, PYR_STYLE_PLAIN, " ");
    pyr_line_add(line, PYR_STYLE_STRONG, figure);
    if (line->full) {
        /* A label alone would say nothing. */
        for (uint32_t at = before.rest.column; at < line->rest.column; at++) {
            pyr_grid_put_text(line->grid, (struct pyr_span){before.rest.row, at, 1},
                              pyr_look_of(PYR_STYLE_PLAIN), " ");
        }
        return;
    }
    pyr_line_skip(line, 2);
}

static void draw_process(const struct pyr_top_model *model, struct pyr_grid *grid, uint32_t row)
{
    const struct pyr_top_facts *facts = &model->facts;
    struct pyr_line line = pyr_line_start(grid, row);
    struct pyr_buf right = {0};
    if (facts->python[0] != '\0') {
        pyr_buf_addf(&right, "Python %s  ", facts->python);
    }
    pyr_buf_add_text(&right, pyr_elapsed_text(facts->elapsed_ns).text);
    const uint32_t right_columns = right.failed ? 0 : (uint32_t)right.len;
    const bool both = grid->columns > right_columns + 24;
    pyr_line_add(&line, PYR_STYLE_HEAD, "pyrometer top");
    pyr_line_addf(&line, PYR_STYLE_PLAIN, "  %u  ", (unsigned)facts->pid);
    if (!line.full) {
        const uint32_t reserved = both ? right_columns + 2 : 0;
        pyr_line_add_command(&line, PYR_STYLE_STRONG, facts->command,
                             line.rest.columns > reserved ? line.rest.columns - reserved : 0);
    }
    if (both && !right.failed) {
        pyr_grid_put_right(grid, (struct pyr_span){row, 0, grid->columns},
                           pyr_look_of(PYR_STYLE_DIM), right.data);
    }
    pyr_buf_release(&right);
}

static void draw_rate(const struct pyr_top_model *model, struct pyr_grid *grid, uint32_t row)
{
    const struct pyr_top_facts *facts = &model->facts;
    struct pyr_line line = pyr_line_start(grid, row);
    char text[64];
    snprintf(text, sizeof text, "%u Hz", (unsigned)facts->rate_asked);
    add_figure(&line, "rate", text);
    snprintf(text, sizeof text, "%.*f Hz", facts->rate_reached < 99.95 ? 1 : 0,
             facts->rate_reached);
    add_figure(&line, "reached", text);
    add_figure(&line, "exact", pyr_share_text(facts->exact, facts->samples).text);
    add_figure(&line, "samples", pyr_figure_count((int64_t)facts->samples).text);
    if (facts->lost > 0) {
        add_figure(&line, "lost", pyr_figure_count((int64_t)facts->lost).text);
    }
    if (facts->late > 0) {
        add_figure(&line, "late", pyr_figure_count((int64_t)facts->late).text);
    }
    if (facts->mode[0] != '\0') {
        add_figure(&line, "mode", facts->mode);
    }
}

static void draw_load(const struct pyr_top_model *model, struct pyr_grid *grid, uint32_t row)
{
    const struct pyr_top_times *now = &model->now;
    const uint64_t span_ns = model->sums.now_span_ns;
    const uint64_t both_ns = now->active_ns + now->idle_ns;
    struct pyr_line line = pyr_line_start(grid, row);
    char text[64];
    add_figure(&line, "GIL", pyr_share_text(now->gil_ns, span_ns).text);
    add_figure(&line, "active", pyr_share_text(now->active_ns, both_ns).text);
    add_figure(&line, "idle", pyr_share_text(now->idle_ns, both_ns).text);
    add_figure(&line, "GC", pyr_share_text(now->collecting_ns, span_ns).text);
    add_figure(&line, "CPU", pyr_share_text(now->cpu_ns, span_ns).text);
    snprintf(text, sizeof text, "%u", (unsigned)model->alive);
    add_figure(&line, "threads", text);
    if (model->facts.processes > 1) {
        snprintf(text, sizeof text, "%u", (unsigned)model->facts.processes);
        add_figure(&line, "processes", text);
    }
}

uint32_t pyr_top_header_draw(const struct pyr_top_model *model, struct pyr_grid *grid,
                             uint32_t rows)
{
    if (rows > 0) {
        draw_process(model, grid, 0);
    }
    if (rows > 1) {
        draw_load(model, grid, 1);
    }
    if (rows > 2) {
        draw_rate(model, grid, 2);
    }
    return rows < 3 ? rows : 3;
}
