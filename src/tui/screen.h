/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Screen: the terminal. One file knows curses (screen.c); where there is none, screen_missing.c
 * says so in words.
 *
 * Between open and close the terminal is ours; it is given back on every way out, a crash
 * included. Threads: the main one; signals that end us must be blocked before other threads
 * start. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "tui/grid.h"
#include "tui/input.h"

struct pyr_screen;

/* Is there a terminal that a picture can be drawn on? A usage error says why not. */
PYR_MUST_USE bool pyr_screen_check(struct pyr_err *err);

/* NULL with `err` set; the terminal is then as it was. */
struct pyr_screen *pyr_screen_open(bool color, struct pyr_err *err);
void pyr_screen_close(struct pyr_screen *screen); /* NULL is allowed */

/* Can it show characters beyond ASCII? */
bool pyr_screen_is_ascii(const struct pyr_screen *screen);
void pyr_screen_size(const struct pyr_screen *screen, uint32_t *columns, uint32_t *rows);
/* Puts the grid out: only what has changed is sent. */
void pyr_screen_show(struct pyr_screen *screen, const struct pyr_grid *grid);

/* What came while the screen was waited for. */
struct pyr_screen_event {
    int key;    /* PYR_KEY_NONE: none in time */
    int signal; /* that asks us to end; 0: none */
    bool gone;  /* the terminal was closed */
};
struct pyr_screen_event pyr_screen_wait(struct pyr_screen *screen, uint32_t timeout_ms);
