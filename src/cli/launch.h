/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Launch: runs an interpreter as our child and stays out of its way.
 *
 * While it runs we neither die of the signals that are meant for it nor keep them from it: those
 * sent to us are passed on; those that the terminal sends reach it by themselves. */
#pragma once

#include <signal.h>
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

/* Finds any program, as a shell does: a path, or a name on PATH. Owned by the caller likewise. */
PYR_MUST_USE bool pyr_launch_find_program(const char *wanted, char **path, struct pyr_err *err);

/* Starts `path` with the NULL-terminated `argv` and the signal mask `mask`, and does not wait. */
PYR_MUST_USE bool pyr_launch_start(const char *path, char *const *argv, const sigset_t *mask,
                                   uint32_t *pid, struct pyr_err *err);
/* Has the child ended? Waits for that if `wait`. Once it has, it can't be asked for again. */
PYR_MUST_USE bool pyr_launch_has_ended(uint32_t pid, bool wait, bool *ended,
                                       struct pyr_launch_end *end, struct pyr_err *err);
/* The signals that we take in hand while a child runs. */
void pyr_launch_signals(sigset_t *set);
/* Did the terminal send it, and so to the child, too? */
bool pyr_launch_is_from_terminal(const siginfo_t *info);

/* Starts `path` with the NULL-terminated `argv` and waits for its end. */
PYR_MUST_USE bool pyr_launch_run(const char *path, char *const *argv, struct pyr_launch_end *end,
                                 struct pyr_err *err);

/* Ends this process the way the child ended: by the same signal, without a core file of our own. */
void pyr_launch_die(int signal);
