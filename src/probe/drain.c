/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/drain.h"

#include "base/mem.h"
#include "probe/event.h"

bool pyr_drain_init(struct pyr_drain *drain, struct pyr_err *err)
{
    *drain = (struct pyr_drain){.awaited = -1, .starved = -1};
    drain->profile = pyr_profile_new(err);
    return drain->profile != NULL;
}

void pyr_drain_release(struct pyr_drain *drain)
{
    for (uint32_t i = 0; i < drain->trees_count; i++) {
        pyr_mem_free(drain->trees[i].nodes);
    }
    pyr_mem_free(drain->trees);
    pyr_mem_free(drain->functions);
    pyr_map_release(&drain->label_threads);
    pyr_mem_free(drain->labels);
    pyr_profile_free(drain->profile);
    *drain = (struct pyr_drain){0};
}

static bool add_metric(struct pyr_drain *drain, const char *name, const char *unit, int *column,
                       struct pyr_err *err)
{
    uint32_t found = 0;
    bool ok =
        pyr_metrics_add(&drain->profile->metrics, drain->profile->strings, name, unit, &found, err);
    *column = (int)found;
    return ok;
}

static bool add_metrics(struct pyr_drain *drain, const struct pyr_trace *trace, struct pyr_err *err)
{
    int column = 0;
    enum pyr_clock_choice clock = trace->options.clock;
    return add_metric(drain, PYR_METRIC_CALLS, PYR_UNIT_COUNT, &column, err) &&
           add_metric(drain, PYR_METRIC_RESUMES, PYR_UNIT_COUNT, &column, err) &&
           (clock == PYR_CHOOSE_CPU ||
            add_metric(drain, PYR_METRIC_WALL, PYR_UNIT_NS, &column, err)) &&
           (clock == PYR_CHOOSE_WALL ||
            add_metric(drain, PYR_METRIC_CPU, PYR_UNIT_NS, &column, err));
}

static bool drain_functions(struct pyr_drain *drain, const struct pyr_registry *registry,
                            struct pyr_err *err)
{
    uint32_t end = pyr_published_u32(&registry->count);
    if (!pyr_mem_grow(&drain->functions, &drain->functions_cap, end, sizeof *drain->functions,
                      err)) {
        return false;
    }
    if (drain->functions_count == 0) {
        const struct pyr_function_text folded = {
            .qualname = "(folded)", .module = "", .file = "", .kind = PYR_FUNC_SYNTHETIC};
        if (!pyr_profile_add_function(drain->profile, &folded, &drain->functions[0], err)) {
            return false;
        }
        drain->functions_count = 1; /* number 0 in the registry is nobody */
    }
    for (; drain->functions_count < end; drain->functions_count++) {
        const struct pyr_record *record = pyr_registry_get(registry, drain->functions_count);
        if (record->hidden) {
            continue;
        }
        const struct pyr_function_text text = {.qualname = record->qualname,
                                               .module = record->module,
                                               .file = record->file,
                                               .first_line = record->first_line,
                                               .kind = record->kind};
        pyr_func *func = &drain->functions[drain->functions_count];
        if (!pyr_profile_add_function(drain->profile, &text, func, err)) {
            return false;
        }
    }
    return true;
}

/* Gives each tree its place, oldest thread first. */
static bool find_trees(struct pyr_drain *drain, struct pyr_trace *trace, struct pyr_err *err)
{
    uint32_t count = 0;
    pthread_mutex_lock(&trace->contexts_lock);
    struct pyr_context *newest = trace->contexts;
    pthread_mutex_unlock(&trace->contexts_lock);
    for (struct pyr_context *home = newest; home != NULL; home = home->next) {
        count++;
    }
    if (!pyr_mem_grow(&drain->trees, &drain->trees_cap, count, sizeof *drain->trees, err)) {
        return false;
    }
    uint32_t known = drain->trees_count;
    uint32_t i = count;
    for (struct pyr_context *home = newest; i > known; home = home->next) {
        drain->trees[--i] = (struct pyr_drained_tree){.home = home};
    }
    drain->trees_count = count;
    for (i = 0; i < count; i++) {
        if (!pyr_drain_context(drain, trace, &drain->trees[i], err)) {
            return false;
        }
    }
    return true;
}

