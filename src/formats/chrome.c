/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/chrome.h"

#include "base/json.h"
#include "base/mem.h"
#include "formats/columns.h"
#include "formats/names.h"
#include "formats/path.h"
#include "formats/slices.h"
#include "formats/tracks.h"

#define RULES (PYR_NAME_NO_NUL | PYR_NAME_SURROGATES)
#define NS_PER_US 1000

/* One event: a call, or a place that stands for many. */
struct event {
    pyr_func func;
    pyr_str tag;
    uint64_t start;
    uint64_t end;
};

struct writer {
    const struct pyr_profile *profile;
    struct pyr_json_writer json;
    struct pyr_buf text;
    double units_per_us;
    int64_t pid; /* of the track being written */
    uint32_t tid;
    /* Without a timeline: */
    struct pyr_path path;
    struct pyr_slices slices;
    struct event *open; /* owned; outermost first */
    uint32_t open_count;
    uint32_t open_cap;
};

static void put_text(struct writer *w, const char *key, const char *text)
{
    pyr_json_key(&w->json, key);
    pyr_json_text(&w->json, text);
}

static void put_str(struct writer *w, const char *key, pyr_str id)
{
    pyr_json_key(&w->json, key);
    pyr_name_add_str(&w->text, w->profile, id, RULES);
    pyr_name_put_json(&w->text, &w->json);
}

static void put_number(struct writer *w, const char *key, int64_t number)
{
    pyr_json_key(&w->json, key);
    pyr_json_int(&w->json, number);
}

static void put_ids(struct writer *w)
{
    put_number(w, "pid", w->pid);
    put_number(w, "tid", w->tid);
}

static void put_args(struct writer *w, const struct pyr_function *f, pyr_str tag)
{
    const bool has_file = pyr_strtab_len(w->profile->strings, f->file) > 0;
    if (!has_file && tag.i == 0) {
        return;
    }
    pyr_json_key(&w->json, "args");
    pyr_json_object_begin(&w->json);
    if (has_file) {
        put_str(w, "file", f->file);
        put_number(w, "line", f->first_line);
    }
    if (tag.i != 0) {
        put_str(w, "tag", tag);
    }
    pyr_json_object_end(&w->json);
}

static void put_event(struct writer *w, const struct event *event)
{
    static const char *const categories[PYR_FUNC_KIND_COUNT] = {"python", "builtin", "native",
                                                                "synthetic"};
    const struct pyr_function *f = pyr_functions_get(w->profile->functions, event->func);
    pyr_json_object_begin(&w->json);
    pyr_json_key(&w->json, "name");
    pyr_name_add_function(&w->text, w->profile, event->func, RULES);
    pyr_name_put_json(&w->text, &w->json);
    put_text(w, "cat", categories[f->kind]);
    put_text(w, "ph", "X");
    pyr_json_key(&w->json, "ts");
    pyr_json_double(&w->json, (double)event->start / w->units_per_us);
    pyr_json_key(&w->json, "dur");
    pyr_json_double(&w->json, (double)(event->end - event->start) / w->units_per_us);
    put_ids(w);
    put_args(w, f, event->tag);
    pyr_json_object_end(&w->json);
}

/* An event that says something about a track, up to the value of its one argument. */
static void begin_fact(struct writer *w, const char *name, const char *key)
{
    pyr_json_object_begin(&w->json);
    put_text(w, "name", name);
    put_text(w, "ph", "M");
    put_ids(w);
    pyr_json_key(&w->json, "args");
    pyr_json_object_begin(&w->json);
    pyr_json_key(&w->json, key);
}

static void end_fact(struct writer *w)
{
    pyr_json_object_end(&w->json);
    pyr_json_object_end(&w->json);
}

/* The tracks of one native thread belong to one process, whatever else they say. */
static void set_track(struct writer *w, pyr_thread native, pyr_thread thread)
{
    const struct pyr_thread_info info = pyr_threads_get(w->profile->threads, native);
    w->pid = info.pid != 0 ? (int64_t)info.pid : pyr_meta_number(w->profile->meta, PYR_META_PID, 1);
    w->tid = thread.i; /* a number of ours, as system ids come back, and tasks have none */
}

static void put_track_name(struct writer *w, pyr_thread thread)
{
    const struct pyr_thread_info info = pyr_threads_get(w->profile->threads, thread);
    begin_fact(w, "thread_name", "name");
    pyr_name_add_thread(&w->text, w->profile, thread, RULES);
    if (info.tid != 0 && info.kind == PYR_THREAD_NATIVE) {
        pyr_buf_addf(&w->text, " (tid %u)", info.tid);
    }
    pyr_name_put_json(&w->text, &w->json);
    end_fact(w);
}

/* Tracks in the order in which they are to be seen, then their slices, native thread by native
 * thread. */
