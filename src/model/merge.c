/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Merging: a profile's ids mean nothing in another, so each table is added in turn, and a list
 * remembers which id each entry has got. */
#include "model/profile.h"

#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"

struct merge {
    struct pyr_profile *into; /* borrowed */
    const struct pyr_profile *from;
    pyr_func *functions; /* owned lists; the index is the id in `from` */
    pyr_frame_id *frames;
    pyr_stack *stacks;
    pyr_thread *threads;
    uint32_t columns[PYR_MAX_METRICS];
    uint64_t shift_ns; /* by which `from` starts later than `into` */
};

static void merge_release(struct merge *merge)
{
    pyr_mem_free(merge->functions);
    pyr_mem_free(merge->frames);
    pyr_mem_free(merge->stacks);
    pyr_mem_free(merge->threads);
}

/* A list for the ids 0 to `count`; 0 stays 0. */
static void *new_list(uint32_t count, size_t item_size, struct pyr_err *err)
{
    void *list = pyr_mem_zalloc((size_t)count + 1, item_size);
    if (list == NULL) {
        pyr_err_nomem(err);
    }
    return list;
}

static bool merge_string(struct merge *merge, pyr_str *id, struct pyr_err *err)
{
    const struct pyr_strtab *strings = merge->from->strings;
    return pyr_strtab_add(merge->into->strings, pyr_strtab_text(strings, *id),
                          pyr_strtab_len(strings, *id), id, err);
}

static bool merge_functions(struct merge *merge, struct pyr_err *err)
{
    uint32_t count = pyr_functions_count(merge->from->functions);
    merge->functions = new_list(count, sizeof *merge->functions, err);
    if (merge->functions == NULL) {
        return false;
    }
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_function function = *pyr_functions_get(merge->from->functions, (pyr_func){i});
        if (!merge_string(merge, &function.qualname, err) ||
            !merge_string(merge, &function.module, err) ||
            !merge_string(merge, &function.file, err) ||
            !pyr_functions_add(merge->into->functions, &function, &merge->functions[i], err)) {
            return false;
        }
    }
    return true;
}

static bool merge_frames(struct merge *merge, struct pyr_err *err)
{
    uint32_t count = pyr_frames_count(merge->from->frames);
    merge->frames = new_list(count, sizeof *merge->frames, err);
    if (merge->frames == NULL) {
        return false;
    }
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_frame frame = pyr_frames_get(merge->from->frames, (pyr_frame_id){i});
        frame.func = merge->functions[frame.func.i];
        if (!pyr_frames_add(merge->into->frames, frame, &merge->frames[i], err)) {
            return false;
        }
    }
    return true;
}

static bool merge_stacks(struct merge *merge, struct pyr_err *err)
{
    uint32_t count = pyr_stacks_count(merge->from->stacks);
    merge->stacks = new_list(count, sizeof *merge->stacks, err);
    if (merge->stacks == NULL) {
        return false;
    }
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_stack_node node = pyr_stacks_get(merge->from->stacks, (pyr_stack){i});
        if (!pyr_stacks_add(merge->into->stacks, merge->stacks[node.parent.i],
                            merge->frames[node.frame.i], &merge->stacks[i], err)) {
            return false;
        }
    }
    return true;
}

static bool is_same_thread(const struct pyr_thread_info *a, const struct pyr_thread_info *b)
{
    return a->pid == b->pid && a->tid == b->tid && a->name.i == b->name.i && a->kind == b->kind &&
           a->tag.i == b->tag.i && a->parent.i == b->parent.i;
}

/* The thread in `threads` that equals `info`, or id 0; `*key` is then where it belongs. */
static pyr_thread find_thread(const struct pyr_threads *threads, const struct pyr_map *by_hash,
                              const struct pyr_thread_info *info, uint64_t *key)
{
    const uint32_t fields[] = {
        info->pid, info->tid, info->name.i, info->tag.i, (uint32_t)info->kind, info->parent.i};
    *key = pyr_hash_seeded((uint64_t)(uintptr_t)threads, fields, sizeof fields);
    for (;;) {
        pyr_thread id = {pyr_map_get(by_hash, *key)};
        if (id.i == 0) {
            return id;
        }
        struct pyr_thread_info other = pyr_threads_get(threads, id);
        if (is_same_thread(&other, info)) {
            return id;
        }
        *key = pyr_hash_u64(*key + 1);
    }
}

