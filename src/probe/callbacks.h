/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Callbacks: a tag, a context and its name as the program tells them, asked for in every event.
 *
 * A callback runs Python code, in which anything may happen, even the end of the trace: so they
 * come first in an event, before anything of the slot is looked at. One that fails is reported as
 * unraisable once, then given up and counted. With the GIL. */
#pragma once

#include <Python.h>

#include <stdbool.h>

#include "probe/trace.h"

/* Is `tag` a context variable or callable? False with an exception. `name` is the option's. */
bool pyr_callbacks_check(PyObject *callback, bool variable_allowed, const char *name);
/* Asks what there is to ask. `entering`: a call; else a return, for which the tag does not matter.
 * False when the trace is not running any more, or was never met by this thread: there is nothing
 * to do in this event then. */
bool pyr_callbacks_ask(struct pyr_trace *trace, struct pyr_slot *slot, bool entering);
/* The context the slot's thread is in by the callback; `native` without one; NULL when the trace
 * leaves it out. For when the thread meets the trace. */
struct pyr_context *pyr_callbacks_context(struct pyr_trace *trace, struct pyr_slot *slot,
                                          struct pyr_context *native);
/* The context that the callback gave `id` for, made at first sight. NULL when out of memory. */
struct pyr_context *pyr_callbacks_find(struct pyr_trace *trace, int64_t id,
                                       struct pyr_context *native);
/* Looks for the context variable that options.tag_path names, in the modules that are loaded. */
void pyr_callbacks_find_tag(struct pyr_trace *trace);
/* Replaces one of the trace's callbacks, even while it runs. */
void pyr_callbacks_set(struct pyr_trace *trace, PyObject **place, PyObject *callback);
