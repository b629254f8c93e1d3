/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/tracks.h"

#include <stdlib.h>

#include "base/mem.h"

/* Few enough for memory; no viewer opens half as many. */
#define MAX_SLICES (1u << 25)

/* A frame that has begun and not ended yet. */
struct open_frame {
    pyr_stack stack;
    uint32_t slice; /* its number, from 1; 0: deeper than was asked for */
};

/* One track while it is built. */
struct builder {
    struct open_frame *open; /* owned; outermost first */
    uint32_t count;
    uint32_t cap;
    uint32_t base;      /* frames below `open` that its native thread's track has */
    pyr_stack base_top; /* the last one of them */
    uint64_t now_ns;    /* where its runs have come to */
    bool used;
};

/* What the runs are sorted by. */
struct item {
    uint64_t start_ns;
    uint32_t group; /* the native thread */
    uint32_t index; /* in the timeline: the order of events that happened together */
};

struct work {
    struct pyr_tracks *out; /* borrowed, as is the profile */
    const struct pyr_profile *profile;
    uint64_t min_duration_ns;
    uint32_t max_depth;
    struct item *items; /* owned, as are all lists */
    uint32_t item_count;
    uint32_t *depth;          /* by stack */
    pyr_thread *native;       /* by thread */
    pyr_thread *untagged;     /* by thread */
    struct builder *builders; /* by thread */
    pyr_stack *path;          /* the frames to begin, innermost first */
    uint32_t path_count;
    uint32_t path_cap;
};

static void work_release(struct work *w)
{
    const uint32_t threads = pyr_threads_count(w->profile->threads);
    for (uint32_t i = 0; w->builders != NULL && i <= threads; i++) {
        pyr_mem_free(w->builders[i].open);
    }
    pyr_mem_free(w->items);
    pyr_mem_free(w->depth);
    pyr_mem_free(w->native);
    pyr_mem_free(w->untagged);
    pyr_mem_free(w->builders);
    pyr_mem_free(w->path);
}

static int compare_items(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->group != y->group) {
        return x->group < y->group ? -1 : 1;
    }
    if (x->start_ns != y->start_ns) {
        return x->start_ns < y->start_ns ? -1 : 1;
    }
    return x->index < y->index ? -1 : x->index > y->index;
}

/* What each thread belongs to. A parent's id is the smaller one, so one pass does. */
static void relate_threads(struct work *w)
{
    const uint32_t threads = pyr_threads_count(w->profile->threads);
    for (uint32_t i = 1; i <= threads; i++) {
        const struct pyr_thread_info info = pyr_threads_get(w->profile->threads, (pyr_thread){i});
        const uint32_t parent = info.parent.i < i ? info.parent.i : 0;
        const bool is_native = info.kind == PYR_THREAD_NATIVE && info.tag.i == 0;
        w->native[i].i = is_native || parent == 0 ? i : w->native[parent].i;
        w->untagged[i].i = info.tag.i == 0 || parent == 0 ? i : w->untagged[parent].i;
    }
}

static bool prepare(struct work *w, struct pyr_err *err)
{
    const struct pyr_profile *profile = w->profile;
    const size_t threads = (size_t)pyr_threads_count(profile->threads) + 1;
    const uint32_t stacks = pyr_stacks_count(profile->stacks);
    const uint32_t runs = pyr_timeline_count(profile->timeline);
    w->items = pyr_mem_zalloc((size_t)runs + 1, sizeof(*w->items));
    w->depth = pyr_mem_zalloc((size_t)stacks + 1, sizeof(*w->depth));
    w->native = pyr_mem_zalloc(threads, sizeof(*w->native));
    w->untagged = pyr_mem_zalloc(threads, sizeof(*w->untagged));
    w->builders = pyr_mem_zalloc(threads, sizeof(*w->builders));
    w->out->tracks = pyr_mem_zalloc(threads, sizeof(*w->out->tracks));
    if (w->items == NULL || w->depth == NULL || w->native == NULL || w->untagged == NULL ||
        w->builders == NULL || w->out->tracks == NULL) {
        return pyr_err_nomem(err);
    }
    relate_threads(w);
    for (uint32_t i = 1; i <= stacks; i++) {
        w->depth[i] = w->depth[pyr_stacks_get(profile->stacks, (pyr_stack){i}).parent.i] + 1;
    }
    for (uint32_t i = 0; i < runs; i++) {
        const struct pyr_run run = pyr_timeline_get(profile->timeline, i);
        w->items[w->item_count++] = (struct item){run.start_ns, w->native[run.thread.i].i, i};
    }
    qsort(w->items, w->item_count, sizeof(*w->items), compare_items);
    return true;
}

