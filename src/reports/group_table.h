/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Group table: one row per group of threads with what it spent, for the reports of threads and of
 * tags. */
#pragma once

#include "reports/groups.h"

#define PYR_GROUP_TABLE_ROWS 40 /* unless --limit says otherwise */

/* At most `rows` of them. Those of `more` (NULL: none), except its group of what is in no group,
 * follow those of `groups`. Groups without values are not listed. */
PYR_MUST_USE bool pyr_group_table_add(const struct pyr_groups *groups,
                                      const struct pyr_groups *more, uint32_t rows,
                                      struct pyr_buf *out, struct pyr_err *err);
