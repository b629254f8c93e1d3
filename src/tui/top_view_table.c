/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_view.h"

#include <stdio.h>

#include "reports/bar.h"
#include "tui/line.h"

#define MIN_NAME 16 /* columns of function and place together before figures are left out */
#define GAP 2

/* The figures, in the order in which they stand; the largest drop is left out first. */
static const struct {
    const char *title;
    uint8_t columns;
    uint8_t drop;
    enum pyr_top_sort sort;
} figures[] = {
    {"own now", 8, 0, PYR_TOP_OWN_NOW},    {"total now", 10, 1, PYR_TOP_TOTAL_NOW},
    {"own all", 8, 3, PYR_TOP_OWN_ALL},    {"total all", 10, 4, PYR_TOP_TOTAL_ALL},
    {"own time", 10, 5, PYR_TOP_OWN_TIME},
};
#define FIGURES (sizeof figures / sizeof figures[0])
#define BAR_DROP 2

/* Which columns there is room for. */
struct plan {
    uint8_t drop; /* those from this on are left out */
    uint32_t name;
    uint32_t place;
};

static uint32_t columns_of(uint8_t drop)
{
    uint32_t columns = drop > BAR_DROP ? PYR_BAR_COLUMNS + 1 : 0;
    for (size_t i = 0; i < FIGURES; i++) {
        columns += figures[i].drop < drop ? figures[i].columns : 0u;
    }
    return columns;
}

static struct plan make_plan(uint32_t columns)
{
    struct plan plan = {.drop = 6};
    while (plan.drop > 1 &&
           columns_of(plan.drop) + GAP + MIN_NAME * (plan.drop > 3 ? 3u : 1u) > columns) {
        plan.drop--;
    }
    const uint32_t used = columns_of(plan.drop) + GAP;
    const uint32_t rest = columns > used ? columns - used : 0;
    plan.place = rest >= 30 ? rest / 2 : 0;
    plan.name = rest - plan.place;
    plan.place -= plan.place > 0 ? GAP : 0;
    return plan;
}

static void draw_titles(const struct pyr_top_model *model, const struct plan *plan,
                        struct pyr_grid *grid, uint32_t row)
{
    const char *down = grid->ascii ? "v" : "▾";
    const char *up = grid->ascii ? "^" : "▴";
    const char *mark = model->reverse ? up : down;
    struct pyr_line line = pyr_line_start(grid, row);
    char title[40];
    for (size_t i = 0; i < FIGURES; i++) {
        if (figures[i].drop >= plan->drop) {
            continue;
        }
        const bool sorted = figures[i].sort == model->sort;
        struct pyr_span span = line.rest;
        span.columns = figures[i].columns < span.columns ? figures[i].columns : span.columns;
        snprintf(title, sizeof title, "%s%s", sorted ? mark : "", figures[i].title);
        pyr_grid_put_right(grid, span, pyr_look_of(sorted ? PYR_STYLE_STRONG : PYR_STYLE_HEAD),
                           title);
        pyr_line_skip(&line, figures[i].columns);
        if (i == 1 && plan->drop > BAR_DROP) {
            pyr_line_skip(&line, PYR_BAR_COLUMNS + 1);
        }
    }
    pyr_line_skip(&line, GAP);
    const bool by_name = model->sort == PYR_TOP_NAME;
    const bool by_place = model->sort == PYR_TOP_PLACE;
    struct pyr_span span = line.rest;
    snprintf(title, sizeof title, "%sfunction", by_name ? mark : "");
    span.columns = plan->name;
    pyr_grid_put_text(grid, span, pyr_look_of(by_name ? PYR_STYLE_STRONG : PYR_STYLE_HEAD), title);
    if (plan->place > 0) {
        span.column += plan->name + GAP;
        span.columns = plan->place;
        snprintf(title, sizeof title, "%s%s", by_place ? mark : "",
                 model->filter.lines ? "line" : "where");
        pyr_grid_put_text(grid, span, pyr_look_of(by_place ? PYR_STYLE_STRONG : PYR_STYLE_HEAD),
                          title);
    }
}

