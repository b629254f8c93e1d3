/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Context figures: a trace counted the way Yappi counts, for pyrometer.compat.yappi: per context,
 * tag and function. Contexts and functions are named by number. Each gives a new object, or NULL
 * with an exception. */
#pragma once

#include <Python.h>

#include "probe/trace.h"

/* Number i is (code object or cProfile-style str, qualified name, module, file, line, builtin?);
 * number 0 is None. */
PyObject *pyr_figures_records(struct pyr_trace *trace);
/* (kind, the callback's id or None, name or None, ident, tid, wall s, CPU s, switches). */
PyObject *pyr_figures_contexts(struct pyr_trace *trace);
/* A pair of lists: (context, tag or None, function, calls, finished calls that are no recursion,
 * total s, self s) of functions, and (context, tag or None, caller, callee, calls, the same, total,
 * self) of callers and callees, where context and tag are the caller's. A total counts recursion
 * once, and of a coroutine the time it was suspended, too. `timings`, or NULL, takes the place of
 * the clock: "name_level" -> what each finished call of a function of that name at that level of
 * recursion, from 1, takes; where it says nothing it is 3. */
PyObject *pyr_figures_context_totals(struct pyr_trace *trace, PyObject *timings);
