/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/branches.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum machinery {
    OTHER,
    IMPORT_SYSTEM,
    RUNNER, /* runs the code of modules, and other code too */
};

struct pyr_branch_stack {
    pyr_stack stack;
    pyr_func func;
};

/* Marks every stack that passes the filters, and those below it, in one pass: a parent's id is
 * smaller than its child's. */
static bool mark_kept(struct pyr_branches *b, struct pyr_err *err)
{
    const struct pyr_profile *profile = b->view->profile;
    const uint32_t stacks = pyr_stacks_count(profile->stacks);
    const uint32_t functions = pyr_functions_count(profile->functions);
    uint8_t *wanted = pyr_mem_zalloc(functions + (size_t)1, 1);
    b->kept = pyr_mem_zalloc(stacks + (size_t)1, 1);
    if (wanted == NULL || b->kept == NULL) {
        pyr_mem_free(wanted);
        return pyr_err_nomem(err);
    }
    for (uint32_t f = 1; f <= functions; f++) {
        wanted[f] = pyr_view_keeps(b->view, (pyr_func){f});
    }
    for (uint32_t s = stacks; s > 0; s--) {
        if (wanted[pyr_profile_stack_function(profile, (pyr_stack){s}).i]) {
            b->kept[s] = 1;
        }
        if (b->kept[s]) {
            b->kept[pyr_stacks_get(profile->stacks, (pyr_stack){s}).parent.i] = 1;
        }
    }
    pyr_mem_free(wanted);
    return true;
}

static enum machinery kind_of(const struct pyr_profile *profile, pyr_func func)
{
    const struct pyr_function *f = pyr_functions_get(profile->functions, func);
    const char *file = pyr_strtab_text(profile->strings, f->file);
    const char *name = pyr_strtab_text(profile->strings, f->qualname);
    const char *module = pyr_strtab_text(profile->strings, f->module);
    if (f->kind == PYR_FUNC_BUILTIN && strcmp(module, "builtins") == 0) {
        if (strcmp(name, "exec") == 0) {
            return RUNNER;
        }
        return strcmp(name, "__import__") == 0 ? IMPORT_SYSTEM : OTHER;
    }
    return strncmp(file, "<frozen importlib", 17) == 0 || strcmp(file, "<frozen zipimport>") == 0 ||
                   strcmp(file, "<frozen runpy>") == 0
               ? IMPORT_SYSTEM
               : OTHER;
}

/* The import system and the runner of main programs stand between every two modules. They are one
 * function to us. */
static bool mark_machinery(struct pyr_branches *b, struct pyr_err *err)
{
    const struct pyr_profile *profile = b->view->profile;
    const uint32_t functions = pyr_functions_count(profile->functions);
    b->kinds = pyr_mem_zalloc(functions + (size_t)1, 1);
    if (b->kinds == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t f = functions; f > 0; f--) {
        b->kinds[f] = (uint8_t)kind_of(profile, (pyr_func){f});
        if (b->kinds[f] != OTHER) {
            b->machinery = (pyr_func){f};
        }
    }
    return true;
}

static pyr_func function_of(const struct pyr_branches *b, pyr_stack stack)
{
    const struct pyr_profile *profile = b->view->profile;
    const pyr_func func = pyr_profile_stack_function(profile, stack);
    if (b->kinds == NULL || b->kinds[func.i] == OTHER) {
        return func;
    }
    const pyr_stack caller = pyr_stacks_get(profile->stacks, stack).parent;
    const bool runs_module =
        caller.i == 0 || b->kinds[pyr_profile_stack_function(profile, caller).i] != OTHER;
    return b->kinds[func.i] == IMPORT_SYSTEM || runs_module ? b->machinery : func;
}

bool pyr_branches_init(struct pyr_branches *b, const struct pyr_view *view, struct pyr_err *err)
{
    b->view = view;
    if (!pyr_sort_find(view, PYR_SORT_TOTAL, &b->sort, err)) {
        return false;
    }
    if (!view->options->full_paths && !mark_machinery(b, err)) {
        return false;
    }
    return (view->options->module == NULL && !view->has_match) || mark_kept(b, err);
}

void pyr_branches_release(struct pyr_branches *b)
{
    pyr_mem_free(b->branches);
    pyr_mem_free(b->pool);
    pyr_mem_free(b->kept);
    pyr_mem_free(b->kinds);
    *b = (struct pyr_branches){0};
}

