/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Collect: samples into a profile. Stacks become stacks of the model, threads threads; the values
 * are samples (count) and wall, or with options.cpu cpu (ns).
 *
 * A thread's last stack is kept, so that a sample costs what is new in it. Threads: one at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"
#include "remote/codes.h"
#include "remote/native.h"
#include "remote/sampler.h"

#define PYR_COLLECT_NODE_LIMIT 1000000 /* distinct call paths, by default */
#define PYR_COLLECT_MAX_THREADS 4096   /* told apart; those beyond share an entry */
#define PYR_COLLECT_MAX_TASKS 16384    /* those beyond are told apart by their coroutine only */

struct pyr_collect_options {
    bool idle;           /* keep samples of idle threads */
    bool gil;            /* keep only those of the GIL's holder */
    bool cpu;            /* the value is cpu, and only samples with CPU time are kept */
    bool threads;        /* a level of the stacks for the thread: "thread 123 (name)" */
    bool tasks;          /* tell the tasks of asyncio and its like apart, as threads of the model */
    bool processes;      /* and one for the process: "process 123 (command)" */
    bool functions;      /* line numbers of functions, not of what runs in them (--function) */
    bool no_lines;       /* no line numbers at all */
    bool full_files;     /* as the code says; otherwise without what leads to the package */
    uint32_t node_limit; /* distinct call paths; beyond, samples are "(folded)"; 0: the default */
};

/* Where the words for a process's samples come from. Any of the functions but the first two may be
 * NULL. What they give is valid until the next call. */
struct pyr_collect_source {
    void *context;
    /* The id of the code object at an address; 0 when none can be read there. */
    uint32_t (*code_id)(void *context, uint64_t address);
    const struct pyr_code *(*code)(void *context, uint32_t id);
    const char *(*thread_name)(void *context, const struct pyr_remote_thread *thread);
    const struct pyr_native_symbol *(*symbol)(void *context, uint64_t pc);
    /* The name of the task whose outermost coroutine has its frame at an address; "" when there is
     * none, or its name is not known. */
    const char *(*task_name)(void *context, uint64_t frame);
};

/* A process whose samples are to be collected. Texts are borrowed until the call returns. */
struct pyr_collect_process {
    uint32_t pid;
    const char *command;     /* for the process level; NULL: "" */
    const char *main_file;   /* the script it runs, as its code objects name it; NULL: not known */
    const char *main_module; /* or the module of -m */
    struct pyr_collect_source source;
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
void pyr_collector_free(struct pyr_collector *collector); /* NULL is allowed */

/* From now on there are samples of this process; `*handle` (from 1 up) stands for it. A process
 * that became another program is another process here. */
PYR_MUST_USE bool pyr_collector_begin(struct pyr_collector *collector,
                                      const struct pyr_collect_process *process, uint32_t *handle,
                                      struct pyr_err *err);
/* No more samples of it: its caches are freed, and the handle means nothing any more. */
void pyr_collector_end(struct pyr_collector *collector, uint32_t handle);
/* Adds one sample. `where` may be NULL. */
PYR_MUST_USE bool pyr_collector_add(struct pyr_collector *collector, uint32_t handle,
                                    const struct pyr_sample *sample, struct pyr_collected *where,
                                    struct pyr_err *err);
/* Time of the same thread that the sample should not stand for, because nobody looked for too long:
 * `weight` ns, as "<not sampled>". After pyr_collector_add() of that sample, which kept it. */
PYR_MUST_USE bool pyr_collector_add_unseen(struct pyr_collector *collector, uint32_t process,
                                           const struct pyr_sample *sample,
                                           const struct pyr_collected *where, uint64_t weight,
                                           struct pyr_err *err);
struct pyr_profile *pyr_collector_profile(struct pyr_collector *collector); /* borrowed */
/* How many samples were folded or put to the shared thread, as a limit was reached. */
uint64_t pyr_collector_folded(const struct pyr_collector *collector);
uint64_t pyr_collector_threads_folded(const struct pyr_collector *collector);
/* Notes when each thread was seen last. */
void pyr_collector_note_ends(struct pyr_collector *collector);
/* The profile is the caller's now, and the collector goes on with an empty one. NULL, with all as
 * it was, when out of memory. */
struct pyr_profile *pyr_collector_take(struct pyr_collector *collector, struct pyr_err *err);
