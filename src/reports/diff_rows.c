/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/diff_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "reports/sort.h"

/* Equal for functions of equal module, qualified name and, if asked, file. */
static uint64_t identity(const struct pyr_view *view, pyr_func func, bool with_file)
{
    const struct pyr_strtab *strings = view->profile->strings;
    const struct pyr_function *f = pyr_functions_get(view->profile->functions, func);
    const pyr_str parts[] = {f->module, f->qualname, f->file};
    uint64_t hash = 0;
    for (size_t i = 0; i < (with_file ? 3 : 2); i++) {
        hash = pyr_hash_u64(hash ^ pyr_hash_bytes(pyr_strtab_text(strings, parts[i]),
                                                  pyr_strtab_len(strings, parts[i])));
    }
    return hash;
}

static bool equal(const struct pyr_view *a, pyr_str x, const struct pyr_view *b, pyr_str y)
{
    const size_t len = pyr_strtab_len(a->profile->strings, x);
    return len == pyr_strtab_len(b->profile->strings, y) &&
           memcmp(pyr_strtab_text(a->profile->strings, x), pyr_strtab_text(b->profile->strings, y),
                  len) == 0;
}

static bool same(const struct pyr_view *a, pyr_func x, const struct pyr_view *b, pyr_func y,
                 bool with_file)
{
    const struct pyr_function *fx = pyr_functions_get(a->profile->functions, x);
    const struct pyr_function *fy = pyr_functions_get(b->profile->functions, y);
    return equal(a, fx->module, b, fy->module) && equal(a, fx->qualname, b, fy->qualname) &&
           (!with_file || equal(a, fx->file, b, fy->file));
}

static void add_total(const struct pyr_view *view, const struct pyr_total *total, bool after,
                      struct pyr_diff_row *row)
{
    *(after ? &row->after : &row->before) = total->func;
    *(after ? &row->self_after : &row->self_before) += pyr_view_self(view, total);
    *(after ? &row->total_after : &row->total_before) += pyr_view_inclusive(view, total);
    *(after ? &row->calls_after : &row->calls_before) += pyr_view_calls(view, total);
}

/* The row of a function, made if there is none. Functions whose identities collide without being
 * the same are told apart by trying the next key. */
static bool find_row(struct pyr_diff *diff, struct pyr_map *map, const struct pyr_view *view,
                     pyr_func func, uint32_t *row, struct pyr_err *err)
{
    uint64_t key = identity(view, func, true);
    for (;; key = pyr_hash_u64(key + 1)) {
        const uint32_t found = pyr_map_get(map, key);
        if (found == 0) {
            break;
        }
        const struct pyr_diff_row *old = &diff->rows[found - 1];
        const bool match = old->before.i != 0 ? same(&diff->before, old->before, view, func, true)
                                              : same(&diff->after, old->after, view, func, true);
        if (match) {
            *row = found - 1;
            return true;
        }
    }
    if (!pyr_mem_grow(&diff->rows, &diff->cap, diff->count + (size_t)1, sizeof *diff->rows, err) ||
        !pyr_map_put(map, key, diff->count + 1, err)) {
        return false;
    }
    *row = diff->count++;
    return true;
}

static bool add_view(struct pyr_diff *diff, struct pyr_map *map, bool after, struct pyr_err *err)
{
    const struct pyr_view *view = after ? &diff->after : &diff->before;
    for (uint32_t i = 0; i < pyr_totals_function_count(view->totals); i++) {
        const struct pyr_total total = pyr_totals_function(view->totals, i);
        uint32_t row = 0;
        if (!pyr_view_keeps(view, total.func)) {
            continue;
        }
        if (!find_row(diff, map, view, total.func, &row, err)) {
            return false;
        }
        add_total(view, &total, after, &diff->rows[row]);
    }
    return true;
}

/* Row numbers by module and name alone, of the functions that are gone or of those that are new;
 * AMBIGUOUS where there are several. */
#define AMBIGUOUS UINT32_MAX

