/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Draw: the whole picture of `top`: what is known about the target, the tabs, the open view, and
 * the line of keys, messages and searching. */
#pragma once

#include "base/err.h"
#include "tui/grid.h"
#include "tui/top_ui.h"

/* Draws into the whole grid, whatever its size. */
PYR_MUST_USE bool pyr_top_draw(struct pyr_top_ui *ui, const struct pyr_top_model *model,
                               struct pyr_grid *grid, struct pyr_err *err);
