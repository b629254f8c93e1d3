/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/arcs.h"

#include "base/mem.h"
#include "reports/header.h"
#include "reports/sections.h"
#include "reports/sort.h"
#include "reports/table.h"

struct arcs {
    const struct pyr_view *view;
    struct pyr_sort sort;
    bool callers;
    struct pyr_total *functions; /* owned; those asked for, in order */
    uint32_t function_count;
    struct pyr_total *items; /* owned; all arcs, ordered by the function they belong to */
    uint32_t item_count;
};

static void release(struct arcs *arcs)
{
    pyr_mem_free(arcs->functions);
    pyr_mem_free(arcs->items);
}

/* The totals come ordered by callee; a counting sort orders them by caller. */
static bool order_by_caller(struct arcs *arcs, struct pyr_err *err)
{
    const struct pyr_view *view = arcs->view;
    const uint32_t functions = pyr_functions_count(view->profile->functions);
    uint32_t *starts = pyr_mem_zalloc(functions + (size_t)2, sizeof *starts);
    if (starts == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t i = 0; i < arcs->item_count; i++) {
        starts[pyr_totals_arc(view->totals, i).caller.i + 1]++;
    }
    for (uint32_t f = 1; f <= functions; f++) {
        starts[f] += starts[f - 1];
    }
    for (uint32_t i = 0; i < arcs->item_count; i++) {
        const struct pyr_total arc = pyr_totals_arc(view->totals, i);
        arcs->items[starts[arc.caller.i]++] = arc;
    }
    pyr_mem_free(starts);
    return true;
}

static bool collect(struct arcs *arcs, struct pyr_err *err)
{
    const struct pyr_view *view = arcs->view;
    const uint32_t all = pyr_totals_function_count(view->totals);
    arcs->item_count = pyr_totals_arc_count(view->totals);
    arcs->functions = pyr_mem_zalloc(all + (size_t)1, sizeof *arcs->functions);
    arcs->items = pyr_mem_zalloc(arcs->item_count + (size_t)1, sizeof *arcs->items);
    if (arcs->functions == NULL || arcs->items == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t i = 0; i < all; i++) {
        const struct pyr_total total = pyr_totals_function(view->totals, i);
        if (pyr_view_keeps(view, total.func) && pyr_view_is_asked_for(view, total.func)) {
            arcs->functions[arcs->function_count++] = total;
        }
    }
    if (!arcs->callers) {
        return order_by_caller(arcs, err);
    }
    for (uint32_t i = 0; i < arcs->item_count; i++) {
        arcs->items[i] = pyr_totals_arc(view->totals, i);
    }
    return true;
}

static uint32_t owner(const struct arcs *arcs, uint32_t item)
{
    return arcs->callers ? arcs->items[item].func.i : arcs->items[item].caller.i;
}

/* The first item that belongs to `func` or to a later function. */
static uint32_t lower_bound(const struct arcs *arcs, uint32_t func)
{
    uint32_t low = 0;
    uint32_t high = arcs->item_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (owner(arcs, middle) < func) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void add_function_line(const struct arcs *arcs, const struct pyr_total *total,
                              struct pyr_buf *out)
{
    const struct pyr_view *view = arcs->view;
    const bool color = view->options->color;
    struct pyr_buf text = {0};
    pyr_buf_add_text(out, "\n  ");
    pyr_view_add_name(view, total->func, &text);
    pyr_style_add(out, PYR_STYLE_STRONG, color, text.data == NULL ? "" : text.data);
    pyr_buf_clear(&text);
    pyr_buf_add_text(&text, "  ");
    pyr_view_add_place(view, total->func, &text);
    pyr_style_add(out, PYR_STYLE_DIM, color, text.data == NULL ? "" : text.data);
    pyr_buf_release(&text);
    pyr_buf_add_text(out, "\n  ");
    if (view->calls >= 0) {
        pyr_buf_addf(out, "%s call%s, ", pyr_view_calls_cell(view, total).text,
                     pyr_view_calls(view, total) == 1 ? "" : "s");
    }
    const struct pyr_figure self = pyr_figure_value(view->unit, pyr_view_self(view, total));
    const struct pyr_figure all = pyr_figure_value(view->unit, pyr_view_inclusive(view, total));
    pyr_buf_addf(out, "%s self, %s total, %s\n", self.text, all.text,
                 arcs->callers ? "called by" : "calls");
}

static void add_row(const struct arcs *arcs, const struct pyr_total *function,
                    const struct pyr_total *arc, struct pyr_table *table)
{
    const struct pyr_view *view = arcs->view;
    const pyr_func other = arcs->callers ? arc->caller : arc->func;
    const int64_t whole = pyr_view_inclusive(view, function);
    const int64_t inclusive = pyr_view_inclusive(view, arc);
    const enum pyr_style heat = pyr_style_heat(inclusive, whole);
    pyr_table_add(table, heat, pyr_figure_share(inclusive, whole).text);
    pyr_table_add(table, heat, pyr_view_cell(view->unit, inclusive).text);
    const bool divided = view->cpu >= 0;
    const int64_t cpu = divided ? arc->inclusive[view->cpu] : 0;
    const int64_t waiting = pyr_view_waiting(view, arc->inclusive);
    pyr_table_add(table, PYR_STYLE_PLAIN, divided ? pyr_view_cell(PYR_UNIT_NS, cpu).text : "");
    pyr_table_add(table, PYR_STYLE_PLAIN, divided ? pyr_view_cell(PYR_UNIT_NS, waiting).text : "");
    pyr_table_add(table, PYR_STYLE_PLAIN, pyr_view_cell(view->unit, pyr_view_self(view, arc)).text);
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  view->calls < 0 ? "" : pyr_view_calls_cell(view, arc).text);
    const size_t name = table->text.len;
    if (other.i == 0) {
        pyr_buf_add_text(&table->text, "(nobody recorded)");
    } else {
        pyr_view_add_name(view, other, &table->text);
    }
    pyr_table_add_since(table, other.i == 0 ? PYR_STYLE_DIM : PYR_STYLE_STRONG, name, 0);
    const size_t place = table->text.len;
    if (other.i != 0) {
        pyr_view_add_place(view, other, &table->text);
    }
    pyr_table_add_since(table, PYR_STYLE_DIM, place, 0);
}