static struct pyr_share_text figure_text(const struct pyr_top_model *model,
                                         const struct pyr_sum *sum, enum pyr_top_sort column)
{
    const struct pyr_sums *sums = &model->sums;
    struct pyr_share_text text;
    switch (column) {
    case PYR_TOP_OWN_NOW:
        return pyr_share_text(sum->own_now, sums->now_span_ns);
    case PYR_TOP_TOTAL_NOW:
        return pyr_share_text(sum->total_now, sums->now_span_ns);
    case PYR_TOP_OWN_ALL:
        return pyr_share_text(sum->own_all, sums->all_span_ns);
    case PYR_TOP_TOTAL_ALL:
        return pyr_share_text(sum->total_all, sums->all_span_ns);
    case PYR_TOP_OWN_TIME:
    case PYR_TOP_NAME:
    case PYR_TOP_PLACE:
        break;
    }
    snprintf(text.text, sizeof text.text, "%.2f s", (double)sum->own_all / 1e9);
    return text;
}

static void draw_bar(struct pyr_line *line, enum pyr_style heat, uint64_t part, uint64_t whole)
{
    struct pyr_buf bar = {0};
    pyr_line_skip(line, 1);
    struct pyr_span span = line->rest;
    span.columns = span.columns < PYR_BAR_COLUMNS ? span.columns : PYR_BAR_COLUMNS;
    pyr_bar_add((int64_t)part, (int64_t)whole, line->grid->ascii, &bar);
    if (!bar.failed && bar.len > 0) {
        pyr_grid_put(line->grid, span, pyr_look_of(heat), bar.data, bar.len);
    }
    pyr_line_skip(line, PYR_BAR_COLUMNS);
    pyr_buf_release(&bar);
}

static void draw_row(const struct pyr_top_model *model, const struct plan *plan,
                     struct pyr_grid *grid, uint32_t at, uint32_t row)
{
    const struct pyr_top_row *shown = &model->rows[at];
    const struct pyr_sums *sums = &model->sums;
    const enum pyr_style heat =
        pyr_style_heat((int64_t)shown->sum.own_now, (int64_t)sums->now_span_ns);
    struct pyr_line line = pyr_line_start(grid, row);
    struct pyr_buf text = {0};
    for (size_t i = 0; i < FIGURES; i++) {
        if (figures[i].drop >= plan->drop) {
            continue;
        }
        struct pyr_span span = line.rest;
        span.columns = figures[i].columns < span.columns ? figures[i].columns : span.columns;
        pyr_grid_put_right(grid, span, pyr_look_of(i == 0 ? heat : PYR_STYLE_PLAIN),
                           figure_text(model, &shown->sum, figures[i].sort).text);
        pyr_line_skip(&line, figures[i].columns);
        if (i == 1 && plan->drop > BAR_DROP) {
            draw_bar(&line, heat, shown->sum.own_now, sums->now_span_ns);
        }
    }
    pyr_line_skip(&line, GAP);
    const struct pyr_line names = line;
    const bool found = pyr_top_model_matches(model, shown->key);
    pyr_top_model_add_name(model, shown->key, &text);
    pyr_line_add_cut(&line, pyr_look_of(found ? PYR_STYLE_WARN : PYR_STYLE_STRONG), &text,
                     plan->name, PYR_CUT_MIDDLE);
    line = names;
    pyr_line_skip(&line, plan->name + GAP);
    pyr_buf_clear(&text);
    pyr_top_model_add_place(model, shown->key, &text);
    pyr_line_add_cut(&line, pyr_look_of(PYR_STYLE_DIM), &text, plan->place, PYR_CUT_START);
    pyr_buf_release(&text);
}

static bool draw(struct pyr_top_ui *ui, const struct pyr_top_model *model, struct pyr_grid *grid,
                 struct pyr_top_area area, struct pyr_err *err)
{
    const struct plan plan = make_plan(grid->columns);
    (void)err;
    if (area.rows > 1) {
        draw_titles(model, &plan, grid, area.row++);
        area.rows--;
    }
    pyr_list_fit(&ui->table, model->row_count, area.rows);
    for (uint32_t i = 0; i < area.rows && ui->table.first + i < model->row_count; i++) {
        const uint32_t at = ui->table.first + i;
        draw_row(model, &plan, grid, at, area.row + i);
        if (at == ui->table.at) {
            pyr_grid_choose(grid, (struct pyr_span){area.row + i, 0, grid->columns});
        }
    }
    if (model->row_count == 0 && area.rows > 0) {
        struct pyr_line line = pyr_line_start(grid, area.row);
        const char *why = model->live.samples == 0 ? "no sample yet"
                          : model->filter.idle
                              ? "nothing to show"
                              : "nothing ran in what is chosen; i shows idle threads";
        pyr_line_add_raw(&line, PYR_STYLE_DIM, why, grid->columns);
    }
    return true;
}

const struct pyr_top_view pyr_top_view_table = {.name = "functions", .draw = draw};
