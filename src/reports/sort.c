/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/sort.h"

#include <stdlib.h>
#include <string.h>

struct sort_name {
    const char *name;
    enum pyr_sort_by by;
};

/* Ours first; then what cProfile's users type, and what tables of contexts call their columns. */
static const struct sort_name names[] = {
    {"self", PYR_SORT_SELF},           {"total", PYR_SORT_TOTAL},
    {"calls", PYR_SORT_CALLS},         {"percall", PYR_SORT_PERCALL},
    {"primitive", PYR_SORT_PRIMITIVE}, {"cpu", PYR_SORT_CPU},
    {"waiting", PYR_SORT_WAITING},     {"awaiting", PYR_SORT_AWAITED},
    {"awaited", PYR_SORT_AWAITED},     {"starved", PYR_SORT_STARVED},
    {"elapsed", PYR_SORT_ELAPSED},     {"running", PYR_SORT_TOTAL},
    {"name", PYR_SORT_NAME},           {"file", PYR_SORT_FILE},
    {"line", PYR_SORT_LINE},           {"module", PYR_SORT_MODULE},
    {"tottime", PYR_SORT_SELF},        {"time", PYR_SORT_SELF},
    {"cumulative", PYR_SORT_TOTAL},    {"cumtime", PYR_SORT_TOTAL},
    {"ncalls", PYR_SORT_CALLS},        {"pcalls", PYR_SORT_PRIMITIVE},
    {"filename", PYR_SORT_FILE},       {"nfl", PYR_SORT_NAME},
    {"stdname", PYR_SORT_NAME},        {"lifetime", PYR_SORT_ELAPSED},
    {"suspended", PYR_SORT_AWAITED},   {"each", PYR_SORT_PERCALL},
    {"steps", PYR_SORT_CALLS},         {"switches", PYR_SORT_CALLS},
};

/* Does the profile have what such a column is made of? */
static bool check(const struct pyr_view *view, const char *wanted, struct pyr_sort *sort,
                  struct pyr_err *err)
{
    const struct pyr_profile *profile = view->profile;
    const int cpu = pyr_metrics_find(&profile->metrics, profile->strings, PYR_METRIC_CPU);
    if (sort->by == PYR_SORT_CPU && cpu >= 0 && view->cpu < 0) {
        sort->by = PYR_SORT_METRIC; /* the only time there is, or one of another kind */
        sort->metric = cpu;
    }
    if ((sort->by == PYR_SORT_CPU || sort->by == PYR_SORT_WAITING) && view->cpu < 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "no column '%s' to sort by: wall and CPU time together are measured by "
                           "trace --clock both",
                           wanted);
    }
    if (sort->by >= PYR_SORT_AWAITED && sort->by <= PYR_SORT_ELAPSED && view->awaited < 0 &&
        view->starved < 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "no column '%s' to sort by: this profile does not tell how long "
                           "coroutines were suspended",
                           wanted);
    }
    if (sort->by == PYR_SORT_ELAPSED && view->wall < 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "no column 'elapsed' to sort by: this profile has no wall times");
    }
    return true;
}

bool pyr_sort_find(const struct pyr_view *view, enum pyr_sort_by otherwise, struct pyr_sort *sort,
                   struct pyr_err *err)
{
    const char *wanted = view->options->sort;
    *sort = (struct pyr_sort){otherwise, -1, view->options->reverse, false};
    if (wanted == NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].name, wanted) == 0) {
            sort->by = names[i].by;
            return check(view, wanted, sort, err);
        }
    }
    sort->by = PYR_SORT_METRIC;
    sort->metric = pyr_metrics_find(&view->profile->metrics, view->profile->strings, wanted);
    if (sort->metric < 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "no column '%s' to sort by; choose self, total, calls, percall, "
                           "primitive, cpu, waiting, awaiting, starved, elapsed, name, file, "
                           "line or module",
                           wanted);
    }
    return true;
}

static const char *text_of(const struct pyr_view *view, pyr_str id)
{
    return pyr_strtab_text(view->profile->strings, id);
}

