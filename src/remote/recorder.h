/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Recorder: a recording of a process and, where asked for, its children: opens targets as they
 * come, samples them in step, collects, and keeps the counts that say how true the result is.
 *
 * One thread runs it (pyr_recorder_run); the profile may be looked at between two runs, or by
 * others while pyr_recorder_lock() is held. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"
#include "remote/collect.h"
#include "remote/sampler.h"

#define PYR_RECORDER_MAX_PROCESSES 1024

struct pyr_recent;
/* Told of every kept sample by the thread that runs the recording, which holds the lock: be quick.
 */
typedef void pyr_recorder_seen(void *context, const struct pyr_recent *recent);

struct pyr_recorder_options {
    struct pyr_sampler_options sampler; /* its rate is this recording's */
    struct pyr_collect_options collect;
    bool subprocesses;
    bool starting;           /* the process was started by us: wait for its Python to come up */
    uint64_t keep_last_ns;   /* samples of so long before now can be had one by one, see
                                pyr_recorder_recent(); 0: none */
    pyr_recorder_seen *seen; /* NULL: nobody is told */
    void *seen_context;
};

struct pyr_recorder;

/* How it goes, for a progress line and for `top`. Sums over all processes so far. */
struct pyr_recorder_progress {
    struct pyr_sampler_counts counts;
    uint64_t elapsed_ns;
    uint64_t rounds_due;
    uint32_t processes; /* alive */
    uint32_t threads;   /* seen in the last second */
    bool started;       /* a Python was found */
    double rate;        /* rounds per second over the last second */
    double gil;  /* share of the last second's rounds in which some thread had the GIL, 0..1 */
    double busy; /* CPU seconds per second of all threads, when CPU times are read */
    double gc;
    bool ended; /* no process is left */
};

/* One kept sample of the last moments, in the order of time. */
struct pyr_recent {
    uint64_t time_ns;
    pyr_stack stack;
    pyr_thread thread;
    uint64_t wall_ns;
    uint64_t cpu_ns;
    bool holds_gil;
    bool idle;
    bool collecting; /* it ran the garbage collector */
    bool torn;       /* its tip could not be proved */
};

/* Fails when there is no Python that can be recorded; not with options.starting, where it may still
 * come up. */
struct pyr_recorder *pyr_recorder_open(uint32_t pid, const struct pyr_recorder_options *options,
                                       struct pyr_err *err);
void pyr_recorder_close(struct pyr_recorder *recorder); /* NULL is allowed */

/* Samples until CLOCK_MONOTONIC is `until_ns`, `*stop` is not 0 (looked at every round; set by a
 * signal handler, say), or no process is left. False only when the recording can't go on. */
PYR_MUST_USE bool pyr_recorder_run(struct pyr_recorder *recorder, uint64_t until_ns,
                                   const volatile int *stop, struct pyr_err *err);
/* The rate from the next run on. Not while it runs. */
void pyr_recorder_set_rate(struct pyr_recorder *recorder, uint32_t rate);
void pyr_recorder_progress(const struct pyr_recorder *recorder,
                           struct pyr_recorder_progress *progress);
/* Brings the meta data of the profile up to date and gives it: borrowed, valid until the next run.
 */
PYR_MUST_USE bool pyr_recorder_profile(struct pyr_recorder *recorder,
                                       const struct pyr_profile **profile, struct pyr_err *err);
/* The same for a writer, which marks in it what it has written. */
PYR_MUST_USE bool pyr_recorder_writable(struct pyr_recorder *recorder, struct pyr_profile **profile,
                                        struct pyr_err *err);
/* The same at the end: complete, and said to be. */
PYR_MUST_USE bool pyr_recorder_finish(struct pyr_recorder *recorder, struct pyr_profile **profile,
                                      struct pyr_err *err);
/* Takes the profile, the caller's now, and goes on with an empty one. */
PYR_MUST_USE bool pyr_recorder_take(struct pyr_recorder *recorder, struct pyr_profile **profile,
                                    struct pyr_err *err);
/* A profile of its own with what the last `last_ns` hold (0: as far as is kept). */
PYR_MUST_USE bool pyr_recorder_recent(struct pyr_recorder *recorder, uint64_t last_ns,
                                      struct pyr_profile **profile, struct pyr_err *err);
/* Why no Python was found so far; "" when one was. Borrowed. */
const char *pyr_recorder_why_not(const struct pyr_recorder *recorder);
/* CPU time of all processes that are recorded, as the kernel counts it: of their whole lives. */
uint64_t pyr_recorder_cpu_ns(const struct pyr_recorder *recorder);
void pyr_recorder_lock(struct pyr_recorder *recorder);
void pyr_recorder_unlock(struct pyr_recorder *recorder);
