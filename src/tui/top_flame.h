/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Flame: which box is chosen and which is zoomed into, and where the boxes of the last seconds lie.
 *
 * Boxes are shapes of the mirror, whose ids stay, so a choice stays with its function while the
 * widths move. Box 0 is everything. Positions are worked out row by row for a width in columns.
 * Start zeroed. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "tui/list.h"
#include "tui/top_model.h"

struct pyr_top_flame {
    uint32_t zoom;   /* shape that takes the whole width */
    uint32_t chosen; /* shape: the zoomed one or inside it */
    uint32_t first;  /* row at the top, counted from the zoomed box */
};

struct pyr_flame_box {
    uint32_t shape;
    uint32_t row; /* 0: the zoomed box */
    uint32_t column;
    uint32_t columns; /* at least 1: smaller boxes are not shown */
};

struct pyr_flame_layout {
    struct pyr_flame_box *boxes; /* owned; callers before what they call */
    uint32_t count;
    uint32_t cap;
    uint64_t *starts; /* owned; by shape: where in the zoomed box's time it begins */
    uint32_t start_cap;
    uint32_t rows; /* of all boxes */
};

PYR_MUST_USE bool pyr_flame_lay_out(struct pyr_flame_layout *layout,
                                    const struct pyr_top_model *model, uint32_t zoom,
                                    uint32_t columns, struct pyr_err *err);
void pyr_flame_layout_release(struct pyr_flame_layout *layout);

/* Chooses the box next to the chosen one: its caller, its largest callee, or the sibling. */
void pyr_top_flame_move(struct pyr_top_flame *flame, const struct pyr_top_model *model,
                        enum pyr_move move);
void pyr_top_flame_zoom(struct pyr_top_flame *flame);
/* One step out; false when all is shown already. */
bool pyr_top_flame_back(struct pyr_top_flame *flame, const struct pyr_top_model *model);
/* Goes on from what is no longer there to what is: shapes are gone when the profile is another. */
void pyr_top_flame_follow(struct pyr_top_flame *flame, const struct pyr_top_model *model);
