/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "formats/columns.h"
#include "formats/gzip.h"
#include "formats/names.h"
#include "formats/path.h"
#include "formats/pprof.h"
#include "formats/pprof_fields.h"
#include "formats/proto.h"

struct writer {
    const struct pyr_profile *profile;
    struct pyr_buf out;     /* the whole message */
    struct pyr_buf message; /* one inside it */
    struct pyr_buf inner;   /* one inside that */
    struct pyr_buf text;
    struct pyr_arena *arena;  /* owned; of the strings */
    struct pyr_strtab *table; /* owned; an id is the place in the string table, 0 is "" */
    struct pyr_path path;
};

/* Gives the number of what w->text holds, and empties it. */
static bool take_text(struct writer *w, int64_t *number, struct pyr_err *err)
{
    pyr_str id = {0};
    if (!pyr_buf_check(&w->text, err) ||
        (w->text.len > 0 && !pyr_strtab_add(w->table, w->text.data, w->text.len, &id, err))) {
        return false;
    }
    pyr_buf_clear(&w->text);
    *number = id.i;
    return true;
}

static bool intern(struct writer *w, const char *text, int64_t *number, struct pyr_err *err)
{
    pyr_name_add(&w->text, text, strlen(text), 0);
    return take_text(w, number, err);
}

static bool intern_str(struct writer *w, pyr_str id, int64_t *number, struct pyr_err *err)
{
    pyr_name_add_str(&w->text, w->profile, id, 0);
    return take_text(w, number, err);
}

static bool put_value_type(struct writer *w, uint32_t field, int column, struct pyr_err *err)
{
    struct pyr_metric metric = w->profile->metrics.items[column];
    int64_t type = 0, unit = 0;
    if (!intern_str(w, metric.name, &type, err) ||
        !(pyr_columns_is_ns(w->profile, column) ? intern(w, "nanoseconds", &unit, err)
                                                : intern_str(w, metric.unit, &unit, err))) {
        return false;
    }
    pyr_proto_add_int(&w->message, PPROF_VALUE_TYPE, type);
    pyr_proto_add_int(&w->message, PPROF_VALUE_UNIT, unit);
    pyr_proto_move_message(&w->out, field, &w->message);
    return true;
}

static bool put_label(struct writer *w, const char *key, int64_t text, int64_t number,
                      struct pyr_err *err)
{
    int64_t key_number = 0;
    if (text == 0 && number == 0) {
        return true;
    }
    if (!intern(w, key, &key_number, err)) {
        return false;
    }
    pyr_proto_add_int(&w->inner, PPROF_LABEL_KEY, key_number);
    pyr_proto_add_int(&w->inner, PPROF_LABEL_STR, text);
    pyr_proto_add_int(&w->inner, PPROF_LABEL_NUM, number);
    pyr_proto_move_message(&w->message, PPROF_SAMPLE_LABEL, &w->inner);
    return true;
}

static bool put_name_label(struct writer *w, const char *key, pyr_str name, struct pyr_err *err)
{
    int64_t text = 0;
    return intern_str(w, name, &text, err) && put_label(w, key, text, 0, err);
}

/* The native thread; what ran in it; and the tag, each a thing to filter and group by. */
static bool put_labels(struct writer *w, pyr_thread thread, struct pyr_err *err)
{
    static const char *const kinds[PYR_THREAD_KIND_COUNT] = {"thread", "task", "greenlet",
                                                             "context"};
    const struct pyr_threads *threads = w->profile->threads;
    if (thread.i == 0) {
        return true;
    }
    const pyr_thread untagged = pyr_threads_untagged(threads, thread);
    const struct pyr_thread_info own = pyr_threads_get(threads, untagged);
    const struct pyr_thread_info native =
        pyr_threads_get(threads, pyr_threads_native(threads, thread));
    if (native.kind == PYR_THREAD_NATIVE && !put_name_label(w, "thread", native.name, err)) {
        return false;
    }
    if (own.kind != PYR_THREAD_NATIVE) {
        if (pyr_strtab_len(w->profile->strings, own.name) > 0) {
            if (!put_name_label(w, kinds[own.kind], own.name, err)) {
                return false;
            }
        } else if (!put_label(w, kinds[own.kind], 0, untagged.i, err)) {
            return false;
        }
    }
    return put_name_label(w, "tag", pyr_threads_get(threads, thread).tag, err) &&
           put_label(w, "tid", 0, own.tid != 0 ? own.tid : native.tid, err) &&
           put_label(w, "pid", 0, own.pid != 0 ? own.pid : native.pid, err);
}

