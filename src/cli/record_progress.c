/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_progress.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "reports/figure.h"

#define DRAW_NS 250000000u
#define WIPE "\r\033[K"

void pyr_record_progress_add(const struct pyr_record_progress *progress,
                             const struct pyr_recorder_progress *now, struct pyr_buf *out)
{
    const struct pyr_sampler_counts *counts = &now->counts;
    if (!now->started) {
        pyr_buf_addf(out, "Waiting for Python in process %u", (unsigned)progress->pid);
        return;
    }
    pyr_buf_addf(out, "Recording %u at %.*f Hz: %s samples", (unsigned)progress->pid,
                 now->rate < 1000 ? 1 : 0, now->rate,
                 pyr_figure_count((int64_t)counts->samples).text);
    if (counts->samples + counts->lost > 0) {
        pyr_buf_addf(
            out, ", %s exact",
            pyr_figure_share((int64_t)counts->exact, (int64_t)(counts->samples + counts->lost))
                .text);
    }
    if (now->processes > 1) {
        pyr_buf_addf(out, ", %u processes", (unsigned)now->processes);
    }
    if (progress->duration_ns > now->elapsed_ns) {
        const uint64_t left = (progress->duration_ns - now->elapsed_ns + 999999999u) / 1000000000u;
        pyr_buf_addf(out, ", %llu s left", (unsigned long long)left);
    } else if (progress->duration_ns == 0) {
        pyr_buf_addf(out, ", %llu s so far; Ctrl-C ends it",
                     (unsigned long long)(now->elapsed_ns / 1000000000u));
    }
}

void pyr_record_progress_draw(struct pyr_record_progress *progress,
                              const struct pyr_recorder *recorder)
{
    const uint64_t now = pyr_clock_monotonic_ns();
    struct pyr_recorder_progress state;
    struct pyr_buf line = {0};
    if (!progress->shown || now < progress->drawn_ns + DRAW_NS) {
        return;
    }
    pyr_recorder_progress(recorder, &state);
    pyr_buf_add_text(&line, WIPE);
    pyr_record_progress_add(progress, &state, &line);
    if (!line.failed) {
        (void)!write(STDERR_FILENO, line.data, line.len);
        progress->there = true;
    }
    pyr_buf_release(&line);
    progress->drawn_ns = now;
}

void pyr_record_progress_wipe(struct pyr_record_progress *progress)
{
    if (progress->there) {
        (void)!write(STDERR_FILENO, WIPE, strlen(WIPE));
        progress->there = false;
    }
}
