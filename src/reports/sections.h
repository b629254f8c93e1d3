/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Sections: a report in one piece, or split as options->by says: a section per group of threads,
 * the most expensive first, within which that group is the whole. */
#pragma once

#include "reports/groups.h"
#include "reports/view.h"

#define PYR_SECTIONS_MAX 8 /* unless --limit 0 asks for all there are */

/* What a report shows of one view, below its heading; with fewer rows if it is one of many. */
typedef bool pyr_section_body(const struct pyr_view *view, bool one_of_many, struct pyr_buf *out,
                              struct pyr_err *err);

/* The whole report: header and body, or header and sections. */
PYR_MUST_USE bool pyr_sections_render(const struct pyr_profile *profile,
                                      const struct pyr_report_options *options,
                                      pyr_section_body *body, struct pyr_buf *out,
                                      struct pyr_err *err);
/* A section for each group that has values, `max` of them, and a remark on the others. */
PYR_MUST_USE bool pyr_sections_add(const struct pyr_groups *groups, uint32_t max,
                                   pyr_section_body *body, struct pyr_buf *out,
                                   struct pyr_err *err);
/* Why there is nothing to split by, and how to collect it; empty when there is something. */
const char *pyr_sections_cure(const struct pyr_profile *profile, enum pyr_by by);
/* For reports that can't be split: a usage error when options->by is given. */
PYR_MUST_USE bool pyr_sections_refuse(const struct pyr_report_options *options, const char *report,
                                      struct pyr_err *err);
