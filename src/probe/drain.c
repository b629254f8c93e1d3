/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/drain.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "probe/calibrate.h"
#include "probe/event.h"

/* Columns, in this order. */
enum { CALLS, RESUMES, WALL, COLUMNS };

/* What a node became, and what of it is in the profile. Nodes may share a stack: two functions of
 * one name, file and line, such as those of classes made alike, are one function there. */
struct drained_node {
    pyr_stack stack;
    int64_t v[COLUMNS];
};

struct pyr_drained_tree {
    struct pyr_thread_tree *home; /* borrowed from the trace, which never drops one */
    struct drained_node *nodes;   /* owned; by index of node */
    uint32_t count;
    uint32_t cap;
    pyr_thread thread;
};

bool pyr_drain_init(struct pyr_drain *drain, struct pyr_err *err)
{
    *drain = (struct pyr_drain){0};
    drain->profile = pyr_profile_new(err);
    if (drain->profile == NULL) {
        return false;
    }
    struct pyr_metrics *metrics = &drain->profile->metrics;
    struct pyr_strtab *strings = drain->profile->strings;
    uint32_t column = 0;
    return pyr_metrics_add(metrics, strings, PYR_METRIC_CALLS, PYR_UNIT_COUNT, &column, err) &&
           pyr_metrics_add(metrics, strings, PYR_METRIC_RESUMES, PYR_UNIT_COUNT, &column, err) &&
           pyr_metrics_add(metrics, strings, PYR_METRIC_WALL, PYR_UNIT_NS, &column, err);
}

