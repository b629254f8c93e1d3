/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/diff.h"

#include <stdlib.h>
#include <string.h>

#include "reports/diff_groups.h"
#include "reports/diff_rows.h"
#include "reports/figure.h"
#include "reports/header.h"
#include "reports/table.h"

#define DEFAULT_ROWS 25

/* Less is better for every metric we know: time, calls, bytes, samples. */
enum pyr_style pyr_diff_style(int64_t before, int64_t after)
{
    if (before == after) {
        return PYR_STYLE_DIM;
    }
    return after < before ? PYR_STYLE_GOOD : PYR_STYLE_BAD;
}

static void add_overview_row(struct pyr_table *table, const char *label, const char *unit,
                             int64_t before, int64_t after)
{
    const enum pyr_style style = pyr_diff_style(before, after);
    pyr_table_add(table, PYR_STYLE_DIM, label);
    pyr_table_add(table, PYR_STYLE_PLAIN, pyr_view_cell(unit, before).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, pyr_view_cell(unit, after).text);
    pyr_table_add(table, style,
                  after == before ? "=" : pyr_view_cell_change(unit, after - before).text);
    pyr_table_add(table, style, pyr_figure_ratio(before, after).text);
}

static bool add_overview(const struct pyr_diff *diff, struct pyr_buf *out, struct pyr_err *err)
{
    static const struct pyr_table_column columns[] = {
        {.title = "", .left = true}, {.title = "before"}, {.title = "after"},
        {.title = "change"},         {.title = "ratio"},
    };
    const struct pyr_view *a = &diff->before;
    const struct pyr_view *b = &diff->after;
    const int64_t *all_a = pyr_totals_stack_inclusive(a->totals, (pyr_stack){0});
    const int64_t *all_b = pyr_totals_stack_inclusive(b->totals, (pyr_stack){0});
    const int64_t time_a = pyr_meta_number(a->profile->meta, PYR_META_DURATION_NS, 0);
    const int64_t time_b = pyr_meta_number(b->profile->meta, PYR_META_DURATION_NS, 0);
    struct pyr_table table = {0};
    pyr_table_init(&table, columns, sizeof columns / sizeof columns[0]);
    if (time_a > 0 && time_b > 0) {
        add_overview_row(&table, "duration", PYR_UNIT_NS, time_a, time_b);
    }
    add_overview_row(&table, "self, all functions", a->unit, a->whole, b->whole);
    if (a->calls >= 0 && b->calls >= 0) {
        add_overview_row(&table, "calls", PYR_UNIT_COUNT, all_a[a->calls], all_b[b->calls]);
    }
    add_overview_row(&table, "functions", PYR_UNIT_COUNT, pyr_totals_function_count(a->totals),
                     pyr_totals_function_count(b->totals));
    const bool ok = pyr_table_render(&table, a->options, out, err);
    pyr_table_release(&table);
    return ok;
}

static void add_calls(const struct pyr_diff *diff, const struct pyr_diff_row *row,
                      struct pyr_table *table)
{
    const size_t start = table->text.len;
    if (diff->before.calls >= 0 && row->calls_before == row->calls_after) {
        pyr_buf_add_text(&table->text, pyr_figure_count(row->calls_after).text);
    } else if (diff->before.calls >= 0) {
        pyr_buf_addf(&table->text, "%s %s ", pyr_figure_count(row->calls_before).text,
                     diff->before.options->ascii ? "->" : "→");
        pyr_buf_add_text(&table->text, pyr_figure_count(row->calls_after).text);
    }
    pyr_table_add_since(
        table, row->calls_before == row->calls_after ? PYR_STYLE_DIM : PYR_STYLE_PLAIN, start, 0);
}

static void add_row(const struct pyr_diff *diff, const struct pyr_diff_row *row,
                    struct pyr_table *table)
{
    const char *unit = diff->before.unit;
    const bool is_new = row->before.i == 0;
    const bool is_gone = row->after.i == 0;
    const struct pyr_view *view = is_gone ? &diff->before : &diff->after;
    const pyr_func func = is_gone ? row->before : row->after;
    const enum pyr_style style = pyr_diff_style(row->self_before, row->self_after);
    const enum pyr_style total_style = pyr_diff_style(row->total_before, row->total_after);
    struct pyr_figure ratio = pyr_figure_ratio(row->self_before, row->self_after);
    if (is_new) {
        ratio = (struct pyr_figure){"new"};
    } else if (is_gone) {
        ratio = (struct pyr_figure){"gone"};
    } else if (row->self_before == 0 || row->self_after == 0) {
        ratio = (struct pyr_figure){""};
    }
    pyr_table_add(table, style,
                  pyr_view_cell_change(unit, row->self_after - row->self_before).text);
    pyr_table_add(table, style, ratio.text);
    pyr_table_add(table, PYR_STYLE_PLAIN, is_new ? "" : pyr_view_cell(unit, row->self_before).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, is_gone ? "" : pyr_view_cell(unit, row->self_after).text);
    pyr_table_add(table, total_style,
                  pyr_view_cell_change(unit, row->total_after - row->total_before).text);
    add_calls(diff, row, table);
    const size_t name = table->text.len;
    pyr_view_add_name(view, func, &table->text);
    pyr_table_add_since(table, PYR_STYLE_STRONG, name, 0);
    const size_t place = table->text.len;
    pyr_view_add_place(view, func, &table->text);
    pyr_table_add_since(table, PYR_STYLE_DIM, place, 0);
}

