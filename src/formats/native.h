/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The native file, .pyro: sections appended and flushed while the program runs, so that a killed
 * program loses at most what came after the last flush. docs/format.md has every byte.
 * Threads: a writer belongs to one thread at a time. */
#pragma once

#include "base/err.h"
#include "formats/format.h"
#include "model/profile.h"

extern const struct pyr_format pyr_format_native;

struct pyr_native_writer;

/* Creates or truncates `path` and writes the header. On failure `*out` is NULL. */
PYR_MUST_USE bool pyr_native_writer_open(const char *path, struct pyr_native_writer **out,
                                         struct pyr_err *err);
/* Appends what `profile` holds beyond the last flush. A failed write (a full disk) leaves a file
 * that reads back up to the flush before; the writer may be flushed again later. Starts a new
 * epoch of profile->values. */
PYR_MUST_USE bool pyr_native_writer_flush(struct pyr_native_writer *writer,
                                          struct pyr_profile *profile, struct pyr_err *err);
/* Flushes, adds the end mark, closes and frees the writer; also on failure. */
PYR_MUST_USE bool pyr_native_writer_close(struct pyr_native_writer *writer,
                                          struct pyr_profile *profile, struct pyr_err *err);
/* Closes the descriptor without a write and frees, as a forked child must. NULL is allowed. */
void pyr_native_writer_abandon(struct pyr_native_writer *writer);
