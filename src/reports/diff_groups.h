/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Diff by groups: what changed in each thread, task, tag … of two profiles, and in which
 * functions of it. Groups are joined by what they are called. */
#pragma once

#include "reports/diff_rows.h"
#include "reports/style.h"

/* The part of a diff that options->by asks for, in place of the table of functions. Both views
 * have been initialised. */
PYR_MUST_USE bool pyr_diff_groups_add(const struct pyr_diff *diff, struct pyr_buf *out,
                                      struct pyr_err *err);

/* These belong to diff.c: the table of functions, `few` rows unless --limit says otherwise, … */
PYR_MUST_USE bool pyr_diff_add_rows(const struct pyr_diff *diff, uint32_t few, struct pyr_buf *out,
                                    struct pyr_err *err);
/* … and what a change looks like. */
enum pyr_style pyr_diff_style(int64_t before, int64_t after);