static bool pool_add(struct pyr_branches *b, pyr_stack stack, pyr_func func, struct pyr_err *err)
{
    if (!pyr_mem_grow(&b->pool, &b->pool_cap, b->pool_count + (size_t)1, sizeof *b->pool, err)) {
        return false;
    }
    b->pool[b->pool_count++] = (struct pyr_branch_stack){stack, func};
    return true;
}

/* Adds the children of `stack` whose function is `func`, or those whose function is not. */
static bool add_children(struct pyr_branches *b, pyr_stack stack, pyr_func func, bool same,
                         struct pyr_err *err)
{
    const struct pyr_totals *totals = b->view->totals;
    for (pyr_stack child = pyr_totals_first_child(totals, stack); child.i != 0;
         child = pyr_totals_next_sibling(totals, child)) {
        const pyr_func f = function_of(b, child);
        if ((f.i == func.i) != same || (b->kept != NULL && !b->kept[child.i])) {
            continue;
        }
        if (!pool_add(b, child, f, err)) {
            return false;
        }
    }
    return true;
}

static bool is_machinery(const struct pyr_branches *b, pyr_func func)
{
    return func.i != 0 && func.i == b->machinery.i;
}

/* Adds what the import system's stacks in the pool from `start` on call, and so on. */
static bool add_imported(struct pyr_branches *b, uint32_t start, struct pyr_err *err)
{
    for (uint32_t i = start; i < b->pool_count; i++) {
        if (is_machinery(b, b->pool[i].func) &&
            !add_children(b, b->pool[i].stack, (pyr_func){0}, false, err)) {
            return false;
        }
    }
    return true;
}

/* Did the import system call the branch's stacks? */
static bool is_imported(const struct pyr_branches *b, const struct pyr_branch *branch)
{
    const struct pyr_stacks *stacks = b->view->profile->stacks;
    for (uint32_t i = 0; i < branch->count; i++) {
        const pyr_stack parent = pyr_stacks_get(stacks, b->pool[branch->first + i].stack).parent;
        if (parent.i != 0 && is_machinery(b, function_of(b, parent))) {
            return true;
        }
    }
    return false;
}

static int by_function(const void *left, const void *right)
{
    const struct pyr_branch_stack *a = left;
    const struct pyr_branch_stack *b = right;
    if (a->func.i != b->func.i) {
        return a->func.i < b->func.i ? -1 : 1;
    }
    return (a->stack.i > b->stack.i) - (a->stack.i < b->stack.i);
}

static int64_t stack_sum(const struct pyr_branches *b, const struct pyr_branch *branch, int metric,
                         bool inclusive)
{
    int64_t sum = 0;
    for (uint32_t i = 0; metric >= 0 && i < branch->count; i++) {
        const pyr_stack stack = b->pool[branch->first + i].stack;
        const int64_t *values = inclusive ? pyr_totals_stack_inclusive(b->view->totals, stack)
                                          : pyr_totals_stack_self(b->view->totals, stack);
        sum += values[metric];
    }
    return sum;
}

/* How the time of a branch divides. */
static void divide(const struct pyr_branches *b, const struct pyr_branch *branch, bool inclusive,
                   struct pyr_branch_figures *figures)
{
    const struct pyr_view *view = b->view;
    int64_t values[PYR_MAX_METRICS] = {0};
    if (view->cpu < 0) {
        return;
    }
    values[view->wall] = stack_sum(b, branch, view->wall, inclusive);
    values[view->cpu_raw] = stack_sum(b, branch, view->cpu_raw, inclusive);
    figures->cpu = stack_sum(b, branch, view->cpu, inclusive);
    figures->waiting = pyr_view_waiting(view, values);
}

static int64_t sort_key(const struct pyr_branches *b, const struct pyr_branch *branch)
{
    if (b->sort.by == PYR_SORT_CALLS || b->sort.by == PYR_SORT_PRIMITIVE) {
        return stack_sum(b, branch, b->view->calls, false);
    }
    if (b->sort.by == PYR_SORT_SELF) {
        return stack_sum(b, branch, b->view->main, false);
    }
    if (b->sort.by == PYR_SORT_METRIC) {
        return stack_sum(b, branch, b->sort.metric, false);
    }
    if (b->sort.by == PYR_SORT_CPU || b->sort.by == PYR_SORT_WAITING) {
        struct pyr_branch_figures figures = {0};
        divide(b, branch, !is_machinery(b, branch->func), &figures);
        return b->sort.by == PYR_SORT_CPU ? figures.cpu : figures.waiting;
    }
    const int64_t starved = stack_sum(b, branch, b->view->starved, false);
    if (b->sort.by == PYR_SORT_AWAITED) {
        return stack_sum(b, branch, b->view->awaited, false);
    }
    if (b->sort.by == PYR_SORT_STARVED) {
        return starved;
    }
    return b->sort.by == PYR_SORT_ELAPSED
               ? branch->inclusive + stack_sum(b, branch, b->view->awaited, false) + starved
               : branch->inclusive;
}