static bool put_timeline(struct writer *w, const struct pyr_format_options *options,
                         struct pyr_err *err)
{
    struct pyr_tracks tracks = {0};
    const bool ok = pyr_tracks_init(&tracks, w->profile, options, err);
    for (uint32_t i = 0; ok && i < tracks.track_count; i++) {
        set_track(w, tracks.tracks[i].native, tracks.tracks[i].thread);
        put_track_name(w, tracks.tracks[i].thread);
        begin_fact(w, "thread_sort_index", "sort_index");
        pyr_json_int(&w->json, (int64_t)i + 1);
        end_fact(w);
    }
    for (uint32_t i = 0; ok && i < tracks.slice_count && !w->json.out->failed; i++) {
        const struct pyr_track_slice *slice = &tracks.slices[i];
        set_track(w, slice->native, slice->track);
        put_event(w, &(struct event){slice->func, slice->tag, slice->start_ns, slice->end_ns});
    }
    pyr_tracks_release(&tracks);
    return ok;
}

static void close_frames(struct writer *w, uint32_t keep, uint64_t end)
{
    while (w->open_count > keep) {
        struct event *event = &w->open[--w->open_count];
        event->end = end;
        put_event(w, event);
    }
}

/* Goes over to the frames in w->path at the place `start`. */
static bool switch_to_path(struct writer *w, uint64_t start, struct pyr_err *err)
{
    uint32_t common = 0;
    while (common < w->open_count && common < w->path.depth &&
           w->open[common].func.i ==
               pyr_profile_stack_function(w->profile, w->path.stacks[common]).i) {
        common++;
    }
    close_frames(w, common, start);
    if (!pyr_mem_grow(&w->open, &w->open_cap, w->path.depth, sizeof *w->open, err)) {
        return false;
    }
    for (uint32_t d = common; d < w->path.depth; d++) {
        w->open[d] = (struct event){
            .func = pyr_profile_stack_function(w->profile, w->path.stacks[d]),
            .start = start,
        };
    }
    w->open_count = w->path.depth;
    return true;
}

/* A thread's totals side by side. */
static bool put_aggregate(struct writer *w, const struct pyr_slice_range *range,
                          struct pyr_err *err)
{
    uint64_t now = 0;
    for (uint32_t i = range->from; i < range->to; i++) {
        const struct pyr_slice *slice = &w->slices.items[i];
        if (!pyr_path_fill(&w->path, w->profile, slice->stack, err) ||
            !switch_to_path(w, now, err)) {
            return false;
        }
        now = pyr_timeline_sum(now, (uint64_t)slice->weight);
    }
    close_frames(w, 0, now);
    return true;
}

static bool put_aggregates(struct writer *w, int column, struct pyr_err *err)
{
    struct pyr_slice_range range = {0};
    bool ok = pyr_slices_init(&w->slices, w->profile, column, err);
    while (ok && pyr_slices_next_thread(&w->slices, &range)) {
        set_track(w, range.thread, range.thread);
        put_track_name(w, range.thread);
        ok = put_aggregate(w, &range, err);
    }
    pyr_slices_release(&w->slices);
    pyr_path_release(&w->path);
    pyr_mem_free(w->open);
    return ok;
}

static void put_other_data(struct writer *w, bool in_time, int column)
{
    put_text(w, "displayTimeUnit", in_time ? "ns" : "ms");
    pyr_json_key(&w->json, "otherData");
    pyr_json_object_begin(&w->json);
    put_text(w, "generator", "pyrometer " PYROMETER_VERSION);
    put_text(w, "command", pyr_meta_text(w->profile->meta, PYR_META_COMMAND));
    if (in_time) {
        put_text(w, "layout", "timeline: when things ran");
    } else {
        put_text(w, "layout",
                 "aggregate: totals side by side, the largest first, not when things ran");
        put_text(w, "metric", column < 0 ? "" : pyr_columns_name(w->profile, column));
    }
    pyr_json_object_end(&w->json);
}

static bool write_chrome(const struct pyr_profile *profile,
                         const struct pyr_format_options *options, struct pyr_buf *out,
                         struct pyr_err *err)
{
    const int column = pyr_metrics_main(&profile->metrics, profile->strings);
    const bool in_time = pyr_timeline_count(profile->timeline) > 0;
    struct writer w = {.profile = profile, .json.out = out, .units_per_us = 1};
    if (in_time || pyr_columns_is_ns(profile, column)) {
        w.units_per_us = NS_PER_US;
    }
    pyr_json_object_begin(&w.json);
    pyr_json_key(&w.json, "traceEvents");
    pyr_json_array_begin(&w.json);
    const bool ok = in_time ? put_timeline(&w, options, err) : put_aggregates(&w, column, err);
    pyr_json_array_end(&w.json);
    put_other_data(&w, in_time, column);
    pyr_json_object_end(&w.json);
    pyr_buf_add_char(out, '\n');
    pyr_buf_release(&w.text);
    return ok && pyr_buf_check(out, err);
}

const struct pyr_format pyr_format_chrome = {
    .name = "chrome",
    .synonym = "chrometrace",
    .extension = ".trace.json",
    .summary = "Perfetto, chrome://tracing: tracks of nested slices",
    .write = write_chrome,
};
