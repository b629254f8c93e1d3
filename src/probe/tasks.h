/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Tasks: which asyncio task runs, and since when it could have. Runs no Python code; works with any
 * event loop, but what time a task was ready is known only where the loop is asyncio's own, or one
 * derived from it. With the GIL. */
#pragma once

#include <Python.h>

#include <stdbool.h>

#include "probe/trace.h"

/* A coroutine is entered from what is none: the label of the task that runs in this thread, or NULL
 * when none does. */
struct pyr_label *pyr_tasks_current(struct pyr_trace *trace);
/* A new function has been met: remembers the code of the loop's _call_soon() in trace->call_soon.
 * True when it is that one. */
bool pyr_tasks_watch(struct pyr_trace *trace, const struct pyr_record *record);
/* The loop's _call_soon() has been entered, and its frame runs: if it is to go on with a task, that
 * one is ready since now, or since the timer whose callback runs was due. */
void pyr_tasks_scheduled(struct pyr_trace *trace, struct pyr_slot *slot, uint64_t now);
/* A step of the task begins: counts it, and sets slot->step_starved. */
void pyr_tasks_step_begins(struct pyr_label *task, struct pyr_slot *slot, uint64_t now);
/* The step ends. */
void pyr_tasks_step_ends(struct pyr_label *task, struct pyr_slot *slot, uint64_t now);
