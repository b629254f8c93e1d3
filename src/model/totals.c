/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/totals.h"

#include <string.h>

#include "base/mem.h"

/* Figures by key, in the order of the keys. A function's key is its id; an arc's has the callee's
 * id in the upper half and the caller's in the lower one. */
struct table {
    uint64_t *keys; /* owned */
    uint32_t cap;
    uint32_t count;
    int64_t *figures; /* owned; for each key the self, inclusive and primitive values */
};

struct pyr_totals {
    const struct pyr_profile *profile; /* borrowed */
    uint32_t stack_count;
    uint32_t metric_count;
    int64_t *self;          /* owned, as are all lists; one value per metric and stack */
    int64_t *inclusive;     /* the same */
    uint32_t *first_child;  /* by stack */
    uint32_t *next_sibling; /* by stack */
    uint32_t *function_at;  /* by function: its index in the table + 1, 0 when it does not occur */
    struct table functions;
    struct table arcs;
};

/* Whose rows count. */
struct scope {
    pyr_thread thread;        /* id 0: all */
    const uint32_t *group_of; /* borrowed; by thread; NULL: `thread` decides */
    uint32_t group;
    uint32_t thread_count; /* entries of `group_of` beyond id 0 */
};

/* What is needed only while totals are built. */
struct work {
    bool *occurs;             /* by stack: is there a row for it, or for one on top of it? */
    uint32_t *function_of;    /* by stack: its id; 0 for the empty stack */
    uint32_t *arc_of;         /* by stack: its index in the table */
    uint32_t *function_depth; /* by id: how often it is on the path that is being walked */
    uint32_t *arc_depth;      /* the same by index */
    uint32_t *order;          /* the stacks that occur, in the order of their arcs */
    uint32_t *other_order;    /* room for sorting them */
    uint32_t *place;          /* the same, by function */
    uint32_t order_count;
};

static void work_release(struct work *work)
{
    pyr_mem_free(work->occurs);
    pyr_mem_free(work->function_of);
    pyr_mem_free(work->arc_of);
    pyr_mem_free(work->function_depth);
    pyr_mem_free(work->arc_depth);
    pyr_mem_free(work->order);
    pyr_mem_free(work->other_order);
    pyr_mem_free(work->place);
}

void pyr_totals_free(struct pyr_totals *totals)
{
    if (totals == NULL) {
        return;
    }
    pyr_mem_free(totals->self);
    pyr_mem_free(totals->inclusive);
    pyr_mem_free(totals->first_child);
    pyr_mem_free(totals->next_sibling);
    pyr_mem_free(totals->function_at);
    pyr_mem_free(totals->functions.keys);
    pyr_mem_free(totals->functions.figures);
    pyr_mem_free(totals->arcs.keys);
    pyr_mem_free(totals->arcs.figures);
    pyr_mem_free(totals);
}

static int64_t *values_at(const struct pyr_totals *totals, int64_t *values, uint32_t stack)
{
    return values + (size_t)stack * totals->metric_count;
}

static void add_values(int64_t *sum, const int64_t *v, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        sum[i] = pyr_values_sum(sum[i], v[i]);
    }
}

static uint32_t parent_of(const struct pyr_totals *totals, uint32_t stack)
{
    return pyr_stacks_get(totals->profile->stacks, (pyr_stack){stack}).parent.i;
}

/* The ids lead into lists here, so a profile that was put together wrongly is refused. */
static bool check_ids(const struct pyr_profile *profile, struct pyr_err *err)
{
    uint32_t stacks = pyr_stacks_count(profile->stacks);
    uint32_t frames = pyr_frames_count(profile->frames);
    uint32_t functions = pyr_functions_count(profile->functions);
    for (uint32_t i = 1; i <= frames; i++) {
        uint32_t func = pyr_frames_get(profile->frames, (pyr_frame_id){i}).func.i;
        if (func == 0 || func > functions) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "frame %u: there is no function %u", i, func);
        }
    }
    for (uint32_t i = 1; i <= stacks; i++) {
        uint32_t frame = pyr_stacks_get(profile->stacks, (pyr_stack){i}).frame.i;
        if (frame == 0 || frame > frames) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "stack %u: there is no frame %u", i, frame);
        }
    }
    for (uint32_t i = 1; i <= pyr_values_count(profile->values); i++) {
        uint32_t stack = pyr_values_get(profile->values, i).stack.i;
        if (stack > stacks) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "value %u: there is no stack %u", i, stack);
        }
    }
    return true;
}

