/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* A second of two processes whose every figure is known, as a hundred rounds of samples 10 ms
 * apart, for the tests of `top`:
 *
 *   process 100, python3 /srv/shop.py
 *     MainThread 100, which holds the GIL all the time
 *       <module> 1
 *         main 5        at line 10
 *           hot 20      at line 21 in 60 rounds, at line 22 in 10
 *           warm 30     20 rounds
 *           walk 40     10 rounds, in itself three times
 *     Worker 101, which waits all the time
 *       serve 50
 *         wait 60
 *   process 200, python3 child.py
 *     MainThread 200, which is at work without a GIL, and in the last ten rounds collects
 *       run 70          in a file child.py
 */
#pragma once

#include "base/buf.h"
#include "tui/grid.h"
#include "tui/mirror.h"
#include "tui/top_model.h"
#include "tui/top_ui.h"

#define TUI_FIXTURE_START_NS 5000000000ull
#define TUI_FIXTURE_STEP_NS 10000000ull

/* What the samples name; the functions are numbered in the order above, from 1. */
struct tui_fixture {
    struct pyr_profile *source;
    pyr_stack hot_21;
    pyr_stack hot_22;
    pyr_stack warm;
    pyr_stack walk;
    pyr_stack wait;
    pyr_stack run;
    pyr_thread main;
    pyr_thread worker;
    pyr_thread child;
};

enum {
    TUI_MODULE = 1,
    TUI_MAIN,
    TUI_HOT,
    TUI_WARM,
    TUI_WALK,
    TUI_SERVE,
    TUI_WAIT,
    TUI_RUN,
};

void tui_fixture_init(struct tui_fixture *fixture);
void tui_fixture_release(struct tui_fixture *fixture);
/* The samples of round `number` from 0; three of them. */
void tui_fixture_round(const struct tui_fixture *fixture, uint32_t number,
                       struct pyr_recent samples[3]);
/* A model with all of it, built. */
void tui_fixture_model(const struct tui_fixture *fixture, struct pyr_top_model *model);
/* Fails the test unless the whole picture, or what is drawn in one row of it, is as expected. */
void tui_fixture_assert_screen(struct pyr_top_ui *ui, const struct pyr_top_model *model,
                               uint32_t columns, uint32_t rows, const char *expected);
/* Presses keys, one per character. */
void tui_fixture_type(struct pyr_top_ui *ui, struct pyr_top_model *model, const char *keys);
void tui_fixture_press(struct pyr_top_ui *ui, struct pyr_top_model *model, int key);
