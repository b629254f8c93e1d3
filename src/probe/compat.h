/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* What differs between versions of CPython, each behind one name.
 *
 * compat_code.c answers questions about code objects, frames and thread states, compat_asyncio.c
 * about what asyncio runs;
 * compat_monitoring.c (3.12 and later) and compat_evalframe.c (before) deliver the events of a
 * trace. All are called with the GIL held (or, without one, an attached thread state). */
#pragma once

#include <Python.h>
#include <frameobject.h>

#include <stdbool.h>
#include <stdint.h>

struct pyr_trace;
struct pyr_slot;

/* A new reference, never NULL. Before 3.11 code objects do not know their qualified name: it is
 * looked up among those learned, and where it is not there `*known` is false and the name short. */
PyObject *pyr_code_qualname(PyObject *code, bool *known);
/* Before 3.11: remembers the qualified names of all functions that exist now, and of the code
 * nested in them, by a walk over all objects; unless `again`, only the first time. Later versions
 * need nothing. False with an exception. */
bool pyr_qualnames_learn(bool again);
/* Before 3.11: the code objects among the constants of `code` are about to be run as functions. */
void pyr_qualnames_learn_nested(PyObject *code);

/* Borrowed; may be NULL. */
PyObject *pyr_frame_globals(PyFrameObject *frame);
/* What pyr_slot_sync() compares: names a frame as long as it lives. NULL where the version reports
 * the return of every frame. */
void *pyr_frame_identity(PyFrameObject *frame);

/* The value of a context variable, as a new reference; NULL, without an exception, where it has
 * none. */
PyObject *pyr_variable_get(PyObject *variable);
/* Is `object` still what the weak reference refers to? */
bool pyr_weak_refers(PyObject *weak, PyObject *object);
/* In an event of a Python function: its frame, to compare, never to follow. */
void *pyr_event_frame(const struct pyr_slot *slot);

/* Makes what runs next in this thread the outermost frame there is; what it gives is for
 * pyr_frames_restore(), which must come before the hidden frames go on. */
void *pyr_frames_hide(void);
void pyr_frames_restore(void *hidden);

/* An argument of a running function: number `index` of the frame `up` calls above the one that the
 * event is about, which before 3.12 is `running`. A new reference; NULL, without an exception, when
 * that frame doesn't run `code` (any pointer to compare) or the variable has no value any more. */
PyObject *pyr_frame_argument(void *running, uint32_t up, const void *code, int index);

/* What asyncio's C code has noted of this thread: the loop that runs in it, in the process `pid`,
 * and from 3.14 on the task if it is written in C; else NULL. Borrowed. To be believed once it
 * agreed with what asyncio's functions say. Runs no Python code. */
PyObject *pyr_running_loop(uint32_t pid);
PyObject *pyr_running_task(void);

/* Does this interpreter run threads at once, without a global lock? */
bool pyr_without_gil(void);

/* The frame that runs in `thread`, as a new reference, or NULL. */
PyFrameObject *pyr_thread_frame(PyThreadState *thread);
/* The kernel's id; 0 when this version does not keep it. */
uint32_t pyr_thread_native_id(const PyThreadState *thread);

/* Starts the delivery of events for `trace`, which is pyr_probe.trace by then. False with an
 * exception, and nothing installed: another tool is active, a subinterpreter, … */
bool pyr_events_install(struct pyr_trace *trace);
/* Never fails: what can't be undone is written as unraisable. */
void pyr_events_remove(struct pyr_trace *trace);
/* How much of a C stack of `size` bytes is not used up by events: below it calls go unseen. */
size_t pyr_events_stack_reserve(size_t size);
/* Do events make instructions that have none slower, too? */
bool pyr_events_slow_instructions(bool builtins);
/* A thread has been seen for the first time: installs what is per thread in this version. */
void pyr_events_attach_thread(struct pyr_trace *trace);