static bool index_strays(const struct pyr_diff *diff, bool gone, struct pyr_map *map,
                         struct pyr_err *err)
{
    for (uint32_t i = 0; i < diff->count; i++) {
        const struct pyr_diff_row *row = &diff->rows[i];
        if ((gone ? row->after.i : row->before.i) != 0) {
            continue;
        }
        const uint64_t key = gone ? identity(&diff->before, row->before, false)
                                  : identity(&diff->after, row->after, false);
        const uint32_t value = pyr_map_get(map, key) == 0 ? i + 1 : AMBIGUOUS;
        if (!pyr_map_put(map, key, value, err)) {
            return false;
        }
    }
    return true;
}

/* Joins what is gone with what is new where only the file differs and there is no doubt. */
static bool join_strays(struct pyr_diff *diff, struct pyr_err *err)
{
    struct pyr_map gone = {0};
    struct pyr_map fresh = {0};
    uint32_t kept = 0;
    const bool ok = index_strays(diff, true, &gone, err) && index_strays(diff, false, &fresh, err);
    for (uint32_t i = 0; ok && i < diff->count; i++) {
        struct pyr_diff_row *row = &diff->rows[i];
        if (row->before.i == 0) {
            const uint64_t key = identity(&diff->after, row->after, false);
            const uint32_t found = pyr_map_get(&gone, key);
            if (found != 0 && found != AMBIGUOUS && pyr_map_get(&fresh, key) != AMBIGUOUS &&
                same(&diff->before, diff->rows[found - 1].before, &diff->after, row->after,
                     false)) {
                struct pyr_diff_row *old = &diff->rows[found - 1];
                old->after = row->after;
                old->self_after = row->self_after;
                old->total_after = row->total_after;
                old->calls_after = row->calls_after;
                row->after = (pyr_func){0}; /* empty now: dropped below */
            }
        }
    }
    for (uint32_t i = 0; ok && i < diff->count; i++) {
        if (diff->rows[i].before.i != 0 || diff->rows[i].after.i != 0) {
            diff->rows[kept++] = diff->rows[i];
        }
    }
    diff->count = ok ? kept : diff->count;
    pyr_map_release(&gone);
    pyr_map_release(&fresh);
    return ok;
}

struct context {
    const struct pyr_diff *diff;
    struct pyr_sort sort;
};

static int64_t size_of(int64_t value)
{
    return value < 0 ? -value : value;
}

static int64_t key(const struct pyr_diff_row *row, enum pyr_sort_by by)
{
    if (by == PYR_SORT_TOTAL) {
        return size_of(row->total_after - row->total_before);
    }
    if (by == PYR_SORT_CALLS || by == PYR_SORT_PRIMITIVE) {
        return size_of(row->calls_after - row->calls_before);
    }
    return size_of(row->self_after - row->self_before);
}

static const char *name_of(const struct pyr_diff *diff, const struct pyr_diff_row *row)
{
    const bool gone = row->after.i == 0;
    const struct pyr_profile *profile = gone ? diff->before.profile : diff->after.profile;
    const pyr_func func = gone ? row->before : row->after;
    return pyr_strtab_text(profile->strings, pyr_functions_get(profile->functions, func)->qualname);
}

static int compare(const void *left, const void *right, void *data)
{
    const struct context *context = data;
    const struct pyr_diff_row *a = left;
    const struct pyr_diff_row *b = right;
    int order = 0;
    if (context->sort.by != PYR_SORT_NAME) {
        const int64_t ka = key(a, context->sort.by);
        const int64_t kb = key(b, context->sort.by);
        order = (ka < kb) - (ka > kb);
    }
    order = order != 0 ? order : strcmp(name_of(context->diff, a), name_of(context->diff, b));
    return context->sort.reverse ? -order : order;
}

bool pyr_diff_join(struct pyr_diff *diff, struct pyr_err *err)
{
    struct context context = {.diff = diff};
    struct pyr_map map = {0};
    const bool ok = pyr_sort_find(&diff->after, PYR_SORT_SELF, &context.sort, err) &&
                    add_view(diff, &map, false, err) && add_view(diff, &map, true, err) &&
                    join_strays(diff, err);
    pyr_map_release(&map);
    if (ok && diff->count > 1) {
        qsort_r(diff->rows, diff->count, sizeof *diff->rows, compare, &context);
    }
    return ok;
}

void pyr_diff_release(struct pyr_diff *diff)
{
    pyr_view_release(&diff->before);
    pyr_view_release(&diff->after);
    pyr_mem_free(diff->rows);
}
