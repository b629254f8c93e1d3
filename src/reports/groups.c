/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "reports/printable.h"

const char *const pyr_by_names[] = {"thread",  "task", "coroutine", "greenlet",
                                    "context", "tag",  NULL};

bool pyr_by_find(const char *name, enum pyr_by *by, struct pyr_err *err)
{
    for (int i = 0; pyr_by_names[i] != NULL; i++) {
        if (strcmp(pyr_by_names[i], name) == 0) {
            *by = (enum pyr_by)i;
            return true;
        }
    }
    return pyr_err_set(err, PYR_ERR_USAGE,
                       "--by takes thread, task, coroutine, greenlet, context or tag, not '%s'",
                       name);
}

const char *pyr_by_word(enum pyr_by by, bool plural)
{
    static const char *const words[] = {"threads",   "tasks",    "coroutines",
                                        "greenlets", "contexts", "tags"};
    return plural ? words[by] : pyr_by_names[by];
}

/* The nearest task, greenlet or context that a thread is or ran in; id 0: there is none. */
static pyr_thread find_kind(const struct pyr_threads *threads, pyr_thread id,
                            enum pyr_thread_kind kind)
{
    while (id.i != 0) {
        const struct pyr_thread_info info = pyr_threads_get(threads, id);
        if (info.kind == kind && (info.tag.i == 0 || info.parent.i == 0)) {
            return id;
        }
        id = info.parent.i < id.i ? info.parent : (pyr_thread){0};
    }
    return id;
}

/* The group that a thread belongs to, as yet without figures. */
static struct pyr_group describe(const struct pyr_profile *profile, enum pyr_by by, pyr_thread id)
{
    const struct pyr_threads *threads = profile->threads;
    struct pyr_group group = {.rows = 0};
    if (by == PYR_BY_TAG) {
        group.text = pyr_threads_get(threads, id).tag;
        group.none = group.text.i == 0;
        return group;
    }
    if (by == PYR_BY_THREAD) {
        group.thread = pyr_threads_native(threads, id);
    } else if (by == PYR_BY_GREENLET || by == PYR_BY_CONTEXT) {
        group.thread = find_kind(threads, id,
                                 by == PYR_BY_GREENLET ? PYR_THREAD_GREENLET : PYR_THREAD_CONTEXT);
    } else {
        group.thread = find_kind(threads, id, PYR_THREAD_TASK);
    }
    group.none = group.thread.i == 0;
    if (by == PYR_BY_COROUTINE) {
        const struct pyr_thread_info info = pyr_threads_get(threads, group.thread);
        group.rest = pyr_scope_is_rest(profile, group.thread);
        group.text = group.rest ? info.name : info.entry;
        group.thread = (pyr_thread){0};
    }
    return group;
}

static uint64_t key_of(const struct pyr_group *group)
{
    const bool by_thread = group->thread.i != 0;
    return (uint64_t)(by_thread ? group->thread.i : group->text.i) << 2 | (by_thread ? 2u : 0u) |
           (group->none ? 1u : 0u);
}

static bool find_group(struct pyr_groups *groups, struct pyr_map *map, pyr_thread id,
                       struct pyr_err *err)
{
    struct pyr_group group = describe(groups->view->profile, groups->by, id);
    const uint64_t key = key_of(&group);
    uint32_t found = pyr_map_get(map, key);
    if (found == 0) {
        if (!pyr_mem_grow(&groups->items, &groups->cap, groups->count + (size_t)1,
                          sizeof *groups->items, err) ||
            !pyr_map_put(map, key, groups->count + 1, err)) {
            return false;
        }
        group.id = found = ++groups->count;
        groups->items[found - 1] = group;
    }
    groups->group_of[id.i] = found;
    return true;
}

static bool find_groups(struct pyr_groups *groups, struct pyr_err *err)
{
    const struct pyr_threads *threads = groups->view->profile->threads;
    const uint32_t count = pyr_threads_count(threads);
    struct pyr_map map = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i <= count; i++) {
        if (!pyr_view_has_thread(groups->view, (pyr_thread){i})) {
            continue;
        }
        ok = find_group(groups, &map, (pyr_thread){i}, err);
        if (ok && i > 0) {
            const struct pyr_thread_info info = pyr_threads_get(threads, (pyr_thread){i});
            struct pyr_group *group = &groups->items[groups->group_of[i] - 1];
            group->entries++;
            group->tasks += info.kind == PYR_THREAD_TASK && info.tag.i == 0;
        }
    }
    pyr_map_release(&map);
    return ok;
}

