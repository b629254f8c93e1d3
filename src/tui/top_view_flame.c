/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_view.h"

#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "tui/line.h"

/* Both lines of words together: what is zoomed into, and what is chosen. */
static void add_name(const struct pyr_top_model *model, uint32_t shape, struct pyr_buf *out)
{
    if (shape == 0) {
        pyr_buf_add_text(out, "all");
    } else {
        pyr_top_model_add_function(model, model->mirror.shapes[shape].func, out);
    }
}

static void draw_box(const struct pyr_top_model *model, const struct pyr_flame_box *box,
                     bool chosen, struct pyr_grid *grid, uint32_t row)
{
    const struct pyr_span span = {row, box->column, box->columns};
    const uint32_t func = model->mirror.shapes[box->shape].func;
    struct pyr_look look = pyr_look_of(PYR_STYLE_PLAIN);
    struct pyr_buf name = {0};
    struct pyr_buf shown = {0};
    look.fill = (uint8_t)(1 + pyr_hash_u64(func + 1) % PYR_LOOK_FILLS);
    look.chosen = chosen;
    add_name(model, box->shape, &name);
    if (model->search.len > 0 && !name.failed &&
        strcasestr(name.data, model->search.data) != NULL) {
        look.style = PYR_STYLE_STRONG;
        look.fill = 0;
        look.chosen = true;
    }
    pyr_grid_paint(grid, span, look);
    pyr_grid_put_text(grid, span, look, grid->ascii ? "|" : "▏");
    if (box->columns > 1 && !name.failed) {
        pyr_printable_add_cut(&shown, name.data, name.len, box->columns - 1, PYR_CUT_END,
                              grid->ascii);
        const struct pyr_span inside = {row, box->column + 1, box->columns - 1};
        if (!shown.failed && shown.len > 0) {
            pyr_grid_put(grid, inside, look, shown.data, shown.len);
        }
    }
    pyr_buf_release(&name);
    pyr_buf_release(&shown);
}

/* Says which box is chosen, in words: boxes may be too small for theirs. */
static void draw_words(const struct pyr_top_ui *ui, const struct pyr_top_model *model,
                       struct pyr_grid *grid, uint32_t row)
{
    const struct pyr_sums *sums = &model->sums;
    const uint32_t shape = ui->flame.chosen;
    struct pyr_line line = pyr_line_start(grid, row);
    struct pyr_buf name = {0};
    add_name(model, shape, &name);
    pyr_line_addf(&line, PYR_STYLE_STRONG, "%7s  ",
                  pyr_share_text(sums->shapes[shape], sums->flame_span_ns).text);
    pyr_line_add_cut(&line, pyr_look_of(PYR_STYLE_STRONG), &name, line.rest.columns,
                     PYR_CUT_MIDDLE);
    pyr_line_addf(&line, PYR_STYLE_DIM, "  of the last %.1f s", (double)sums->flame_span_ns / 1e9);
    if (ui->flame.zoom != 0) {
        pyr_buf_clear(&name);
        add_name(model, ui->flame.zoom, &name);
        pyr_line_add(&line, PYR_STYLE_WARN, "  zoomed into ");
        pyr_line_add_cut(&line, pyr_look_of(PYR_STYLE_WARN), &name, line.rest.columns,
                         PYR_CUT_MIDDLE);
    }
    pyr_buf_release(&name);
}

/* The row of the chosen box comes into view; it may be deeper than what is drawn of it. */
static void scroll(struct pyr_top_ui *ui, const struct pyr_top_model *model, uint32_t rows)
{
    const struct pyr_mirror_shape *shapes = model->mirror.shapes;
    const uint32_t zoom_depth = shapes[ui->flame.zoom].depth;
    const uint32_t depth = shapes[ui->flame.chosen].depth;
    const uint32_t row = depth > zoom_depth ? depth - zoom_depth : 0;
    if (row < ui->flame.first) {
        ui->flame.first = row;
    }
    if (rows > 0 && row >= ui->flame.first + rows) {
        ui->flame.first = row - rows + 1;
    }
}

static bool draw(struct pyr_top_ui *ui, const struct pyr_top_model *model, struct pyr_grid *grid,
                 struct pyr_top_area area, struct pyr_err *err)
{
    struct pyr_flame_layout layout = {0};
    if (model->sums.shape_count == 0 || model->sums.shapes[0] == 0) {
        struct pyr_line line = pyr_line_start(grid, area.row);
        pyr_line_add_raw(&line, PYR_STYLE_DIM,
                         "nothing ran in the last seconds; i shows idle threads", grid->columns);
        return true;
    }
    if (!pyr_flame_lay_out(&layout, model, ui->flame.zoom, grid->columns, err)) {
        pyr_flame_layout_release(&layout);
        return false;
    }
    if (area.rows > 1) {
        draw_words(ui, model, grid, area.row++);
        area.rows--;
    }
    scroll(ui, model, area.rows);
    for (uint32_t i = 0; i < layout.count; i++) {
        const struct pyr_flame_box *box = &layout.boxes[i];
        if (box->row >= ui->flame.first && box->row - ui->flame.first < area.rows) {
            draw_box(model, box, box->shape == ui->flame.chosen, grid,
                     area.row + box->row - ui->flame.first);
        }
    }
    pyr_flame_layout_release(&layout);
    return true;
}

const struct pyr_top_view pyr_top_view_flame = {.name = "flame", .draw = draw};
