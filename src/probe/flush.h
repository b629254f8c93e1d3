/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Flush: a thread of ours that carries the call trees into the profile and appends to the file
 * once a second, so that a killed program loses at most that. It blocks all signals and never
 * touches Python. It is ended and joined before a fork and begun anew after it, so that neither a
 * child inherits a half-held lock nor the interpreter warns of a thread it does not know. */
#pragma once

#include "base/err.h"
#include "probe/trace.h"

struct pyr_flush;

/* Creates the file at once, so that a bad path is known at start. NULL with `err` set. */
struct pyr_flush *pyr_flush_open(struct pyr_trace *trace, const char *path, struct pyr_err *err);
/* For a forked child: the file is only created when there is something to write. */
struct pyr_flush *pyr_flush_open_late(struct pyr_trace *trace, const char *path,
                                      struct pyr_err *err);
/* Begins and ends the thread; both do nothing when it is so already. */
void pyr_flush_begin(struct pyr_flush *flush);
void pyr_flush_end(struct pyr_flush *flush);
/* Ends the thread, writes what is left and the end mark, and frees; also on failure. */
PYR_MUST_USE bool pyr_flush_close(struct pyr_flush *flush, struct pyr_err *err);
/* Frees without writing. NULL is allowed. */
void pyr_flush_abandon(struct pyr_flush *flush);
