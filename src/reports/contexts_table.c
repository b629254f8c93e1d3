/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/contexts.h"

#include <string.h>

#include "reports/header.h"
#include "reports/printable.h"
#include "reports/sections.h"
#include "reports/table.h"

static struct pyr_figure time_cell(int64_t ns)
{
    return ns == PYR_NOT_KNOWN ? (struct pyr_figure){"–"} : pyr_view_cell(PYR_UNIT_NS, ns);
}

static void add_text(const struct pyr_profile *profile, pyr_str id, struct pyr_table *table)
{
    pyr_printable_add(&table->text, pyr_strtab_text(profile->strings, id),
                      pyr_strtab_len(profile->strings, id));
}

static void add_names(const struct pyr_contexts *contexts, const struct pyr_context *context,
                      bool joined, struct pyr_table *table)
{
    const struct pyr_profile *profile = contexts->view->profile;
    const struct pyr_thread_info info = pyr_threads_get(profile->threads, context->thread);
    const pyr_thread native = pyr_threads_native(profile->threads, context->thread);
    size_t start = table->text.len;
    if (!joined) {
        pyr_scope_add_thread(profile, context->thread, &table->text);
    }
    pyr_table_add_since(table, PYR_STYLE_STRONG, start, 0);
    start = table->text.len;
    if (context->rest && joined) {
        pyr_scope_add_thread(profile, context->thread, &table->text);
    } else if (info.entry.i == 0 && joined) {
        pyr_buf_add_text(&table->text, "(not known)");
    } else if (!context->rest) {
        add_text(profile, info.entry, table);
    }
    pyr_table_add_since(table, joined ? PYR_STYLE_STRONG : PYR_STYLE_PLAIN, start, 0);
    start = table->text.len;
    if (!joined && native.i != context->thread.i) {
        pyr_scope_add_thread(profile, native, &table->text);
    }
    pyr_table_add_since(table, PYR_STYLE_DIM, start, 0);
    start = table->text.len;
    add_text(profile, context->tag, table);
    if (context->tags > 1) {
        pyr_buf_addf(&table->text, " +%u", (unsigned)(context->tags - 1));
    }
    pyr_table_add_since(table, PYR_STYLE_DIM, start, 0);
}

static void add_row(const struct pyr_contexts *contexts, const struct pyr_context *context,
                    bool joined, struct pyr_table *table)
{
    const struct pyr_view *view = contexts->view;
    const enum pyr_style heat = pyr_style_heat(context->value, view->whole);
    const int64_t each = context->running == PYR_NOT_KNOWN || context->rest
                             ? PYR_NOT_KNOWN
                             : context->running / (int64_t)context->count;
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  context->rest ? "–" : pyr_figure_count(context->count).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, time_cell(context->lifetime).text);
    pyr_table_add(table, heat, time_cell(context->running).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, time_cell(each).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, time_cell(context->suspended).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, time_cell(context->starved).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, time_cell(context->cpu).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, time_cell(context->waiting).text);
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  context->switches == 0 ? "–" : pyr_figure_count(context->switches).text);
    add_names(contexts, context, joined, table);
}

/* What there is to show, so that no column is empty. */
struct shown {
    bool cpu;
    bool starved;
    bool starved_known; /* of all */
    bool tags;
    bool threads; /* several */
    bool rest;    /* what was beyond the limit */
};

static struct shown look(const struct pyr_contexts *contexts)
{
    const struct pyr_threads *threads = contexts->view->profile->threads;
    struct shown shown = {.starved_known = true};
    for (uint32_t i = 0; i < contexts->count; i++) {
        const struct pyr_context *context = &contexts->items[i];
        shown.cpu = shown.cpu || context->cpu != PYR_NOT_KNOWN;
        shown.starved = shown.starved || context->starved != PYR_NOT_KNOWN;
        shown.starved_known = shown.starved_known && context->starved != PYR_NOT_KNOWN;
        shown.tags = shown.tags || context->tags > 0;
        shown.rest = shown.rest || context->rest;
        shown.threads =
            shown.threads || pyr_threads_native(threads, context->thread).i !=
                                 pyr_threads_native(threads, contexts->items[0].thread).i;
    }
    return shown;
}

