/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Sampler: takes samples of one process, proved consistent, and counts those that are not.
 *
 * How a sample is known to be true is the sampler's mode:
 * - frozen: the reader runs on the CPU on which the thread that last had the GIL runs, so that this
 *   thread can't, and proves it after reading: the kernel's note of the thread's CPU (rseq.cpu_id),
 *   the GIL's holder and its count of switches have not changed, and the reader was not switched
 *   out. What is not proved is read again.
 * - compared: the reader runs elsewhere and reads, in one call, the stack, the thread state and the
 *   stack again; what is not equal in both is torn.
 * - stopped: the threads are stopped with ptrace() for the time of the reading.
 * docs/internals/remote.md has why each is right. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/codes.h"
#include "remote/home.h"
#include "remote/interpreters.h"
#include "remote/native.h"
#include "remote/stack.h"
#include "remote/target.h"

enum pyr_sampler_mode {
    PYR_SAMPLER_AUTO =
        0, /* frozen where it can be proved and the rate is ordinary, else compared */
    PYR_SAMPLER_FROZEN,
    PYR_SAMPLER_COMPARED,
    PYR_SAMPLER_STOPPED,
};

#define PYR_SAMPLER_FROZEN_MAX_RATE 2000 /* Hz; above, auto compares */

struct pyr_sampler_options {
    enum pyr_sampler_mode mode;
    uint32_t rate; /* Hz, for auto */
    uint32_t max_depth;
    bool gc;                     /* show the collector as a frame */
    bool cpu;                    /* read each thread's CPU time */
    bool native;                 /* stacks of C as well: always stopped */
    const struct pyr_home *home; /* CPUs that the reader may use, borrowed until it is opened; NULL:
                                    those that the calling thread may use now. Several samplers of
                                    one thread should be given the same. */
    bool only_gil;               /* other threads than the GIL's holder are not wanted, nor read */
};

/* How a sample was found to be. */
enum pyr_sample_quality {
    PYR_SAMPLE_EXACT = 0, /* proved */
    PYR_SAMPLE_TORN,      /* its tip could not be proved, and is left out and marked */
    PYR_SAMPLE_LIKELY,    /* compared: each of its calls was proved before, in some stack, but not
                             that all of them were there at the same moment; or, where nothing can
                             be proved, it was the same in both copies */
};

/* One thread at one moment. */
struct pyr_sample {
    const struct pyr_remote_thread *thread;
    const struct pyr_raw_stack *stack; /* borrowed until the callback returns */
    uint32_t same_outermost; /* so many frames, from the outermost in, are as in the thread's last
                                sample */
    uint64_t time_ns;        /* CLOCK_MONOTONIC */
    uint64_t wall_ns; /* that it stands for: since the thread's last sample, or its half step */
    uint64_t cpu_ns;  /* that the thread used in that time; 0 without options.cpu */
    bool holds_gil;
    bool waits_for_gil; /* runnable but for the GIL, as far as can be told */
    bool idle;          /* did not run: neither on a CPU nor ready for one */
    enum pyr_sample_quality quality;
};

/* Counts since the sampler was opened; of rounds, each of which looks at all threads, and of
 * samples, each of one thread. */
struct pyr_sampler_counts {
    uint64_t rounds;
    uint64_t late;    /* rounds that were due but not begun in time, and left out */
    uint64_t samples; /* exact + torn + likely */
    uint64_t exact;
    uint64_t torn;
    uint64_t likely;
    uint64_t lost;       /* samples for which nothing could be said */
    uint64_t retries;    /* readings that were thrown away and done again */
    uint64_t migrations; /* times that the reader followed the target to another CPU */
    uint64_t read_calls;
    uint64_t threads_missed; /* thread lists that changed while they were read */
};

typedef void pyr_sample_seen(void *context, const struct pyr_sample *sample);

struct pyr_sampler;

/* Borrows `target` and `codes`. NULL with `err` set. */
struct pyr_sampler *pyr_sampler_open(struct pyr_target *target, struct pyr_codes *codes,
                                     const struct pyr_sampler_options *options,
                                     struct pyr_err *err);
void pyr_sampler_close(struct pyr_sampler *sampler); /* NULL is allowed; resumes what it stopped */

/* One round: `seen` is called for each thread. False when the process is gone or has become another
 * (PYR_ERR_GONE), or may not be read any more; what was seen until then stands. */
PYR_MUST_USE bool pyr_sampler_round(struct pyr_sampler *sampler, pyr_sample_seen *seen,
                                    void *context, struct pyr_err *err);
/* Counts rounds that were left out because the one before took too long. */
void pyr_sampler_count_late(struct pyr_sampler *sampler, uint64_t rounds);
/* Names the PYR_RAW_NATIVE frames of samples; NULL without options.native. Borrowed. */
struct pyr_native *pyr_sampler_native(const struct pyr_sampler *sampler);
const struct pyr_sampler_counts *pyr_sampler_counts(const struct pyr_sampler *sampler);
/* Which it really is, and in words why it is not the one asked for ("" if it is). */
enum pyr_sampler_mode pyr_sampler_mode(const struct pyr_sampler *sampler, const char **why);
/* "frozen", "compared", "stopped". */
const char *pyr_sampler_mode_name(enum pyr_sampler_mode mode);