/* Where a thread is, and since when, read while it runs: twice the same clock means one moment. */
struct pending {
    const struct pyr_node *node;
    uint64_t ticks;
    uint64_t cpu_ns;
};

static struct pending read_pending(const struct pyr_trace *trace, const struct pyr_context *home)
{
    struct pending pending = {0};
    pthread_mutex_lock(&pyr_probe.slots_lock);
    if (home->slot != NULL && !pyr_probe.external) {
        uint64_t last = pyr_counter_read(&home->slot->last);
        const struct pyr_node *node = PYR_SHARED_GET(home->slot->cur);
        uint64_t now = pyr_event_ticks();
        if (pyr_counter_read(&home->slot->last) == last && now > last) {
            pending = (struct pending){.node = node, .ticks = now - last};
            if (trace->options.clock != PYR_CHOOSE_WALL) {
                (void)pyr_cpu_clock_of_thread(&home->slot->cpu, last, &pending.cpu_ns);
            }
        }
    }
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    return pending;
}

/* What a task begins with, if `thread` is a task's, under a tag or not: one of the last that were
 * met, most likely. */
static void enter_task(struct pyr_drain *drain, pyr_thread thread, pyr_func func)
{
    thread = pyr_threads_untagged(drain->profile->threads, thread);
    if (pyr_threads_get(drain->profile->threads, thread).kind != PYR_THREAD_TASK) {
        return;
    }
    for (uint32_t i = drain->labels_count; i-- > 0;) {
        if (drain->labels[i].thread.i == thread.i) {
            drain->labels[i].entry = drain->labels[i].entry.i != 0 ? drain->labels[i].entry : func;
            return;
        }
    }
}

/* The stack and the thread of a node that is new. */
static bool drain_node(struct pyr_drain *drain, struct pyr_trace *trace,
                       struct pyr_drained_tree *tree, const struct pyr_node *node,
                       struct pyr_err *err)
{
    struct pyr_drained_node *drained = &tree->nodes[node->index];
    *drained = (struct pyr_drained_node){.thread = tree->thread};
    if (node->parent == NULL || (node->record & PYR_RECORD_EXCLUDED) != 0) {
        return true;
    }
    const struct pyr_drained_node above = tree->nodes[node->parent->index];
    drained->thread = above.thread;
    if (pyr_node_is_label(node)) {
        drained->stack = above.stack;
        return pyr_drain_label(drain, trace, tree, node, &drained->thread, err);
    }
    pyr_func func = drain->functions[node->record];
    if (above.stack.i == 0 && tree->entry.i == 0 && tree->home->kind != PYR_THREAD_NATIVE) {
        tree->entry = func;
    }
    if (pyr_node_is_label(node->parent)) {
        enter_task(drain, above.thread, func);
    }
    return pyr_profile_push(drain->profile, above.stack, func, 0, &drained->stack, err);
}

static int64_t to_ns(uint64_t ticks, double ns_per_tick)
{
    return (int64_t)((double)ticks * ns_per_tick + 0.5);
}

/* Coroutines are few: their columns are there once one has waited. */
static bool add_waiting_metrics(struct pyr_drain *drain, const struct pyr_node_more *more,
                                struct pyr_err *err)
{
    if (drain->awaited >= 0 || more == NULL ||
        (pyr_counter_read(&more->awaited_ticks) | pyr_counter_read(&more->starved_ticks)) == 0) {
        return true;
    }
    return add_metric(drain, PYR_METRIC_AWAITED, PYR_UNIT_NS, &drain->awaited, err) &&
           add_metric(drain, PYR_METRIC_STARVED, PYR_UNIT_NS, &drain->starved, err);
}

/* CPU time of a node; of what is pending, only what the thread's own clock says. */
static int64_t cpu_of(const struct pyr_node *node, const struct pyr_node_more *more,
                      double ns_per_tick)
{
    uint64_t own = pyr_counter_read(&node->self_ticks);
    uint64_t off = more != NULL ? pyr_counter_read(&more->off_ticks) : 0;
    uint64_t cpu_ns = more != NULL ? pyr_counter_read(&more->cpu_ns) : 0;
    return to_ns(own > off ? own - off : 0, ns_per_tick) + (int64_t)cpu_ns;
}

