/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/compensate.h"

#include "base/mem.h"

#define PS_PER_NS 1000

/* What measuring one event costs, in picoseconds. */
struct cost {
    int64_t inside;
    int64_t outside;
};

static const struct {
    const char *measured;
    const char *corrected;
} clocks[] = {
    {PYR_METRIC_WALL, PYR_METRIC_WALL_CORRECTED},
    {PYR_METRIC_CPU, PYR_METRIC_CPU_CORRECTED},
};
#define CLOCKS (sizeof clocks / sizeof clocks[0])

struct compensation {
    struct pyr_profile *profile; /* borrowed */
    int calls;                   /* columns; -1 when there is none */
    int resumes;
    struct cost of_kind[PYR_FUNC_KIND_COUNT];
    struct cost of_resume;
    int64_t *cost_ps; /* owned; by row: what is to be subtracted */
};

/* Adds to `*found` whether the profile states this cost at all. */
static struct cost read_cost(const struct pyr_meta *meta, const char *inside, const char *outside,
                             bool *found)
{
    *found = *found || pyr_meta_has(meta, inside) || pyr_meta_has(meta, outside);
    return (struct cost){pyr_meta_number(meta, inside, 0), pyr_meta_number(meta, outside, 0)};
}

static int find(const struct pyr_profile *profile, const char *metric)
{
    return pyr_metrics_find(&profile->metrics, profile->strings, metric);
}

static bool prepare(struct compensation *c, struct pyr_err *err)
{
    const struct pyr_profile *profile = c->profile;
    bool found = false;
    c->calls = find(profile, PYR_METRIC_CALLS);
    c->resumes = find(profile, PYR_METRIC_RESUMES);
    bool timed = false;
    for (size_t i = 0; i < CLOCKS; i++) {
        timed = timed || find(profile, clocks[i].measured) >= 0;
    }
    if (c->calls < 0 || !timed) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "nothing to compensate: the profile has no %s; only a trace can be "
                           "compensated",
                           c->calls < 0 ? "call counts" : "times");
    }
    c->of_kind[PYR_FUNC_PYTHON] =
        read_cost(profile->meta, PYR_META_COST_PYTHON_INSIDE, PYR_META_COST_PYTHON_OUTSIDE, &found);
    c->of_kind[PYR_FUNC_BUILTIN] = read_cost(profile->meta, PYR_META_COST_BUILTIN_INSIDE,
                                             PYR_META_COST_BUILTIN_OUTSIDE, &found);
    c->of_resume =
        read_cost(profile->meta, PYR_META_COST_RESUME_INSIDE, PYR_META_COST_RESUME_OUTSIDE, &found);
    if (!found) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "nothing to compensate: the profile does not state what measuring "
                           "cost; only a trace by pyrometer does");
    }
    return true;
}

/* sum + count x cost, at the ends of the range instead of past them. */
static int64_t add_product(int64_t sum, int64_t count, int64_t cost)
{
    int64_t product = 0;
    if (__builtin_mul_overflow(count, cost, &product)) {
        product = (count < 0) == (cost < 0) ? INT64_MAX : INT64_MIN;
    }
    return pyr_values_sum(sum, product);
}

/* Charges what the events of one row cost, to the row itself and to the one below it. */
static void charge(struct compensation *c, uint32_t number)
{
    const struct pyr_profile *profile = c->profile;
    struct pyr_value_row row = pyr_values_get(profile->values, number);
    pyr_func func = pyr_profile_stack_function(profile, row.stack);
    struct cost call = c->of_kind[pyr_functions_get(profile->functions, func)->kind];
    int64_t calls = row.v[c->calls];
    int64_t resumes = c->resumes < 0 ? 0 : row.v[c->resumes];
    int64_t *own = &c->cost_ps[number];
    *own = add_product(add_product(*own, calls, call.inside), resumes, c->of_resume.inside);

    pyr_stack parent = pyr_stacks_get(profile->stacks, row.stack).parent;
    uint32_t below = pyr_values_find(profile->values, parent, row.thread);
    if (below != 0) {
        int64_t *caller = &c->cost_ps[below];
        *caller =
            add_product(add_product(*caller, calls, call.outside), resumes, c->of_resume.outside);
    }
}

static int64_t corrected(int64_t time, int64_t cost_ps)
{
    int64_t cost_ns = cost_ps / PS_PER_NS + (cost_ps % PS_PER_NS >= PS_PER_NS / 2);
    int64_t result = 0;
    if (__builtin_sub_overflow(time, cost_ns, &result)) {
        result = time < 0 ? INT64_MIN : INT64_MAX;
    }
    return result > 0 ? result : 0;
}

static bool is_missing(const struct pyr_profile *profile, size_t clock)
{
    return find(profile, clocks[clock].measured) >= 0 && find(profile, clocks[clock].corrected) < 0;
}

/* All rows are there, so that nothing fails once the column is. */
static bool add_corrected(const struct compensation *c, size_t clock, struct pyr_err *err)
{
    struct pyr_profile *profile = c->profile;
    const uint32_t count = pyr_values_count(profile->values);
    const int measured = find(profile, clocks[clock].measured);
    uint32_t column = 0;
    if (!pyr_metrics_add(&profile->metrics, profile->strings, clocks[clock].corrected, PYR_UNIT_NS,
                         &column, err)) {
        return false;
    }
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_value_row row = pyr_values_get(profile->values, i);
        int64_t value = corrected(row.v[measured], c->cost_ps[i]);
        if (!pyr_values_add(profile->values, row.stack, row.thread, column, value, err)) {
            return false;
        }
    }
    return true;
}

bool pyr_compensate(struct pyr_profile *profile, struct pyr_err *err)
{
    struct compensation c = {.profile = profile};
    uint32_t count = pyr_values_count(profile->values);
    bool ok = true, timed = false, missing = false;
    for (size_t i = 0; i < CLOCKS; i++) {
        timed = timed || find(profile, clocks[i].corrected) >= 0;
        missing = missing || is_missing(profile, i);
    }
    if (timed && !missing) {
        return true;
    }
    if (!prepare(&c, err)) {
        return false;
    }
    c.cost_ps = pyr_mem_zalloc((size_t)count + 1, sizeof *c.cost_ps);
    if (c.cost_ps == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t i = 1; i <= count; i++) {
        charge(&c, i);
    }
    for (size_t i = 0; ok && i < CLOCKS; i++) {
        ok = !is_missing(profile, i) || add_corrected(&c, i, err);
    }
    pyr_mem_free(c.cost_ps);
    return ok;
}
