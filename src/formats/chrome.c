/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/chrome.h"

#include "base/json.h"
#include "base/mem.h"
#include "formats/columns.h"
#include "formats/names.h"
#include "formats/path.h"
#include "formats/slices.h"

#define RULES (PYR_NAME_NO_NUL | PYR_NAME_SURROGATES)

/* A frame that has begun and not ended yet. */
struct open_frame {
    pyr_func func;
    uint64_t start;
};

struct writer {
    const struct pyr_profile *profile;
    struct pyr_json_writer json;
    struct pyr_path path;
    struct pyr_buf text;
    struct pyr_slices slices;
    struct open_frame *open; /* owned; outermost first */
    uint32_t open_count;
    uint32_t open_cap;
    double us_per_unit;
    int64_t pid; /* of the thread being written */
    uint32_t tid;
};

static void put_text(struct writer *w, const char *key, const char *text)
{
    pyr_json_key(&w->json, key);
    pyr_json_text(&w->json, text);
}

static void put_ids(struct writer *w)
{
    pyr_json_key(&w->json, "pid");
    pyr_json_int(&w->json, w->pid);
    pyr_json_key(&w->json, "tid");
    pyr_json_int(&w->json, w->tid);
}

static void put_place(struct writer *w, const struct pyr_function *f)
{
    if (pyr_strtab_len(w->profile->strings, f->file) == 0) {
        return;
    }
    pyr_json_key(&w->json, "args");
    pyr_json_object_begin(&w->json);
    pyr_json_key(&w->json, "file");
    pyr_name_add_str(&w->text, w->profile, f->file, RULES);
    pyr_name_put_json(&w->text, &w->json);
    pyr_json_key(&w->json, "line");
    pyr_json_int(&w->json, f->first_line);
    pyr_json_object_end(&w->json);
}

static void put_event(struct writer *w, const struct open_frame *frame, uint64_t end)
{
    static const char *const categories[PYR_FUNC_KIND_COUNT] = {"python", "builtin", "native",
                                                                "synthetic"};
    const struct pyr_function *f = pyr_functions_get(w->profile->functions, frame->func);
    pyr_json_object_begin(&w->json);
    pyr_json_key(&w->json, "name");
    pyr_name_add_function(&w->text, w->profile, frame->func, RULES);
    pyr_name_put_json(&w->text, &w->json);
    put_text(w, "cat", categories[f->kind]);
    put_text(w, "ph", "X");
    pyr_json_key(&w->json, "ts");
    pyr_json_double(&w->json, (double)frame->start * w->us_per_unit);
    pyr_json_key(&w->json, "dur");
    pyr_json_double(&w->json, (double)(end - frame->start) * w->us_per_unit);
    put_ids(w);
    put_place(w, f);
    pyr_json_object_end(&w->json);
}

static void close_frames(struct writer *w, uint32_t keep, uint64_t end)
{
    while (w->open_count > keep) {
        put_event(w, &w->open[--w->open_count], end);
    }
}

/* Goes over to the frames in w->path at time `start`. */
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
        w->open[d] = (struct open_frame){
            .func = pyr_profile_stack_function(w->profile, w->path.stacks[d]),
            .start = start,
        };
    }
    w->open_count = w->path.depth;
    return true;
}

static bool put_thread(struct writer *w, const struct pyr_slice_range *range, struct pyr_err *err)
{
    uint64_t now = 0;
    for (uint32_t i = range->from; i < range->to; i++) {
        const struct pyr_slice *slice = &w->slices.items[i];
        uint64_t start = w->slices.in_time && slice->place > now ? slice->place : now;
        uint64_t weight = (uint64_t)slice->weight;
        if (w->slices.in_time) { /* what another run covers already counts once */
            uint64_t end = slice->place + weight < weight ? UINT64_MAX : slice->place + weight;
            if (end <= start) {
                continue;
            }
            weight = end - start;
        }
        if (start > now) {
            close_frames(w, 0, now);
        }
        if (!pyr_path_fill(&w->path, w->profile, slice->stack, err) ||
            !switch_to_path(w, start, err)) {
            return false;
        }
        now = start + weight < weight ? UINT64_MAX : start + weight;
    }
    close_frames(w, 0, now);
    return true;
}

/* A thread's track is numbered by us, as system ids come back, and tasks have none. */
static void put_thread_name(struct writer *w, pyr_thread thread)
{
    struct pyr_thread_info info = {0};
    if (thread.i != 0) {
        info = pyr_threads_get(w->profile->threads, thread);
    }
    w->pid = info.pid != 0 ? (int64_t)info.pid : pyr_meta_number(w->profile->meta, PYR_META_PID, 1);
    w->tid = thread.i;
    pyr_json_object_begin(&w->json);
    put_text(w, "name", "thread_name");
    put_text(w, "ph", "M");
    put_ids(w);
    pyr_json_key(&w->json, "args");
    pyr_json_object_begin(&w->json);
    pyr_json_key(&w->json, "name");
    pyr_name_add_thread(&w->text, w->profile, thread, RULES);
    if (info.tid != 0) {
        pyr_buf_addf(&w->text, " (tid %u)", info.tid);
    }
    pyr_name_put_json(&w->text, &w->json);
    pyr_json_object_end(&w->json);
    pyr_json_object_end(&w->json);
}

static bool put_events(struct writer *w, struct pyr_err *err)
{
    struct pyr_slice_range range = {0};
    pyr_json_key(&w->json, "traceEvents");
    pyr_json_array_begin(&w->json);
    while (pyr_slices_next_thread(&w->slices, &range)) {
        put_thread_name(w, range.thread);
        if (!put_thread(w, &range, err)) {
            return false;
        }
    }
    pyr_json_array_end(&w->json);
    return true;
}

static void put_other_data(struct writer *w, int column)
{
    pyr_json_key(&w->json, "displayTimeUnit");
    pyr_json_text(&w->json, "ms");
    pyr_json_key(&w->json, "otherData");
    pyr_json_object_begin(&w->json);
    put_text(w, "generator", "pyrometer " PYROMETER_VERSION);
    put_text(w, "command", pyr_meta_text(w->profile->meta, PYR_META_COMMAND));
    if (w->slices.in_time) {
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
    (void)options;
    int column = pyr_metrics_main(&profile->metrics, profile->strings);
    struct writer w = {.profile = profile, .json.out = out, .us_per_unit = 1};
    bool ok = pyr_slices_init(&w.slices, profile, column, err);
    if (w.slices.in_time || pyr_columns_is_ns(profile, column)) {
        w.us_per_unit = 1e-3;
    }
    if (ok) {
        pyr_json_object_begin(&w.json);
        ok = put_events(&w, err);
    }
    if (ok) {
        put_other_data(&w, column);
        pyr_json_object_end(&w.json);
        pyr_buf_add_char(out, '\n');
    }
    pyr_slices_release(&w.slices);
    pyr_path_release(&w.path);
    pyr_buf_release(&w.text);
    pyr_mem_free(w.open);
    return ok && pyr_buf_check(out, err);
}

const struct pyr_format pyr_format_chrome = {
    .name = "chrome",
    .extension = ".trace.json",
    .summary = "Perfetto, chrome://tracing: tracks of nested slices",
    .write = write_chrome,
};
