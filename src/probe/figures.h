/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Figures: a trace counted the way cProfile counts, for pyrometer.compat.cProfile. Functions are
 * named by number, from 0. Each gives a new list, or NULL with an exception. */
#pragma once

#include <Python.h>

#include "probe/drain.h"

/* Number i is the code object, the cProfile-style str of a builtin, or None. */
PyObject *pyr_figures_functions(const struct pyr_trace *trace, const struct pyr_drain *drain);
/* (number, calls, recursive calls, total s, self s) of each function that was called. As in
 * cProfile every resume of a generator or coroutine counts as a call. */
PyObject *pyr_figures_totals(const struct pyr_trace *trace, const struct pyr_drain *drain);
/* (caller's number or -1, callee's number, calls, resumes, primitive calls, recursive calls,
 * self s, total s); calls are without resumes here, the other counts with them. */
PyObject *pyr_figures_edges(const struct pyr_trace *trace, const struct pyr_drain *drain);