static int by_sort(const void *left, const void *right, void *data)
{
    const struct pyr_branches *b = data;
    const struct pyr_branch *x = left;
    const struct pyr_branch *y = right;
    int order = 0;
    if (b->sort.by >= PYR_SORT_NAME && b->sort.by <= PYR_SORT_MODULE) {
        order = pyr_sort_compare_text(b->view, b->sort.by, x->func, y->func);
    } else {
        const int64_t kx = sort_key(b, x);
        const int64_t ky = sort_key(b, y);
        order = (kx < ky) - (kx > ky);
    }
    order = b->sort.reverse ? -order : order;
    return order != 0 ? order : pyr_sort_compare_text(b->view, PYR_SORT_NAME, x->func, y->func);
}

/* Groups the pool from `start` on by function. */
static bool group(struct pyr_branches *b, uint32_t start, struct pyr_branch_level *level,
                  struct pyr_err *err)
{
    const uint32_t count = b->pool_count - start;
    level->first = b->branch_count;
    if (count > 1) {
        qsort(b->pool + start, count, sizeof *b->pool, by_function);
    }
    for (uint32_t i = start; i < b->pool_count;) {
        uint32_t end = i;
        while (end < b->pool_count && b->pool[end].func.i == b->pool[i].func.i) {
            end++;
        }
        if (!pyr_mem_grow(&b->branches, &b->branch_cap, b->branch_count + (size_t)1,
                          sizeof *b->branches, err)) {
            return false;
        }
        struct pyr_branch *branch = &b->branches[b->branch_count++];
        *branch = (struct pyr_branch){.func = b->pool[i].func, .first = i, .count = end - i};
        const bool machinery = is_machinery(b, branch->func);
        branch->inclusive = stack_sum(b, branch, b->view->main, !machinery);
        branch->imported = machinery || is_imported(b, branch);
        i = end;
    }
    level->end = b->branch_count;
    if (level->end - level->first > 1) {
        qsort_r(b->branches + level->first, level->end - level->first, sizeof *b->branches, by_sort,
                b);
    }
    return true;
}

bool pyr_branches_open_root(struct pyr_branches *b, struct pyr_branch_level *level,
                            struct pyr_err *err)
{
    const uint32_t start = b->pool_count;
    *level = (struct pyr_branch_level){b->branch_count, b->branch_count};
    return add_children(b, (pyr_stack){0}, (pyr_func){0}, false, err) &&
           add_imported(b, start, err) && group(b, start, level, err);
}

bool pyr_branches_open(struct pyr_branches *b, struct pyr_branch branch,
                       struct pyr_branch_figures *figures, struct pyr_branch_level *level,
                       struct pyr_err *err)
{
    const uint32_t mark = b->pool_count;
    *level = (struct pyr_branch_level){b->branch_count, b->branch_count};
    *figures = (struct pyr_branch_figures){0};
    if (is_machinery(b, branch.func)) {
        figures->self = branch.inclusive;
        figures->calls = stack_sum(b, &branch, b->view->calls, false);
        divide(b, &branch, false, figures);
        level->first = level->end = b->branch_count;
        return true;
    }
    divide(b, &branch, true, figures);
    /* The branch's stacks and, as they are found, those of its direct recursion. */
    for (uint32_t i = 0; i < branch.count; i++) {
        if (!pool_add(b, b->pool[branch.first + i].stack, branch.func, err)) {
            return false;
        }
    }
    uint32_t wave_end = b->pool_count; /* each round of the recursion is one level deeper */
    for (uint32_t i = mark; i < b->pool_count; i++) {
        if (i == wave_end) {
            figures->recursion++;
            wave_end = b->pool_count;
        }
        if (!add_children(b, b->pool[i].stack, branch.func, true, err)) {
            return false;
        }
    }
    const struct pyr_branch family = {
        .func = branch.func, .first = mark, .count = b->pool_count - mark};
    figures->self = stack_sum(b, &family, b->view->main, false);
    figures->calls = stack_sum(b, &family, b->view->calls, false);
    const uint32_t start = b->pool_count;
    for (uint32_t i = mark; i < start; i++) {
        if (!add_children(b, b->pool[i].stack, branch.func, false, err)) {
            return false;
        }
    }
    return add_imported(b, start, err) && group(b, start, level, err);
}