/* Of equal threads the first is kept, as the one to join. */
static bool index_threads(const struct pyr_threads *threads, struct pyr_map *by_hash,
                          struct pyr_err *err)
{
    for (uint32_t i = 1; i <= pyr_threads_count(threads); i++) {
        struct pyr_thread_info info = pyr_threads_get(threads, (pyr_thread){i});
        uint64_t key = 0;
        if (find_thread(threads, by_hash, &info, &key).i == 0 &&
            !pyr_map_put(by_hash, key, i, err)) {
            return false;
        }
    }
    return true;
}

/* Moves what is known of a thread's times. */
static void shift_thread(struct pyr_thread_info *info, uint64_t ns)
{
    if (info->start_ns != 0 || info->end_ns != 0) {
        info->start_ns = pyr_timeline_sum(info->start_ns, ns);
        info->end_ns = info->end_ns == 0 ? 0 : pyr_timeline_sum(info->end_ns, ns);
    }
}

/* The thread as `from` has it, in the words and ids of `into`. */
static bool translate_thread(struct merge *merge, pyr_thread id, struct pyr_thread_info *info,
                             struct pyr_err *err)
{
    *info = pyr_threads_get(merge->from->threads, id);
    info->parent = merge->threads[info->parent.i];
    shift_thread(info, merge->shift_ns);
    return merge_string(merge, &info->name, err) && merge_string(merge, &info->tag, err) &&
           merge_string(merge, &info->entry, err);
}

/* Two recordings of one thread. What only one of them knows is known. */
static void join_thread(struct pyr_threads *threads, pyr_thread id,
                        const struct pyr_thread_info *other)
{
    struct pyr_thread_info info = pyr_threads_get(threads, id);
    const bool timed = info.start_ns != 0 || info.end_ns != 0;
    const bool other_timed = other->start_ns != 0 || other->end_ns != 0;
    if (other_timed && (!timed || other->start_ns < info.start_ns)) {
        info.start_ns = other->start_ns;
    }
    info.end_ns = other->end_ns > info.end_ns ? other->end_ns : info.end_ns;
    info.switches = pyr_timeline_sum(info.switches, other->switches);
    info.starved_ns = pyr_timeline_sum(info.starved_ns, other->starved_ns);
    info.starved_known = info.starved_known && other->starved_known; /* of a part is not of both */
    info.entry = info.entry.i == 0 ? other->entry : info.entry;
    pyr_threads_update(threads, id, &info);
}

static bool merge_threads(struct merge *merge, bool join, struct pyr_err *err)
{
    struct pyr_threads *into = merge->into->threads;
    struct pyr_map by_hash = {0};
    bool ok = false;
    uint32_t count = pyr_threads_count(merge->from->threads);
    merge->threads = new_list(count, sizeof *merge->threads, err);
    if (merge->threads == NULL || (join && !index_threads(into, &by_hash, err))) {
        goto done;
    }
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_thread_info info;
        uint64_t key = 0;
        if (!translate_thread(merge, (pyr_thread){i}, &info, err)) {
            goto done;
        }
        if (join) {
            merge->threads[i] = find_thread(into, &by_hash, &info, &key);
        }
        if (merge->threads[i].i != 0) {
            join_thread(into, merge->threads[i], &info);
        } else if ((!pyr_threads_add(into, &info, &merge->threads[i], err) ||
                    (join && !pyr_map_put(&by_hash, key, merge->threads[i].i, err)))) {
            goto done;
        }
    }
    ok = true;
done:
    pyr_map_release(&by_hash);
    return ok;
}

static bool merge_metrics(struct merge *merge, struct pyr_err *err)
{
    const struct pyr_strtab *strings = merge->from->strings;
    for (uint32_t i = 0; i < merge->from->metrics.count; i++) {
        struct pyr_metric metric = merge->from->metrics.items[i];
        if (!pyr_metrics_add(&merge->into->metrics, merge->into->strings,
                             pyr_strtab_text(strings, metric.name),
                             pyr_strtab_text(strings, metric.unit), &merge->columns[i], err)) {
            return false;
        }
    }
    return true;
}

static bool merge_values(struct merge *merge, struct pyr_err *err)
{
    uint32_t count = pyr_values_count(merge->from->values);
    uint32_t metrics = merge->from->metrics.count;
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_value_row row = pyr_values_get(merge->from->values, i);
        int64_t v[PYR_MAX_METRICS]; /* merged into itself, a profile's rows may move */
        memcpy(v, row.v, metrics * sizeof v[0]);
        for (uint32_t m = 0; m < metrics; m++) {
            if (!pyr_values_add(merge->into->values, merge->stacks[row.stack.i],
                                merge->threads[row.thread.i], merge->columns[m], v[m], err)) {
                return false;
            }
        }
    }
    return true;
}

