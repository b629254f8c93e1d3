/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Launch: runs an interpreter as our child and stays out of its way.
 *
 * While it runs we neither die of the signals that are meant for it nor keep them from it: those
 * sent to us are passed on; those that the terminal sends reach it by themselves. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct pyr_launch_end {
    int status; /* its exit status; when it died of a signal, 128 + that */
    int signal; /* 0 when it exited by itself */
    uint32_t pid;
};

/* Finds the interpreter: `wanted` (a path, or a name on PATH) if not NULL; else the one beside our
 * own executable, as in a virtual environment; else python3 on PATH. `*path` is owned by the
 * caller, who frees it with pyr_mem_free(). */
PYR_MUST_USE bool pyr_launch_find_python(const char *wanted, char **path, struct pyr_err *err);

/* Starts `path` with the NULL-terminated `argv` and waits for its end. */
PYR_MUST_USE bool pyr_launch_run(const char *path, char *const *argv, struct pyr_launch_end *end,
                                 struct pyr_err *err);

/* Ends this process the way the child ended: by the same signal, without a core file of our own. */
void pyr_launch_die(int signal);
