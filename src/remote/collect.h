/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Collect: samples into a profile. Stacks become stacks of the model, threads threads; the values
 * are samples (count), wall (ns) and, where asked for, cpu (ns). Threads: one at a time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"
#include "remote/codes.h"
#include "remote/names.h"
#include "remote/sampler.h"

struct pyr_collect_options {
    bool idle;       /* keep samples of idle threads */
    bool gil;        /* keep only those of the GIL's holder */
    bool cpu;        /* add the column cpu, and keep only samples with CPU time */
    bool threads;    /* a level of the stacks for the thread: "thread 123 (name)" */
    bool processes;  /* and one for the process: "process 123 (command)" */
    bool functions;  /* line numbers of functions, not of what runs in them (--function) */
    bool no_lines;   /* no line numbers at all */
    bool full_files; /* as the code says; otherwise without the part that sys.path explains */
};

/* Where in the model one sample went. */
struct pyr_collected {
    bool kept;
    pyr_stack stack;
    pyr_thread thread;
};

struct pyr_collector;

/* Makes the profile, which is the collector's until pyr_collector_take(). NULL with `err` set. */
struct pyr_collector *pyr_collector_new(const struct pyr_collect_options *options,
                                        struct pyr_err *err);
void pyr_collector_free(struct pyr_collector *collector);

/* Samples that follow are of process `pid`, with these codes and names: borrowed until the next
 * process is said, or the collector freed. `parent` is 0 or the process that began it. */
PYR_MUST_USE bool pyr_collector_process(struct pyr_collector *collector, uint32_t pid,
                                        const char *command, const struct pyr_codes *codes,
                                        const struct pyr_thread_names *names, struct pyr_err *err);
/* Adds one sample. `where` may be NULL. */
PYR_MUST_USE bool pyr_collector_add(struct pyr_collector *collector,
                                    const struct pyr_sample *sample, struct pyr_collected *where,
                                    struct pyr_err *err);
struct pyr_profile *pyr_collector_profile(struct pyr_collector *collector); /* borrowed */
/* The profile is the caller's now; the collector can only be freed. */
struct pyr_profile *pyr_collector_take(struct pyr_collector *collector);