int pyr_sort_compare_text(const struct pyr_view *view, enum pyr_sort_by by, pyr_func a, pyr_func b)
{
    static const struct pyr_function nobody = {{0}, {0}, {0}, 0, PYR_FUNC_SYNTHETIC};
    const struct pyr_functions *tab = view->profile->functions;
    const struct pyr_function *fa = a.i == 0 ? &nobody : pyr_functions_get(tab, a);
    const struct pyr_function *fb = b.i == 0 ? &nobody : pyr_functions_get(tab, b);
    int order = 0;
    if (by == PYR_SORT_FILE) {
        order = strcmp(text_of(view, fa->file), text_of(view, fb->file));
    } else if (by == PYR_SORT_MODULE) {
        order = strcmp(text_of(view, fa->module), text_of(view, fb->module));
    }
    if (order == 0 && (by == PYR_SORT_LINE || by == PYR_SORT_FILE)) {
        order = (fa->first_line > fb->first_line) - (fa->first_line < fb->first_line);
    }
    if (order == 0) {
        order = strcmp(text_of(view, fa->qualname), text_of(view, fb->qualname));
    }
    return order != 0 ? order : (a.i > b.i) - (a.i < b.i);
}

struct context {
    const struct pyr_view *view;
    const struct pyr_sort *sort;
    bool callers;
};

static double key(const struct pyr_view *view, const struct pyr_sort *sort,
                  const struct pyr_total *total)
{
    const int64_t primitive = pyr_view_primitive_calls(view, total);
    switch (sort->by) {
    case PYR_SORT_TOTAL:
        return (double)pyr_view_inclusive(view, total);
    case PYR_SORT_CALLS:
        return (double)pyr_view_calls(view, total);
    case PYR_SORT_PRIMITIVE:
        return (double)primitive;
    case PYR_SORT_PERCALL:
        return primitive == 0 ? 0 : (double)pyr_view_inclusive(view, total) / (double)primitive;
    case PYR_SORT_CPU:
        return (double)(sort->inclusive ? total->inclusive : total->self)[view->cpu];
    case PYR_SORT_WAITING:
        return (double)pyr_view_waiting(view, sort->inclusive ? total->inclusive : total->self);
    case PYR_SORT_AWAITED:
        return (double)pyr_view_awaited(view, total);
    case PYR_SORT_STARVED:
        return (double)pyr_view_starved(view, total);
    case PYR_SORT_ELAPSED:
        return (double)pyr_view_elapsed(view, total);
    case PYR_SORT_METRIC:
        return (double)total->self[sort->metric];
    case PYR_SORT_SELF:
    case PYR_SORT_NAME:
    case PYR_SORT_FILE:
    case PYR_SORT_LINE:
    case PYR_SORT_MODULE:
        break;
    }
    return (double)pyr_view_self(view, total);
}

static bool is_text(enum pyr_sort_by by)
{
    return by == PYR_SORT_NAME || by == PYR_SORT_FILE || by == PYR_SORT_LINE ||
           by == PYR_SORT_MODULE;
}

static int compare(const void *left, const void *right, void *data)
{
    const struct context *context = data;
    const struct pyr_total *a = left;
    const struct pyr_total *b = right;
    const struct pyr_view *view = context->view;
    const pyr_func fa = context->callers ? a->caller : a->func;
    const pyr_func fb = context->callers ? b->caller : b->func;
    int order = 0;
    if (is_text(context->sort->by)) {
        order = pyr_sort_compare_text(view, context->sort->by, fa, fb);
    } else {
        const double ka = key(view, context->sort, a);
        const double kb = key(view, context->sort, b);
        order = (ka < kb) - (ka > kb);
    }
    if (context->sort->reverse) {
        order = -order;
    }
    if (order == 0) {
        const int64_t sa = pyr_view_self(view, a);
        const int64_t sb = pyr_view_self(view, b);
        order = (sa < sb) - (sa > sb);
    }
    return order != 0 ? order : pyr_sort_compare_text(view, PYR_SORT_NAME, fa, fb);
}

void pyr_sort_totals(const struct pyr_view *view, const struct pyr_sort *sort, bool callers,
                     struct pyr_total *totals, uint32_t count)
{
    struct context context = {view, sort, callers};
    if (count > 1) {
        qsort_r(totals, count, sizeof *totals, compare, &context);
    }
}
