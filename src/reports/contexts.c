/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/contexts.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

static int64_t known_time(uint64_t ns)
{
    return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

static bool has_metric(const struct pyr_view *view, const char *name)
{
    return pyr_metrics_find(&view->profile->metrics, view->profile->strings, name) >= 0;
}

static struct pyr_context describe(const struct pyr_contexts *contexts,
                                   const struct pyr_group *group)
{
    const struct pyr_view *view = contexts->view;
    const struct pyr_thread_info info = pyr_threads_get(view->profile->threads, group->thread);
    struct pyr_context context = {
        .thread = group->thread,
        .count = 1,
        .rest = pyr_scope_is_rest(view->profile, group->thread),
        .lifetime = PYR_NOT_KNOWN,
        .running = view->wall >= 0 ? group->value : PYR_NOT_KNOWN,
        .suspended = PYR_NOT_KNOWN,
        .starved =
            contexts->tasks && info.starved_known ? known_time(info.starved_ns) : PYR_NOT_KNOWN,
        .cpu = has_metric(view, PYR_METRIC_CPU) ? group->cpu : PYR_NOT_KNOWN,
        .waiting = view->cpu >= 0 ? group->waiting : PYR_NOT_KNOWN,
        .value = group->value,
        .switches = known_time(info.switches),
    };
    if (info.end_ns != 0 && info.end_ns >= info.start_ns) {
        context.lifetime = known_time(info.end_ns - info.start_ns);
    }
    /* Under one tag it ran only a part of its life. */
    if (context.lifetime >= 0 && context.running >= 0 && view->scope.tag == NULL) {
        const int64_t starved = context.starved >= 0 ? context.starved : 0;
        const int64_t busy = pyr_values_sum(group->wall, starved);
        context.suspended = context.lifetime > busy ? context.lifetime - busy : 0;
    }
    return context;
}

/* Notes the tags of each context: its tagged entries come after itself. */
static void find_tags(struct pyr_contexts *contexts, const struct pyr_groups *groups)
{
    const struct pyr_threads *threads = contexts->view->profile->threads;
    const uint32_t count = pyr_threads_count(threads);
    for (uint32_t i = 1; i <= count; i++) {
        const struct pyr_thread_info info = pyr_threads_get(threads, (pyr_thread){i});
        const uint32_t group = groups->group_of[i];
        if (group == 0 || info.tag.i == 0) {
            continue;
        }
        struct pyr_context *context = &contexts->items[group - 1];
        context->tag = context->tags++ == 0 ? info.tag : context->tag;
    }
}

/* Leaves out the group of what is none of them. */
static void drop_none(struct pyr_contexts *contexts)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < contexts->count; i++) {
        if (contexts->items[i].thread.i != 0) {
            contexts->items[kept++] = contexts->items[i];
        }
    }
    contexts->count = kept;
}

struct order {
    const struct pyr_contexts *contexts;
    struct pyr_sort sort;
    bool joined;
};

static pyr_str name_of(const struct order *order, const struct pyr_context *context)
{
    const struct pyr_threads *threads = order->contexts->view->profile->threads;
    const struct pyr_thread_info info = pyr_threads_get(threads, context->thread);
    return order->joined && !context->rest ? info.entry : info.name;
}

static int64_t key(const struct pyr_sort *sort, const struct pyr_context *context)
{
    switch (sort->by) {
    case PYR_SORT_CALLS:
    case PYR_SORT_PRIMITIVE:
        return context->switches;
    case PYR_SORT_CPU:
        return context->cpu;
    case PYR_SORT_WAITING:
        return context->waiting;
    case PYR_SORT_AWAITED:
        return context->suspended;
    case PYR_SORT_STARVED:
        return context->starved;
    case PYR_SORT_ELAPSED:
        return context->lifetime;
    case PYR_SORT_PERCALL:
        return context->rest ? PYR_NOT_KNOWN : context->value / context->count;
    case PYR_SORT_SELF:
    case PYR_SORT_TOTAL:
    case PYR_SORT_METRIC:
    case PYR_SORT_NAME:
    case PYR_SORT_FILE:
    case PYR_SORT_LINE:
    case PYR_SORT_MODULE:
        break;
    }
    return context->value;
}

