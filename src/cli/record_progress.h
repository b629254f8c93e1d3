/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Record progress: one line on a terminal that says how a recording goes, gone at its end. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "remote/recorder.h"

struct pyr_record_progress {
    bool shown; /* is it wanted at all? */
    bool there; /* is there a line to be wiped? */
    uint32_t pid;
    uint64_t duration_ns; /* 0: no end is known */
    uint64_t drawn_ns;
};

/* "Recording 1234 at 99.8 Hz: 1,234 samples, 100.0 % exact, 12 s left". */
void pyr_record_progress_add(const struct pyr_record_progress *progress,
                             const struct pyr_recorder_progress *now, struct pyr_buf *out);
/* Draws it on standard error, a few times a second at most. */
void pyr_record_progress_draw(struct pyr_record_progress *progress,
                              const struct pyr_recorder *recorder);
void pyr_record_progress_wipe(struct pyr_record_progress *progress);
