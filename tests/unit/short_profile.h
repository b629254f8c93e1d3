/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Profiles written down in short, for the model's tests: a stack is "abc", a function for each
 * letter, the outermost first. Include after unit.h. */
#pragma once

#include <string.h>

#include "model/profile.h"

static inline pyr_func short_function(struct pyr_profile *profile, char name)
{
    struct pyr_err err = {0};
    const char qualname[] = {name, '\0'};
    /* Capital letters are builtins. */
    bool builtin = name >= 'A' && name <= 'Z';
    struct pyr_function_text text = {qualname, "m", "m.py", 1,
                                     builtin ? PYR_FUNC_BUILTIN : PYR_FUNC_PYTHON};
    pyr_func func = {0};
    assert_true(pyr_profile_add_function(profile, &text, &func, &err));
    return func;
}

static inline pyr_stack short_stack(struct pyr_profile *profile, const char *names)
{
    struct pyr_err err = {0};
    pyr_stack stack = {0};
    for (const char *name = names; *name != '\0'; name++) {
        pyr_func func = short_function(profile, *name);
        assert_true(pyr_profile_push(profile, stack, func, 0, &stack, &err));
    }
    return stack;
}

/* Adds `delta` to the metric of the stack. */
static inline void short_add(struct pyr_profile *profile, const char *names, uint32_t thread,
                             const char *metric, int64_t delta)
{
    struct pyr_err err = {0};
    uint32_t column = 0;
    bool count = strcmp(metric, PYR_METRIC_CALLS) == 0 || strcmp(metric, PYR_METRIC_RESUMES) == 0;
    assert_true(pyr_metrics_add(&profile->metrics, profile->strings, metric,
                                count ? PYR_UNIT_COUNT : PYR_UNIT_NS, &column, &err));
    assert_true(pyr_values_add(profile->values, short_stack(profile, names), (pyr_thread){thread},
                               column, delta, &err));
}

/* The metric of the stack; 0 when there is no row. */
static inline int64_t short_get(struct pyr_profile *profile, const char *names, uint32_t thread,
                                const char *metric)
{
    int column = pyr_metrics_find(&profile->metrics, profile->strings, metric);
    uint32_t row =
        pyr_values_find(profile->values, short_stack(profile, names), (pyr_thread){thread});
    assert_true(column >= 0);
    return row == 0 ? 0 : pyr_values_get(profile->values, row).v[column];
}
