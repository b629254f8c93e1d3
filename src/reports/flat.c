/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/flat.h"

#include <string.h>

#include "base/mem.h"
#include "reports/bar.h"
#include "reports/header.h"
#include "reports/sections.h"
#include "reports/sort.h"
#include "reports/table.h"

#define MAX_EXTRA_METRICS 8
#define ROWS_EACH 10 /* of a report in sections */

enum kind {
    CALLS,
    SELF_RAW,
    SELF,
    SELF_SHARE,
    BAR,
    TOTAL_RAW,
    TOTAL,
    TOTAL_SHARE,
    PER_CALL,
    CPU,
    WAITING,
    AWAITED,
    STARVED,
    ELAPSED,
    EXTRA,
    NAME,
    PLACE,
};

/* The columns chosen for one profile: what each shows, and how the table is to treat it. */
struct columns {
    struct pyr_table_column specs[PYR_TABLE_MAX_COLUMNS];
    enum kind kinds[PYR_TABLE_MAX_COLUMNS];
    int metrics[PYR_TABLE_MAX_COLUMNS]; /* of EXTRA */
    uint32_t count;
};

static void add_column(struct columns *columns, enum kind kind, struct pyr_table_column spec)
{
    if (columns->count < PYR_TABLE_MAX_COLUMNS) {
        columns->kinds[columns->count] = kind;
        columns->specs[columns->count++] = spec;
    }
}

static bool has_any(const struct pyr_view *view, int metric)
{
    return metric >= 0 && pyr_totals_stack_inclusive(view->totals, (pyr_stack){0})[metric] != 0;
}

/* Never left out when the table is ordered by it. */
static uint8_t drop_unless(const struct pyr_sort *sort, enum pyr_sort_by by, uint8_t drop)
{
    return sort->by == by ? 0 : drop;
}

/* How the self time divides. */
static void add_cpu(const struct pyr_view *view, const struct pyr_sort *sort,
                    struct columns *columns)
{
    if (view->cpu >= 0) {
        add_column(
            columns, CPU,
            (struct pyr_table_column){.title = "cpu", .drop = drop_unless(sort, PYR_SORT_CPU, 2)});
        add_column(columns, WAITING,
                   (struct pyr_table_column){.title = "waiting",
                                             .drop = drop_unless(sort, PYR_SORT_WAITING, 3)});
    }
}

/* What coroutine functions did beside running, which is their total. */
static void add_coroutine(const struct pyr_view *view, const struct pyr_sort *sort,
                          struct columns *columns)
{
    if (has_any(view, view->awaited) || has_any(view, view->starved)) {
        add_column(columns, AWAITED,
                   (struct pyr_table_column){.title = "awaiting",
                                             .drop = drop_unless(sort, PYR_SORT_AWAITED, 1)});
    }
    if (has_any(view, view->starved)) {
        add_column(columns, STARVED,
                   (struct pyr_table_column){.title = "starved",
                                             .drop = drop_unless(sort, PYR_SORT_STARVED, 4)});
    }
    /* Running is CPU time where there is no wall time: nothing to add to what was awaited. */
    if (view->wall >= 0 && (has_any(view, view->awaited) || has_any(view, view->starved))) {
        add_column(columns, ELAPSED,
                   (struct pyr_table_column){.title = "elapsed",
                                             .drop = drop_unless(sort, PYR_SORT_ELAPSED, 4)});
    }
}

/* Metrics that no other column shows, when anything is in them. */
static void add_extras(const struct pyr_view *view, struct columns *columns)
{
    const struct pyr_metrics *metrics = &view->profile->metrics;
    const int64_t *all = pyr_totals_stack_inclusive(view->totals, (pyr_stack){0});
    uint32_t added = 0;
    for (uint32_t m = 0; m < metrics->count && added < MAX_EXTRA_METRICS; m++) {
        const int metric = (int)m;
        const bool shown = metric == view->main || metric == view->raw || metric == view->calls ||
                           metric == view->cpu || metric == view->cpu_raw ||
                           metric == view->awaited || metric == view->starved;
        if (shown || all[m] == 0) {
            continue;
        }
        columns->metrics[columns->count] = metric;
        add_column(columns, EXTRA,
                   (struct pyr_table_column){
                       .title = pyr_strtab_text(view->profile->strings, metrics->items[m].name),
                       .drop = 8});
        added++;
    }
}

