/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Drain: carries what the call trees hold over into a model profile, as often as wanted.
 *
 * It remembers which stack each node became and with what values, so a later run adds only what is
 * new. Reads trees that other threads are writing; needs no interpreter. */
#pragma once

#include "base/map.h"
#include "model/profile.h"
#include "probe/trace.h"

/* Columns of a drained profile, in this order; where only the CPU clock was asked for, it stands in
 * the place of wall time. The others come when there is something to put there. */
enum { PYR_DRAIN_CALLS, PYR_DRAIN_RESUMES, PYR_DRAIN_TIME, PYR_DRAIN_CPU, PYR_DRAIN_COLUMNS = 6 };

/* What a node became, and what of it is in the profile. Nodes may share a stack: two functions of
 * one name, file and line, such as those of classes made alike, are one function there. */
struct pyr_drained_node {
    pyr_stack stack;
    pyr_thread thread;
    int64_t v[PYR_DRAIN_COLUMNS];
};

struct pyr_drained_tree {
    struct pyr_context *home;       /* borrowed from the trace, which never drops one */
    struct pyr_drained_node *nodes; /* owned; by index of node */
    uint32_t count;
    uint32_t cap;
    pyr_thread thread;
    pyr_func entry; /* what a context that is no native thread began with */
};

/* A task as it appears in the profile. */
struct pyr_drained_label {
    pyr_thread thread;
    uint32_t number;
    pyr_func entry;
};

struct pyr_drain {
    struct pyr_profile *profile; /* owned */
    pyr_func *functions;         /* owned; by number in the registry */
    uint32_t functions_count;
    uint32_t functions_cap;
    struct pyr_drained_tree *trees; /* owned; by number of context */
    uint32_t trees_count;
    uint32_t trees_cap;
    struct pyr_map label_threads;     /* a thread and a label below it -> thread */
    struct pyr_drained_label *labels; /* owned; the tasks among them */
    uint32_t labels_count;
    uint32_t labels_cap;
    int awaited; /* its column; -1: there is none yet */
    int starved;
    bool has_timeline; /* its runs are in the profile */
    uint64_t events;
};

/* Zeroes first. False when out of memory; then release. */
bool pyr_drain_init(struct pyr_drain *drain, struct pyr_err *err);
void pyr_drain_release(struct pyr_drain *drain);
PYR_MUST_USE bool pyr_drain_run(struct pyr_drain *drain, struct pyr_trace *trace,
                                struct pyr_err *err);

/* The parts of a run, each in a file of its own. */

/* Gives the tree its thread in the profile, or tells that better. */
PYR_MUST_USE bool pyr_drain_context(struct pyr_drain *drain, struct pyr_trace *trace,
                                    struct pyr_drained_tree *tree, struct pyr_err *err);
/* The thread of what lies below the label's node, whose parent has been drained. */
PYR_MUST_USE bool pyr_drain_label(struct pyr_drain *drain, struct pyr_trace *trace,
                                  const struct pyr_drained_tree *tree, const struct pyr_node *node,
                                  pyr_thread *thread, struct pyr_err *err);
/* What is known of the tasks by now. */
void pyr_drain_tasks(struct pyr_drain *drain, struct pyr_trace *trace);
/* The ring's events as runs of the timeline; once, with the GIL or after the end. */
PYR_MUST_USE bool pyr_drain_timeline(struct pyr_drain *drain, struct pyr_trace *trace,
                                     struct pyr_err *err);
PYR_MUST_USE bool pyr_drain_meta(struct pyr_drain *drain, struct pyr_trace *trace,
                                 struct pyr_err *err);
