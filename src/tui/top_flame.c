/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_flame.h"

#include <string.h>

#include "base/mem.h"

#define PAGE_STEPS 10
#define MAX_STEPS 200 /* each looks at all shapes */

static uint32_t parent_of(const struct pyr_top_model *model, uint32_t shape)
{
    return model->mirror.shapes[shape].parent;
}

static bool add_box(struct pyr_flame_layout *layout, struct pyr_flame_box box, struct pyr_err *err)
{
    if (!pyr_mem_grow(&layout->boxes, &layout->cap, layout->count + (size_t)1,
                      sizeof *layout->boxes, err)) {
        return false;
    }
    layout->boxes[layout->count++] = box;
    layout->rows = box.row >= layout->rows ? box.row + 1 : layout->rows;
    return true;
}

/* starts[] is, for each shape that was placed, where its next callee begins, plus 1; 0 for what is
 * not inside the zoomed box. Ids rise from callers to callees, so one pass places all. */
bool pyr_flame_lay_out(struct pyr_flame_layout *layout, const struct pyr_top_model *model,
                       uint32_t zoom, uint32_t columns, struct pyr_err *err)
{
    const struct pyr_sums *sums = &model->sums;
    const uint64_t whole = zoom < sums->shape_count ? sums->shapes[zoom] : 0;
    layout->count = 0;
    layout->rows = 0;
    if (whole == 0 || columns == 0) {
        return true;
    }
    if (!pyr_mem_grow(&layout->starts, &layout->start_cap, sums->shape_count,
                      sizeof *layout->starts, err)) {
        return false;
    }
    memset(layout->starts, 0, sums->shape_count * sizeof *layout->starts);
    layout->starts[zoom] = 1;
    if (!add_box(layout, (struct pyr_flame_box){.shape = zoom, .columns = columns}, err)) {
        return false;
    }
    const double scale = (double)columns / (double)whole;
    const uint32_t depth = model->mirror.shapes[zoom].depth;
    for (uint32_t i = zoom + 1; i < sums->shape_count; i++) {
        uint64_t *next = &layout->starts[parent_of(model, i)];
        if (*next == 0 || sums->shapes[i] == 0) {
            continue;
        }
        const uint64_t start = *next - 1;
        *next += sums->shapes[i];
        layout->starts[i] = start + 1;
        const uint32_t left = (uint32_t)((double)start * scale + 0.5);
        const uint32_t right = (uint32_t)((double)(start + sums->shapes[i]) * scale + 0.5);
        const struct pyr_flame_box box = {.shape = i,
                                          .row = model->mirror.shapes[i].depth - depth,
                                          .column = left,
                                          .columns = right - left};
        if (right > left && !add_box(layout, box, err)) {
            return false;
        }
    }
    return true;
}

void pyr_flame_layout_release(struct pyr_flame_layout *layout)
{
    pyr_mem_free(layout->boxes);
    pyr_mem_free(layout->starts);
    *layout = (struct pyr_flame_layout){0};
}

/* The sibling with time before or after `shape`; `shape` itself when there is none. */
static uint32_t sibling(const struct pyr_top_model *model, uint32_t shape, bool after)
{
    const struct pyr_sums *sums = &model->sums;
    const uint32_t parent = parent_of(model, shape);
    uint32_t found = shape;
    for (uint32_t i = after ? shape + 1 : parent + 1; i < (after ? sums->shape_count : shape);
         i++) {
        if (parent_of(model, i) == parent && sums->shapes[i] > 0) {
            found = i;
            if (after) {
                break;
            }
        }
    }
    return found;
}

static uint32_t largest_callee(const struct pyr_top_model *model, uint32_t shape)
{
    const struct pyr_sums *sums = &model->sums;
    uint32_t found = shape;
    uint64_t largest = 0;
    for (uint32_t i = shape + 1; i < sums->shape_count; i++) {
        if (parent_of(model, i) == shape && sums->shapes[i] > largest) {
            largest = sums->shapes[i];
            found = i;
        }
    }
    return found;
}

void pyr_top_flame_move(struct pyr_top_flame *flame, const struct pyr_top_model *model,
                        enum pyr_move move)
{
    if (model->sums.shape_count == 0) {
        return;
    }
    switch (move) {
    case PYR_MOVE_UP:
        flame->chosen =
            flame->chosen == flame->zoom ? flame->zoom : parent_of(model, flame->chosen);
        break;
    case PYR_MOVE_DOWN:
        flame->chosen = largest_callee(model, flame->chosen);
        break;
    case PYR_MOVE_LEFT:
    case PYR_MOVE_RIGHT:
        if (flame->chosen != flame->zoom) {
            flame->chosen = sibling(model, flame->chosen, move == PYR_MOVE_RIGHT);
        }
        break;
    case PYR_MOVE_FIRST:
        flame->chosen = flame->zoom;
        break;
    case PYR_MOVE_LAST: /* to the tip of the hottest path */
        for (uint32_t i = 0; i < MAX_STEPS; i++) {
            flame->chosen = largest_callee(model, flame->chosen);
        }
        break;
    case PYR_MOVE_PAGE_UP:
    case PYR_MOVE_PAGE_DOWN:
        for (uint32_t i = 0; i < PAGE_STEPS; i++) {
            pyr_top_flame_move(flame, model,
                               move == PYR_MOVE_PAGE_UP ? PYR_MOVE_UP : PYR_MOVE_DOWN);
        }
        break;
    }
}

void pyr_top_flame_zoom(struct pyr_top_flame *flame)
{
    flame->zoom = flame->chosen;
    flame->first = 0;
}

bool pyr_top_flame_back(struct pyr_top_flame *flame, const struct pyr_top_model *model)
{
    if (flame->zoom == 0) {
        return false;
    }
    flame->zoom = parent_of(model, flame->zoom);
    flame->first = 0;
    return true;
}

void pyr_top_flame_follow(struct pyr_top_flame *flame, const struct pyr_top_model *model)
{
    if (flame->zoom >= model->sums.shape_count || flame->chosen >= model->sums.shape_count) {
        *flame = (struct pyr_top_flame){0};
    }
}