static int compare(const void *left, const void *right, void *data)
{
    const struct order *order = data;
    const struct pyr_context *a = left;
    const struct pyr_context *b = right;
    const struct pyr_strtab *strings = order->contexts->view->profile->strings;
    int result = 0;
    if (order->sort.by == PYR_SORT_NAME) {
        result = strcmp(pyr_strtab_text(strings, name_of(order, a)),
                        pyr_strtab_text(strings, name_of(order, b)));
    } else {
        const int64_t ka = key(&order->sort, a);
        const int64_t kb = key(&order->sort, b);
        result = (ka < kb) - (ka > kb);
    }
    result = order->sort.reverse ? -result : result;
    return result != 0 ? result : (a->thread.i > b->thread.i) - (a->thread.i < b->thread.i);
}

static bool put_in_order(struct pyr_contexts *contexts, bool joined, struct pyr_err *err)
{
    struct order order = {.contexts = contexts, .joined = joined};
    if (!pyr_sort_find(contexts->view, PYR_SORT_SELF, &order.sort, err)) {
        return false;
    }
    if (contexts->count > 1) {
        qsort_r(contexts->items, contexts->count, sizeof *contexts->items, compare, &order);
    }
    return true;
}

static bool collect(struct pyr_contexts *contexts, const struct pyr_groups *groups,
                    struct pyr_err *err)
{
    if (!pyr_mem_grow(&contexts->items, &contexts->cap, (size_t)groups->count + 1,
                      sizeof *contexts->items, err)) {
        return false;
    }
    contexts->count = groups->count;
    for (uint32_t i = 0; i < groups->count; i++) {
        const struct pyr_group *group = &groups->items[i];
        contexts->items[group->id - 1] = describe(contexts, group);
    }
    find_tags(contexts, groups);
    drop_none(contexts);
    return put_in_order(contexts, false, err);
}

bool pyr_contexts_fill(struct pyr_contexts *contexts, const struct pyr_view *view, bool tasks,
                       struct pyr_err *err)
{
    struct pyr_groups groups = {0};
    contexts->view = view;
    contexts->tasks = tasks;
    const bool ok = pyr_groups_fill(&groups, view, tasks ? PYR_BY_TASK : PYR_BY_GREENLET, err) &&
                    collect(contexts, &groups, err);
    pyr_groups_release(&groups);
    return ok;
}

static int64_t sum_known(int64_t a, int64_t b)
{
    if (a == PYR_NOT_KNOWN || b == PYR_NOT_KNOWN) {
        return a == PYR_NOT_KNOWN ? b : a;
    }
    return pyr_values_sum(a, b);
}

static void add_to(struct pyr_context *sum, const struct pyr_context *one)
{
    sum->count++;
    sum->lifetime = sum_known(sum->lifetime, one->lifetime);
    sum->running = sum_known(sum->running, one->running);
    sum->suspended = sum_known(sum->suspended, one->suspended);
    sum->starved = sum_known(sum->starved, one->starved);
    sum->cpu = sum_known(sum->cpu, one->cpu);
    sum->waiting = sum_known(sum->waiting, one->waiting);
    sum->value = pyr_values_sum(sum->value, one->value);
    sum->switches = pyr_values_sum(sum->switches, one->switches);
}

bool pyr_contexts_join(struct pyr_contexts *contexts, const struct pyr_contexts *from,
                       struct pyr_err *err)
{
    struct pyr_map map = {0};
    bool ok = true;
    contexts->view = from->view;
    contexts->tasks = from->tasks;
    for (uint32_t i = 0; ok && i < from->count; i++) {
        const struct pyr_context *one = &from->items[i];
        const pyr_str entry = pyr_threads_get(from->view->profile->threads, one->thread).entry;
        const uint64_t key = one->rest ? (uint64_t)1 << 32 : entry.i;
        const uint32_t found = pyr_map_get(&map, key);
        if (found != 0) {
            add_to(&contexts->items[found - 1], one);
            continue;
        }
        ok = pyr_mem_grow(&contexts->items, &contexts->cap, contexts->count + (size_t)1,
                          sizeof *contexts->items, err) &&
             pyr_map_put(&map, key, contexts->count + 1, err);
        if (ok) {
            contexts->items[contexts->count++] = *one;
        }
    }
    pyr_map_release(&map);
    return ok && put_in_order(contexts, true, err);
}

void pyr_contexts_release(struct pyr_contexts *contexts)
{
    pyr_mem_free(contexts->items);
    *contexts = (struct pyr_contexts){0};
}
