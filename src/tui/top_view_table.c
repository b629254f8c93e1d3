/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_view.h"

#include <stdio.h>

#include "reports/bar.h"
#include "tui/figure_columns.h"

#define MIN_NAMES 34 /* columns of function and place before figures are left out */
#define MAX_NAME 60
#define MIN_PLACE 30 /* below so many for both, the function takes them all */

enum { OWN_NOW, TOTAL_NOW, BAR, OWN_ALL, TOTAL_ALL, OWN_TIME, FIGURES };

static const struct pyr_figure_column columns[FIGURES] = {
    [OWN_NOW] = {"own now", 8, 0},        [TOTAL_NOW] = {"total now", 10, 1},
    [BAR] = {"", PYR_BAR_COLUMNS + 1, 2}, [OWN_ALL] = {"own all", 9, 3},
    [TOTAL_ALL] = {"total all", 10, 4},   [OWN_TIME] = {"own time", 10, 5},
};
static const enum pyr_top_sort sorts[FIGURES] = {
    [OWN_NOW] = PYR_TOP_OWN_NOW, [TOTAL_NOW] = PYR_TOP_TOTAL_NOW, [BAR] = PYR_TOP_SORT_COUNT,
    [OWN_ALL] = PYR_TOP_OWN_ALL, [TOTAL_ALL] = PYR_TOP_TOTAL_ALL, [OWN_TIME] = PYR_TOP_OWN_TIME,
};

/* Which columns there is room for. */
struct plan {
    uint8_t keep;
    uint32_t name;
    uint32_t place;
};

static struct plan make_plan(uint32_t width)
{
    struct plan plan = {.keep = pyr_figure_columns_keep(columns, FIGURES, width, MIN_NAMES)};
    const uint32_t used = pyr_figure_columns_width(columns, FIGURES, plan.keep);
    const uint32_t rest = width > used ? width - used : 0;
    plan.place = rest >= MIN_PLACE ? rest / 2 : 0;
    plan.name = rest - plan.place;
    if (plan.place > 0 && plan.name > MAX_NAME) {
        plan.place += plan.name - MAX_NAME;
        plan.name = MAX_NAME;
    }
    plan.place -= plan.place > 0 ? PYR_FIGURE_COLUMNS_GAP : 0;
    return plan;
}

/* The title of the column that is sorted by carries the direction. */
static void make_title(const struct pyr_top_model *model, enum pyr_top_sort sort, const char *title,
                       bool ascii, char text[40])
{
    const char *down = ascii ? "v" : "▾";
    const char *up = ascii ? "^" : "▴";
    const char *mark = model->reverse ? up : down;
    snprintf(text, 40, "%s%s", sort == model->sort ? mark : "", title);
}

static void draw_titles(const struct pyr_top_model *model, const struct plan *plan,
                        struct pyr_grid *grid, uint32_t row)
{
    struct pyr_line line = pyr_line_start(grid, row);
    char title[40];
    for (size_t i = 0; i < FIGURES; i++) {
        if (columns[i].drop < plan->keep) {
            make_title(model, sorts[i], columns[i].title, grid->ascii, title);
            pyr_figure_columns_put(&line, columns[i].columns,
                                   sorts[i] == model->sort ? PYR_STYLE_STRONG : PYR_STYLE_HEAD,
                                   title);
        }
    }
    pyr_line_skip(&line, PYR_FIGURE_COLUMNS_GAP);
    const uint32_t names = line.rest.column;
    make_title(model, PYR_TOP_NAME, "function", grid->ascii, title);
    pyr_line_add(&line, model->sort == PYR_TOP_NAME ? PYR_STYLE_STRONG : PYR_STYLE_HEAD, title);
    if (plan->place > 0) {
        pyr_line_skip(&line, names + plan->name + PYR_FIGURE_COLUMNS_GAP - line.rest.column);
        make_title(model, PYR_TOP_PLACE, model->filter.lines ? "line" : "where", grid->ascii,
                   title);
        pyr_line_add(&line, model->sort == PYR_TOP_PLACE ? PYR_STYLE_STRONG : PYR_STYLE_HEAD,
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
        if (columns[i].drop >= plan->keep) {
            continue;
        }
        if (i == BAR) {
            draw_bar(&line, heat, shown->sum.own_now, sums->now_span_ns);
        } else {
            pyr_figure_columns_put(&line, columns[i].columns, i == OWN_NOW ? heat : PYR_STYLE_PLAIN,
                                   figure_text(model, &shown->sum, sorts[i]).text);
        }
    }
    pyr_line_skip(&line, PYR_FIGURE_COLUMNS_GAP);
    const struct pyr_line names = line;
    const bool found = pyr_top_model_matches(model, shown->key);
    pyr_top_model_add_name(model, shown->key, &text);
    pyr_line_add_cut(&line, pyr_look_of(found ? PYR_STYLE_WARN : PYR_STYLE_STRONG), &text,
                     plan->name, PYR_CUT_MIDDLE);
    line = names;
    pyr_line_skip(&line, plan->name + PYR_FIGURE_COLUMNS_GAP);
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
