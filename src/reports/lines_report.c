/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/lines_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "reports/bar.h"
#include "reports/header.h"
#include "reports/sections.h"
#include "reports/sort.h"
#include "reports/table.h"

#define DEFAULT_ROWS 30
#define ROWS_EACH 10 /* of a report in sections */

/* A function's line; its total counts each moment once, also where it is on the stack twice. */
struct line {
    struct pyr_frame frame;
    int64_t self;
    int64_t total;
    int64_t samples; /* of self */
};

struct lines {
    const struct pyr_view *view;
    struct pyr_sort sort;
    struct line *items; /* owned; by frame id, then those that are shown, in order */
    uint32_t *open;     /* owned; by frame id: how often it is on the way to where we are */
    uint32_t count;
    int samples; /* the metric, unless it is what is shown anyway; -1: none */
};

static pyr_frame_id frame_of(const struct lines *lines, pyr_stack stack)
{
    return pyr_stacks_get(lines->view->profile->stacks, stack).frame;
}

static void enter(struct lines *lines, pyr_stack stack)
{
    const struct pyr_view *view = lines->view;
    const pyr_frame_id frame = frame_of(lines, stack);
    const int64_t *self = pyr_totals_stack_self(view->totals, stack);
    struct line *line = &lines->items[frame.i];
    line->self = pyr_values_sum(line->self, self[view->main]);
    line->samples += lines->samples >= 0 ? self[lines->samples] : 0;
    if (lines->open[frame.i]++ == 0) {
        line->total = pyr_values_sum(line->total,
                                     pyr_totals_stack_inclusive(view->totals, stack)[view->main]);
    }
}

/* All stacks, down and up again, without a call per level: they may be very deep. */
static void add_up(struct lines *lines)
{
    const struct pyr_view *view = lines->view;
    const struct pyr_stacks *stacks = view->profile->stacks;
    pyr_stack at = pyr_totals_first_child(view->totals, (pyr_stack){0});
    while (at.i != 0) {
        enter(lines, at);
        pyr_stack next = pyr_totals_first_child(view->totals, at);
        while (next.i == 0 && at.i != 0) {
            lines->open[frame_of(lines, at).i]--;
            next = pyr_totals_next_sibling(view->totals, at);
            at = pyr_stacks_get(stacks, at).parent;
        }
        at = next;
    }
}

static int compare_figures(int64_t a, int64_t b)
{
    if (a == b) {
        return 0;
    }
    return a > b ? -1 : 1;
}

static int compare(const void *left, const void *right, void *context)
{
    const struct lines *lines = context;
    const struct line *a = left;
    const struct line *b = right;
    const enum pyr_sort_by by = lines->sort.by;
    int order = 0;
    if (by == PYR_SORT_NAME || by == PYR_SORT_FILE || by == PYR_SORT_MODULE) {
        order = pyr_sort_compare_text(lines->view, by, a->frame.func, b->frame.func);
    } else if (by == PYR_SORT_LINE) {
        order = compare_figures((int64_t)b->frame.line, (int64_t)a->frame.line);
    } else {
        order = by == PYR_SORT_TOTAL ? compare_figures(a->total, b->total)
                                     : compare_figures(a->self, b->self);
    }
    order = lines->sort.reverse ? -order : order;
    order = order == 0 ? compare_figures(a->self, b->self) : order;
    order = order == 0 ? compare_figures(a->total, b->total) : order;
    order = order == 0
                ? pyr_sort_compare_text(lines->view, PYR_SORT_NAME, a->frame.func, b->frame.func)
                : order;
    return order == 0 ? compare_figures((int64_t)b->frame.line, (int64_t)a->frame.line) : order;
}

/* The lines that have figures and that the options keep, in order. */
static bool collect(struct lines *lines, struct pyr_err *err)
{
    const struct pyr_view *view = lines->view;
    const uint32_t all = pyr_frames_count(view->profile->frames);
    lines->items = pyr_mem_zalloc((size_t)all + 1, sizeof *lines->items);
    lines->open = pyr_mem_zalloc((size_t)all + 1, sizeof *lines->open);
    if (lines->items == NULL || lines->open == NULL) {
        return pyr_err_nomem(err);
    }
    lines->samples =
        pyr_metrics_find(&view->profile->metrics, view->profile->strings, PYR_METRIC_SAMPLES);
    lines->samples = lines->samples == view->main ? -1 : lines->samples;
    add_up(lines);
    for (uint32_t i = 1; i <= all; i++) {
        struct line *line = &lines->items[i];
        line->frame = pyr_frames_get(view->profile->frames, (pyr_frame_id){i});
        if (line->frame.line != 0 && (line->self != 0 || line->total != 0) &&
            pyr_view_keeps(view, line->frame.func)) {
            lines->items[lines->count++] = *line;
        }
    }
    qsort_r(lines->items, lines->count, sizeof *lines->items, compare, lines);
    return true;
}