static bool add_function(struct arcs *arcs, const struct pyr_total *function, struct pyr_buf *out,
                         struct pyr_err *err)
{
    const struct pyr_view *view = arcs->view;
    const struct pyr_table_column columns[] = {
        {.title = "%"},
        {.title = "total", .gap = 1},
        {.title = "cpu", .drop = 3, .absent = view->cpu < 0},
        {.title = "waiting", .drop = 4, .absent = view->cpu < 0},
        {.title = "self"},
        {.title = view->calls < 0 ? "" : "calls", .drop = 5},
        {.title = arcs->callers ? "caller" : "callee",
         .left = true,
         .min = 16,
         .cut = PYR_CUT_MIDDLE},
        {.title = "where", .left = true, .min = 14, .cut = PYR_CUT_START, .gives_way = true},
    };
    const uint32_t first = lower_bound(arcs, function->func.i);
    const uint32_t end = lower_bound(arcs, function->func.i + 1);
    const uint32_t rows = view->options->limit == 0 ? PYR_ARCS_MAX_ROWS : view->options->limit;
    const uint32_t shown = end - first < rows ? end - first : rows;
    struct pyr_table table = {0};
    add_function_line(arcs, function, out);
    if (first == end) {
        pyr_header_add_note(view, out, "    nothing recorded");
        return true;
    }
    pyr_sort_totals(view, &arcs->sort, arcs->callers, arcs->items + first, end - first);
    pyr_table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < shown; i++) {
        add_row(arcs, function, &arcs->items[first + i], &table);
    }
    const bool ok = pyr_table_render(&table, view->options, out, err);
    pyr_table_release(&table);
    if (end - first > shown) {
        pyr_header_add_note(view, out, "%s %s more", view->options->ascii ? "..." : "…",
                            pyr_figure_count(end - first - shown).text);
    }
    return ok;
}

static bool add_all(struct arcs *arcs, struct pyr_buf *out, struct pyr_err *err)
{
    const struct pyr_view *view = arcs->view;
    const struct pyr_sort by_total = {.by = PYR_SORT_TOTAL, .metric = -1};
    const struct pyr_sort by_self = {.by = PYR_SORT_SELF, .metric = -1};
    if (!pyr_sort_find(view, PYR_SORT_TOTAL, &arcs->sort, err) || !collect(arcs, err)) {
        return false;
    }
    arcs->sort.inclusive = true;
    if (arcs->function_count == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "no function in this profile matches '%s'; see --flat for their names",
                           view->options->function != NULL ? view->options->function : "");
    }
    pyr_sort_totals(view, view->has_function ? &by_total : &by_self, false, arcs->functions,
                    arcs->function_count);
    uint32_t shown = arcs->function_count;
    if (!view->has_function && shown > PYR_ARCS_DEFAULT_FUNCTIONS) {
        shown = PYR_ARCS_DEFAULT_FUNCTIONS;
    }
    for (uint32_t i = 0; i < shown; i++) {
        if (!add_function(arcs, &arcs->functions[i], out, err)) {
            return false;
        }
    }
    if (shown < arcs->function_count) {
        pyr_buf_add_char(out, '\n');
        pyr_header_add_note(view, out,
                            "The %u functions with the most self time; --%s=FUNCTION shows others",
                            (unsigned)shown, arcs->callers ? "callers" : "callees");
    }
    return true;
}

bool pyr_arcs_render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                     bool callers, struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_view view = {0};
    struct arcs arcs = {.view = &view, .callers = callers};
    bool ok = pyr_sections_refuse(options, callers ? "callers" : "callees", err) &&
              pyr_view_init(&view, profile, options, err);
    if (ok) {
        pyr_header_add(&view, out);
        ok = add_all(&arcs, out, err);
        pyr_buf_add_char(out, '\n');
    }
    release(&arcs);
    pyr_view_release(&view);
    return ok && pyr_buf_check(out, err);
}