void pyr_drain_release(struct pyr_drain *drain)
{
    for (uint32_t i = 0; i < drain->trees_count; i++) {
        pyr_mem_free(drain->trees[i].nodes);
    }
    pyr_mem_free(drain->trees);
    pyr_mem_free(drain->functions);
    pyr_profile_free(drain->profile);
    *drain = (struct pyr_drain){0};
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

static bool name_thread(struct pyr_drain *drain, const struct pyr_trace *trace,
                        struct pyr_drained_tree *tree, struct pyr_err *err)
{
    const struct pyr_thread_tree *home = tree->home;
    char fallback[48];
    const char *name = home->name;
    pyr_str id = {0};
    bool named = pyr_published_u32(&home->named) != 0;
    uint32_t tid = PYR_SHARED_GET(home->tid);
    if (!named && tid == trace->pid) {
        name = "MainThread";
    } else if (!named) {
        /* Until it is given a name of its own a thread has its process's. */
        bool own_name =
            home->system_name[0] != '\0' && strcmp(home->system_name, pyr_probe.process_name) != 0;
        snprintf(fallback, sizeof fallback, "%s-%u", own_name ? home->system_name : "thread", tid);
        name = fallback;
    }
    if (!pyr_strtab_add_text(drain->profile->strings, name, &id, err)) {
        return false;
    }
    if (tree->thread.i == 0) {
        const struct pyr_thread_info info = {
            .pid = trace->pid, .tid = tid, .name = id, .kind = PYR_THREAD_NATIVE};
        if (!pyr_threads_add(drain->profile->threads, &info, &tree->thread, err)) {
            return false;
        }
    } else if (pyr_threads_get(drain->profile->threads, tree->thread).name.i != id.i) {
        struct pyr_thread_info info = pyr_threads_get(drain->profile->threads, tree->thread);
        info.name = id;
        pyr_threads_update(drain->profile->threads, tree->thread, &info);
    }
    return true;
}

/* Gives each tree its place, oldest thread first. */
static bool find_trees(struct pyr_drain *drain, struct pyr_trace *trace, struct pyr_err *err)
{
    uint32_t count = 0;
    pthread_mutex_lock(&trace->trees_lock);
    struct pyr_thread_tree *newest = trace->trees;
    pthread_mutex_unlock(&trace->trees_lock);
    for (struct pyr_thread_tree *home = newest; home != NULL; home = home->next) {
        count++;
    }
    if (!pyr_mem_grow(&drain->trees, &drain->trees_cap, count, sizeof *drain->trees, err)) {
        return false;
    }
    uint32_t known = drain->trees_count;
    uint32_t i = count;
    for (struct pyr_thread_tree *home = newest; i > known; home = home->next) {
        drain->trees[--i] = (struct pyr_drained_tree){.home = home};
    }
    drain->trees_count = count;
    for (i = 0; i < count; i++) {
        if (!name_thread(drain, trace, &drain->trees[i], err)) {
            return false;
        }
    }
    return true;
}

/* Where a thread is, and since when, read while it runs: twice the same clock means one moment. */
struct pending {
    const struct pyr_node *node;
    uint64_t ticks;
};

static struct pending read_pending(const struct pyr_thread_tree *home)
{
    struct pending pending = {0};
    pthread_mutex_lock(&pyr_probe.slots_lock);
    if (home->slot != NULL && !pyr_probe.external) {
        uint64_t last = pyr_counter_read(&home->slot->last);
        const struct pyr_node *node = PYR_SHARED_GET(home->slot->cur);
        uint64_t now = pyr_event_ticks();
        if (pyr_counter_read(&home->slot->last) == last && now > last) {
            pending = (struct pending){node, now - last};
        }
    }
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    return pending;
}

static bool drain_node(struct pyr_drain *drain, struct pyr_drained_tree *tree,
                       const struct pyr_node *node, struct pyr_err *err)
{
    pyr_stack *stack = &tree->nodes[node->index].stack;
    *stack = (pyr_stack){0};
    if (node->parent == NULL || (node->record & PYR_RECORD_EXCLUDED) != 0) {
        return true;
    }
    pyr_stack parent = tree->nodes[node->parent->index].stack;
    pyr_func func = drain->functions[node->record];
    return pyr_profile_push(drain->profile, parent, func, 0, stack, err);
}

/* Adds what is new since the last time. */
static bool add_values(struct pyr_drain *drain, const struct pyr_drained_tree *tree,
                       struct drained_node *node, const int64_t v[COLUMNS], struct pyr_err *err)
{
    for (uint32_t column = 0; column < COLUMNS && node->stack.i != 0; column++) {
        const int64_t delta = v[column] - node->v[column];
        if (delta != 0 && !pyr_values_add(drain->profile->values, node->stack, tree->thread, column,
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
    double ns_per_tick = pyr_trace_ns_per_tick(trace);
    struct pending pending = read_pending(tree->home);
    /* Functions after the count of nodes: whatever a published node names is there by now. */
    if (!drain_functions(drain, &trace->registry, err) ||
        !pyr_mem_grow(&tree->nodes, &tree->cap, end, sizeof *tree->nodes, err)) {
        return false;
    }
    for (uint32_t i = 0; i < end; i++) {
        const struct pyr_node *node = pyr_calltree_node(nodes, i);
        if (i >= tree->count && !drain_node(drain, tree, node, err)) {
            return false;
        }
        tree->count = i >= tree->count ? i + 1 : tree->count;
        uint64_t ticks = pyr_counter_read(&node->self_ticks);
        if (node == pending.node) {
            ticks += pending.ticks;
        }
        const int64_t v[COLUMNS] = {
            [CALLS] = (int64_t)pyr_counter_read(&node->calls),
            [RESUMES] = (int64_t)pyr_counter_read(&node->resumes),
            [WALL] = (int64_t)((double)ticks * ns_per_tick + 0.5),
        };
        drain->events += (uint64_t)(v[CALLS] + v[RESUMES]) * 2;
        if (!add_values(drain, tree, &tree->nodes[i], v, err)) {
            return false;
        }
    }
    return true;
}

static bool set_costs(struct pyr_meta *meta, const struct pyr_trace *trace, struct pyr_err *err)
{
    const struct pyr_costs *costs = pyr_costs_known(trace->options.builtins);
    if (costs == NULL || trace->options.timer != NULL) {
        return true;
    }
    return pyr_meta_set_number(meta, PYR_META_COST_PYTHON_INSIDE, costs->python.inside_ps, err) &&
           pyr_meta_set_number(meta, PYR_META_COST_PYTHON_OUTSIDE, costs->python.outside_ps, err) &&
           pyr_meta_set_number(meta, PYR_META_COST_RESUME_INSIDE, costs->resume.inside_ps, err) &&
           pyr_meta_set_number(meta, PYR_META_COST_RESUME_OUTSIDE, costs->resume.outside_ps, err) &&
           pyr_meta_set_number(meta, PYR_META_COST_BUILTIN_INSIDE, costs->builtin.inside_ps, err) &&
           pyr_meta_set_number(meta, PYR_META_COST_BUILTIN_OUTSIDE, costs->builtin.outside_ps, err);
}

static bool set_identity(struct pyr_meta *meta, const struct pyr_trace *trace, struct pyr_err *err)
{
    char host[256] = "";
    char python[32] = "";
    (void)gethostname(host, sizeof host - 1);
    snprintf(python, sizeof python, "%d.%d.%d", PY_MAJOR_VERSION, PY_MINOR_VERSION,
             PY_MICRO_VERSION);
    const char *clock = trace->options.timer != NULL ? "external" : pyr_clock_name(pyr_probe.clock);
    return pyr_meta_set_text(meta, PYR_META_COLLECTOR, "trace", err) &&
           pyr_meta_set_text(meta, PYR_META_COMMAND,
                             trace->options.command != NULL ? trace->options.command : "", err) &&
           pyr_meta_set_text(meta, PYR_META_HOST, host, err) &&
           pyr_meta_set_text(meta, PYR_META_PYTHON, python, err) &&
           pyr_meta_set_text(meta, PYR_META_PYROMETER, PYROMETER_VERSION, err) &&
           pyr_meta_set_text(meta, PYR_META_CLOCK, clock, err) &&
           pyr_meta_set_number(meta, PYR_META_PID, trace->pid, err) &&
           pyr_meta_set_number(meta, PYR_META_START_NS, (int64_t)trace->start_unix_ns, err) &&
           pyr_meta_set_number(meta, PYR_META_BUILTINS, trace->options.builtins, err) &&
           pyr_meta_set_number(meta, PYR_META_NODE_LIMIT, trace->options.node_limit, err);
}

static bool set_meta(struct pyr_drain *drain, const struct pyr_trace *trace, struct pyr_err *err)
{
    struct pyr_meta *meta = drain->profile->meta;
    uint64_t unmatched = 0;
    uint64_t folded = 0;
    uint64_t lost_memory = 0;
    for (uint32_t i = 0; i < drain->trees_count; i++) {
        unmatched += pyr_counter_read(&drain->trees[i].home->unmatched);
        folded += pyr_counter_read(&drain->trees[i].home->folded);
        lost_memory += pyr_counter_read(&drain->trees[i].home->lost_memory);
    }
    return set_identity(meta, trace, err) && set_costs(meta, trace, err) &&
           pyr_meta_set_number(meta, PYR_META_DURATION_NS, (int64_t)pyr_trace_duration_ns(trace),
                               err) &&
           pyr_meta_set_number(meta, PYR_META_EVENTS, (int64_t)drain->events, err) &&
           pyr_meta_set_number(meta, PYR_META_NODES, (int64_t)pyr_counter_read(&trace->nodes),
                               err) &&
           pyr_meta_set_number(meta, PYR_META_LOST_UNMATCHED, (int64_t)unmatched, err) &&
           pyr_meta_set_number(meta, PYR_META_LOST_FOLDED, (int64_t)folded, err) &&
           pyr_meta_set_number(meta, PYR_META_LOST_DEEP,
                               (int64_t)pyr_counter_read(&trace->lost_deep), err) &&
           pyr_meta_set_number(meta, PYR_META_LOST_MEMORY, (int64_t)lost_memory, err) &&
           pyr_meta_set_number(meta, PYR_META_FINISHED, !trace->running, err);
}

bool pyr_drain_run(struct pyr_drain *drain, struct pyr_trace *trace, struct pyr_err *err)
{
    drain->events = 0;
    if (!find_trees(drain, trace, err)) {
        return false;
    }
    for (uint32_t i = 0; i < drain->trees_count; i++) {
        if (!drain_tree(drain, &drain->trees[i], trace, err)) {
            return false;
        }
    }
    return set_meta(drain, trace, err);
}