static void add_notes(const struct pyr_contexts *contexts, const struct shown *seen, uint32_t rows,
                      struct pyr_buf *out)
{
    const struct pyr_view *view = contexts->view;
    int64_t rest = 0;
    for (uint32_t i = rows; i < contexts->count; i++) {
        rest = pyr_values_sum(rest, contexts->items[i].value);
    }
    if (contexts->count > rows) {
        pyr_header_add_note(view, out, "%s %s more, %s of the total; --limit shows more",
                            view->options->ascii ? "..." : "…",
                            pyr_figure_count(contexts->count - rows).text,
                            pyr_figure_share(rest, view->whole).text);
    }
    const bool sampled =
        strcmp(pyr_meta_text(view->profile->meta, PYR_META_COLLECTOR), "record") == 0;
    if (contexts->count > 0 && sampled) {
        pyr_header_add_note(view, out, "–: samples can't tell; pyrometer trace can");
    } else if (contexts->tasks && contexts->count > 0 && !seen->starved_known) {
        pyr_header_add_note(view, out, "–: %s starved is in awaiting",
                            seen->rest ? "tasks beyond the limit; what they"
                                       : "a loop that does not tell; what its tasks");
    }
}

bool pyr_contexts_add(const struct pyr_contexts *contexts, bool joined, struct pyr_buf *out,
                      struct pyr_err *err)
{
    const struct pyr_view *view = contexts->view;
    const struct shown seen = look(contexts);
    const bool wall = view->wall >= 0;
    const char *kind =
        pyr_scope_kind(contexts->tasks ? PYR_THREAD_TASK : PYR_THREAD_GREENLET, joined);
    const struct pyr_table_column columns[] = {
        {.title = kind, .absent = !joined},
        {.title = "lifetime", .drop = 2},
        {.title = "running", .absent = !wall},
        {.title = "each", .drop = 4, .absent = !wall || !joined},
        {.title = contexts->tasks ? "awaiting" : "suspended", .drop = 1, .absent = !wall},
        {.title = "starved", .drop = 1, .absent = !contexts->tasks || !wall},
        {.title = "cpu", .absent = !seen.cpu},
        {.title = "waiting", .drop = 4, .absent = !seen.cpu || !wall},
        {.title = contexts->tasks ? "steps" : "switches", .drop = 3},
        {.title = kind, .left = true, .min = 14, .cut = PYR_CUT_END, .absent = joined},
        {.title = contexts->tasks ? "coroutine" : "function",
         .left = true,
         .min = 16,
         .cut = PYR_CUT_MIDDLE},
        {.title = "thread", .left = true, .drop = 5, .absent = joined || !seen.threads},
        {.title = "tag",
         .left = true,
         .min = 6,
         .cut = PYR_CUT_END,
         .absent = joined || !seen.tags},
    };
    const uint32_t limit = view->options->limit == 0 ? PYR_CONTEXT_ROWS : view->options->limit;
    const uint32_t rows = contexts->count < limit ? contexts->count : limit;
    struct pyr_table table = {0};
    pyr_table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < rows; i++) {
        add_row(contexts, &contexts->items[i], joined, &table);
    }
    const bool ok = pyr_table_render(&table, view->options, out, err);
    pyr_table_release(&table);
    add_notes(contexts, &seen, rows, out);
    return ok;
}

static bool add_both(const struct pyr_view *view, bool tasks, struct pyr_buf *out,
                     struct pyr_err *err)
{
    const char *cure = pyr_sections_cure(view->profile, tasks ? PYR_BY_TASK : PYR_BY_GREENLET);
    struct pyr_contexts all = {0};
    struct pyr_contexts joined = {0};
    if (cure[0] != '\0') {
        pyr_buf_add_char(out, '\n');
        pyr_header_add_note(view, out, "%s", cure);
        return true;
    }
    bool ok = pyr_contexts_fill(&all, view, tasks, err) && pyr_contexts_join(&joined, &all, err);
    if (ok && all.count == 0) {
        pyr_buf_add_char(out, '\n');
        pyr_header_add_note(view, out, "None is among what was chosen.");
    } else if (ok) {
        pyr_header_add_title(view, tasks ? "By coroutine" : "By function", out);
        ok = pyr_contexts_add(&joined, true, out, err);
    }
    if (ok && all.count > 0) {
        pyr_header_add_title(view, tasks ? "Tasks" : "Greenlets", out);
        ok = pyr_contexts_add(&all, false, out, err);
    }
    pyr_contexts_release(&all);
    pyr_contexts_release(&joined);
    return ok;
}

bool pyr_contexts_render(const struct pyr_profile *profile,
                         const struct pyr_report_options *options, bool tasks, struct pyr_buf *out,
                         struct pyr_err *err)
{
    struct pyr_view view = {0};
    bool ok = pyr_sections_refuse(options, tasks ? "tasks" : "greenlets", err) &&
              pyr_view_init(&view, profile, options, err);
    if (ok) {
        pyr_header_add(&view, out);
        ok = add_both(&view, tasks, out, err);
        pyr_buf_add_char(out, '\n');
    }
    pyr_view_release(&view);
    return ok && pyr_buf_check(out, err);
}
