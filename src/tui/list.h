/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* List: which row of a list is chosen and which is the first on screen. Pure numbers. */
#pragma once

#include <stdint.h>

enum pyr_move {
    PYR_MOVE_UP,
    PYR_MOVE_DOWN,
    PYR_MOVE_PAGE_UP,
    PYR_MOVE_PAGE_DOWN,
    PYR_MOVE_FIRST,
    PYR_MOVE_LAST,
    PYR_MOVE_LEFT, /* lists don't go there, flames do */
    PYR_MOVE_RIGHT,
};

struct pyr_list {
    uint32_t count;
    uint32_t at;
    uint32_t first;
    uint32_t page; /* rows on screen, at least 1 */
};

/* There are `count` rows now, and room for `page`: the chosen one is brought into view. */
void pyr_list_fit(struct pyr_list *list, uint32_t count, uint32_t page);
void pyr_list_move(struct pyr_list *list, enum pyr_move move);
void pyr_list_go(struct pyr_list *list, uint32_t at);
