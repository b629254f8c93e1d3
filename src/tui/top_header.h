/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Header of `top`: which process, how true and how fast, how busy. */
#pragma once

#include "tui/grid.h"
#include "tui/top_model.h"

/* Draws at the top of the grid in at most `rows` rows, and gives how many. */
uint32_t pyr_top_header_draw(const struct pyr_top_model *model, struct pyr_grid *grid,
                             uint32_t rows);
