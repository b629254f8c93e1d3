/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_people.h"

#include <stdlib.h>

#include "base/mem.h"

static void add_sample(struct pyr_top_times *times, const struct pyr_recent *sample,
                       uint64_t wall_ns)
{
    *(sample->idle ? &times->idle_ns : &times->active_ns) += wall_ns;
    times->gil_ns += sample->holds_gil ? wall_ns : 0;
    times->collecting_ns += sample->collecting ? wall_ns : 0;
    times->cpu_ns += sample->cpu_ns;
}

static void add_times(struct pyr_top_times *times, const struct pyr_top_times *more)
{
    times->active_ns += more->active_ns;
    times->idle_ns += more->idle_ns;
    times->gil_ns += more->gil_ns;
    times->collecting_ns += more->collecting_ns;
    times->cpu_ns += more->cpu_ns;
}

/* One entry per thread id while the samples are added up. */
static bool make_entries(struct pyr_top_model *model, struct pyr_err *err)
{
    const struct pyr_store *store = pyr_top_model_store(model);
    const struct pyr_threads *threads = model->mirror.profile->threads;
    model->thread_count = 0;
    if (!pyr_mem_grow(&model->threads, &model->thread_cap, store->thread_count + (size_t)1,
                      sizeof *model->threads, err)) {
        return false;
    }
    for (uint32_t i = 0; i < store->thread_count; i++) {
        model->threads[i] =
            (struct pyr_top_thread){.thread = i, .all = store->threads[i], .gone = true};
        if (i > 0 && i <= pyr_threads_count(threads)) {
            model->threads[i].pid = pyr_threads_get(threads, (pyr_thread){i}).pid;
        }
    }
    model->thread_count = store->thread_count;
    return true;
}

static void add_recent(struct pyr_top_model *model)
{
    const struct pyr_store *store = pyr_top_model_store(model);
    for (uint32_t back = 0; back < store->recent_count; back++) {
        const struct pyr_recent *sample = pyr_store_recent(store, back);
        if (sample->time_ns + PYR_SUMS_NOW_NS <= store->newest_ns) {
            break;
        }
        if (sample->thread.i < model->thread_count) {
            model->threads[sample->thread.i].gone = false;
            add_sample(&model->threads[sample->thread.i].now, sample,
                       pyr_store_within(store, sample, PYR_SUMS_NOW_NS));
        }
    }
}

/* Those that were never seen make no row. */
static void drop_empty(struct pyr_top_model *model)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < model->thread_count; i++) {
        if (model->threads[i].all.last.time_ns != 0) {
            model->threads[kept++] = model->threads[i];
        }
    }
    model->thread_count = kept;
}

/* By process; in it those that live before those that are gone; then as they came. */
static int compare(const void *a, const void *b)
{
    const struct pyr_top_thread *x = a;
    const struct pyr_top_thread *y = b;
    if (x->pid != y->pid) {
        return x->pid < y->pid ? -1 : 1;
    }
    if (x->gone != y->gone) {
        return x->gone ? 1 : -1;
    }
    return x->thread < y->thread ? -1 : 1;
}

static bool add_process(struct pyr_top_model *model, uint32_t pid, struct pyr_err *err)
{
    if (model->process_count > 0 && model->processes[model->process_count - 1].pid == pid) {
        return true;
    }
    if (!pyr_mem_grow(&model->processes, &model->process_cap, model->process_count + (size_t)1,
                      sizeof *model->processes, err)) {
        return false;
    }
    model->processes[model->process_count++] = (struct pyr_top_process){.pid = pid};
    return true;
}

bool pyr_top_people_build(struct pyr_top_model *model, struct pyr_err *err)
{
    model->process_count = 0;
    model->alive = 0;
    model->now = (struct pyr_top_times){0};
    if (model->mirror.profile == NULL) {
        model->thread_count = 0;
        return true;
    }
    if (!make_entries(model, err)) {
        return false;
    }
    add_recent(model);
    drop_empty(model);
    if (model->thread_count > 1) {
        qsort(model->threads, model->thread_count, sizeof *model->threads, compare);
    }
    for (uint32_t i = 0; i < model->thread_count; i++) {
        const struct pyr_top_thread *thread = &model->threads[i];
        if (!add_process(model, thread->pid, err)) {
            return false;
        }
        struct pyr_top_process *process = &model->processes[model->process_count - 1];
        process->threads += thread->gone ? 0 : 1;
        process->active_ns += thread->all.active_ns;
        process->samples += thread->all.samples;
        add_times(&process->now, &thread->now);
        add_times(&model->now, &thread->now);
        model->alive += thread->gone ? 0 : 1;
    }
    return true;
}