static bool allocate(struct pyr_totals *totals, struct work *work, struct pyr_err *err)
{
    size_t stacks = (size_t)totals->stack_count + 1;
    size_t functions = (size_t)pyr_functions_count(totals->profile->functions) + 1;
    size_t row_size = totals->metric_count * sizeof(int64_t);
    totals->self = pyr_mem_zalloc(stacks, row_size);
    totals->inclusive = pyr_mem_zalloc(stacks, row_size);
    totals->first_child = pyr_mem_zalloc(stacks, sizeof(uint32_t));
    totals->next_sibling = pyr_mem_zalloc(stacks, sizeof(uint32_t));
    totals->function_at = pyr_mem_zalloc(functions, sizeof(uint32_t));
    work->occurs = pyr_mem_zalloc(stacks, sizeof(bool));
    work->function_of = pyr_mem_zalloc(stacks, sizeof(uint32_t));
    work->arc_of = pyr_mem_zalloc(stacks, sizeof(uint32_t));
    work->function_depth = pyr_mem_zalloc(functions, sizeof(uint32_t));
    work->order = pyr_mem_zalloc(stacks, sizeof(uint32_t));
    work->other_order = pyr_mem_zalloc(stacks, sizeof(uint32_t));
    work->place = pyr_mem_zalloc(functions, sizeof(uint32_t));
    bool ok = totals->self != NULL && totals->inclusive != NULL && totals->first_child != NULL &&
              totals->next_sibling != NULL && totals->function_at != NULL && work->occurs != NULL &&
              work->function_of != NULL && work->arc_of != NULL && work->function_depth != NULL &&
              work->order != NULL && work->other_order != NULL && work->place != NULL;
    return ok ? true : pyr_err_nomem(err);
}

static bool is_in(const struct scope *scope, pyr_thread thread)
{
    if (scope->group_of != NULL) {
        return thread.i <= scope->thread_count && scope->group_of[thread.i] == scope->group;
    }
    return scope->thread.i == 0 || scope->thread.i == thread.i;
}

static void sum_stacks(struct pyr_totals *totals, struct work *work, const struct scope *scope)
{
    const struct pyr_values *values = totals->profile->values;
    uint32_t metrics = totals->metric_count;
    for (uint32_t i = 1; i <= pyr_values_count(values); i++) {
        struct pyr_value_row row = pyr_values_get(values, i);
        if (is_in(scope, row.thread)) {
            add_values(values_at(totals, totals->self, row.stack.i), row.v, metrics);
            add_values(values_at(totals, totals->inclusive, row.stack.i), row.v, metrics);
            work->occurs[row.stack.i] = true;
        }
    }
    /* From the end, so that a stack is whole before it is added to its parent, and the children
     * that are put before their siblings end up in the order of their ids. */
    for (uint32_t i = totals->stack_count; i >= 1; i--) {
        if (!work->occurs[i]) {
            continue;
        }
        uint32_t parent = parent_of(totals, i);
        add_values(values_at(totals, totals->inclusive, parent),
                   values_at(totals, totals->inclusive, i), metrics);
        work->occurs[parent] = true;
        totals->next_sibling[i] = totals->first_child[parent];
        totals->first_child[parent] = i;
    }
}

static bool list_functions(struct pyr_totals *totals, struct work *work, struct pyr_err *err)
{
    uint32_t count = pyr_functions_count(totals->profile->functions);
    struct table *table = &totals->functions;
    for (uint32_t i = 1; i <= totals->stack_count; i++) {
        work->function_of[i] = pyr_profile_stack_function(totals->profile, (pyr_stack){i}).i;
        if (work->occurs[i]) {
            totals->function_at[work->function_of[i]] = 1;
            work->order[work->order_count++] = i;
        }
    }
    for (uint32_t i = 1; i <= count; i++) {
        if (totals->function_at[i] == 0) {
            continue;
        }
        if (!pyr_mem_grow(&table->keys, &table->cap, (size_t)table->count + 1, sizeof *table->keys,
                          err)) {
            return false;
        }
        table->keys[table->count++] = i;
        totals->function_at[i] = table->count;
    }
    return true;
}

