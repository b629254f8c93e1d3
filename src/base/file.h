/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Files: whole ones read, and writing that survives EINTR and reports every error.
 * Messages name the path. Start zeroed. Threads: one owner. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pyr_file {
    uint8_t *data; /* owned; not NULL once read, even when the file is empty */
    size_t size;
};

/* The whole file, device or pipe, up to `max_size` bytes (PYR_ERR_LIMIT above it). Refuses
 * directories. On failure `*file` is zeroed. */
PYR_MUST_USE bool pyr_file_read(struct pyr_file *file, const char *path, size_t max_size,
                                struct pyr_err *err);
void pyr_file_release(struct pyr_file *file);

/* Creates or truncates `path` for writing, close-on-exec, mode 0666 less the umask. */
PYR_MUST_USE bool pyr_file_create(const char *path, int *fd, struct pyr_err *err);
PYR_MUST_USE bool pyr_file_write(int fd, const void *data, size_t len, const char *path,
                                 struct pyr_err *err);
/* Reports what a delayed write says at close. */
PYR_MUST_USE bool pyr_file_close(int fd, const char *path, struct pyr_err *err);
/* Writes beside `path` and renames, so that no reader sees half a file. A `path` that is not a
 * regular file (/dev/stdout, a pipe) is written straight. */
PYR_MUST_USE bool pyr_file_replace(const char *path, const void *data, size_t len,
                                   struct pyr_err *err);
