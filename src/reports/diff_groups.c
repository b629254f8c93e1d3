/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/diff_groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "reports/groups.h"
#include "reports/header.h"
#include "reports/sections.h"
#include "reports/table.h"

#define GROUP_ROWS 25
#define ROWS_EACH 8

struct pair {
    pyr_str label;
    bool is_before;
    bool is_after;
    int64_t before;
    int64_t after;
    int64_t calls_before;
    int64_t calls_after;
};

/* Of both profiles: groups of equal labels are one pair, whose label's id is their number. */
struct pairs {
    const struct pyr_diff *diff;
    enum pyr_by by;
    struct pyr_arena *arena;   /* owned, as are all below */
    struct pyr_strtab *labels; /* safe for a terminal */
    uint32_t *group_of[2];     /* per thread of the profiles before and after: the label's id */
    struct pair *items;        /* by label until they are ordered */
    uint32_t cap;
    uint32_t count;
};

static void release(struct pairs *pairs)
{
    pyr_mem_free(pairs->group_of[0]);
    pyr_mem_free(pairs->group_of[1]);
    pyr_mem_free(pairs->items);
    pyr_strtab_free(pairs->labels);
    pyr_arena_free(pairs->arena);
}

static bool add_group(struct pairs *pairs, const struct pyr_groups *groups,
                      const struct pyr_group *group, bool after, uint32_t *label,
                      struct pyr_err *err)
{
    struct pyr_buf text = {0};
    pyr_str id = {0};
    pyr_groups_add_label(groups, group, &text);
    const bool ok =
        pyr_buf_check(&text, err) &&
        pyr_strtab_add(pairs->labels, text.data == NULL ? "" : text.data, text.len, &id, err) &&
        pyr_mem_grow(&pairs->items, &pairs->cap, id.i + (size_t)1, sizeof *pairs->items, err);
    pyr_buf_release(&text);
    if (!ok) {
        return false;
    }
    struct pair *pair = &pairs->items[id.i];
    pairs->count = id.i + 1 > pairs->count ? id.i + 1 : pairs->count;
    pair->label = id;
    *label = id.i;
    if (group->rows > 0) {
        int64_t *value = after ? &pair->after : &pair->before;
        int64_t *calls = after ? &pair->calls_after : &pair->calls_before;
        *value = pyr_values_sum(*value, group->value);
        *calls = pyr_values_sum(*calls, group->calls);
        *(after ? &pair->is_after : &pair->is_before) = true;
    }
    return true;
}

/* Makes a pair of each label and says which threads belong to it. */
static bool add_groups(struct pairs *pairs, bool after, struct pyr_err *err)
{
    const struct pyr_view *view = after ? &pairs->diff->after : &pairs->diff->before;
    const uint32_t threads = pyr_threads_count(view->profile->threads);
    struct pyr_groups groups = {0};
    bool ok = pyr_groups_fill(&groups, view, pairs->by, err);
    uint32_t *labels = ok ? pyr_mem_zalloc(groups.count + (size_t)1, sizeof *labels) : NULL;
    uint32_t *group_of = ok ? pyr_mem_zalloc(threads + (size_t)1, sizeof *group_of) : NULL;
    pairs->group_of[after ? 1 : 0] = group_of;
    if (labels == NULL || group_of == NULL) {
        pyr_mem_free(labels);
        pyr_groups_release(&groups);
        return ok ? pyr_err_nomem(err) : false;
    }
    for (uint32_t i = 0; ok && i < groups.count; i++) {
        const struct pyr_group *group = &groups.items[i];
        ok = add_group(pairs, &groups, group, after, &labels[group->id], err);
    }
    for (uint32_t t = 0; ok && t <= threads; t++) {
        group_of[t] = labels[groups.group_of[t]];
    }
    pyr_mem_free(labels);
    pyr_groups_release(&groups);
    return ok;
}

static int64_t change_of(const struct pair *pair)
{
    const int64_t change = (int64_t)((uint64_t)pair->after - (uint64_t)pair->before);
    return change < 0 ? (int64_t)((uint64_t)0 - (uint64_t)change) : change;
}

static int compare(const void *left, const void *right)
{
    const struct pair *a = left;
    const struct pair *b = right;
    const int64_t ca = change_of(a);
    const int64_t cb = change_of(b);
    return ca != cb ? (ca < cb) - (ca > cb) : (a->label.i > b->label.i) - (a->label.i < b->label.i);
}

static bool is_listed(const struct pair *pair)
{
    return pair->is_before || pair->is_after;
}