static uint32_t caller_of(const struct pyr_totals *totals, const struct work *work, uint32_t stack)
{
    return work->function_of[parent_of(totals, stack)];
}

/* Sorts work->order by caller or by callee, keeping the order of equals: by counting, because a
 * profile may have as many arcs as stacks. */
static void sort_order(const struct pyr_totals *totals, struct work *work, bool by_caller)
{
    uint32_t functions = pyr_functions_count(totals->profile->functions);
    uint32_t next = 0;
    memset(work->place, 0, ((size_t)functions + 1) * sizeof *work->place);
    for (uint32_t i = 0; i < work->order_count; i++) {
        uint32_t stack = work->order[i];
        work->place[by_caller ? caller_of(totals, work, stack) : work->function_of[stack]]++;
    }
    for (uint32_t i = 0; i <= functions; i++) { /* from how many there are to where they begin */
        uint32_t begin = next;
        next += work->place[i];
        work->place[i] = begin;
    }
    for (uint32_t i = 0; i < work->order_count; i++) {
        uint32_t stack = work->order[i];
        uint32_t key = by_caller ? caller_of(totals, work, stack) : work->function_of[stack];
        work->other_order[work->place[key]++] = stack;
    }
    uint32_t *sorted = work->other_order;
    work->other_order = work->order;
    work->order = sorted;
}

static bool list_arcs(struct pyr_totals *totals, struct work *work, struct pyr_err *err)
{
    struct table *table = &totals->arcs;
    sort_order(totals, work, true);
    sort_order(totals, work, false);
    for (uint32_t i = 0; i < work->order_count; i++) {
        uint32_t stack = work->order[i];
        uint64_t key = (uint64_t)work->function_of[stack] << 32 | caller_of(totals, work, stack);
        if (table->count == 0 || table->keys[table->count - 1] != key) {
            if (!pyr_mem_grow(&table->keys, &table->cap, (size_t)table->count + 1,
                              sizeof *table->keys, err)) {
                return false;
            }
            table->keys[table->count++] = key;
        }
        work->arc_of[stack] = table->count - 1;
    }
    return true;
}

/* The values of one kind (0 self, 1 inclusive, 2 primitive) at `index`. */
static int64_t *figures_at(const struct pyr_totals *totals, const struct table *table,
                           uint32_t index, uint32_t kind)
{
    return table->figures + ((size_t)index * 3 + kind) * totals->metric_count;
}

/* Counts a stack for its function or arc, which was on the path `depth` times already. */
static void count_stack(struct pyr_totals *totals, struct table *table, uint32_t index,
                        uint32_t stack, uint32_t depth)
{
    const int64_t *self = values_at(totals, totals->self, stack);
    add_values(figures_at(totals, table, index, 0), self, totals->metric_count);
    if (depth == 0) {
        add_values(figures_at(totals, table, index, 1), values_at(totals, totals->inclusive, stack),
                   totals->metric_count);
        add_values(figures_at(totals, table, index, 2), self, totals->metric_count);
    }
}

/* Walks the tree without recursion, since a stack may be deeper than the machine's own. */
static void sum_paths(struct pyr_totals *totals, struct work *work)
{
    uint32_t stack = totals->first_child[0];
    while (stack != 0) {
        uint32_t func = work->function_of[stack];
        uint32_t arc = work->arc_of[stack];
        count_stack(totals, &totals->functions, totals->function_at[func] - 1, stack,
                    work->function_depth[func]++);
        count_stack(totals, &totals->arcs, arc, stack, work->arc_depth[arc]++);
        if (totals->first_child[stack] != 0) {
            stack = totals->first_child[stack];
            continue;
        }
        uint32_t next = 0;
        while (stack != 0 && next == 0) { /* leave all that end here */
            work->function_depth[work->function_of[stack]]--;
            work->arc_depth[work->arc_of[stack]]--;
            next = totals->next_sibling[stack];
            stack = parent_of(totals, stack);
        }
        stack = next;
    }
}

