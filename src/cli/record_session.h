/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Record session: a recording from its first round to its last: signals, the child's end, flushes,
 * periods, triggers and the progress line in turn with the sampling. */
#pragma once

#include "cli/record_options.h"
#include "cli/record_output.h"
#include "cli/record_progress.h"
#include "cli/signals.h"
#include "cli/trace_files.h"

/* Start zeroed, with the borrowed parts set. */
struct pyr_record_session {
    const struct pyr_record_options *options; /* borrowed, as are the files */
    const struct pyr_trace_files *files;
    struct pyr_recorder *recorder; /* owned */
    struct pyr_record_output output;
    struct pyr_record_progress progress;
    struct pyr_signals signals; /* taken before it begins */
    uint32_t child;             /* 0: we are attached to a process that is not ours */
    bool child_ended;
    struct pyr_launch_end end;
    uint64_t flush_ns; /* when each of these is due */
    uint64_t period_ns;
    uint64_t trigger_ns;
    uint64_t stop_ns;
    uint64_t cpu_ns;    /* of the target, when it was looked at last, … */
    uint64_t cpu_at_ns; /* … and when that was */
    bool was_busy;      /* above the trigger then */
    uint32_t triggers;  /* SIGUSR1 that were served */
    uint32_t written;   /* numbered files */
};

/* Records until it is over for whatever reason. The recorder is then still open. False when it
 * can't go on, with what was recorded so far as good as it is. */
PYR_MUST_USE bool pyr_record_session_run(struct pyr_record_session *session, struct pyr_err *err);
/* Writes `profile` to the next numbered file. */
PYR_MUST_USE bool pyr_record_session_write(struct pyr_record_session *session,
                                           struct pyr_profile *profile, struct pyr_err *err);
