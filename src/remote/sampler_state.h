/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Sampler state: what the parts of the sampler share. Nobody else includes it.
 *
 * Threads that share a GIL are an island: one of them runs Python at a time, so they are read
 * together and proved together. Up to 3.11, and unless sub-interpreters ask for their own GIL
 * after, there is one. */
#pragma once

#include "base/map.h"
#include "remote/batch.h"
#include "remote/bracket.h"
#include "remote/compare.h"
#include "remote/freeze.h"
#include "remote/lane.h"
#include "remote/native_stop.h"
#include "remote/priority.h"
#include "remote/pulse.h"
#include "remote/sampler.h"

#define NO_THREAD UINT32_MAX
#define MAX_TRIES 8 /* of a reading, until it is given up */

/* What came of reading an island. */
enum island_result {
    ISLAND_READ = 0,
    ISLAND_LOST,     /* nothing could be proved */
    ISLAND_OUTDATED, /* the threads are not those that are known: list them anew */
    ISLAND_BARRED,   /* its CPU is not one the reader may use */
    ISLAND_GONE,     /* the process can't be read any more */
};

/* One thread, over its life. */
struct tracked {
    struct pyr_lane lane;
    struct pyr_pulse pulse;
    struct pyr_raw_stack stacks[2]; /* owned; [now] is the last proved one */
    int now;
    bool has_stack; /* stacks[now] holds as of the island's words */
    bool wanted;    /* in this round it has to be read */
    bool copied;    /* in this round its machine stack was */
    bool is_member; /* is still in its interpreter's list */
    bool is_shared; /* another has its number: it may be run by a thread that we don't know */
    bool sampled;   /* in this round there is something to tell */
    enum pyr_sample_quality quality;
    uint32_t island;
    uint64_t next;       /* in the interpreter's list of threads */
    uint64_t held_bytes; /* of memory, as it was weighed last */
    uint32_t same_outermost;
    uint64_t epoch; /* of the codes, when it was told last */
    uint64_t told_ns;
    uint64_t cpu_ns; /* at that time */
    uint64_t doing_ns;
    enum pyr_pulse_doing doing; /* before it was stopped for the round */
    uint64_t futex;             /* likewise */
    uint64_t runs;              /* when a reading began: how many times it was given a CPU */
    bool idle;
    bool waits_for_gil;
    struct pyr_rseq_words rseq[2]; /* at both ends of a bracket */
    bool rseq_read[2];
};

struct island {
    uint64_t gil;               /* address; 0: this version's can't be found */
    uint64_t interpreter;       /* the first of it */
    struct pyr_gil_words words; /* as they were proved last */
    bool proved;                /* have they been, since the threads were listed? */
    bool collecting;
    bool swaps; /* a thread may go on in another interpreter, and the GIL's words not say so */
    uint8_t gil_bytes[2][PYR_GIL_MAX_SIZE];
    bool gil_read[2];
    uint64_t list_head;     /* as it was listed */
    uint64_t list_head_now; /* as it was read with the round */
    bool list_head_read;
    uint64_t generation; /* of the code objects, 3.14+ */
    bool generation_read;
    uint32_t gc;
    bool gc_read;
};

struct pyr_sampler {
    struct pyr_target *target;
    struct pyr_codes *codes;
    struct pyr_sampler_options options;
    enum pyr_sampler_mode mode;
    const char *why;
    struct pyr_sampler_counts counts;
    struct pyr_freeze freeze;
    struct pyr_stopper stopper;
    struct pyr_native *native;    /* owned; NULL unless asked for */
    struct pyr_raw_stack machine; /* of the thread that is told of */
    struct pyr_raw_stack merged;
    struct pyr_batch batch;
    struct pyr_raw_stack second; /* of the copy that another is compared with */
    struct pyr_remote_threads threads;
    struct tracked *tracked; /* owned; as threads.items */
    uint32_t tracked_count;
    struct pyr_map by_address; /* of the thread state: index + 1 */
    struct island *islands;    /* owned */
    uint32_t island_count;
    uint32_t island_cap;
    struct pyr_edges edges;       /* calls that were proved, for comparing */
    bool can_freeze;              /* the witnesses and our rights allow it */
    struct pyr_priority priority; /* for frozen readings when comparing */
    uint64_t proofs_ns;           /* when the last of the allowance for frozen readings was used */
    uint64_t now_ns;              /* when the round began */
    bool listed;
    bool outdated; /* the list has changed since */
    uint64_t listed_ns;
    uint64_t epoch; /* counts how often code objects may have changed */
    uint64_t epoch_ns;
    uint64_t checked_ns; /* when it was last looked whether code was replaced, before 3.14 */
    uint64_t generation;
    uint64_t step_ns;
    uint64_t held_bytes;   /* by all threads */
    uint32_t further_left; /* frames that may still be read one by one … */
    uint64_t further_ns;   /* … in the round that began then */
};

