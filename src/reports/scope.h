/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Scope: which of a profile's threads the options choose by thread, task and tag: those that
 * fulfil all of them. Whoever chooses a thread chooses what ran in it. Start zeroed. Threads: one
 * owner. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "model/profile.h"
#include "reports/report.h"

struct pyr_scope {
    uint32_t *group_of; /* owned; per thread from id 0 up, 1 when chosen; NULL: all are */
    pyr_thread thread;  /* the first one that options->thread means; id 0: not asked */
    uint32_t thread_count;
    pyr_thread task; /* the same for options->task */
    uint32_t task_count;
    const char *thread_text; /* borrowed from the options, as are the others */
    const char *task_text;
    const char *tag;
};

/* Fails with a usage error when an option means nothing that is in the profile. */
PYR_MUST_USE bool pyr_scope_find(const struct pyr_profile *profile,
                                 const struct pyr_report_options *options, struct pyr_scope *scope,
                                 struct pyr_err *err);
void pyr_scope_release(struct pyr_scope *scope);

/* How many untagged entries of this kind there are. */
uint32_t pyr_scope_count(const struct pyr_profile *profile, enum pyr_thread_kind kind);
/* " on thread Worker", " on 2 threads, 12 tasks": what is in the scope, safe for a terminal. */
void pyr_scope_add_words(const struct pyr_profile *profile, const struct pyr_scope *scope,
                         struct pyr_buf *out);
/* A thread's name, or what stands for one; safe for a terminal. */
void pyr_scope_add_thread(const struct pyr_profile *profile, pyr_thread thread,
                          struct pyr_buf *out);
/* Is it what was beyond --context-limit, all of it taken together? */
bool pyr_scope_is_rest(const struct pyr_profile *profile, pyr_thread thread);
/* "thread", "task", "greenlet", "context"; with an s behind unless there is one. */
const char *pyr_scope_kind(enum pyr_thread_kind kind, bool plural);
