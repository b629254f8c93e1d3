/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/threads_report.h"

#include <stdlib.h>

#include "base/mem.h"
#include "reports/flat.h"
#include "reports/header.h"
#include "reports/table.h"

#define FUNCTIONS_EACH 5
#define MAX_THREADS_EACH                                                                           \
    32 /* those beyond have their line in the table, but no table of theirs                        \
        */

struct thread_row {
    pyr_thread thread;
    int64_t value;
    int64_t calls;
    uint32_t rows; /* of values; a thread without any is not listed */
};

static int by_value(const void *left, const void *right)
{
    const struct thread_row *a = left;
    const struct thread_row *b = right;
    if (a->value != b->value) {
        return a->value > b->value ? -1 : 1;
    }
    return (a->thread.i > b->thread.i) - (a->thread.i < b->thread.i);
}

/* One pass over all values; `rows` has an entry for every thread and one for id 0. */
static void sum(const struct pyr_view *view, struct thread_row *rows, uint32_t count)
{
    const struct pyr_values *values = view->profile->values;
    for (uint32_t i = 0; i < count; i++) {
        rows[i].thread = (pyr_thread){i};
    }
    for (uint32_t r = 1; r <= pyr_values_count(values); r++) {
        const struct pyr_value_row row = pyr_values_get(values, r);
        rows[row.thread.i].value += row.v[view->main];
        rows[row.thread.i].calls += view->calls < 0 ? 0 : row.v[view->calls];
        rows[row.thread.i].rows++;
    }
}

static void add_row(const struct pyr_view *view, const struct thread_row *row,
                    struct pyr_table *table)
{
    const struct pyr_profile *profile = view->profile;
    const enum pyr_style heat = pyr_style_heat(row->value, view->whole);
    pyr_table_add(table, heat, pyr_view_cell(view->unit, row->value).text);
    pyr_table_add(table, heat, pyr_figure_share(row->value, view->whole).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, view->calls < 0 ? "" : pyr_figure_count(row->calls).text);
    const size_t id = table->text.len;
    if (row->thread.i != 0) {
        const struct pyr_thread_info info = pyr_threads_get(profile->threads, row->thread);
        pyr_buf_addf(&table->text, "%u", (unsigned)(info.tid != 0 ? info.tid : row->thread.i));
    }
    pyr_table_add_since(table, PYR_STYLE_DIM, id, 0);
    const size_t name = table->text.len;
    pyr_view_add_thread(profile, row->thread, &table->text);
    pyr_table_add_since(table, PYR_STYLE_STRONG, name, 0);
}

static bool add_overview(const struct pyr_view *view, const struct thread_row *rows, uint32_t count,
                         struct pyr_buf *out, struct pyr_err *err)
{
    static const struct pyr_table_column columns[] = {
        {.title = "self"},
        {.title = "%", .gap = 1},
        {.title = "calls"},
        {.title = "id"},
        {.title = "thread", .left = true, .min = 16, .cut = PYR_CUT_END},
    };
    struct pyr_table table = {0};
    pyr_table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].rows > 0) {
            add_row(view, &rows[i], &table);
        }
    }
    const bool ok = pyr_table_render(&table, view->options, out, err);
    pyr_table_release(&table);
    return ok;
}

/* The hottest functions of one thread, under its name. */
static bool add_thread(const struct pyr_view *all, const struct thread_row *row,
                       struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_view view = {0};
    struct pyr_buf name = {0};
    const uint32_t limit = all->options->limit;
    const uint32_t rows = limit == 0 ? FUNCTIONS_EACH : limit;
    bool ok = pyr_view_init_thread(&view, all->profile, all->options, row->thread, err);
    if (ok) {
        pyr_view_add_thread(all->profile, row->thread, &name);
        pyr_header_add_title(&view, name.data == NULL ? "" : name.data, out);
        ok = pyr_flat_add(&view, rows, out, err);
    }
    pyr_buf_release(&name);
    pyr_view_release(&view);
    return ok;
}

static bool add_threads(const struct pyr_view *view, struct pyr_buf *out, struct pyr_err *err)
{
    const uint32_t count = pyr_threads_count(view->profile->threads) + 1;
    struct thread_row *rows = pyr_mem_zalloc(count, sizeof *rows);
    uint32_t shown = 0;
    if (rows == NULL) {
        return pyr_err_nomem(err);
    }
    sum(view, rows, count);
    qsort(rows, count, sizeof *rows, by_value);
    pyr_buf_add_char(out, '\n');
    bool ok = add_overview(view, rows, count, out, err);
    for (uint32_t i = 0; ok && i < count && shown < MAX_THREADS_EACH; i++) {
        if (rows[i].rows > 0 && rows[i].thread.i != 0) {
            ok = add_thread(view, &rows[i], out, err);
            shown++;
        }
    }
    pyr_mem_free(rows);
    return ok;
}

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_view view = {0};
    bool ok = pyr_view_init(&view, profile, options, err);
    if (ok) {
        pyr_header_add(&view, out);
        ok = add_threads(&view, out, err);
        pyr_buf_add_char(out, '\n');
    }
    pyr_view_release(&view);
    return ok && pyr_buf_check(out, err);
}

const struct pyr_report pyr_report_threads = {
    .name = "threads",
    .summary = "what each thread spent, and on what",
    .render = render,
};