static void add_row(const struct lines *lines, const struct line *line, struct pyr_table *table)
{
    const struct pyr_view *view = lines->view;
    const enum pyr_style heat = pyr_style_heat(line->self, view->whole);
    const enum pyr_style total_heat = pyr_style_heat(line->total, view->whole);
    pyr_table_add(table, heat, pyr_view_cell(view->unit, line->self).text);
    pyr_table_add(table, heat, pyr_figure_share(line->self, view->whole).text);
    size_t start = table->text.len;
    pyr_bar_add(line->self, view->whole, view->options->ascii, &table->text);
    pyr_table_add_since(table, heat, start, 0);
    pyr_table_add(table, total_heat, pyr_view_cell(view->unit, line->total).text);
    pyr_table_add(table, total_heat, pyr_figure_share(line->total, view->whole).text);
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  line->samples == 0 ? "" : pyr_figure_count(line->samples).text);
    start = table->text.len;
    pyr_view_add_name(view, line->frame.func, &table->text);
    pyr_table_add_since(table, PYR_STYLE_STRONG, start, 0);
    start = table->text.len;
    pyr_view_add_place_at(view, line->frame.func, line->frame.line, &table->text);
    pyr_table_add_since(table, PYR_STYLE_DIM, start, 0);
}

static bool add_table(const struct lines *lines, uint32_t shown, struct pyr_buf *out,
                      struct pyr_err *err)
{
    const struct pyr_table_column columns[] = {
        {.title = "self"},
        {.title = "%", .gap = 1},
        {.title = "", .left = true, .drop = 9},
        {.title = "total"},
        {.title = "%", .gap = 1, .drop = 5},
        {.title = "samples", .drop = 8, .absent = lines->samples < 0},
        {.title = "function", .left = true, .min = 22, .cut = PYR_CUT_MIDDLE},
        {.title = "where", .left = true, .min = 14, .cut = PYR_CUT_START, .gives_way = true},
    };
    struct pyr_table table = {0};
    pyr_table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < shown; i++) {
        add_row(lines, &lines->items[i], &table);
    }
    const bool ok = pyr_table_render(&table, lines->view->options, out, err);
    pyr_table_release(&table);
    return ok;
}

static void add_rest(const struct lines *lines, uint32_t shown, struct pyr_buf *out)
{
    int64_t self = 0;
    for (uint32_t i = shown; i < lines->count; i++) {
        self = pyr_values_sum(self, lines->items[i].self);
    }
    if (lines->count > shown) {
        pyr_header_add_note(
            lines->view, out, "%s %s more line%s, %s of the total; --limit shows more",
            lines->view->options->ascii ? "..." : "…", pyr_figure_count(lines->count - shown).text,
            lines->count - shown == 1 ? "" : "s", pyr_figure_share(self, lines->view->whole).text);
    }
}

static bool add_body(const struct pyr_view *view, bool one_of_many, struct pyr_buf *out,
                     struct pyr_err *err)
{
    struct lines lines = {.view = view};
    const uint32_t few = one_of_many ? ROWS_EACH : DEFAULT_ROWS;
    const uint32_t limit = view->options->limit == 0 ? few : view->options->limit;
    bool ok = pyr_sort_find(view, PYR_SORT_SELF, &lines.sort, err) && collect(&lines, err);
    if (!one_of_many) {
        pyr_buf_add_char(out, '\n');
    }
    if (ok && lines.count == 0) {
        pyr_header_add_note(view, out, "No lines were recorded there; --flat shows functions.");
    } else if (ok) {
        const uint32_t shown = lines.count < limit ? lines.count : limit;
        ok = add_table(&lines, shown, out, err);
        add_rest(&lines, shown, out);
    }
    pyr_mem_free(lines.items);
    pyr_mem_free(lines.open);
    return ok && pyr_buf_check(out, err);
}

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    return pyr_sections_render(profile, options, add_body, out, err);
}

const struct pyr_report pyr_report_lines = {
    .name = "lines",
    .summary = "one row per line of source that ran, hottest first; of sampled profiles",
    .splits = true,
    .render = render,
};
