/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/coroutines_report.h"

#include "base/mem.h"
#include "reports/header.h"
#include "reports/sections.h"
#include "reports/sort.h"
#include "reports/table.h"

#define DEFAULT_ROWS 30

/* Marks the names of functions that tasks began with. */
static void mark_entries(const struct pyr_profile *profile, uint8_t *is_entry)
{
    const uint32_t count = pyr_threads_count(profile->threads);
    for (uint32_t i = 1; i <= count; i++) {
        const struct pyr_thread_info info = pyr_threads_get(profile->threads, (pyr_thread){i});
        if (info.kind == PYR_THREAD_TASK && info.entry.i != 0) {
            is_entry[info.entry.i] = 1;
        }
    }
}

/* Was it suspended, and did it go on by itself? The calls of a greenlet go on with the greenlet. */
static bool was_suspended(const struct pyr_view *view, const struct pyr_total *total)
{
    const bool asleep = pyr_view_awaited(view, total) != 0 || pyr_view_starved(view, total) != 0;
    return asleep && (view->resumes < 0 || total->self[view->resumes] != 0);
}

/* The functions that are coroutines for sure: those that were suspended, or that a task began
 * with. `*kept` is owned by the caller. */
static bool collect(const struct pyr_view *view, struct pyr_total **kept, uint32_t *count,
                    struct pyr_err *err)
{
    const struct pyr_profile *profile = view->profile;
    const uint32_t all = pyr_totals_function_count(view->totals);
    uint8_t *is_entry =
        pyr_mem_zalloc((size_t)pyr_strtab_count(profile->strings) + 1, sizeof *is_entry);
    struct pyr_total *items = pyr_mem_zalloc(all + (size_t)1, sizeof *items);
    if (is_entry == NULL || items == NULL) {
        pyr_mem_free(is_entry);
        pyr_mem_free(items);
        return pyr_err_nomem(err);
    }
    mark_entries(profile, is_entry);
    *count = 0;
    for (uint32_t i = 0; i < all; i++) {
        const struct pyr_total total = pyr_totals_function(view->totals, i);
        const pyr_str name = pyr_functions_get(profile->functions, total.func)->qualname;
        if ((was_suspended(view, &total) || is_entry[name.i]) && pyr_view_keeps(view, total.func)) {
            items[(*count)++] = total;
        }
    }
    pyr_mem_free(is_entry);
    *kept = items;
    return true;
}

static void add_row(const struct pyr_view *view, const struct pyr_total *total,
                    struct pyr_table *table)
{
    const int64_t elapsed = pyr_view_elapsed(view, total);
    const int64_t calls = pyr_view_primitive_calls(view, total);
    const int64_t resumes = view->resumes >= 0 ? total->self[view->resumes] : 0;
    const int64_t inclusive = pyr_view_inclusive(view, total);
    pyr_table_add(table, PYR_STYLE_PLAIN, pyr_view_calls_cell(view, total).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, pyr_figure_count(resumes).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, pyr_view_cell(view->unit, elapsed).text);
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  calls == 0 ? "–" : pyr_view_cell(view->unit, elapsed / calls).text);
    pyr_table_add(table, pyr_style_heat(inclusive, view->whole),
                  pyr_view_cell(view->unit, inclusive).text);
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  pyr_view_cell(PYR_UNIT_NS, pyr_view_awaited(view, total)).text);
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  pyr_view_cell(PYR_UNIT_NS, pyr_view_starved(view, total)).text);
    const bool divided = view->cpu >= 0;
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  divided ? pyr_view_cell(PYR_UNIT_NS, total->inclusive[view->cpu]).text : "");
    const size_t name = table->text.len;
    pyr_view_add_name(view, total->func, &table->text);
    pyr_table_add_since(table, PYR_STYLE_STRONG, name, 0);
    const size_t place = table->text.len;
    pyr_view_add_place(view, total->func, &table->text);
    pyr_table_add_since(table, PYR_STYLE_DIM, place, 0);
}

static bool add_table(const struct pyr_view *view, const struct pyr_total *kept, uint32_t count,
                      struct pyr_buf *out, struct pyr_err *err)
{
    const bool wall = view->wall >= 0;
    const struct pyr_table_column columns[] = {
        {.title = "calls", .absent = view->calls < 0},
        {.title = "resumes", .drop = 4, .absent = view->resumes < 0},
        {.title = "elapsed", .absent = !wall},
        {.title = "per call", .drop = 5, .absent = !wall || view->calls < 0},
        {.title = wall ? "running" : "cpu"},
        {.title = "awaiting"},
        {.title = "starved", .drop = 2},
        {.title = "cpu", .drop = 3, .absent = view->cpu < 0},
        {.title = "function", .left = true, .min = 18, .cut = PYR_CUT_MIDDLE},
        {.title = "where", .left = true, .min = 14, .cut = PYR_CUT_START, .gives_way = true},
    };
    const uint32_t limit = view->options->limit == 0 ? DEFAULT_ROWS : view->options->limit;
    const uint32_t rows = count < limit ? count : limit;
    struct pyr_table table = {0};
    pyr_table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < rows; i++) {
        add_row(view, &kept[i], &table);
    }
    const bool ok = pyr_table_render(&table, view->options, out, err);
    pyr_table_release(&table);
    if (count > rows) {
        pyr_header_add_note(view, out, "%s %s more; --limit shows more",
                            view->options->ascii ? "..." : "…",
                            pyr_figure_count(count - rows).text);
    }
    return ok;
}

static bool add_coroutines(const struct pyr_view *view, struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_sort sort;
    struct pyr_total *kept = NULL;
    uint32_t count = 0;
    const enum pyr_sort_by usual = view->wall >= 0 ? PYR_SORT_ELAPSED : PYR_SORT_TOTAL;
    if (!pyr_sort_find(view, usual, &sort, err) || !collect(view, &kept, &count, err)) {
        return false;
    }
    sort.inclusive = true;
    bool ok = true;
    if (count == 0 && view->awaited < 0) {
        pyr_header_add_note(view, out,
                            "This profile does not tell how long coroutines were suspended; one "
                            "of pyrometer trace does.");
    } else if (count == 0) {
        pyr_header_add_note(view, out, "No coroutine was suspended in what was chosen.");
    } else {
        pyr_sort_totals(view, &sort, false, kept, count);
        ok = add_table(view, kept, count, out, err);
    }
    pyr_mem_free(kept);
    return ok;
}

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_view view = {0};
    bool ok = pyr_sections_refuse(options, "coroutines", err) &&
              pyr_view_init(&view, profile, options, err);
    if (ok) {
        pyr_header_add(&view, out);
        pyr_buf_add_char(out, '\n');
        ok = add_coroutines(&view, out, err);
        pyr_buf_add_char(out, '\n');
    }
    pyr_view_release(&view);
    return ok && pyr_buf_check(out, err);
}

const struct pyr_report pyr_report_coroutines = {
    .name = "coroutines",
    .summary = "coroutine functions: how long they ran, awaited and starved",
    .render = render,
};
