/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Feed: hands samples from the thread that takes them to the one that shows them.
 *
 * Threads: both, each under the recorder's lock; taking is an exchange of two arrays, so that
 * neither waits for the other. What comes when it is full is dropped and counted. Start zeroed. */
#pragma once

#include <stdint.h>

#include "remote/recorder.h"

#define PYR_FEED_MAX_SAMPLES 262144

struct pyr_feed_batch {
    struct pyr_recent *items; /* owned */
    uint32_t count;
    uint32_t cap;
    uint64_t dropped;
};

struct pyr_feed {
    struct pyr_feed_batch filling;
};

/* A pyr_recorder_seen; `feed` is a struct pyr_feed. */
void pyr_feed_add(void *feed, const struct pyr_recent *recent);
/* Gives what came since the last time; `batch` must be zeroed or one given before, whose room is
 * used again. */
void pyr_feed_take(struct pyr_feed *feed, struct pyr_feed_batch *batch);
void pyr_feed_release(struct pyr_feed *feed);
void pyr_feed_batch_release(struct pyr_feed_batch *batch);
