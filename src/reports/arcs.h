/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Arcs: what the callers and the callees report have in common: for each function asked for, a
 * table of the functions at the other end of its calls. */
#pragma once

#include "reports/view.h"

#define PYR_ARCS_DEFAULT_FUNCTIONS 8
#define PYR_ARCS_MAX_ROWS 20 /* per function, unless --limit says otherwise */

/* The whole report. `callers`: who called the function; else whom it called. */
PYR_MUST_USE bool pyr_arcs_render(const struct pyr_profile *profile,
                                  const struct pyr_report_options *options, bool callers,
                                  struct pyr_buf *out, struct pyr_err *err);