static bool build(struct pyr_totals *totals, struct work *work, const struct scope *scope,
                  struct pyr_err *err)
{
    if (!check_ids(totals->profile, err) || !allocate(totals, work, err)) {
        return false;
    }
    sum_stacks(totals, work, scope);
    if (!list_functions(totals, work, err) || !list_arcs(totals, work, err)) {
        return false;
    }
    size_t figures_size = (size_t)3 * totals->metric_count * sizeof(int64_t);
    totals->functions.figures = pyr_mem_zalloc(totals->functions.count, figures_size);
    totals->arcs.figures = pyr_mem_zalloc(totals->arcs.count, figures_size);
    work->arc_depth = pyr_mem_zalloc(totals->arcs.count, sizeof(uint32_t));
    if (totals->functions.figures == NULL || totals->arcs.figures == NULL ||
        work->arc_depth == NULL) {
        return pyr_err_nomem(err);
    }
    sum_paths(totals, work);
    return true;
}

static bool new_scope(const struct pyr_profile *profile, const struct scope *scope,
                      struct pyr_totals **out, struct pyr_err *err)
{
    struct work work = {0};
    *out = NULL;
    struct pyr_totals *totals = pyr_mem_zalloc(1, sizeof *totals);
    if (totals == NULL) {
        return pyr_err_nomem(err);
    }
    totals->profile = profile;
    totals->stack_count = pyr_stacks_count(profile->stacks);
    totals->metric_count = profile->metrics.count;
    bool ok = build(totals, &work, scope, err);
    work_release(&work);
    if (!ok) {
        pyr_totals_free(totals);
        return false;
    }
    *out = totals;
    return true;
}

bool pyr_totals_new(const struct pyr_profile *profile, pyr_thread thread, struct pyr_totals **out,
                    struct pyr_err *err)
{
    const struct scope scope = {.thread = thread};
    return new_scope(profile, &scope, out, err);
}

bool pyr_totals_new_group(const struct pyr_profile *profile, const uint32_t *group_of,
                          uint32_t group, struct pyr_totals **out, struct pyr_err *err)
{
    const struct scope scope = {
        .group_of = group_of, .group = group, .thread_count = pyr_threads_count(profile->threads)};
    return new_scope(profile, &scope, out, err);
}

const int64_t *pyr_totals_stack_self(const struct pyr_totals *totals, pyr_stack stack)
{
    return values_at(totals, totals->self, stack.i);
}

const int64_t *pyr_totals_stack_inclusive(const struct pyr_totals *totals, pyr_stack stack)
{
    return values_at(totals, totals->inclusive, stack.i);
}

static struct pyr_total total_at(const struct pyr_totals *totals, const struct table *table,
                                 uint32_t index)
{
    return (struct pyr_total){
        .self = figures_at(totals, table, index, 0),
        .inclusive = figures_at(totals, table, index, 1),
        .primitive = figures_at(totals, table, index, 2),
    };
}

uint32_t pyr_totals_function_count(const struct pyr_totals *totals)
{
    return totals->functions.count;
}

struct pyr_total pyr_totals_function(const struct pyr_totals *totals, uint32_t index)
{
    struct pyr_total total = total_at(totals, &totals->functions, index);
    total.func.i = (uint32_t)totals->functions.keys[index];
    return total;
}

int64_t pyr_totals_find_function(const struct pyr_totals *totals, pyr_func func)
{
    if (func.i > pyr_functions_count(totals->profile->functions)) {
        return -1;
    }
    return (int64_t)totals->function_at[func.i] - 1;
}

uint32_t pyr_totals_arc_count(const struct pyr_totals *totals)
{
    return totals->arcs.count;
}

struct pyr_total pyr_totals_arc(const struct pyr_totals *totals, uint32_t index)
{
    struct pyr_total total = total_at(totals, &totals->arcs, index);
    total.func.i = (uint32_t)(totals->arcs.keys[index] >> 32);
    total.caller.i = (uint32_t)totals->arcs.keys[index];
    return total;
}

pyr_stack pyr_totals_first_child(const struct pyr_totals *totals, pyr_stack stack)
{
    return (pyr_stack){totals->first_child[stack.i]};
}

pyr_stack pyr_totals_next_sibling(const struct pyr_totals *totals, pyr_stack stack)
{
    return (pyr_stack){totals->next_sibling[stack.i]};
}
