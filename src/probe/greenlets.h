/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Greenlets: follows the switches between them, through a trace function of greenlet's own that is
 * a C callable: no Python code runs, and time is charged at the very moment of the switch. With the
 * GIL. */
#pragma once

#include <Python.h>

#include <stdbool.h>

#include "probe/trace.h"

/* The slot's thread meets the trace: the context it is in, which is `native` unless it runs a
 * greenlet that is not the thread's main one. Follows the thread's switches from now on if greenlet
 * is loaded. NULL when the trace leaves that context out. */
struct pyr_context *pyr_greenlets_attach(struct pyr_trace *trace, struct pyr_slot *slot,
                                         struct pyr_context *native);
/* Now and then, when the thread meets a function: greenlet may have been loaded meanwhile, or our
 * trace function replaced. May move the slot to another context; with `skip_top` its innermost
 * frame has yet to be entered there. */
void pyr_greenlets_check(struct pyr_trace *trace, struct pyr_slot *slot, bool skip_top);
/* The trace forgets its contexts, or ends: no greenlet belongs to any of them any more. */
void pyr_greenlets_forget(void);
/* The trace has ended: takes our trace function out of this thread; out of others it takes itself
 * at their next switch. */
void pyr_greenlets_detach(void);