static void add_to(int64_t *sum, const struct pyr_value_row *row, int metric)
{
    *sum = metric < 0 ? *sum : pyr_values_sum(*sum, row->v[metric]);
}

/* The main metric if that is CPU time. */
static int find_cpu(const struct pyr_view *view)
{
    const struct pyr_profile *profile = view->profile;
    const int measured = view->raw >= 0 ? view->raw : view->main;
    const int cpu = pyr_metrics_find(&profile->metrics, profile->strings, PYR_METRIC_CPU);
    return measured == cpu ? view->main : -1;
}

static void sum(struct pyr_groups *groups)
{
    const struct pyr_view *view = groups->view;
    const struct pyr_profile *profile = view->profile;
    const uint32_t count = pyr_threads_count(profile->threads);
    const uint32_t rows = pyr_values_count(profile->values);
    const int cpu = view->cpu >= 0 || view->wall >= 0 ? view->cpu : find_cpu(view);
    for (uint32_t r = 1; r <= rows; r++) {
        const struct pyr_value_row row = pyr_values_get(profile->values, r);
        if (row.thread.i > count || groups->group_of[row.thread.i] == 0) {
            continue;
        }
        struct pyr_group *group = &groups->items[groups->group_of[row.thread.i] - 1];
        add_to(&group->value, &row, view->main);
        add_to(&group->wall, &row, view->wall);
        add_to(&group->cpu, &row, cpu);
        add_to(&group->waiting, &row, view->cpu_raw); /* as yet the CPU time */
        add_to(&group->calls, &row, view->calls);
        group->rows++;
    }
    for (uint32_t i = 0; i < groups->count; i++) {
        struct pyr_group *group = &groups->items[i];
        group->waiting = view->cpu < 0 ? 0 : pyr_view_rest(group->wall, group->waiting);
    }
}

static int by_value(const void *left, const void *right)
{
    const struct pyr_group *a = left;
    const struct pyr_group *b = right;
    if (a->value != b->value) {
        return a->value > b->value ? -1 : 1;
    }
    return (a->id > b->id) - (a->id < b->id);
}

bool pyr_groups_fill(struct pyr_groups *groups, const struct pyr_view *view, enum pyr_by by,
                     struct pyr_err *err)
{
    groups->view = view;
    groups->by = by;
    groups->group_of = pyr_mem_zalloc((size_t)pyr_threads_count(view->profile->threads) + 1,
                                      sizeof *groups->group_of);
    if (groups->group_of == NULL) {
        return pyr_err_nomem(err);
    }
    if (!find_groups(groups, err)) {
        return false;
    }
    sum(groups);
    if (groups->count > 1) {
        qsort(groups->items, groups->count, sizeof *groups->items, by_value);
    }
    return true;
}

void pyr_groups_release(struct pyr_groups *groups)
{
    pyr_mem_free(groups->items);
    pyr_mem_free(groups->group_of);
    *groups = (struct pyr_groups){0};
}

void pyr_groups_add_label(const struct pyr_groups *groups, const struct pyr_group *group,
                          struct pyr_buf *out)
{
    const struct pyr_profile *profile = groups->view->profile;
    const bool is_thread = group->none ? groups->by == PYR_BY_THREAD : group->thread.i != 0;
    if (is_thread) {
        pyr_scope_add_thread(profile, group->thread, out);
    } else if (group->none) {
        pyr_buf_addf(out, "(no %s)",
                     groups->by == PYR_BY_COROUTINE ? "task" : pyr_by_word(groups->by, false));
    } else if (group->text.i == 0) {
        pyr_buf_add_text(out, "(not known)");
    } else {
        pyr_printable_add(out, pyr_strtab_text(profile->strings, group->text),
                          pyr_strtab_len(profile->strings, group->text));
    }
}
