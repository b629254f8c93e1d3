/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/history.h"

#include <string.h>

#include "base/mem.h"

#define FIRST_SAMPLES 1024

struct pyr_history {
    struct pyr_recent *ring; /* owned */
    uint32_t cap;
    uint32_t first; /* the oldest one's place */
    uint32_t count;
    uint64_t keep_ns;
};

struct pyr_history *pyr_history_new(uint64_t keep_ns)
{
    struct pyr_history *history = pyr_mem_zalloc(1, sizeof *history);
    if (history != NULL) {
        history->keep_ns = keep_ns;
    }
    return history;
}

void pyr_history_free(struct pyr_history *history)
{
    if (history != NULL) {
        pyr_mem_free(history->ring);
        pyr_mem_free(history);
    }
}

void pyr_history_clear(struct pyr_history *history)
{
    history->first = 0;
    history->count = 0;
}

/* Where in the ring the entry after `index` others is. */
static uint32_t place_of(const struct pyr_history *history, uint32_t index)
{
    const uint64_t place = (uint64_t)history->first + index;
    return (uint32_t)(place >= history->cap ? place - history->cap : place);
}

const struct pyr_recent *pyr_history_get(const struct pyr_history *history, uint32_t index)
{
    return &history->ring[place_of(history, index)];
}

uint32_t pyr_history_count(const struct pyr_history *history)
{
    return history->count;
}

static bool grow(struct pyr_history *history, struct pyr_err *err)
{
    uint64_t cap = history->cap == 0 ? FIRST_SAMPLES : (uint64_t)history->cap * 2;
    cap = cap > PYR_HISTORY_MAX_SAMPLES ? PYR_HISTORY_MAX_SAMPLES : cap;
    struct pyr_recent *ring = pyr_mem_zalloc(cap, sizeof *ring);
    if (ring == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t i = 0; i < history->count; i++) {
        ring[i] = *pyr_history_get(history, i);
    }
    pyr_mem_free(history->ring);
    history->ring = ring;
    history->first = 0;
    history->cap = (uint32_t)cap;
    return true;
}

static void drop_first(struct pyr_history *history)
{
    history->first = place_of(history, 1);
    history->count--;
}

bool pyr_history_add(struct pyr_history *history, const struct pyr_recent *recent,
                     struct pyr_err *err)
{
    while (history->count > 0 &&
           pyr_history_get(history, 0)->time_ns + history->keep_ns < recent->time_ns) {
        drop_first(history);
    }
    if (history->count == PYR_HISTORY_MAX_SAMPLES) {
        drop_first(history);
    }
    if (history->count == history->cap && !grow(history, err)) {
        return false;
    }
    history->ring[place_of(history, history->count)] = *recent;
    history->count++;
    return true;
}

/* Where the ids of one profile are in the other; 0: not needed there yet. */
struct copy {
    const struct pyr_profile *from; /* borrowed */
    struct pyr_profile *into;
    pyr_func *functions; /* owned lists by id */
    pyr_stack *stacks;
    pyr_thread *threads;
    struct pyr_run *runs; /* by thread of `from`: the one that is not ended yet */
    uint32_t *chain;      /* stacks yet to be copied */
    uint32_t chain_cap;
    uint32_t samples; /* columns of both */
    uint32_t weight;
    bool is_cpu;
    uint64_t start_ns; /* CLOCK_MONOTONIC */
};

static void copy_release(struct copy *copy)
{
    pyr_mem_free(copy->functions);
    pyr_mem_free(copy->stacks);
    pyr_mem_free(copy->threads);
    pyr_mem_free(copy->runs);
    pyr_mem_free(copy->chain);
    pyr_profile_free(copy->into);
}

static bool copy_init(struct copy *copy, const struct pyr_profile *from, struct pyr_err *err)
{
    copy->from = from;
    copy->functions =
        pyr_mem_zalloc((size_t)pyr_functions_count(from->functions) + 1, sizeof *copy->functions);
    copy->stacks = pyr_mem_zalloc((size_t)pyr_stacks_count(from->stacks) + 1, sizeof *copy->stacks);
    copy->threads =
        pyr_mem_zalloc((size_t)pyr_threads_count(from->threads) + 1, sizeof *copy->threads);
    copy->runs = pyr_mem_zalloc((size_t)pyr_threads_count(from->threads) + 1, sizeof *copy->runs);
    if (copy->functions == NULL || copy->stacks == NULL || copy->threads == NULL ||
        copy->runs == NULL) {
        return pyr_err_nomem(err);
    }
    return true;
}

/* An empty profile with the columns that `from` has. */
static struct pyr_profile *new_profile(struct copy *copy, struct pyr_err *err)
{
    const struct pyr_profile *from = copy->from;
    struct pyr_profile *into = pyr_profile_new(err);
    uint32_t samples = 0;
    uint32_t weight = 0;
    copy->is_cpu = pyr_metrics_find(&from->metrics, from->strings, PYR_METRIC_CPU) >= 0;
    if (into != NULL && (!pyr_metrics_add(&into->metrics, into->strings, PYR_METRIC_SAMPLES,
                                          PYR_UNIT_COUNT, &samples, err) ||
                         !pyr_metrics_add(&into->metrics, into->strings,
                                          copy->is_cpu ? PYR_METRIC_CPU : PYR_METRIC_WALL,
                                          PYR_UNIT_NS, &weight, err))) {
        pyr_profile_free(into);
        return NULL;
    }
    copy->samples = samples;
    copy->weight = weight;
    return into;
}

