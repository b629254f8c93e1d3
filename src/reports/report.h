/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Reports: pure functions from a profile to text. Each is one `const struct pyr_report` in a file
 * of its own, listed once in report.c; options are the same for all and ignored where they do
 * not apply. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/profile.h"

struct pyr_report_options {
    const char *sort;     /* column name; NULL: the report's default */
    const char *module;   /* keep functions of this module or package; NULL: all */
    const char *match;    /* keep functions whose "module.qualname file:line" this POSIX extended
                             regular expression finds; NULL: all */
    const char *function; /* of callers/callees: a name ("add", "Index.add", with its module too),
                             else like `match`; NULL: the most expensive ones */
    const char *thread; /* name, tid or number of a thread, task or greenlet; NULL: all together */
    const char *task;   /* name, coroutine or number of a task; NULL: all */
    const char *tag;    /* work done under this tag; NULL: all */
    const char *by;     /* split by these: thread task coroutine greenlet context tag; NULL: not */
    const char *folder; /* files below this folder are shown relative to it; NULL: whole */
    uint32_t limit;     /* rows, or nodes of a tree; 0: the report's default */
    double min_share;   /* hide tree nodes below this share, 0..1; negative: default */
    uint32_t width;     /* columns of the terminal; 0: unlimited */
    bool reverse;
    bool color;
    bool ascii;       /* no box-drawing characters */
    bool compensated; /* show raw and corrected times side by side */
    bool full_paths;
};

struct pyr_report {
    const char *name; /* as --report takes it */
    const char *summary;
    bool splits; /* heeds options->by; the others refuse it */
    bool (*render)(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err);
};

/* NULL-terminated, in the order in which help shows them. */
extern const struct pyr_report *const pyr_reports[];
const struct pyr_report *pyr_report_find(const char *name, struct pyr_err *err);