static bool merge_timeline(struct merge *merge, struct pyr_err *err)
{
    uint32_t count = pyr_timeline_count(merge->from->timeline);
    for (uint32_t i = 0; i < count; i++) {
        struct pyr_run run = pyr_timeline_get(merge->from->timeline, i);
        run.stack = merge->stacks[run.stack.i];
        run.thread = merge->threads[run.thread.i];
        run.start_ns = pyr_timeline_sum(run.start_ns, merge->shift_ns);
        if (!pyr_timeline_add(merge->into->timeline, run, err)) {
            return false;
        }
    }
    return true;
}

static bool is_counter(const char *key)
{
    static const char *const counters[] = {PYR_META_EVENTS, PYR_META_NODES, PYR_META_ROUNDS,
                                           PYR_META_SAMPLES, PYR_META_SAMPLES_EXACT};
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        if (strcmp(key, counters[i]) == 0) {
            return true;
        }
    }
    return strncmp(key, "lost_", strlen("lost_")) == 0;
}

/* The number that `key` has when `mine` and `other` describe one profile. */
static int64_t join_numbers(const char *key, int64_t mine, int64_t other)
{
    if (is_counter(key)) {
        return pyr_values_sum(mine, other);
    }
    if (strcmp(key, PYR_META_FINISHED) == 0) {
        return mine != 0 && other != 0;
    }
    return mine;
}

/* `into` turns out to start so much earlier. */
static void shift_into(struct pyr_profile *into, uint64_t ns)
{
    const uint32_t threads = pyr_threads_count(into->threads);
    for (uint32_t i = 1; i <= threads; i++) {
        struct pyr_thread_info info = pyr_threads_get(into->threads, (pyr_thread){i});
        shift_thread(&info, ns);
        pyr_threads_update(into->threads, (pyr_thread){i}, &info);
    }
    pyr_timeline_shift(into->timeline, ns);
}

/* The period from the earlier start to the later end; without both starts, the longer one. */
static bool merge_period(struct merge *merge, struct pyr_err *err)
{
    struct pyr_meta *into = merge->into->meta;
    int64_t start = pyr_meta_number(into, PYR_META_START_NS, 0);
    int64_t other_start = pyr_meta_number(merge->from->meta, PYR_META_START_NS, 0);
    int64_t duration = pyr_meta_number(into, PYR_META_DURATION_NS, 0);
    int64_t other_duration = pyr_meta_number(merge->from->meta, PYR_META_DURATION_NS, 0);
    int64_t joined = duration > other_duration ? duration : other_duration;
    if (start > 0 && other_start > 0) {
        int64_t end = pyr_values_sum(start, duration);
        int64_t other_end = pyr_values_sum(other_start, other_duration);
        if (other_start < start) {
            shift_into(merge->into, (uint64_t)(start - other_start));
            start = other_start;
        } else {
            merge->shift_ns = (uint64_t)(other_start - start);
        }
        joined = (end > other_end ? end : other_end) - start;
        if (!pyr_meta_set_number(into, PYR_META_START_NS, start, err)) {
            return false;
        }
    }
    return joined == duration || pyr_meta_set_number(into, PYR_META_DURATION_NS, joined, err);
}

static bool merge_meta(struct merge *merge, struct pyr_err *err)
{
    const struct pyr_strtab *strings = merge->from->strings;
    struct pyr_meta *into = merge->into->meta;
    uint32_t count = pyr_meta_count(merge->from->meta);
    for (uint32_t i = 0; i < count; i++) {
        struct pyr_meta_entry entry = pyr_meta_get(merge->from->meta, i);
        const char *key = pyr_strtab_text(strings, entry.key);
        bool ok = true;
        if (!pyr_meta_has(into, key)) {
            ok = entry.is_number
                     ? pyr_meta_set_number(into, key, entry.number, err)
                     : pyr_meta_set_text(into, key, pyr_strtab_text(strings, entry.text), err);
        } else if (entry.is_number) {
            int64_t mine = pyr_meta_number(into, key, 0);
            int64_t joined = join_numbers(key, mine, entry.number);
            ok = joined == mine || pyr_meta_set_number(into, key, joined, err);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

bool pyr_profile_merge(struct pyr_profile *into, const struct pyr_profile *from, bool join_threads,
                       struct pyr_err *err)
{
    struct merge merge = {.into = into, .from = from};
    bool ok = merge_functions(&merge, err) && merge_frames(&merge, err) &&
              merge_stacks(&merge, err) && merge_period(&merge, err) &&
              merge_threads(&merge, join_threads, err) && merge_metrics(&merge, err) &&
              merge_values(&merge, err) && merge_timeline(&merge, err) && merge_meta(&merge, err);
    merge_release(&merge);
    return ok;
}
