/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_view.h"

#include "tui/line.h"

static void draw_subject(const struct pyr_top_ui *ui, const struct pyr_top_model *model,
                         struct pyr_grid *grid, uint32_t row)
{
    const struct pyr_sums *sums = &model->sums;
    const struct pyr_sum *sum = &ui->details.sum;
    struct pyr_line line = pyr_line_start(grid, row);
    struct pyr_buf text = {0};
    pyr_top_model_add_name(model, ui->details.key, &text);
    pyr_line_add_cut(&line, pyr_look_of(PYR_STYLE_STRONG), &text, grid->columns / 2,
                     PYR_CUT_MIDDLE);
    pyr_line_skip(&line, 2);
    pyr_buf_clear(&text);
    pyr_top_model_add_place(model, ui->details.key, &text);
    pyr_line_add_cut(&line, pyr_look_of(PYR_STYLE_DIM), &text, grid->columns / 3, PYR_CUT_START);
    pyr_line_addf(&line, PYR_STYLE_PLAIN, "  own %s",
                  pyr_share_text(sum->own_all, sums->all_span_ns).text);
    pyr_line_addf(&line, PYR_STYLE_PLAIN, "  total %s",
                  pyr_share_text(sum->total_all, sums->all_span_ns).text);
    pyr_buf_release(&text);
}

static void draw_title(struct pyr_grid *grid, uint32_t row, const char *title)
{
    struct pyr_line line = pyr_line_start(grid, row);
    struct pyr_span span = {row, 0, grid->columns < 10 ? grid->columns : 10};
    pyr_grid_put_right(grid, span, pyr_look_of(PYR_STYLE_HEAD), "now");
    span.column = 10;
    pyr_grid_put_right(grid, span, pyr_look_of(PYR_STYLE_HEAD), "all");
    pyr_line_skip(&line, 22);
    pyr_line_add(&line, PYR_STYLE_HEAD, title);
}

/* Shares are of the function's own total: they say how it came to be called. */
static void draw_relative(const struct pyr_top_ui *ui, const struct pyr_top_model *model,
                          struct pyr_grid *grid, const struct pyr_top_relative *relative,
                          uint32_t row)
{
    const struct pyr_sum *sum = &ui->details.sum;
    const enum pyr_style heat = pyr_style_heat((int64_t)relative->all, (int64_t)sum->total_all);
    struct pyr_line line = pyr_line_start(grid, row);
    struct pyr_span span = {row, 0, 10};
    struct pyr_buf text = {0};
    pyr_grid_put_right(grid, span, pyr_look_of(PYR_STYLE_PLAIN),
                       pyr_share_text(relative->now, sum->total_now).text);
    span.column = 10;
    pyr_grid_put_right(grid, span, pyr_look_of(heat),
                       pyr_share_text(relative->all, sum->total_all).text);
    pyr_line_skip(&line, 22);
    const struct pyr_line names = line;
    const uint32_t half = line.rest.columns >= 30 ? line.rest.columns / 2 : line.rest.columns;
    if (relative->key == 0) {
        pyr_buf_add_text(&text, "(the thread began here)");
    } else {
        pyr_top_model_add_name(model, relative->key, &text);
    }
    pyr_line_add_cut(&line, pyr_look_of(PYR_STYLE_STRONG), &text, half, PYR_CUT_MIDDLE);
    line = names;
    pyr_line_skip(&line, half + 2);
    pyr_buf_clear(&text);
    pyr_top_model_add_place(model, relative->key, &text);
    pyr_line_add_cut(&line, pyr_look_of(PYR_STYLE_DIM), &text, line.rest.columns, PYR_CUT_START);
    pyr_buf_release(&text);
}

/* Lines of the page: a title, the callers, a title, the callees. The list counts only what can be
 * chosen, so titles are added to its places. */
static bool draw(struct pyr_top_ui *ui, const struct pyr_top_model *model, struct pyr_grid *grid,
                 struct pyr_top_area area, struct pyr_err *err)
{
    const uint32_t callers = ui->details.callers.count;
    const uint32_t count = callers + ui->details.callees.count;
    (void)err;
    if (area.rows > 1) {
        draw_subject(ui, model, grid, area.row++);
        area.rows--;
    }
    pyr_list_fit(&ui->details_list, count, area.rows > 2 ? area.rows - 2 : 1);
    const uint32_t end = area.row + area.rows;
    uint32_t row = area.row;
    for (uint32_t i = ui->details_list.first; i <= count && row < end; i++) {
        if (i == 0 || i == callers) {
            if (i == 0 && area.rows > 2) {
                draw_title(grid, row++, "called by");
            }
            if (i == callers && area.rows > 2 && row < end) {
                draw_title(grid, row++, "calls");
            }
        }
        if (i == count || row >= end) {
            break;
        }
        draw_relative(ui, model, grid,
                      i < callers ? &ui->details.callers.items[i]
                                  : &ui->details.callees.items[i - callers],
                      row);
        if (i == ui->details_list.at) {
            pyr_grid_choose(grid, (struct pyr_span){row, 0, grid->columns});
        }
        row++;
    }
    return true;
}

const struct pyr_top_view pyr_top_view_details = {.name = "details", .draw = draw};
