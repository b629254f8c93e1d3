/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Tree: who called whom, from the outermost call inwards, pruned to what matters. */
#pragma once

#include "reports/view.h"

#define PYR_TREE_DEFAULT_ROWS 60

extern const struct pyr_report pyr_report_tree;

/* The tree alone, in about `rows` rows, for reports that are made of several. */
PYR_MUST_USE bool pyr_tree_add(const struct pyr_view *view, uint32_t rows, struct pyr_buf *out,
                               struct pyr_err *err);
