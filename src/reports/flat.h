/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Flat: one row per function, hottest first. */
#pragma once

#include "reports/view.h"

#define PYR_FLAT_DEFAULT_ROWS 25

extern const struct pyr_report pyr_report_flat;

/* The table alone, of at most `rows` rows, for reports that are made of several. */
PYR_MUST_USE bool pyr_flat_add(const struct pyr_view *view, uint32_t rows, struct pyr_buf *out,
                               struct pyr_err *err);