/* sampler_threads.c: lists the threads and makes the islands; what is known of threads that were
 * there before stays. */
PYR_MUST_USE bool sampler_list(struct pyr_sampler *sampler, struct pyr_err *err);
void sampler_forget_threads(struct pyr_sampler *sampler);
/* The thread whose state is at `address`; NO_THREAD. */
uint32_t sampler_find(const struct pyr_sampler *sampler, uint64_t address);
/* Once the list has changed: leaves out of the reading what is no longer in it. New threads are
 * missed until the next listing. Right only while the list stands still. */
void sampler_keep_members(struct pyr_sampler *sampler, uint32_t island);
/* Is what was read of the thread's state still that thread? */
bool sampler_state_holds(const struct pyr_sampler *sampler, const struct tracked *thread);
/* Is the list of threads still what it was, by what has been read of the island? */
bool sampler_list_holds(struct pyr_sampler *sampler, uint32_t island);

/* sampler_read.c: what the modes have in common. */
void sampler_add_island(struct pyr_sampler *sampler, struct island *island, int end);
struct pyr_gil_words sampler_words(const struct pyr_sampler *sampler, const struct island *island,
                                   int end);
/* Plans what is to be read of a thread, `copies` times. */
PYR_MUST_USE bool sampler_plan_lane(struct pyr_sampler *sampler, struct tracked *thread,
                                    int copies);
/* Adds what is to be read of a thread, planned anew. */
PYR_MUST_USE bool sampler_add_lane(struct pyr_sampler *sampler, struct tracked *thread);
/* Adds one copy of its pieces, as they are planned. */
void sampler_add_pieces(struct pyr_sampler *sampler, struct tracked *thread, int copy);
/* Decodes one copy of what was read; `*further` as below. */
enum pyr_lane_result sampler_decode_copy(struct pyr_sampler *sampler, struct tracked *thread,
                                         int copy, struct pyr_raw_stack *stack, bool *further);
/* Decodes what was read, and reads again what was elsewhere: only while the thread stands still.
 * `*further` is set when it did. The stack is in stacks[!now]. */
enum pyr_lane_result sampler_decode(struct pyr_sampler *sampler, struct tracked *thread,
                                    bool *further);
/* The stack in stacks[!now] is a sample. */
void sampler_accept(struct pyr_sampler *sampler, struct tracked *thread,
                    enum pyr_sample_quality quality);
/* stacks[now] is one again: the thread can't have run Python since. */
void sampler_accept_unchanged(struct tracked *thread);

/* One way of reading an island each. ISLAND_LOST from reading beside: of some threads. */
enum island_result sampler_read_frozen(struct pyr_sampler *sampler, uint32_t island);
enum island_result sampler_read_beside(struct pyr_sampler *sampler, uint32_t island,
                                       bool may_freeze);
enum island_result sampler_read_stopped(struct pyr_sampler *sampler, uint32_t island);

/* sampler_native.c: machine stacks, while the threads are stopped and afterwards. */
PYR_MUST_USE bool sampler_open_native(struct pyr_sampler *sampler, struct pyr_err *err);
void sampler_close_native(struct pyr_sampler *sampler);
void sampler_copy_native(struct pyr_sampler *sampler);
/* The thread's stack with both kinds of frames; only Python's where there is no more. Borrowed
 * until the next call. */
const struct pyr_raw_stack *sampler_merge_native(struct pyr_sampler *sampler, uint32_t index);
