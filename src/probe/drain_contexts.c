/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/drain.h"

#include <string.h>

#include "base/atomic.h"
#include "base/mem.h"

/* Since the profile's start, ns. */
static uint64_t since_start(struct pyr_trace *trace, uint64_t ticks)
{
    uint64_t first = trace->first_ticks;
    return ticks > first ? (uint64_t)((double)(ticks - first) * pyr_trace_ns_per_tick(trace)) : 0;
}

/* In `buf` unless the context has a name of its own. */
static const char *name_of(const struct pyr_context *home, const struct pyr_trace *trace, char *buf,
                           size_t size)
{
    if (pyr_published_u32(&home->named) != 0) {
        return home->name;
    }
    if (home->kind == PYR_THREAD_CONTEXT) {
        snprintf(buf, size, "context %lld", (long long)home->id);
        return buf;
    }
    if (home->kind == PYR_THREAD_GREENLET) {
        snprintf(buf, size, "greenlet %u", home->number);
        return buf;
    }
    uint32_t tid = PYR_SHARED_GET(home->tid);
    if (tid == trace->pid) {
        return "MainThread";
    }
    /* Until it is given a name of its own a thread has its process's. */
    bool own_name =
        home->system_name[0] != '\0' && strcmp(home->system_name, pyr_probe.process_name) != 0;
    snprintf(buf, size, "%s-%u", own_name ? home->system_name : "thread", tid);
    return buf;
}

static pyr_str entry_name(const struct pyr_drain *drain, pyr_func entry)
{
    return entry.i != 0 ? pyr_functions_get(drain->profile->functions, entry)->qualname
                        : (pyr_str){0};
}

bool pyr_drain_context(struct pyr_drain *drain, struct pyr_trace *trace,
                       struct pyr_drained_tree *tree, struct pyr_err *err)
{
    char fallback[64];
    const struct pyr_context *home = tree->home;
    struct pyr_threads *threads = drain->profile->threads;
    struct pyr_thread_info info = pyr_threads_get(threads, tree->thread);
    const char *name = PYR_SHARED_GET(home->shared) && home->kind == PYR_THREAD_GREENLET
                           ? "(other greenlets)"
                           : name_of(home, trace, fallback, sizeof fallback);
    uint64_t ended = pyr_counter_read(&home->ended);
    if (!pyr_strtab_add_text(drain->profile->strings, name, &info.name, err)) {
        return false;
    }
    info.entry = entry_name(drain, tree->entry);
    info.pid = trace->pid;
    info.tid = PYR_SHARED_GET(home->tid);
    info.kind = home->kind;
    info.start_ns = since_start(trace, home->began);
    info.end_ns = ended != 0 ? since_start(trace, ended) : 0;
    info.switches = pyr_counter_read(&home->switches);
    if (tree->thread.i != 0) {
        pyr_threads_update(threads, tree->thread, &info);
        return true;
    }
    if (home->native != NULL && home->native->number < home->number) {
        info.parent = drain->trees[home->native->number].thread;
    }
    return pyr_threads_add(threads, &info, &tree->thread, err);
}

/* The thread for (`above`, label), made by a copy of `info` at first. */
static bool label_thread(struct pyr_drain *drain, pyr_thread above, uint32_t label,
                         const struct pyr_thread_info *info, pyr_thread *thread,
                         struct pyr_err *err)
{
    uint64_t key = (uint64_t)above.i << 32 | label;
    thread->i = pyr_map_get(&drain->label_threads, key);
    return thread->i != 0 || (pyr_threads_add(drain->profile->threads, info, thread, err) &&
                              pyr_map_put(&drain->label_threads, key, thread->i, err));
}

