/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Top: the live view of a running process: sampling in one thread, this one draws and listens. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/recorder.h"
#include "tui/sums.h"

struct pyr_top_options {
    uint32_t pid;
    struct pyr_recorder_options recorder; /* `seen` is ours */
    struct pyr_sums_filter filter;        /* what is shown first */
    bool color;
};

/* Shows the process until the user quits. A signal that ended it is in `*signal`, else 0. Fails
 * before the terminal is touched when there is none or the process can't be read. */
PYR_MUST_USE bool pyr_top_run(const struct pyr_top_options *options, int *signal,
                              struct pyr_err *err);
