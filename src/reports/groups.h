/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Groups: the threads in view put together by native thread, task, coroutine, greenlet, context
 * or tag, with what each group spent, the most expensive first.
 *
 * Every thread in view is in exactly one group, so the groups add up to the whole; what is of no
 * task, tag … is a group of its own. Takes one pass over threads and one over values. Start
 * zeroed. Threads: one owner. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "reports/view.h"

enum pyr_by {
    PYR_BY_THREAD, /* all that ran in a native thread, its tasks and greenlets too */
    PYR_BY_TASK,
    PYR_BY_COROUTINE, /* tasks by the function they began with */
    PYR_BY_GREENLET,
    PYR_BY_CONTEXT, /* told apart by a callback of the program's */
    PYR_BY_TAG,
};

struct pyr_group {
    uint32_t id;       /* what group_of says of its threads */
    pyr_thread thread; /* that it is of; id 0: of none, or not grouped by any */
    pyr_str text;      /* the tag, or the coroutine */
    bool none;         /* the group of what is of no task, tag … */
    bool rest;         /* the group of what was beyond the limit, whatever the coroutine */
    int64_t value;     /* of the view's main metric, all in all */
    int64_t wall;      /* as measured; 0 without */
    int64_t cpu;       /* as the report shows it, be it the main metric or beside it; 0 without */
    int64_t waiting;   /* 0 unless there are both */
    int64_t calls;
    uint32_t rows; /* of values */
    uint32_t entries;
    uint32_t tasks;
};

struct pyr_groups {
    const struct pyr_view *view; /* borrowed */
    enum pyr_by by;
    struct pyr_group *items; /* owned */
    uint32_t count;
    uint32_t cap;
    uint32_t *group_of; /* owned; per thread from id 0 up; 0: not in view */
};

/* The names that options->by takes, in order, NULL-terminated. */
extern const char *const pyr_by_names[];
/* A usage error names those there are. */
PYR_MUST_USE bool pyr_by_find(const char *name, enum pyr_by *by, struct pyr_err *err);

PYR_MUST_USE bool pyr_groups_fill(struct pyr_groups *groups, const struct pyr_view *view,
                                  enum pyr_by by, struct pyr_err *err);
void pyr_groups_release(struct pyr_groups *groups);

/* "MainThread", "Task-3", "(no tag)": safe for a terminal. */
void pyr_groups_add_label(const struct pyr_groups *groups, const struct pyr_group *group,
                          struct pyr_buf *out);
/* "threads", "tasks", … and without the s. */
const char *pyr_by_word(enum pyr_by by, bool plural);