static bool tagged_thread(struct pyr_drain *drain, struct pyr_trace *trace, pyr_thread context,
                          uint32_t tag, pyr_thread *thread, struct pyr_err *err)
{
    *thread = context;
    if (tag == 0) {
        return true;
    }
    const struct pyr_label *label = pyr_label_get(&trace->labels, tag);
    struct pyr_thread_info info = pyr_threads_get(drain->profile->threads, context);
    info.parent = context;
    info.start_ns = 0;
    info.end_ns = 0;
    info.switches = 0;
    info.starved_ns = 0;
    info.starved_known = false;
    return pyr_strtab_add_text(drain->profile->strings, label->name, &info.tag, err) &&
           label_thread(drain, context, tag, &info, thread, err);
}

static bool task_thread(struct pyr_drain *drain, struct pyr_trace *trace, pyr_thread above,
                        uint32_t number, pyr_thread *thread, struct pyr_err *err)
{
    const uint32_t before = pyr_threads_count(drain->profile->threads);
    const struct pyr_label *task = pyr_label_get(&trace->labels, number);
    struct pyr_thread_info of_above = pyr_threads_get(drain->profile->threads, above);
    struct pyr_thread_info info = {
        .pid = of_above.pid, .tid = of_above.tid, .kind = PYR_THREAD_TASK, .parent = above};
    if (!pyr_strtab_add_text(drain->profile->strings, task->name, &info.name, err) ||
        !label_thread(drain, above, number, &info, thread, err)) {
        return false;
    }
    if (pyr_threads_count(drain->profile->threads) > before) {
        if (!pyr_mem_grow(&drain->labels, &drain->labels_cap, (size_t)drain->labels_count + 1,
                          sizeof *drain->labels, err)) {
            return false;
        }
        drain->labels[drain->labels_count++] =
            (struct pyr_drained_label){.thread = *thread, .number = number};
    }
    return true;
}

bool pyr_drain_label(struct pyr_drain *drain, struct pyr_trace *trace,
                     const struct pyr_drained_tree *tree, const struct pyr_node *node,
                     pyr_thread *thread, struct pyr_err *err)
{
    const pyr_thread above = tree->nodes[node->parent->index].thread;
    pyr_thread context = pyr_threads_untagged(drain->profile->threads, above);
    const struct pyr_node_more *more = pyr_calltree_more(&tree->home->tree, node->index);
    uint32_t number = pyr_node_label(node);
    const struct pyr_label *label = pyr_label_get(&trace->labels, number);
    /* A tag's node is published before what is noted beside it; of the one above it is there. */
    uint32_t tag = more != NULL ? more->tag : 0;
    if (label->kind == PYR_LABEL_TAG) {
        tag = label->untagged ? 0 : number;
    }
    /* One that begins eagerly has its first step within another task's, and the next one not. */
    if (label->kind == PYR_LABEL_TASK &&
        !task_thread(drain, trace, tree->thread, number, &context, err)) {
        return false;
    }
    return tagged_thread(drain, trace, context, tag, thread, err);
}

void pyr_drain_tasks(struct pyr_drain *drain, struct pyr_trace *trace)
{
    struct pyr_threads *threads = drain->profile->threads;
    double ns_per_tick = pyr_trace_ns_per_tick(trace);
    for (uint32_t i = 0; i < drain->labels_count; i++) {
        const struct pyr_drained_label *drained = &drain->labels[i];
        const struct pyr_label *task = pyr_label_get(&trace->labels, drained->number);
        struct pyr_thread_info info = pyr_threads_get(threads, drained->thread);
        info.entry = task->shared ? (pyr_str){0} : entry_name(drain, drained->entry);
        info.start_ns = since_start(trace, pyr_counter_read(&task->began));
        info.end_ns = since_start(trace, pyr_counter_read(&task->ended));
        info.switches = pyr_counter_read(&task->switches);
        info.starved_ns = (uint64_t)((double)pyr_counter_read(&task->starved) * ns_per_tick);
        info.starved_known = PYR_SHARED_GET(task->starved_known);
        pyr_threads_update(threads, drained->thread, &info);
    }
}
