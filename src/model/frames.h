/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Frames: a function and the line that is running in it; line 0 where lines are not recorded.
 * Ids are dense and start at 1; id 0 is no frame. Threads: one writer, readers after it. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/functions.h"

typedef struct {
    uint32_t i;
} pyr_frame_id;

struct pyr_frame {
    pyr_func func;
    uint32_t line;
};

struct pyr_frames;

struct pyr_frames *pyr_frames_new(void); /* NULL when out of memory */
void pyr_frames_free(struct pyr_frames *tab);
PYR_MUST_USE bool pyr_frames_add(struct pyr_frames *tab, struct pyr_frame frame, pyr_frame_id *id,
                                 struct pyr_err *err);
struct pyr_frame pyr_frames_get(const struct pyr_frames *tab, pyr_frame_id id);
uint32_t pyr_frames_count(const struct pyr_frames *tab);