static bool has_changed(const struct pyr_diff_row *row)
{
    return row->self_before != row->self_after || row->calls_before != row->calls_after ||
           row->before.i == 0 || row->after.i == 0;
}

bool pyr_diff_add_rows(const struct pyr_diff *diff, uint32_t few, struct pyr_buf *out,
                       struct pyr_err *err)
{
    const bool counted = diff->before.calls >= 0 && diff->after.calls >= 0;
    const struct pyr_table_column columns[] = {
        {.title = "self change"},
        {.title = "ratio"},
        {.title = "before", .drop = 6},
        {.title = "after", .drop = 6},
        {.title = "total change", .drop = 8},
        {.title = counted ? "calls" : "", .drop = 7},
        {.title = "function", .left = true, .min = 22, .cut = PYR_CUT_MIDDLE},
        {.title = "where", .left = true, .min = 14, .cut = PYR_CUT_START, .gives_way = true},
    };
    const struct pyr_report_options *options = diff->before.options;
    const uint32_t rows = options->limit == 0 ? few : options->limit;
    struct pyr_table table = {0};
    uint32_t shown = 0;
    uint32_t more = 0;
    int64_t rest = 0;
    pyr_table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < diff->count; i++) {
        if (!has_changed(&diff->rows[i])) {
            continue;
        }
        if (shown < rows) {
            add_row(diff, &diff->rows[i], &table);
            shown++;
        } else {
            rest += diff->rows[i].self_after - diff->rows[i].self_before;
            more++;
        }
    }
    const bool ok = shown == 0 || pyr_table_render(&table, options, out, err);
    const char *dots = options->ascii ? "..." : "…";
    if (more > 0) {
        pyr_header_add_note(&diff->after, out, "%s %s more, %s in all; --limit shows more", dots,
                            pyr_figure_count(more).text,
                            pyr_figure_change(diff->before.unit, rest).text);
    }
    if (shown + more < diff->count) {
        const uint32_t same = diff->count - shown - more;
        pyr_header_add_note(&diff->after, out, "%s %s function%s with the same self time and calls",
                            dots, pyr_figure_count(same).text, same == 1 ? "" : "s");
    }
    if (diff->count == 0) {
        pyr_header_add_note(&diff->after, out, "No function matches.");
    }
    pyr_table_release(&table);
    return ok;
}

static bool is_cpu(const struct pyr_view *view)
{
    const struct pyr_profile *profile = view->profile;
    return strcmp(pyr_strtab_text(profile->strings, profile->metrics.items[view->main].name),
                  PYR_METRIC_CPU) == 0;
}

static bool check_comparable(const struct pyr_diff *diff, struct pyr_err *err)
{
    const struct pyr_view *a = &diff->before;
    const struct pyr_view *b = &diff->after;
    const bool a_cpu = is_cpu(a);
    if (strcmp(a->unit, b->unit) == 0 && strcmp(a->unit, PYR_UNIT_NS) == 0 && a_cpu != is_cpu(b)) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "%s profile has CPU times only and the other one wall times: they can't "
                           "be compared",
                           a_cpu ? "the first" : "the second");
    }
    if (strcmp(a->unit, b->unit) == 0) {
        return true;
    }
    return pyr_err_set(err, PYR_ERR_USAGE,
                       "one profile is measured in %s and the other in %s: "
                       "they can't be compared",
                       a->unit, b->unit);
}

static void add_side(const struct pyr_view *view, const char *title, struct pyr_buf *out)
{
    pyr_buf_add_text(out, "\n  ");
    pyr_style_add(out, PYR_STYLE_STRONG, view->options->color, title);
    pyr_header_add(view, out);
}

bool pyr_diff_render(const struct pyr_profile *before, const struct pyr_profile *after,
                     const struct pyr_report_options *options, struct pyr_buf *out,
                     struct pyr_err *err)
{
    struct pyr_diff diff = {{0}, {0}, NULL, 0, 0};
    bool ok = pyr_view_init(&diff.before, before, options, err) &&
              pyr_view_init(&diff.after, after, options, err) && check_comparable(&diff, err) &&
              pyr_diff_join(&diff, err);
    if (ok) {
        add_side(&diff.before, "Before", out);
        add_side(&diff.after, "After", out);
        pyr_header_add_title(&diff.after, "All in all", out);
        ok = add_overview(&diff, out, err);
    }
    if (ok && options->by != NULL) {
        ok = pyr_diff_groups_add(&diff, out, err);
    } else if (ok) {
        pyr_header_add_title(&diff.after, "Functions", out);
        ok = pyr_diff_add_rows(&diff, DEFAULT_ROWS, out, err);
    }
    pyr_buf_add_char(out, '\n');
    pyr_diff_release(&diff);
    return ok && pyr_buf_check(out, err);
}
