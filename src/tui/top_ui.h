/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Top's state on screen: which view is open and what is chosen in it, and what actions do to that
 * and to the model. Pure: no terminal, no clock. Start with pyr_top_ui_init(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "tui/input.h"
#include "tui/list.h"
#include "tui/top_details.h"
#include "tui/top_flame.h"
#include "tui/top_model.h"

enum pyr_top_view_id {
    PYR_TOP_TABLE = 0,
    PYR_TOP_THREADS,
    PYR_TOP_PROCESSES,
    PYR_TOP_FLAME,
    PYR_TOP_DETAILS, /* from here on not reached with Tab */
    PYR_TOP_HELP,
};
#define PYR_TOP_TABS 4
#define PYR_TOP_VIEWS 6

#define PYR_TOP_MIN_RATE 1
#define PYR_TOP_MAX_RATE 100000
#define PYR_TOP_MAX_STEPS 32 /* of details into details that Esc goes back */

struct pyr_top_ui {
    enum pyr_top_view_id view;
    enum pyr_top_view_id before; /* where Esc goes from details and help */
    struct pyr_list table;
    struct pyr_list threads;
    struct pyr_list processes;
    struct pyr_list details_list;
    struct pyr_list help;
    uint32_t chosen_key; /* the row that the choice stays with; 0: it stays at the top */
    uint32_t chosen_thread;
    uint32_t chosen_pid;
    struct pyr_top_details details; /* owned */
    uint32_t steps[PYR_TOP_MAX_STEPS];
    uint32_t step_count;
    struct pyr_top_flame flame;
    struct pyr_input input; /* owned */
    uint32_t searched_from; /* row at which the search line was opened */
    char message[160];      /* for the last line, until the next key; "" for none */
    /* What the caller is to do. */
    bool quit;
    uint32_t rate; /* wanted */
};

void pyr_top_ui_init(struct pyr_top_ui *ui, uint32_t rate);
void pyr_top_ui_release(struct pyr_top_ui *ui);

/* Does what a key asks for; the model is built anew where that changes what it shows. */
PYR_MUST_USE bool pyr_top_ui_key(struct pyr_top_ui *ui, struct pyr_top_model *model, int key,
                                 struct pyr_err *err);
/* After the model was built: lists keep what is chosen, details are worked out. */
PYR_MUST_USE bool pyr_top_ui_follow(struct pyr_top_ui *ui, const struct pyr_top_model *model,
                                    struct pyr_err *err);
