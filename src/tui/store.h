/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Store: the samples that `top` shows: the last moments one by one, and all since the start (or
 * since they were cleared) added up by stack, thread and state. Pure data; a copy of it is what a
 * paused view goes on showing. Start zeroed. Threads: one owner. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "remote/recorder.h"

#define PYR_STORE_KEEP_NS 6000000000ull /* how long single samples are kept */
#define PYR_STORE_MAX_RECENT 1048576    /* beyond, they are kept for less long */
#define PYR_STORE_MAX_ROWS 2097152

/* What a sample's thread was at; bits of a row's state. */
#define PYR_STATE_IDLE 1u
#define PYR_STATE_GIL 2u
#define PYR_STATE_BITS 2

struct pyr_store_row {
    uint32_t stack;
    uint32_t thread;
    uint32_t state;
    uint64_t samples;
    uint64_t wall_ns;
};

/* Of one thread, since the start. */
struct pyr_store_thread {
    uint64_t samples;
    uint64_t active_ns;
    uint64_t idle_ns;
    uint64_t gil_ns;
    uint64_t collecting_ns;
    uint64_t cpu_ns;
    struct pyr_recent last;
};

struct pyr_store {
    struct pyr_recent *recent; /* owned; a ring */
    uint32_t recent_first;
    uint32_t recent_count;
    uint32_t recent_cap;        /* a power of 2 */
    struct pyr_store_row *rows; /* owned */
    uint32_t row_count;
    uint32_t row_cap;
    struct pyr_map row_of;            /* index + 1 by stack, thread and state */
    struct pyr_store_thread *threads; /* owned; by thread id */
    uint32_t thread_count;
    uint32_t thread_cap;
    uint64_t start_ns;  /* when the first sample's time began; 0: there is none yet */
    uint64_t newest_ns; /* time of the newest sample */
    uint64_t samples;   /* since the start */
    uint64_t torn;
    uint64_t dropped; /* for want of room */
};

/* Takes samples in the order of their times. On failure some were not taken. */
PYR_MUST_USE bool pyr_store_add(struct pyr_store *store, const struct pyr_recent *samples,
                                uint32_t count, struct pyr_err *err);
/* Forgets the sums: since the start is since now. The last moments stay. */
void pyr_store_clear(struct pyr_store *store);
/* Makes `copy`, zeroed or a store, hold the same; it can be shown but not added to. */
PYR_MUST_USE bool pyr_store_copy(struct pyr_store *copy, const struct pyr_store *store,
                                 struct pyr_err *err);
void pyr_store_release(struct pyr_store *store);

/* Samples from the newest back; `back` from 0. */
const struct pyr_recent *pyr_store_recent(const struct pyr_store *store, uint32_t back);
/* How much time the last `wanted_ns` really hold: less at the start, or when there are too many
 * samples to keep. */
uint64_t pyr_store_span(const struct pyr_store *store, uint64_t wanted_ns);
/* The part of a sample's time that lies in the last `window_ns`; 0 when none does. */
uint64_t pyr_store_within(const struct pyr_store *store, const struct pyr_recent *sample,
                          uint64_t window_ns);
/* Since the start, or since cleared. */
uint64_t pyr_store_elapsed(const struct pyr_store *store);
uint32_t pyr_store_state(const struct pyr_recent *sample);
