/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/metrics.h"

#include <string.h>

#include "model/values.h"

bool pyr_metrics_add(struct pyr_metrics *metrics, struct pyr_strtab *strings, const char *name,
                     const char *unit, uint32_t *column, struct pyr_err *err)
{
    struct pyr_metric metric = {0};
    if (!pyr_strtab_add_text(strings, name, &metric.name, err)) {
        return false;
    }
    for (uint32_t i = 0; i < metrics->count; i++) {
        if (metrics->items[i].name.i == metric.name.i) {
            *column = i;
            return true;
        }
    }
    if (metrics->count == PYR_MAX_METRICS) {
        return pyr_err_set(err, PYR_ERR_LIMIT,
                           "no room for the metric %s: a profile has at most %d", name,
                           PYR_MAX_METRICS);
    }
    if (!pyr_strtab_add_text(strings, unit, &metric.unit, err)) {
        return false;
    }
    if (metrics->values != NULL && !pyr_values_widen(metrics->values, metrics->count + 1, err)) {
        return false;
    }
    metrics->items[metrics->count] = metric;
    *column = metrics->count++;
    return true;
}

int pyr_metrics_find(const struct pyr_metrics *metrics, const struct pyr_strtab *strings,
                     const char *name)
{
    for (uint32_t i = 0; i < metrics->count; i++) {
        if (strcmp(pyr_strtab_text(strings, metrics->items[i].name), name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

bool pyr_metrics_adds_up(const struct pyr_metrics *metrics, const struct pyr_strtab *strings,
                         uint32_t column)
{
    const char *name = pyr_strtab_text(strings, metrics->items[column].name);
    return strcmp(name, PYR_METRIC_AWAITED) != 0 && strcmp(name, PYR_METRIC_STARVED) != 0;
}

int pyr_metrics_main(const struct pyr_metrics *metrics, const struct pyr_strtab *strings)
{
    int first = -1;
    for (uint32_t i = 0; i < metrics->count; i++) {
        if (!pyr_metrics_adds_up(metrics, strings, i)) {
            continue;
        }
        if (strcmp(pyr_strtab_text(strings, metrics->items[i].unit), PYR_UNIT_NS) == 0) {
            return (int)i;
        }
        first = first < 0 ? (int)i : first;
    }
    return first;
}