/* Readers sum up every value along the stacks. */
static bool is_shown(const struct writer *w, uint32_t column)
{
    return pyr_metrics_adds_up(&w->profile->metrics, w->profile->strings, column);
}

static bool put_sample(struct writer *w, const struct pyr_value_row *row, struct pyr_err *err)
{
    bool any = false;
    for (uint32_t c = 0; c < w->profile->metrics.count; c++) {
        any = any || (row->v[c] != 0 && is_shown(w, c));
    }
    if (!any) {
        return true;
    }
    if (!pyr_path_fill(&w->path, w->profile, row->stack, err)) {
        return false;
    }
    for (uint32_t d = w->path.depth; d > 0; d--) { /* the running frame first */
        pyr_stack stack = w->path.stacks[d - 1];
        pyr_buf_add_varint(&w->inner, pyr_stacks_get(w->profile->stacks, stack).frame.i);
    }
    pyr_proto_move_message(&w->message, PPROF_SAMPLE_LOCATION, &w->inner);
    for (uint32_t c = 0; c < w->profile->metrics.count; c++) {
        if (is_shown(w, c)) {
            pyr_buf_add_varint(&w->inner, (uint64_t)row->v[c]);
        }
    }
    pyr_proto_move_message(&w->message, PPROF_SAMPLE_VALUE, &w->inner);
    if (!put_labels(w, row->thread, err)) {
        return false;
    }
    pyr_proto_move_message(&w->out, PPROF_SAMPLE, &w->message);
    return true;
}

static void put_locations(struct writer *w)
{
    uint32_t count = pyr_frames_count(w->profile->frames);
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_frame frame = pyr_frames_get(w->profile->frames, (pyr_frame_id){i});
        uint32_t line = frame.line != 0
                            ? frame.line
                            : pyr_functions_get(w->profile->functions, frame.func)->first_line;
        pyr_proto_add_int(&w->inner, PPROF_LINE_FUNCTION, frame.func.i);
        pyr_proto_add_int(&w->inner, PPROF_LINE_LINE, line);
        pyr_proto_add_int(&w->message, PPROF_LOCATION_ID, i);
        pyr_proto_move_message(&w->message, PPROF_LOCATION_LINE, &w->inner);
        pyr_proto_move_message(&w->out, PPROF_LOCATION, &w->message);
    }
}

static bool put_functions(struct writer *w, struct pyr_err *err)
{
    uint32_t count = pyr_functions_count(w->profile->functions);
    for (uint32_t i = 1; i <= count; i++) {
        const struct pyr_function *f = pyr_functions_get(w->profile->functions, (pyr_func){i});
        int64_t name = 0, system_name = 0, file = 0;
        pyr_name_add_function(&w->text, w->profile, (pyr_func){i}, 0);
        if (!take_text(w, &name, err) || !intern_str(w, f->qualname, &system_name, err) ||
            !intern_str(w, f->file, &file, err)) {
            return false;
        }
        pyr_proto_add_int(&w->message, PPROF_FUNCTION_ID, i);
        pyr_proto_add_int(&w->message, PPROF_FUNCTION_NAME, name);
        pyr_proto_add_int(&w->message, PPROF_FUNCTION_SYSTEM_NAME, system_name);
        pyr_proto_add_int(&w->message, PPROF_FUNCTION_FILENAME, file);
        pyr_proto_add_int(&w->message, PPROF_FUNCTION_START_LINE, f->first_line);
        pyr_proto_move_message(&w->out, PPROF_FUNCTION, &w->message);
    }
    return true;
}

