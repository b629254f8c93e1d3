/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Rescue: a second place for a profile whose file can't be written, such as on a full disk, so
 * that what was collected is not lost. The place follows from the file's name and the process id:
 * who started the process can look there. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/profile.h"

/* Appends `path` with ".<pid>" before its extension .pyro: the file of another process of the same
 * program. */
void pyr_rescue_path_of_process(const char *path, uint32_t pid, struct pyr_buf *out);

/* Appends "<temporary folder>/<name of the file>.<pid>.pyro"; the folder is TMPDIR, or /tmp. */
void pyr_rescue_path(const char *path, uint32_t pid, struct pyr_buf *out);

/* Writes the profile there in the native format, into a file that was not there before and that
 * only its owner can read. `out` gets the path. */
PYR_MUST_USE bool pyr_rescue_save(const struct pyr_profile *profile, const char *path, uint32_t pid,
                                  struct pyr_buf *out, struct pyr_err *err);