static bool copy_string(struct copy *copy, pyr_str *id, struct pyr_err *err)
{
    const struct pyr_strtab *strings = copy->from->strings;
    return pyr_strtab_add(copy->into->strings, pyr_strtab_text(strings, *id),
                          pyr_strtab_len(strings, *id), id, err);
}

static bool copy_function(struct copy *copy, pyr_func id, struct pyr_err *err)
{
    struct pyr_function function = *pyr_functions_get(copy->from->functions, id);
    return copy->functions[id.i].i != 0 ||
           (copy_string(copy, &function.qualname, err) &&
            copy_string(copy, &function.module, err) && copy_string(copy, &function.file, err) &&
            pyr_functions_add(copy->into->functions, &function, &copy->functions[id.i], err));
}

/* Outermost frames first, as a parent has to be there before its children. */
static bool copy_stack(struct copy *copy, pyr_stack stack, struct pyr_err *err)
{
    uint32_t depth = 0;
    for (pyr_stack at = stack; at.i != 0 && copy->stacks[at.i].i == 0;
         at = pyr_stacks_get(copy->from->stacks, at).parent) {
        if (!pyr_mem_grow(&copy->chain, &copy->chain_cap, (size_t)depth + 1, sizeof *copy->chain,
                          err)) {
            return false;
        }
        copy->chain[depth++] = at.i;
    }
    while (depth > 0) {
        const uint32_t id = copy->chain[--depth];
        const struct pyr_stack_node node = pyr_stacks_get(copy->from->stacks, (pyr_stack){id});
        const struct pyr_frame frame = pyr_frames_get(copy->from->frames, node.frame);
        if (!copy_function(copy, frame.func, err) ||
            !pyr_profile_push(copy->into, copy->stacks[node.parent.i],
                              copy->functions[frame.func.i], frame.line, &copy->stacks[id], err)) {
            return false;
        }
    }
    return true;
}

static bool copy_thread(struct copy *copy, pyr_thread id, struct pyr_err *err)
{
    struct pyr_thread_info info = pyr_threads_get(copy->from->threads, id);
    if (id.i == 0 || copy->threads[id.i].i != 0) {
        return true;
    }
    if (!copy_thread(copy, info.parent, err)) { /* a task's thread, which has no parent itself */
        return false;
    }
    info.parent = copy->threads[info.parent.i];
    info.start_ns = 0; /* its times are of the other profile's start */
    info.end_ns = 0;
    return copy_string(copy, &info.name, err) && copy_string(copy, &info.tag, err) &&
           copy_string(copy, &info.entry, err) &&
           pyr_threads_add(copy->into->threads, &info, &copy->threads[id.i], err);
}

/* Samples of the same stack in a row are one run. */
static bool add_run(struct copy *copy, const struct pyr_recent *recent, pyr_stack stack,
                    struct pyr_err *err)
{
    struct pyr_run *open = &copy->runs[recent->thread.i];
    const uint64_t end = recent->time_ns - copy->start_ns;
    const uint64_t begin = end > recent->wall_ns ? end - recent->wall_ns : 0;
    const uint64_t open_end = open->start_ns + open->duration_ns;
    if (open->stack.i == stack.i && begin <= open_end) {
        open->duration_ns = end - open->start_ns;
        return true;
    }
    if (open->stack.i != 0 && !pyr_timeline_add(copy->into->timeline, *open, err)) {
        return false;
    }
    const uint64_t from = open->stack.i != 0 && begin < open_end ? open_end : begin;
    *open = (struct pyr_run){
        .start_ns = from,
        .duration_ns = end > from ? end - from : 0,
        .thread = copy->threads[recent->thread.i],
        .stack = stack,
    };
    return true;
}

static bool copy_sample(struct copy *copy, const struct pyr_recent *recent, struct pyr_err *err)
{
    const uint64_t weight = copy->is_cpu ? recent->cpu_ns : recent->wall_ns;
    if (!copy_stack(copy, recent->stack, err) || !copy_thread(copy, recent->thread, err)) {
        return false;
    }
    const pyr_stack stack = copy->stacks[recent->stack.i];
    const pyr_thread thread = copy->threads[recent->thread.i];
    return pyr_values_add(copy->into->values, stack, thread, copy->samples, 1, err) &&
           pyr_values_add(copy->into->values, stack, thread, copy->weight,
                          weight > INT64_MAX ? INT64_MAX : (int64_t)weight, err) &&
           add_run(copy, recent, stack, err);
}

static bool end_runs(struct copy *copy, struct pyr_err *err)
{
    for (uint32_t i = 0; i <= pyr_threads_count(copy->from->threads); i++) {
        if (copy->runs[i].stack.i != 0 &&
            !pyr_timeline_add(copy->into->timeline, copy->runs[i], err)) {
            return false;
        }
    }
    return true;
}

bool pyr_history_profile(const struct pyr_history *history, const struct pyr_profile *from,
                         uint64_t since_ns, struct pyr_profile **profile, struct pyr_err *err)
{
    struct copy copy = {0};
    *profile = NULL;
    if (!copy_init(&copy, from, err) || (copy.into = new_profile(&copy, err)) == NULL) {
        copy_release(&copy);
        return false;
    }
    bool ok = true;
    copy.start_ns = history->count > 0 && pyr_history_get(history, 0)->time_ns > since_ns
                        ? pyr_history_get(history, 0)->time_ns
                        : since_ns;
    for (uint32_t i = 0; ok && i < history->count; i++) {
        const struct pyr_recent *recent = pyr_history_get(history, i);
        ok = recent->time_ns < copy.start_ns || copy_sample(&copy, recent, err);
    }
    if (ok && end_runs(&copy, err)) {
        *profile = copy.into;
        copy.into = NULL;
    }
    copy_release(&copy);
    return *profile != NULL;
}
