/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Metrics: the columns of a profile's values, in the order in which they were added.
 * Threads: one writer, readers after it. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/strtab.h"

#define PYR_MAX_METRICS 16

/* Names that several collectors and reports share. */
#define PYR_METRIC_CALLS "calls"     /* count */
#define PYR_METRIC_RESUMES "resumes" /* count: generators and coroutines continued */
#define PYR_METRIC_WALL "wall"       /* ns */
#define PYR_METRIC_CPU "cpu"         /* ns */
/* ns that activations of a coroutine spent suspended, until they could go on (awaited) and from
 * then until they did (starved). Those of a coroutine and of what it awaits are the same time: no
 * sum along a stack means anything, only the self values do. */
#define PYR_METRIC_AWAITED "awaited"
#define PYR_METRIC_STARVED "starved"
#define PYR_METRIC_SAMPLES "samples" /* count */
/* wall less the calibrated cost of measuring; derived by model/compensate, ns */
#define PYR_METRIC_WALL_CORRECTED "wall_corrected"
#define PYR_METRIC_CPU_CORRECTED "cpu_corrected" /* the same of cpu */

#define PYR_UNIT_COUNT "count"
#define PYR_UNIT_NS "ns"
#define PYR_UNIT_BYTES "bytes"

struct pyr_metric {
    pyr_str name;
    pyr_str unit;
};

struct pyr_values;

struct pyr_metrics {
    struct pyr_metric items[PYR_MAX_METRICS];
    uint32_t count;
    /* Borrowed; widened with each metric, so that its rows always have one value per metric.
     * NULL for metrics without values. */
    struct pyr_values *values;
};

/* Gives the column of the metric called `name`, added if need be (its unit is then `unit`). */
PYR_MUST_USE bool pyr_metrics_add(struct pyr_metrics *metrics, struct pyr_strtab *strings,
                                  const char *name, const char *unit, uint32_t *column,
                                  struct pyr_err *err);
/* -1 when there is none. */
int pyr_metrics_find(const struct pyr_metrics *metrics, const struct pyr_strtab *strings,
                     const char *name);
/* Do the values of stacks on top of each other add up? Not those of awaited and starved. */
bool pyr_metrics_adds_up(const struct pyr_metrics *metrics, const struct pyr_strtab *strings,
                         uint32_t column);
/* The column that reports use unless told otherwise: of those that add up the first one in ns, else
 * the first one. -1 when there are none. */
int pyr_metrics_main(const struct pyr_metrics *metrics, const struct pyr_strtab *strings);