static void read_values(const struct pyr_drain *drain, struct pyr_trace *trace,
                        const struct pyr_node *node, const struct pyr_node_more *more,
                        const struct pending *pending, int64_t v[PYR_DRAIN_COLUMNS])
{
    const double ns_per_tick = pyr_trace_ns_per_tick(trace);
    const enum pyr_clock_choice clock = trace->options.clock;
    const bool here = node == pending->node;
    uint64_t ticks = pyr_counter_read(&node->self_ticks) + (here ? pending->ticks : 0);
    v[PYR_DRAIN_CALLS] = (int64_t)pyr_counter_read(&node->calls);
    v[PYR_DRAIN_RESUMES] = (int64_t)pyr_counter_read(&node->resumes);
    if (clock != PYR_CHOOSE_CPU) {
        v[PYR_DRAIN_TIME] = to_ns(ticks, ns_per_tick);
    }
    if (clock != PYR_CHOOSE_WALL) {
        v[clock == PYR_CHOOSE_CPU ? PYR_DRAIN_TIME : PYR_DRAIN_CPU] =
            cpu_of(node, more, ns_per_tick) + (here ? (int64_t)pending->cpu_ns : 0);
    }
    if (drain->awaited >= 0 && more != NULL) {
        v[drain->awaited] = to_ns(pyr_counter_read(&more->awaited_ticks), ns_per_tick);
        v[drain->starved] = to_ns(pyr_counter_read(&more->starved_ticks), ns_per_tick);
    }
}

/* Adds what is new since the last time. */
static bool add_values(struct pyr_drain *drain, struct pyr_drained_node *node, const int64_t *v,
                       struct pyr_err *err)
{
    const uint32_t columns = drain->profile->metrics.count;
    for (uint32_t column = 0; column < columns && node->stack.i != 0; column++) {
        const int64_t delta = v[column] - node->v[column];
        if (delta != 0 && !pyr_values_add(drain->profile->values, node->stack, node->thread, column,
                                          delta, err)) {
            return false;
        }
        node->v[column] = v[column];
    }
    return true;
}

static bool drain_tree(struct pyr_drain *drain, struct pyr_drained_tree *tree,
                       struct pyr_trace *trace, struct pyr_err *err)
{
    const struct pyr_calltree *nodes = &tree->home->tree;
    uint32_t end = pyr_published_u32(&nodes->count);
    struct pending pending = read_pending(trace, tree->home);
    /* Functions after the count of nodes: whatever a published node names is there by now. */
    if (!drain_functions(drain, &trace->registry, err) ||
        !pyr_mem_grow(&tree->nodes, &tree->cap, end, sizeof *tree->nodes, err)) {
        return false;
    }
    for (uint32_t i = 0; i < end; i++) {
        const struct pyr_node *node = pyr_calltree_node(nodes, i);
        const struct pyr_node_more *more = pyr_calltree_more(nodes, i);
        int64_t v[PYR_DRAIN_COLUMNS] = {0};
        if ((i >= tree->count && !drain_node(drain, trace, tree, node, err)) ||
            !add_waiting_metrics(drain, more, err)) {
            return false;
        }
        tree->count = i >= tree->count ? i + 1 : tree->count;
        read_values(drain, trace, node, more, &pending, v);
        drain->events += (uint64_t)(v[PYR_DRAIN_CALLS] + v[PYR_DRAIN_RESUMES]) * 2;
        if (!add_values(drain, &tree->nodes[i], v, err)) {
            return false;
        }
    }
    return true;
}

bool pyr_drain_run(struct pyr_drain *drain, struct pyr_trace *trace, struct pyr_err *err)
{
    drain->events = 0;
    if (!add_metrics(drain, trace, err) || !find_trees(drain, trace, err)) {
        return false;
    }
    for (uint32_t i = 0; i < drain->trees_count; i++) {
        if (!drain_tree(drain, &drain->trees[i], trace, err) ||
            !pyr_drain_context(drain, trace, &drain->trees[i], err)) {
            return false;
        }
    }
    pyr_drain_tasks(drain, trace);
    return pyr_drain_meta(drain, trace, err);
}