static void close_frames(struct work *w, struct builder *b, uint32_t keep, uint64_t at_ns)
{
    while (b->count > keep) {
        const uint32_t slice = b->open[--b->count].slice;
        if (slice == 0) {
            continue;
        }
        struct pyr_track_slice *closed = &w->out->slices[slice - 1];
        closed->end_ns = at_ns;
        if (slice == w->out->slice_count && at_ns - closed->start_ns < w->min_duration_ns) {
            w->out->slice_count--; /* a trace may have many times more short ones than others */
        }
    }
}

static bool is_open(const struct work *w, const struct builder *b, pyr_stack stack)
{
    const uint32_t depth = w->depth[stack.i];
    return depth > b->base && depth - b->base <= b->count &&
           b->open[depth - b->base - 1].stack.i == stack.i;
}

/* Lists the frames of `stack` that are not open, innermost first, and gives how many are. */
static bool find_common(struct work *w, const struct builder *b, pyr_stack stack, uint32_t *common,
                        struct pyr_err *err)
{
    w->path_count = 0;
    while (w->depth[stack.i] > b->base && !is_open(w, b, stack)) {
        if (!pyr_mem_grow(&w->path, &w->path_cap, (size_t)w->path_count + 1, sizeof(*w->path),
                          err)) {
            return false;
        }
        w->path[w->path_count++] = stack;
        stack = pyr_stacks_get(w->profile->stacks, stack).parent;
    }
    *common = w->depth[stack.i] > b->base ? w->depth[stack.i] - b->base : 0;
    return true;
}

static bool open_frame(struct work *w, struct builder *b, pyr_stack stack,
                       struct pyr_track_slice slice, struct pyr_err *err)
{
    struct pyr_tracks *out = w->out;
    struct open_frame frame = {.stack = stack};
    if (!pyr_mem_grow(&b->open, &b->cap, (size_t)b->count + 1, sizeof(*b->open), err)) {
        return false;
    }
    if (w->max_depth == 0 || b->count < w->max_depth) {
        if (out->slice_count == MAX_SLICES) {
            return pyr_err_set(err, PYR_ERR_LIMIT,
                               "more than %u slices: leave out the short or the deep ones",
                               MAX_SLICES);
        }
        if (!pyr_mem_grow(&out->slices, &out->slice_cap, (size_t)out->slice_count + 1,
                          sizeof(*out->slices), err)) {
            return false;
        }
        slice.func = pyr_profile_stack_function(w->profile, stack);
        out->slices[out->slice_count++] = slice;
        frame.slice = out->slice_count;
    }
    b->open[b->count++] = frame;
    return true;
}

/* Goes over to the frames of `stack` at the time of `slice`, which each that begins is like. */
static bool enter(struct work *w, struct builder *b, pyr_stack stack, struct pyr_track_slice slice,
                  struct pyr_err *err)
{
    uint32_t common = 0;
    if (!find_common(w, b, stack, &common, err)) {
        return false;
    }
    /* A function that went on to another line is the same call. */
    while (common < b->count && w->path_count > 0) {
        const pyr_stack next = w->path[w->path_count - 1];
        if (pyr_profile_stack_function(w->profile, b->open[common].stack).i !=
            pyr_profile_stack_function(w->profile, next).i) {
            break;
        }
        b->open[common++].stack = next;
        w->path_count--;
    }
    close_frames(w, b, common, slice.start_ns);
    while (w->path_count > 0) {
        if (!open_frame(w, b, w->path[--w->path_count], slice, err)) {
            return false;
        }
    }
    return true;
}

/* Ends everything on a track whose runs ended before `start_ns`. */
static void pass_gap(struct work *w, struct builder *b, uint64_t start_ns)
{
    if (start_ns > b->now_ns) {
        close_frames(w, b, 0, b->now_ns);
        b->now_ns = start_ns;
    }
}

