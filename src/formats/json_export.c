/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/json_export.h"

#include "base/json.h"
#include "base/mem.h"
#include "formats/names.h"
#include "model/totals.h"

#define VERSION 1
#define RULES (PYR_NAME_NO_NUL | PYR_NAME_SURROGATES)

struct writer {
    const struct pyr_profile *profile;
    struct pyr_json_writer json;
    struct pyr_totals *totals;
    struct pyr_buf text;
};

static const char *const func_kinds[PYR_FUNC_KIND_COUNT] = {"python", "builtin", "native",
                                                            "synthetic"};
static const char *const thread_kinds[PYR_THREAD_KIND_COUNT] = {"thread", "task", "greenlet",
                                                                "context"};

static void put_str(struct writer *w, const char *key, pyr_str id)
{
    pyr_json_key(&w->json, key);
    pyr_name_add_str(&w->text, w->profile, id, RULES);
    pyr_name_put_json(&w->text, &w->json);
}

static void put_int(struct writer *w, const char *key, int64_t value)
{
    pyr_json_key(&w->json, key);
    pyr_json_int(&w->json, value);
}

static void put_null(struct writer *w)
{
    pyr_json_double(&w->json, 1.0 / 0.0); /* written as null */
}

/* In a list there is no `key`. */
static void put_values(struct writer *w, const char *key, const int64_t *values)
{
    if (key != NULL) {
        pyr_json_key(&w->json, key);
    }
    pyr_json_array_begin(&w->json);
    for (uint32_t c = 0; c < w->profile->metrics.count; c++) {
        pyr_json_int(&w->json, values[c]);
    }
    pyr_json_array_end(&w->json);
}

/* Sums over stacks, which not every metric has. */
static void put_sums(struct writer *w, const char *key, const int64_t *values)
{
    const struct pyr_metrics *metrics = &w->profile->metrics;
    pyr_json_key(&w->json, key);
    pyr_json_array_begin(&w->json);
    for (uint32_t c = 0; c < metrics->count; c++) {
        if (pyr_metrics_adds_up(metrics, w->profile->strings, c)) {
            pyr_json_int(&w->json, values[c]);
        } else {
            put_null(w);
        }
    }
    pyr_json_array_end(&w->json);
}

/* A place in a list, counted from 0, of an id that counts from 1; null for id 0. */
static void put_place(struct writer *w, const char *key, uint32_t id)
{
    if (key != NULL) {
        pyr_json_key(&w->json, key);
    }
    if (id == 0) {
        put_null(w);
    } else {
        pyr_json_int(&w->json, (int64_t)id - 1);
    }
}

static void put_meta(struct writer *w)
{
    const struct pyr_meta *meta = w->profile->meta;
    pyr_json_key(&w->json, "meta");
    pyr_json_object_begin(&w->json);
    for (uint32_t i = 0; i < pyr_meta_count(meta); i++) {
        struct pyr_meta_entry entry = pyr_meta_get(meta, i);
        const char *key = pyr_strtab_text(w->profile->strings, entry.key);
        if (entry.is_number) {
            put_int(w, key, entry.number);
        } else {
            put_str(w, key, entry.text);
        }
    }
    pyr_json_object_end(&w->json);
}

static void put_metrics(struct writer *w)
{
    const struct pyr_metrics *metrics = &w->profile->metrics;
    pyr_json_key(&w->json, "metrics");
    pyr_json_array_begin(&w->json);
    for (uint32_t c = 0; c < metrics->count; c++) {
        pyr_json_object_begin(&w->json);
        put_str(w, "name", metrics->items[c].name);
        put_str(w, "unit", metrics->items[c].unit);
        pyr_json_object_end(&w->json);
    }
    pyr_json_array_end(&w->json);
}

static void put_functions(struct writer *w)
{
    static const int64_t zeros[PYR_MAX_METRICS];
    uint32_t count = pyr_functions_count(w->profile->functions);
    pyr_json_key(&w->json, "functions");
    pyr_json_array_begin(&w->json);
    for (uint32_t i = 1; i <= count; i++) {
        const struct pyr_function *f = pyr_functions_get(w->profile->functions, (pyr_func){i});
        int64_t found = pyr_totals_find_function(w->totals, (pyr_func){i});
        struct pyr_total total = {.self = zeros, .inclusive = zeros, .primitive = zeros};
        if (found >= 0) {
            total = pyr_totals_function(w->totals, (uint32_t)found);
        }
        pyr_json_object_begin(&w->json);
        put_str(w, "qualname", f->qualname);
        put_str(w, "module", f->module);
        put_str(w, "file", f->file);
        put_int(w, "line", f->first_line);
        pyr_json_key(&w->json, "kind");
        pyr_json_text(&w->json, func_kinds[f->kind]);
        put_values(w, "self", total.self);
        put_sums(w, "inclusive", total.inclusive);
        put_values(w, "primitive", total.primitive);
        pyr_json_object_end(&w->json);
    }
    pyr_json_array_end(&w->json);
}

/* Sums of all rows by thread; entry 0 is for rows of no thread. NULL when out of memory. */
static int64_t *thread_totals(const struct pyr_profile *profile)
{
    size_t columns = profile->metrics.count;
    uint32_t rows = pyr_values_count(profile->values);
    int64_t *sums = pyr_mem_zalloc(((size_t)pyr_threads_count(profile->threads) + 1),
                                   (columns + 1) * sizeof *sums);
    for (uint32_t i = 1; sums != NULL && i <= rows; i++) {
        struct pyr_value_row row = pyr_values_get(profile->values, i);
        for (size_t c = 0; c < columns; c++) {
            int64_t *sum = &sums[row.thread.i * columns + c];
            if (__builtin_add_overflow(*sum, row.v[c], sum)) {
                *sum = row.v[c] < 0 ? INT64_MIN : INT64_MAX;
            }
        }
    }
    return sums;
}

