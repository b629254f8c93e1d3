/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Show: what `trace`, `report` and `diff` share: the options that say how a profile is shown, and
 * loading, rendering and writing it. */
#pragma once

#include <limits.h>

#include "cli/options.h"
#include "cli/output.h"
#include "formats/format.h"
#include "reports/report.h"

/* The options' values; strings are borrowed from the command line. */
struct pyr_show {
    struct pyr_report_options options;
    const struct pyr_report *report;
    struct pyr_format_options writing;
    const char *format; /* of the file to write; NULL: by its name, or none */
    const char *output;
    enum pyr_color_when color;
    char folder[PATH_MAX]; /* we are in; options.folder points here, so don't copy the struct */
};

/* Ids from here up belong to the tables below; a command's own are smaller. */
#define PYR_SHOW_FIRST_ID 100

extern const struct pyr_option pyr_show_report_options[];  /* which report, and the tree's */
extern const struct pyr_option pyr_show_brief_options[];   /* the choice for `record` */
extern const struct pyr_option pyr_show_diff_options[];    /* what reports and diffs take */
extern const struct pyr_option pyr_show_tag_option[];      /* the same, of saved profiles */
extern const struct pyr_option pyr_show_writing_options[]; /* what writing some formats takes */
extern const struct pyr_option pyr_show_color_option[];    /* what everything that prints takes */

void pyr_show_init(struct pyr_show *show);
/* Takes an option of the tables above. */
PYR_MUST_USE bool pyr_show_set(struct pyr_show *show, int id, const char *value,
                               struct pyr_err *err);

/* Can a profile that `trace` makes, with these clocks, be shown like this? What only the profile
 * can tell, such as which threads there are, is not asked: a report may fail for that later. */
PYR_MUST_USE bool pyr_show_check(const struct pyr_show *show, bool wall, bool cpu,
                                 struct pyr_err *err);
/* Are options for writing meant for the format that will be written, if any (NULL: none)? */
PYR_MUST_USE bool pyr_show_check_writing(const struct pyr_show *show,
                                         const struct pyr_format *format, struct pyr_err *err);
/* "callers" or "callees" when one of them was asked for without a function, so that a word too many
 * is likely to be one; else NULL. */
const char *pyr_show_stray_function(const struct pyr_show *show);

/* Loads `path`. Profiles with calls get corrected times when the options ask for them. */
PYR_MUST_USE bool pyr_show_load(const struct pyr_show *show, const char *path,
                                struct pyr_profile **out, struct pyr_err *err);
/* Adds the corrected times. */
PYR_MUST_USE bool pyr_show_compensate(struct pyr_profile *profile, struct pyr_err *err);
/* Renders to the descriptor, in its colours and width. */
PYR_MUST_USE bool pyr_show_report(const struct pyr_show *show, const struct pyr_profile *profile,
                                  int fd, struct pyr_err *err);
