/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Recorded: one process of a recording: waiting for its Python to come up, being sampled, become
 * another program by exec(), ended. Only for recorder.c. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "remote/collect.h"
#include "remote/interpreters.h"
#include "remote/names.h"
#include "remote/sampler.h"
#include "remote/target.h"
#include "remote/tasks.h"

struct pyr_recorded {
    uint32_t pid;
    bool is_open;
    bool is_gone;
    bool was_open; /* at least once */
    struct pyr_target target;
    struct pyr_codes *codes; /* owned, like all below, while it is open */
    struct pyr_thread_names *names;
    struct pyr_sampler *sampler;
    struct pyr_remote_threads threads; /* for their names */
    uint64_t relist_ns;                /* when they may be listed again */
    struct pyr_remote_tasks tasks;     /* for theirs */
    struct pyr_map tasks_by_frame;     /* of their outermost coroutine -> index + 1 */
    uint64_t tasks_ns;                 /* when they may be listed again */
    uint32_t handle;                   /* of the collector */
    uint64_t retry_ns;                 /* CLOCK_MONOTONIC; when to try again to open it … */
    uint64_t wait_ns;                  /* … and how long to wait after that */
    uint64_t executable_inode;         /* of the last try */
    uint64_t executable_device;
    uint64_t check_ns;   /* when to look next whether it is another program now */
    uint64_t sampled_ns; /* when a sample of any thread was taken last */
    struct pyr_err why;  /* it could not be opened the last time */
};

void pyr_recorded_init(struct pyr_recorded *recorded, uint32_t pid);
/* Finds the interpreter and begins to collect. On failure all is as it was, but for `why`. */
PYR_MUST_USE bool pyr_recorded_open(struct pyr_recorded *recorded,
                                    const struct pyr_sampler_options *options,
                                    struct pyr_collector *collector, struct pyr_err *err);
/* Adds what was counted to `counts`. Nothing happens to one that is not open. */
void pyr_recorded_close(struct pyr_recorded *recorded, struct pyr_collector *collector,
                        struct pyr_sampler_counts *counts);
/* Has an open one become another program? Looked at now and then only: most often it is noticed by
 * what is read, but a program may be put where the one before was. */
bool pyr_recorded_is_replaced(struct pyr_recorded *recorded, uint64_t now_ns);
/* Is it time to try again? Sooner when it has become another program. */
bool pyr_recorded_is_due(struct pyr_recorded *recorded, uint64_t now_ns);
/* It could not be opened now. */
void pyr_recorded_wait(struct pyr_recorded *recorded, uint64_t began_ns, uint64_t now_ns);

void pyr_sampler_counts_add(struct pyr_sampler_counts *sum, const struct pyr_sampler_counts *more);