static void put_figure(struct writer *w, const char *key, uint64_t value)
{
    put_int(w, key, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

static void put_context(struct writer *w, const struct pyr_thread_info *info)
{
    put_place(w, "parent", info->parent.i);
    put_str(w, "tag", info->tag);
    put_str(w, "entry", info->entry);
    put_figure(w, "start_ns", info->start_ns);
    put_figure(w, "end_ns", info->end_ns);
    put_figure(w, "switches", info->switches);
    if (info->starved_known) {
        put_figure(w, "starved_ns", info->starved_ns);
    } else {
        pyr_json_key(&w->json, "starved_ns");
        put_null(w);
    }
}

static bool put_threads(struct writer *w, struct pyr_err *err)
{
    int64_t *sums = thread_totals(w->profile);
    uint32_t count = pyr_threads_count(w->profile->threads);
    if (sums == NULL) {
        return pyr_err_nomem(err);
    }
    pyr_json_key(&w->json, "threads");
    pyr_json_array_begin(&w->json);
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_thread_info info = pyr_threads_get(w->profile->threads, (pyr_thread){i});
        pyr_json_object_begin(&w->json);
        put_str(w, "name", info.name);
        put_int(w, "pid", info.pid);
        put_int(w, "tid", info.tid);
        pyr_json_key(&w->json, "kind");
        pyr_json_text(&w->json, thread_kinds[info.kind]);
        put_context(w, &info);
        put_sums(w, "total", sums + (size_t)i * w->profile->metrics.count);
        pyr_json_object_end(&w->json);
    }
    pyr_json_array_end(&w->json);
    pyr_mem_free(sums);
    return true;
}

static void put_nodes(struct writer *w)
{
    uint32_t count = pyr_stacks_count(w->profile->stacks);
    pyr_json_key(&w->json, "nodes");
    pyr_json_array_begin(&w->json);
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_stack_node node = pyr_stacks_get(w->profile->stacks, (pyr_stack){i});
        struct pyr_frame frame = pyr_frames_get(w->profile->frames, node.frame);
        pyr_json_object_begin(&w->json);
        put_place(w, "parent", node.parent.i);
        put_place(w, "function", frame.func.i);
        put_int(w, "line", frame.line);
        put_values(w, "self", pyr_totals_stack_self(w->totals, (pyr_stack){i}));
        put_sums(w, "inclusive", pyr_totals_stack_inclusive(w->totals, (pyr_stack){i}));
        pyr_json_object_end(&w->json);
    }
    pyr_json_array_end(&w->json);
}

/* What each thread did on each path, as it was collected. */
static void put_rows(struct writer *w)
{
    uint32_t count = pyr_values_count(w->profile->values);
    pyr_json_key(&w->json, "rows");
    pyr_json_array_begin(&w->json);
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_value_row row = pyr_values_get(w->profile->values, i);
        pyr_json_array_begin(&w->json);
        put_place(w, NULL, row.stack.i);
        put_place(w, NULL, row.thread.i);
        put_values(w, NULL, row.v);
        pyr_json_array_end(&w->json);
    }
    pyr_json_array_end(&w->json);
}

static void put_timeline(struct writer *w)
{
    uint32_t count = pyr_timeline_count(w->profile->timeline);
    if (count == 0) {
        return;
    }
    pyr_json_key(&w->json, "timeline");
    pyr_json_array_begin(&w->json);
    for (uint32_t i = 0; i < count; i++) {
        struct pyr_run run = pyr_timeline_get(w->profile->timeline, i);
        pyr_json_array_begin(&w->json);
        pyr_json_int(&w->json, (int64_t)run.start_ns);
        pyr_json_int(&w->json, (int64_t)run.duration_ns);
        put_place(w, NULL, run.thread.i);
        put_place(w, NULL, run.stack.i);
        pyr_json_array_end(&w->json);
    }
    pyr_json_array_end(&w->json);
}

static bool write_json(const struct pyr_profile *profile, const struct pyr_format_options *options,
                       struct pyr_buf *out, struct pyr_err *err)
{
    (void)options;
    struct writer w = {.profile = profile, .json.out = out};
    bool ok = pyr_totals_new(profile, (pyr_thread){0}, &w.totals, err);
    if (ok) {
        pyr_json_object_begin(&w.json);
        pyr_json_key(&w.json, "format");
        pyr_json_text(&w.json, "pyrometer");
        put_int(&w, "version", VERSION);
        put_meta(&w);
        put_metrics(&w);
        put_sums(&w, "total", pyr_totals_stack_inclusive(w.totals, (pyr_stack){0}));
        put_functions(&w);
        ok = put_threads(&w, err);
    }
    if (ok) {
        put_nodes(&w);
        put_rows(&w);
        put_timeline(&w);
        pyr_json_object_end(&w.json);
        pyr_buf_add_char(out, '\n');
    }
    pyr_totals_free(w.totals);
    pyr_buf_release(&w.text);
    return ok && pyr_buf_check(out, err);
}

const struct pyr_format pyr_format_json = {
    .name = "json",
    .extension = ".json",
    .summary = "scripts: everything, with derived totals",
    .write = write_json,
};
