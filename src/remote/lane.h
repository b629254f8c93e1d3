/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Lane: what is read of one thread for a sample: the thread state, and the memory in which its
 * frames are expected to be, in few large pieces instead of one by one.
 *
 * Frames are where they were: from 3.11 on side by side in the chunks of the thread's data stack;
 * before, objects in the heap, as the frames of generators are to this day. So each sample says
 * what to read for the next. A frame that is elsewhere is found by following the chain: its place
 * is read on the spot and learnt. A wrong guess costs a call, never truth.
 * A lane holds two copies of each piece, for readers that compare. It grows, and else does not
 * allocate. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/layout.h"
#include "remote/memory.h"
#include "remote/stack.h"

#define PYR_LANE_MAX_CHUNKS 4096u
#define PYR_LANE_MAX_CHUNK_SIZE (16u << 20)
#define PYR_LANE_MAX_BYTES (64u << 20)
#define PYR_LANE_MAX_LOOSE 65536u
#define PYR_LANE_MAX_STATE 4096u /* bytes of a thread state */

/* A chunk of the data stack: `used` bytes of it are read. */
struct pyr_lane_chunk {
    uint64_t address;
    uint32_t size;
    uint32_t used;
};

/* What is read at once: chunks and frames that are close to one another. */
struct pyr_lane_piece {
    uint64_t address;
    uint32_t size;
    uint32_t at;     /* in the copies */
    uint32_t stamp;  /* of the last sample that had a frame in it */
    uint32_t next;   /* the piece in which the chain went on, last time */
    bool has_chunk;  /* not to be forgotten when no frame is in it */
    bool is_read[2]; /* per copy: it could be */
};

struct pyr_lane {
    uint64_t thread;
    uint8_t *state; /* owned; layout->thread_size bytes */
    bool state_read;
    struct pyr_lane_chunk *chunks; /* owned; the newest first */
    uint32_t chunk_count;
    uint32_t chunk_cap;
    uint64_t *loose; /* owned; addresses of frames that are in no chunk, ascending */
    uint32_t loose_count;
    uint32_t loose_cap;
    struct pyr_lane_piece *pieces; /* owned; ascending */
    uint32_t piece_count;
    uint32_t piece_cap;
    uint8_t *copies[2]; /* owned */
    uint32_t copy_caps[2];
    uint32_t bytes; /* of all pieces */
    uint32_t stamp;
    bool stale; /* chunks or loose frames have changed since the pieces were made */
};

PYR_MUST_USE bool pyr_lane_init(struct pyr_lane *lane, uint64_t thread,
                                const struct pyr_layout *layout, struct pyr_err *err);
void pyr_lane_release(struct pyr_lane *lane); /* zeroed is allowed */

/* As after init: what was learnt is forgotten, and the room for it given back. */
void pyr_lane_forget(struct pyr_lane *lane);

/* Makes the pieces anew if what is expected has changed. `copies` is 1 or 2. */
PYR_MUST_USE bool pyr_lane_plan(struct pyr_lane *lane, const struct pyr_layout *layout, int copies,
                                struct pyr_err *err);

struct pyr_lane_reading {
    struct pyr_memory *memory; /* for frames that are elsewhere */
    const struct pyr_layout *layout;
    uint32_t max_depth;
    int copy;             /* 0 or 1: of which the frames are taken */
    bool further;         /* set when more had to be read */
    uint32_t further_max; /* frames that may be read one by one */
};

enum pyr_lane_result {
    PYR_LANE_OK = 0,
    PYR_LANE_EMPTY, /* the thread is not in Python */
    PYR_LANE_AGAIN, /* much is elsewhere: plan, read and decode again */
    PYR_LANE_TORN,  /* no chain of frames; the stack holds what was good up to there */
    PYR_LANE_FAILED /* the thread state could not be read, or there is no memory */
};

/* Follows the frames through what was read, the innermost first. */
enum pyr_lane_result pyr_lane_decode(struct pyr_lane *lane, struct pyr_lane_reading *reading,
                                     struct pyr_raw_stack *stack);
/* After a good sample: forgets what has not been met for long. */
void pyr_lane_settle(struct pyr_lane *lane, const struct pyr_layout *layout);
