/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Rows of the table of functions or lines: which there are, in which order, and what they are
 * called. A part of the top model. */
#pragma once

#include "tui/top_model.h"

PYR_MUST_USE bool pyr_top_rows_build(struct pyr_top_model *model, struct pyr_err *err);
