/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Sampling for `top`: a thread of its own that opens a recording and runs it until told to stop,
 * so that neither a slow terminal delays a sample nor sampling a key. All of the recording happens
 * there: ptrace and CPU affinity belong to one thread. Start zeroed.
 * Threads: all functions are for the thread that shows. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/recorder.h"
#include "tui/feed.h"
#include "tui/mirror.h"
#include "tui/top_model.h"

enum pyr_sampling_state {
    PYR_SAMPLING_OPENING = 0,
    PYR_SAMPLING_RUNNING,
    PYR_SAMPLING_ENDED, /* nothing more comes, but what came can still be taken */
    PYR_SAMPLING_FAILED,
};

struct pyr_sampling {
    pthread_t thread;
    pthread_mutex_t lock; /* guards state, rate, err and the waiting for them */
    pthread_cond_t changed;
    enum pyr_sampling_state state;
    int stop;      /* set once, looked at between slices */
    uint32_t rate; /* wanted */
    struct pyr_err err;
    struct pyr_recorder *recorder; /* the thread's; others under its lock while RUNNING or ENDED */
    struct pyr_feed feed;          /* under the recorder's lock */
    struct pyr_feed_batch batch;   /* ours */
    struct pyr_recorder_options options;
    uint32_t pid;
    bool started;
};

/* Starts, and waits until the process is open. On failure nothing runs. */
PYR_MUST_USE bool pyr_sampling_start(struct pyr_sampling *sampling, uint32_t pid,
                                     const struct pyr_recorder_options *options,
                                     struct pyr_err *err);
/* Brings the model up to date: names, samples, facts. Holds the sampler up for no longer than
 * copying what is new takes. */
PYR_MUST_USE bool pyr_sampling_take(struct pyr_sampling *sampling, struct pyr_top_model *model,
                                    struct pyr_err *err);
void pyr_sampling_set_rate(struct pyr_sampling *sampling, uint32_t rate);
void pyr_sampling_stop(struct pyr_sampling *sampling); /* one not started is allowed */