static bool put_comment(struct writer *w, const char *text, struct pyr_err *err)
{
    int64_t number = 0;
    if (!intern(w, text, &number, err)) {
        return false;
    }
    pyr_proto_add_int(&w->out, PPROF_COMMENT, number);
    return true;
}

/* Where every call was counted the period is one call. How often samples were taken is a matter
 * of the collector's meta, and their count is a metric. */
static bool put_facts(struct writer *w, struct pyr_err *err)
{
    const struct pyr_profile *profile = w->profile;
    int main_column = pyr_metrics_main(&profile->metrics, profile->strings);
    int calls = pyr_metrics_find(&profile->metrics, profile->strings, PYR_METRIC_CALLS);
    int64_t type = 0;
    pyr_proto_add_int(&w->out, PPROF_TIME_NANOS,
                      pyr_meta_number(profile->meta, PYR_META_START_NS, 0));
    pyr_proto_add_int(&w->out, PPROF_DURATION_NANOS,
                      pyr_meta_number(profile->meta, PYR_META_DURATION_NS, 0));
    if (calls >= 0) {
        if (!put_value_type(w, PPROF_PERIOD_TYPE, calls, err)) {
            return false;
        }
        pyr_proto_add_int(&w->out, PPROF_PERIOD, 1);
    }
    if (main_column >= 0) {
        if (!intern_str(w, profile->metrics.items[main_column].name, &type, err)) {
            return false;
        }
        pyr_proto_add_int(&w->out, PPROF_DEFAULT_SAMPLE_TYPE, type);
    }
    return put_comment(w, "pyrometer " PYROMETER_VERSION, err) &&
           put_comment(w, pyr_meta_text(profile->meta, PYR_META_COMMAND), err);
}

static bool put_profile(struct writer *w, struct pyr_err *err)
{
    uint32_t rows = pyr_values_count(w->profile->values);
    for (uint32_t c = 0; c < w->profile->metrics.count; c++) {
        if (is_shown(w, c) && !put_value_type(w, PPROF_SAMPLE_TYPE, (int)c, err)) {
            return false;
        }
    }
    for (uint32_t i = 1; i <= rows; i++) {
        struct pyr_value_row row = pyr_values_get(w->profile->values, i);
        if (!put_sample(w, &row, err)) {
            return false;
        }
    }
    put_locations(w);
    if (!put_functions(w, err) || !put_facts(w, err)) {
        return false;
    }
    uint32_t strings = pyr_strtab_count(w->table);
    for (uint32_t i = 0; i <= strings; i++) {
        pyr_str id = {i};
        pyr_proto_add_bytes(&w->out, PPROF_STRING_TABLE, pyr_strtab_text(w->table, id),
                            pyr_strtab_len(w->table, id));
    }
    return pyr_buf_check(&w->out, err);
}

static bool write_pprof(const struct pyr_profile *profile, const struct pyr_format_options *options,
                        struct pyr_buf *out, struct pyr_err *err)
{
    (void)options;
    struct writer w = {.profile = profile, .arena = pyr_arena_new()};
    w.table = w.arena == NULL ? NULL : pyr_strtab_new(w.arena);
    bool ok = (w.table != NULL || pyr_err_nomem(err)) && put_profile(&w, err);
    if (ok) {
        pyr_gzip_add(out, w.out.data, w.out.len);
        ok = pyr_buf_check(out, err);
    }
    pyr_strtab_free(w.table);
    pyr_arena_free(w.arena);
    pyr_path_release(&w.path);
    pyr_buf_release(&w.out);
    pyr_buf_release(&w.message);
    pyr_buf_release(&w.inner);
    pyr_buf_release(&w.text);
    return ok;
}

const struct pyr_format pyr_format_pprof = {
    .name = "pprof",
    .extension = ".pb.gz",
    .summary = "go tool pprof, Grafana, Parca: all metrics, with lines and threads",
    .write = write_pprof,
    .read = pyr_pprof_read,
    .sniff = pyr_pprof_sniff,
};