static void choose_columns(const struct pyr_view *view, const struct pyr_sort *sort,
                           struct columns *columns)
{
    const bool raw = view->raw >= 0;
    const bool timed = strcmp(view->unit, PYR_UNIT_NS) == 0;
    if (view->calls >= 0 && view->calls != view->main) {
        add_column(columns, CALLS, (struct pyr_table_column){.title = "calls"});
    }
    if (raw) {
        add_column(columns, SELF_RAW, (struct pyr_table_column){.title = "self raw"});
    }
    add_column(columns, SELF, (struct pyr_table_column){.title = raw ? "corrected" : "self"});
    add_column(columns, SELF_SHARE, (struct pyr_table_column){.title = "%", .gap = 1});
    add_column(columns, BAR, (struct pyr_table_column){.title = "", .left = true, .drop = 9});
    add_cpu(view, sort, columns);
    if (raw) {
        add_column(columns, TOTAL_RAW, (struct pyr_table_column){.title = "total raw", .drop = 6});
    }
    add_column(columns, TOTAL, (struct pyr_table_column){.title = raw ? "corrected" : "total"});
    add_column(columns, TOTAL_SHARE, (struct pyr_table_column){.title = "%", .gap = 1, .drop = 5});
    if (timed && view->calls >= 0) {
        add_column(columns, PER_CALL,
                   (struct pyr_table_column){.title = "per call",
                                             .drop = sort->by == PYR_SORT_PERCALL ? 0 : 7});
    }
    add_coroutine(view, sort, columns);
    add_extras(view, columns);
    add_column(columns, NAME,
               (struct pyr_table_column){
                   .title = "function", .left = true, .min = 22, .cut = PYR_CUT_MIDDLE});
    add_column(
        columns, PLACE,
        (struct pyr_table_column){
            .title = "where", .left = true, .min = 14, .cut = PYR_CUT_START, .gives_way = true});
}

/* Of CPU time and of what coroutines do; nothing where there is nothing to tell. */
static struct pyr_figure concurrent_figure(const struct pyr_view *view,
                                           const struct pyr_total *total, enum kind kind)
{
    const int64_t awaited = pyr_view_awaited(view, total);
    const int64_t starved = pyr_view_starved(view, total);
    if (kind == CPU) {
        return pyr_view_cell(PYR_UNIT_NS, total->self[view->cpu]);
    }
    if (kind == WAITING) {
        return pyr_view_cell(PYR_UNIT_NS, pyr_view_waiting(view, total->self));
    }
    if (awaited == 0 && starved == 0) {
        return (struct pyr_figure){{0}};
    }
    if (kind == AWAITED) {
        return pyr_view_cell(PYR_UNIT_NS, awaited);
    }
    return pyr_view_cell(PYR_UNIT_NS, kind == STARVED ? starved : pyr_view_elapsed(view, total));
}

static void add_figure(const struct pyr_view *view, const struct pyr_total *total, enum kind kind,
                       int metric, struct pyr_table *table)
{
    const int64_t self = pyr_view_self(view, total);
    const int64_t inclusive = pyr_view_inclusive(view, total);
    const int64_t primitive = pyr_view_primitive_calls(view, total);
    const struct pyr_metric *metrics = view->profile->metrics.items;
    const enum pyr_style self_heat = pyr_style_heat(self, view->whole);
    const enum pyr_style total_heat = pyr_style_heat(inclusive, view->whole);
    struct pyr_figure figure = {{0}};
    enum pyr_style style = PYR_STYLE_PLAIN;
    if (kind == CALLS) {
        figure = pyr_view_calls_cell(view, total);
    } else if (kind == SELF_RAW || kind == TOTAL_RAW) {
        figure = pyr_view_cell(view->unit, kind == SELF_RAW ? total->self[view->raw]
                                                            : total->inclusive[view->raw]);
        style = PYR_STYLE_DIM;
    } else if (kind == SELF || kind == SELF_SHARE) {
        figure =
            kind == SELF ? pyr_view_cell(view->unit, self) : pyr_figure_share(self, view->whole);
        style = self_heat;
    } else if (kind == TOTAL || kind == TOTAL_SHARE) {
        figure = kind == TOTAL ? pyr_view_cell(view->unit, inclusive)
                               : pyr_figure_share(inclusive, view->whole);
        style = total_heat;
    } else if (kind == PER_CALL) {
        figure = (struct pyr_figure){"–"};
        if (primitive != 0) {
            figure = pyr_view_cell(view->unit, inclusive / primitive);
        }
    } else if (kind != EXTRA) {
        figure = concurrent_figure(view, total, kind);
    } else {
        if (total->self[metric] != 0) {
            figure = pyr_view_cell(pyr_strtab_text(view->profile->strings, metrics[metric].unit),
                                   total->self[metric]);
        }
    }
    pyr_table_add(table, style, figure.text);
}

