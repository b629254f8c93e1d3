/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/group_table.h"

#include <stdio.h>

#include "reports/header.h"
#include "reports/table.h"

/* What there is to show, so that no column is empty. */
struct shown {
    bool calls;
    bool cpu;
    bool switches;
    bool tasks;
    bool kinds; /* there are others than native threads */
    bool threads;
    uint32_t rows;
    uint32_t hidden;
    int64_t hidden_value;
};

static struct pyr_thread_info info_of(const struct pyr_groups *groups,
                                      const struct pyr_group *group)
{
    return pyr_threads_get(groups->view->profile->threads, group->thread);
}

static bool is_listed(const struct pyr_groups *groups, const struct pyr_groups *first,
                      const struct pyr_group *group)
{
    return group->rows > 0 && (groups == first || !group->none);
}

static void look(const struct pyr_groups *groups, const struct pyr_groups *first,
                 struct shown *shown)
{
    for (uint32_t i = 0; groups != NULL && i < groups->count; i++) {
        const struct pyr_group *group = &groups->items[i];
        if (is_listed(groups, first, group)) {
            const struct pyr_thread_info info = info_of(groups, group);
            shown->switches = shown->switches || info.switches != 0;
            shown->tasks = shown->tasks || group->tasks != 0;
            shown->kinds = shown->kinds || info.kind != PYR_THREAD_NATIVE;
        }
    }
}

static void add_count(struct pyr_table *table, uint64_t count)
{
    const int64_t number = count > INT64_MAX ? INT64_MAX : (int64_t)count;
    pyr_table_add(table, PYR_STYLE_PLAIN, number == 0 ? "" : pyr_figure_count(number).text);
}

static void add_row(const struct pyr_groups *groups, const struct pyr_group *group,
                    const struct shown *shown, struct pyr_table *table)
{
    const struct pyr_view *view = groups->view;
    const struct pyr_thread_info info = info_of(groups, group);
    const enum pyr_style heat = pyr_style_heat(group->value, view->whole);
    char id[16] = "";
    pyr_table_add(table, heat, pyr_view_cell(view->unit, group->value).text);
    pyr_table_add(table, heat, pyr_figure_share(group->value, view->whole).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, pyr_view_cell(PYR_UNIT_NS, group->cpu).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, pyr_view_cell(PYR_UNIT_NS, group->waiting).text);
    pyr_table_add(table, PYR_STYLE_PLAIN, shown->calls ? pyr_figure_count(group->calls).text : "");
    add_count(table, info.switches);
    add_count(table, group->tasks);
    add_count(table, group->none ? 0 : group->entries);
    if (group->thread.i != 0) {
        const bool native = info.kind == PYR_THREAD_NATIVE && info.tid != 0;
        snprintf(id, sizeof id, "%u", (unsigned)(native ? info.tid : group->thread.i));
    }
    pyr_table_add(table, PYR_STYLE_DIM, id);
    pyr_table_add(table, PYR_STYLE_DIM,
                  group->thread.i == 0 ? "" : pyr_scope_kind(info.kind, false));
    const size_t label = table->text.len;
    pyr_groups_add_label(groups, group, &table->text);
    pyr_table_add_since(table, PYR_STYLE_STRONG, label, 0);
}

static void add_rows(const struct pyr_groups *groups, const struct pyr_groups *first,
                     struct shown *shown, struct pyr_table *table)
{
    for (uint32_t i = 0; groups != NULL && i < groups->count; i++) {
        const struct pyr_group *group = &groups->items[i];
        if (!is_listed(groups, first, group)) {
            continue;
        }
        if (shown->rows == 0) {
            shown->hidden++;
            shown->hidden_value = pyr_values_sum(shown->hidden_value, group->value);
            continue;
        }
        shown->rows--;
        add_row(groups, group, shown, table);
    }
}

bool pyr_group_table_add(const struct pyr_groups *groups, const struct pyr_groups *more,
                         uint32_t rows, struct pyr_buf *out, struct pyr_err *err)
{
    const struct pyr_view *view = groups->view;
    struct shown shown = {.calls = view->calls >= 0,
                          .cpu = view->cpu >= 0,
                          .threads = groups->by == PYR_BY_THREAD,
                          .rows = rows};
    struct pyr_table table = {0};
    look(groups, groups, &shown);
    look(more, groups, &shown);
    const struct pyr_table_column columns[] = {
        {.title = "total"},
        {.title = "%", .gap = 1},
        {.title = "cpu", .absent = !shown.cpu},
        {.title = "waiting", .drop = 2, .absent = !shown.cpu},
        {.title = "calls", .absent = !shown.calls},
        {.title = "switches", .drop = 3, .absent = !shown.switches},
        {.title = "tasks", .drop = 4, .absent = !shown.tasks || !shown.threads},
        {.title = "contexts", .drop = 4, .absent = shown.threads},
        {.title = "id", .absent = !shown.threads},
        {.title = "kind", .left = true, .absent = !shown.kinds || !shown.threads},
        {.title = pyr_by_word(groups->by, false), .left = true, .min = 16, .cut = PYR_CUT_END},
    };
    pyr_table_init(&table, columns, sizeof columns / sizeof columns[0]);
    add_rows(groups, groups, &shown, &table);
    add_rows(more, groups, &shown, &table);
    const bool ok = pyr_table_render(&table, view->options, out, err);
    pyr_table_release(&table);
    if (shown.hidden > 0) {
        pyr_header_add_note(view, out, "%s %s more, %s of the total; --limit shows more",
                            view->options->ascii ? "..." : "…", pyr_figure_count(shown.hidden).text,
                            pyr_figure_share(shown.hidden_value, view->whole).text);
    }
    return ok;
}
