/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Calibration: what measuring a call costs on this machine and interpreter, so that reports can
 * show it and subtract it. Runs a few milliseconds, once per process and setting: the same loops
 * with the events on, in a call tree of their own, and off; minima of several rounds. */
#pragma once

#include "probe/trace.h"

struct pyr_calibration;

/* With the events on. NULL when there is nothing to do (known already, an external timer) or it
 * failed; no exception is left. */
struct pyr_calibration *pyr_calibration_begin(struct pyr_trace *trace);
/* With the events off: keeps the result for pyr_costs_known(). NULL is allowed. */
void pyr_calibration_end(struct pyr_calibration *calibration);
/* False, with the exception, when a signal's handler raised one meanwhile. NULL is allowed. */
bool pyr_calibration_free(struct pyr_calibration *calibration);

/* Those that hold for the trace; NULL when not measured yet. */
const struct pyr_costs *pyr_costs_known(struct pyr_trace *trace);