static void add_row(const struct pairs *pairs, const struct pair *pair, struct pyr_table *table)
{
    const struct pyr_diff *diff = pairs->diff;
    const char *unit = diff->before.unit;
    const enum pyr_style style = pyr_diff_style(pair->before, pair->after);
    const char *ratio = pair->is_before ? "gone" : "new";
    struct pyr_buf calls = {0};
    const int64_t change = (int64_t)((uint64_t)pair->after - (uint64_t)pair->before);
    pyr_table_add(table, style, change == 0 ? "=" : pyr_view_cell_change(unit, change).text);
    pyr_table_add(table, style,
                  pair->is_before && pair->is_after
                      ? pyr_figure_ratio(pair->before, pair->after).text
                      : ratio);
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  pair->is_before ? pyr_view_cell(unit, pair->before).text : "");
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  pair->is_after ? pyr_view_cell(unit, pair->after).text : "");
    if (pair->calls_before != pair->calls_after) {
        pyr_buf_addf(&calls, "%s %s ", pyr_figure_count(pair->calls_before).text,
                     diff->before.options->ascii ? "->" : "→");
    }
    pyr_buf_add_text(&calls, pyr_figure_count(pair->calls_after).text);
    table->failed = table->failed || calls.failed;
    pyr_table_add(table, PYR_STYLE_PLAIN, calls.data == NULL ? "" : calls.data);
    pyr_buf_release(&calls);
    pyr_table_add(table, PYR_STYLE_STRONG, pyr_strtab_text(pairs->labels, pair->label));
}

static bool add_table(const struct pairs *pairs, struct pyr_buf *out, struct pyr_err *err)
{
    const struct pyr_view *view = &pairs->diff->after;
    const uint32_t limit = view->options->limit == 0 ? GROUP_ROWS : view->options->limit;
    const bool counted = pairs->diff->before.calls >= 0 && view->calls >= 0;
    const struct pyr_table_column columns[] = {
        {.title = "change"},
        {.title = "ratio"},
        {.title = "before", .drop = 6},
        {.title = "after", .drop = 6},
        {.title = "calls", .drop = 7, .absent = !counted},
        {.title = pyr_by_word(pairs->by, false), .left = true, .min = 16, .cut = PYR_CUT_END},
    };
    struct pyr_table table = {0};
    uint32_t rows = 0;
    uint32_t more = 0;
    pyr_table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < pairs->count; i++) {
        if (is_listed(&pairs->items[i]) && rows < limit) {
            add_row(pairs, &pairs->items[i], &table);
            rows++;
        } else {
            more += is_listed(&pairs->items[i]);
        }
    }
    const bool ok = pyr_table_render(&table, view->options, out, err);
    pyr_table_release(&table);
    if (more > 0) {
        pyr_header_add_note(view, out, "%s %s more; --limit shows more",
                            view->options->ascii ? "..." : "…", pyr_figure_count(more).text);
    }
    return ok;
}

/* The functions of one group that changed. */
static bool add_functions(const struct pairs *pairs, const struct pair *pair, struct pyr_buf *out,
                          struct pyr_err *err)
{
    const struct pyr_diff *all = pairs->diff;
    struct pyr_diff diff = {{0}, {0}, NULL, 0, 0};
    bool ok =
        pyr_view_init_group(&diff.before, &all->before, pairs->group_of[0], pair->label.i, err) &&
        pyr_view_init_group(&diff.after, &all->after, pairs->group_of[1], pair->label.i, err) &&
        pyr_diff_join(&diff, err);
    if (ok) {
        pyr_header_add_title(&all->after, pyr_strtab_text(pairs->labels, pair->label), out);
        ok = pyr_diff_add_rows(&diff, ROWS_EACH, out, err);
    }
    pyr_diff_release(&diff);
    return ok;
}

static bool add_sections(const struct pairs *pairs, struct pyr_buf *out, struct pyr_err *err)
{
    const uint32_t limit = pairs->diff->after.options->limit;
    const uint32_t max = limit == UINT32_MAX ? UINT32_MAX : PYR_SECTIONS_MAX;
    uint32_t shown = 0;
    for (uint32_t i = 0; i < pairs->count && shown < max; i++) {
        const struct pair *pair = &pairs->items[i];
        const bool changed = pair->before != pair->after || pair->calls_before != pair->calls_after;
        if (!is_listed(pair) || !changed) {
            continue;
        }
        if (!add_functions(pairs, pair, out, err)) {
            return false;
        }
        shown++;
    }
    return true;
}

bool pyr_diff_groups_add(const struct pyr_diff *diff, struct pyr_buf *out, struct pyr_err *err)
{
    struct pairs pairs = {.diff = diff};
    bool ok = pyr_by_find(diff->after.options->by, &pairs.by, err);
    if (ok) {
        const char *cure = pyr_sections_cure(diff->after.profile, pairs.by);
        if (cure[0] != '\0' && pyr_sections_cure(diff->before.profile, pairs.by)[0] != '\0') {
            pyr_buf_add_char(out, '\n');
            pyr_header_add_note(&diff->after, out, "%s", cure);
            return true;
        }
        pairs.arena = pyr_arena_new();
        pairs.labels = pairs.arena == NULL ? NULL : pyr_strtab_new(pairs.arena);
        ok = pairs.labels != NULL || pyr_err_nomem(err);
    }
    ok = ok && add_groups(&pairs, false, err) && add_groups(&pairs, true, err);
    if (ok && pairs.count > 1) {
        qsort(pairs.items, pairs.count, sizeof *pairs.items, compare);
    }
    if (ok) {
        char title[32];
        snprintf(title, sizeof title, "By %s", pyr_by_word(pairs.by, false));
        pyr_header_add_title(&diff->after, title, out);
        ok = add_table(&pairs, out, err) && add_sections(&pairs, out, err);
    }
    release(&pairs);
    return ok;
}