/* The native thread's track while a task of its runs: the frames that the task's stack begins with
 * go on, and are what the task's own track does without. */
static void lean_on_native(struct work *w, struct builder *native, struct builder *task,
                           const struct pyr_run *run, uint64_t end_ns)
{
    pass_gap(w, native, run->start_ns);
    const bool leans =
        native->count == task->base &&
        (task->base == 0 || native->open[task->base - 1].stack.i == task->base_top.i);
    pyr_stack stack = run->stack;
    while (stack.i != 0 && !is_open(w, native, stack) && !(leans && is_open(w, task, stack))) {
        stack = pyr_stacks_get(w->profile->stacks, stack).parent;
    }
    if (!leans || (!is_open(w, task, stack) && stack.i != task->base_top.i)) {
        close_frames(w, task, 0, task->now_ns);
        task->base = w->depth[stack.i];
        task->base_top = stack;
        close_frames(w, native, task->base, native->now_ns);
    }
    if (end_ns > native->now_ns) {
        native->now_ns = end_ns;
    }
}

static bool add_run(struct work *w, struct pyr_run run, struct pyr_err *err)
{
    const pyr_thread track = w->untagged[run.thread.i];
    const pyr_thread native = w->native[run.thread.i];
    const struct pyr_thread_info info = pyr_threads_get(w->profile->threads, run.thread);
    const uint64_t end_ns = pyr_timeline_sum(run.start_ns, run.duration_ns);
    struct builder *b = &w->builders[track.i];
    /* What an earlier run covers already counts once; but an instant may be at its very end. */
    if (end_ns < b->now_ns || (end_ns == b->now_ns && run.duration_ns > 0)) {
        return true;
    }
    pass_gap(w, b, run.start_ns);
    run.start_ns = b->now_ns;
    if (info.kind == PYR_THREAD_TASK && track.i != native.i) {
        lean_on_native(w, &w->builders[native.i], b, &run, end_ns);
    }
    b->used = true;
    b->now_ns = end_ns;
    const struct pyr_track_slice slice = {
        .start_ns = run.start_ns,
        .track = track,
        .native = native,
        .tag = info.tag,
    };
    return enter(w, b, run.stack, slice, err);
}

static int compare_tracks(const void *a, const void *b)
{
    const struct pyr_track *x = a, *y = b;
    if (x->native.i != y->native.i) {
        return x->native.i < y->native.i ? -1 : 1;
    }
    return x->thread.i < y->thread.i ? -1 : x->thread.i > y->thread.i;
}

/* Ends what is open still, lists the tracks, and drops the slices that turned out too short only
 * after others had begun. */
static void finish(struct work *w)
{
    struct pyr_tracks *out = w->out;
    const uint32_t threads = pyr_threads_count(w->profile->threads);
    for (uint32_t i = 0; i <= threads; i++) {
        close_frames(w, &w->builders[i], 0, w->builders[i].now_ns);
        if (w->builders[i].used) {
            out->tracks[out->track_count++] = (struct pyr_track){{i}, w->native[i]};
        }
    }
    qsort(out->tracks, out->track_count, sizeof(*out->tracks), compare_tracks);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < out->slice_count; i++) {
        if (out->slices[i].end_ns - out->slices[i].start_ns >= w->min_duration_ns) {
            out->slices[kept++] = out->slices[i];
        }
    }
    out->slice_count = kept;
}

bool pyr_tracks_init(struct pyr_tracks *tracks, const struct pyr_profile *profile,
                     const struct pyr_format_options *options, struct pyr_err *err)
{
    struct work w = {.out = tracks, .profile = profile};
    if (options != NULL) {
        w.min_duration_ns = options->min_duration_ns;
        w.max_depth = options->max_depth;
    }
    bool ok = prepare(&w, err);
    for (uint32_t i = 0; ok && i < w.item_count; i++) {
        ok = add_run(&w, pyr_timeline_get(profile->timeline, w.items[i].index), err);
    }
    if (ok) {
        finish(&w);
    }
    work_release(&w);
    return ok;
}

void pyr_tracks_release(struct pyr_tracks *tracks)
{
    pyr_mem_free(tracks->slices);
    pyr_mem_free(tracks->tracks);
    *tracks = (struct pyr_tracks){0};
}
