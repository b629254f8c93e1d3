/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Diff: what changed between two profiles, function by function. Functions are joined by module,
 * qualified name and file, not by line, so that an edit above does not make them strangers; and
 * one that is in no file of that name by module and qualified name alone, so that another
 * checkout does not either. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "model/profile.h"
#include "reports/report.h"

PYR_MUST_USE bool pyr_diff_render(const struct pyr_profile *before, const struct pyr_profile *after,
                                  const struct pyr_report_options *options, struct pyr_buf *out,
                                  struct pyr_err *err);
