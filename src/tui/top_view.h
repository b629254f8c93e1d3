/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Views of `top`: each draws one page of the model into a part of the grid. One file per view,
 * listed once in top_draw.c. */
#pragma once

#include "base/err.h"
#include "tui/grid.h"
#include "tui/top_ui.h"

/* Rows of the grid that belong to the view. */
struct pyr_top_area {
    uint32_t row;
    uint32_t rows;
};

struct pyr_top_view {
    const char *name; /* on its tab */
    /* Fits the view's list to the area, and draws. */
    bool (*draw)(struct pyr_top_ui *ui, const struct pyr_top_model *model, struct pyr_grid *grid,
                 struct pyr_top_area area, struct pyr_err *err);
};

extern const struct pyr_top_view pyr_top_view_table;
extern const struct pyr_top_view pyr_top_view_threads;
extern const struct pyr_top_view pyr_top_view_processes;
extern const struct pyr_top_view pyr_top_view_flame;
extern const struct pyr_top_view pyr_top_view_details;
extern const struct pyr_top_view pyr_top_view_help;