static void add_row(const struct pyr_view *view, const struct columns *columns,
                    const struct pyr_total *total, struct pyr_table *table)
{
    for (uint32_t c = 0; c < columns->count; c++) {
        const enum kind kind = columns->kinds[c];
        const size_t start = table->text.len;
        if (kind == BAR) {
            pyr_bar_add(pyr_view_self(view, total), view->whole, view->options->ascii,
                        &table->text);
            pyr_table_add_since(table, pyr_style_heat(pyr_view_self(view, total), view->whole),
                                start, 0);
        } else if (kind == NAME) {
            pyr_view_add_name(view, total->func, &table->text);
            pyr_table_add_since(table, PYR_STYLE_STRONG, start, 0);
        } else if (kind == PLACE) {
            pyr_view_add_place(view, total->func, &table->text);
            pyr_table_add_since(table, PYR_STYLE_DIM, start, 0);
        } else {
            add_figure(view, total, kind, columns->metrics[c], table);
        }
    }
}

/* Did it do anything itself? Where only some threads are in view, the functions that lead to them
 * may have run in others alone. */
static bool is_worth_a_row(const struct pyr_view *view, const struct pyr_total *total)
{
    bool any = view->group_of == NULL;
    for (uint32_t m = 0; m < view->profile->metrics.count; m++) {
        any = any || total->self[m] != 0;
    }
    return any;
}

/* The functions that the options keep; `*kept` is owned by the caller. */
static bool collect(const struct pyr_view *view, struct pyr_total **kept, uint32_t *count,
                    struct pyr_err *err)
{
    const uint32_t all = pyr_totals_function_count(view->totals);
    struct pyr_total *items = pyr_mem_zalloc(all + (size_t)1, sizeof *items);
    if (items == NULL) {
        return pyr_err_nomem(err);
    }
    *count = 0;
    for (uint32_t i = 0; i < all; i++) {
        const struct pyr_total total = pyr_totals_function(view->totals, i);
        if (is_worth_a_row(view, &total) && pyr_view_keeps(view, total.func)) {
            items[(*count)++] = total;
        }
    }
    *kept = items;
    return true;
}

static void add_rest(const struct pyr_view *view, const struct pyr_total *rest, uint32_t count,
                     struct pyr_buf *out)
{
    int64_t self = 0;
    for (uint32_t i = 0; i < count; i++) {
        self += pyr_view_self(view, &rest[i]);
    }
    if (count > 0) {
        pyr_header_add_note(view, out, "%s %s more function%s, %s of the total; --limit shows more",
                            view->options->ascii ? "..." : "…", pyr_figure_count(count).text,
                            count == 1 ? "" : "s", pyr_figure_share(self, view->whole).text);
    }
}

bool pyr_flat_add(const struct pyr_view *view, uint32_t rows, struct pyr_buf *out,
                  struct pyr_err *err)
{
    struct pyr_sort sort;
    struct columns columns = {.count = 0};
    struct pyr_table table = {0};
    struct pyr_total *kept = NULL;
    uint32_t count = 0;
    if (!pyr_sort_find(view, PYR_SORT_SELF, &sort, err) || !collect(view, &kept, &count, err)) {
        return false;
    }
    choose_columns(view, &sort, &columns);
    pyr_sort_totals(view, &sort, false, kept, count);
    pyr_table_init(&table, columns.specs, columns.count);
    const uint32_t shown = count < rows ? count : rows;
    for (uint32_t i = 0; i < shown; i++) {
        add_row(view, &columns, &kept[i], &table);
    }
    bool ok = true;
    if (count == 0 && view->group_of != NULL && pyr_totals_function_count(view->totals) == 0) {
        pyr_header_add_note(view, out, "No function was recorded there.");
    } else if (count == 0 && pyr_totals_function_count(view->totals) == 0 &&
               strcmp(pyr_meta_text(view->profile->meta, PYR_META_COLLECTOR), "record") == 0) {
        pyr_header_add_note(view, out,
                            "No function was recorded: threads that wait are only with --idle.");
    } else if (count == 0 && pyr_totals_function_count(view->totals) == 0) {
        pyr_header_add_note(view, out,
                            "No function was recorded. If --include was given: it takes "
                            "names of modules, or");
        pyr_header_add_note(view, out,
                            "patterns, and the program's own script is the module "
                            "__main__.");
    } else if (count == 0) {
        pyr_header_add_note(view, out, "No function matches.");
    } else {
        ok = pyr_table_render(&table, view->options, out, err);
        add_rest(view, kept + shown, count - shown, out);
    }
    pyr_table_release(&table);
    pyr_mem_free(kept);
    return ok && pyr_buf_check(out, err);
}

static bool add_body(const struct pyr_view *view, bool one_of_many, struct pyr_buf *out,
                     struct pyr_err *err)
{
    const uint32_t few = one_of_many ? ROWS_EACH : PYR_FLAT_DEFAULT_ROWS;
    if (!one_of_many) {
        pyr_buf_add_char(out, '\n');
    }
    return pyr_flat_add(view, view->options->limit == 0 ? few : view->options->limit, out, err);
}

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    return pyr_sections_render(profile, options, add_body, out, err);
}

const struct pyr_report pyr_report_flat = {
    .name = "flat",
    .summary = "one row per function, hottest first",
    .splits = true,
    .render = render,
};
