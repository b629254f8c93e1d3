/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Contexts: tasks or greenlets one by one, or put together by the function they began with: how
 * long they lived, ran and were suspended. Start zeroed. Threads: one owner. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "reports/groups.h"
#include "reports/sort.h"

#define PYR_CONTEXT_ROWS 25 /* unless --limit says otherwise */
#define PYR_NOT_KNOWN INT64_MIN

struct pyr_context {
    pyr_thread thread; /* the first of them where several are put together */
    uint32_t count;    /* how many are put together */
    bool rest;         /* what was beyond the limit: nobody knows how many, nor of what entry */
    /* In ns, over all of them; PYR_NOT_KNOWN where none of them tells. */
    int64_t lifetime;
    int64_t running;   /* wall time */
    int64_t suspended; /* what is left of the lifetime: awaiting, in tasks */
    int64_t starved;   /* of tasks */
    int64_t cpu;
    int64_t waiting; /* of what it ran */
    int64_t value;   /* of the view's main metric */
    int64_t switches;
    pyr_str tag; /* the first one it worked under */
    uint32_t tags;
};

struct pyr_contexts {
    const struct pyr_view *view; /* borrowed */
    bool tasks;                  /* else greenlets */
    struct pyr_context *items;   /* owned; in the order asked for */
    uint32_t count;
    uint32_t cap;
};

/* Collects and orders all tasks (else greenlets) in view. */
PYR_MUST_USE bool pyr_contexts_fill(struct pyr_contexts *contexts, const struct pyr_view *view,
                                    bool tasks, struct pyr_err *err);
/* The same put together by entry; `from` stays as it is. */
PYR_MUST_USE bool pyr_contexts_join(struct pyr_contexts *contexts, const struct pyr_contexts *from,
                                    struct pyr_err *err);
void pyr_contexts_release(struct pyr_contexts *contexts);
/* The table, and a remark on what is left out. */
PYR_MUST_USE bool pyr_contexts_add(const struct pyr_contexts *contexts, bool joined,
                                   struct pyr_buf *out, struct pyr_err *err);
/* A whole report: by entry, then one by one. */
PYR_MUST_USE bool pyr_contexts_render(const struct pyr_profile *profile,
                                      const struct pyr_report_options *options, bool tasks,
                                      struct pyr_buf *out, struct pyr_err *err);
