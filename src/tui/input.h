/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Input: keys to actions. A key means one thing everywhere, but for the line in which the text to
 * search for is typed. Knows no terminal: screen.c gives the keys. Start zeroed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "tui/list.h"

/* A key is a byte of what was typed, or one of these. */
enum pyr_key {
    PYR_KEY_NONE = -1, /* nothing was typed in time */
    PYR_KEY_TAB = '\t',
    PYR_KEY_ENTER = '\n',
    PYR_KEY_ESCAPE = 27,
    PYR_KEY_UP = 256,
    PYR_KEY_DOWN,
    PYR_KEY_LEFT,
    PYR_KEY_RIGHT,
    PYR_KEY_PAGE_UP,
    PYR_KEY_PAGE_DOWN,
    PYR_KEY_HOME,
    PYR_KEY_END,
    PYR_KEY_BACKSPACE,
    PYR_KEY_BACK_TAB,
    PYR_KEY_RESIZE, /* the terminal has another size */
};

enum pyr_action_kind {
    PYR_ACTION_NONE,
    PYR_ACTION_QUIT,
    PYR_ACTION_HELP,
    PYR_ACTION_VIEW, /* number says which, from 0 */
    PYR_ACTION_NEXT_VIEW,
    PYR_ACTION_LAST_VIEW,
    PYR_ACTION_MOVE, /* number is an enum pyr_move */
    PYR_ACTION_NEXT_SORT,
    PYR_ACTION_LAST_SORT,
    PYR_ACTION_REVERSE,
    PYR_ACTION_SEARCH,        /* the search line was opened */
    PYR_ACTION_SEARCH_TYPED,  /* its text changed */
    PYR_ACTION_SEARCH_DONE,   /* it was closed, and its text stands */
    PYR_ACTION_SEARCH_CANCEL, /* it was closed, and there is none */
    PYR_ACTION_FIND_NEXT,
    PYR_ACTION_FIND_LAST,
    PYR_ACTION_LINES,
    PYR_ACTION_THREAD,
    PYR_ACTION_IDLE,
    PYR_ACTION_GIL,
    PYR_ACTION_PAUSE,
    PYR_ACTION_CLEAR,
    PYR_ACTION_FASTER,
    PYR_ACTION_SLOWER,
    PYR_ACTION_ENTER,
    PYR_ACTION_BACK,
    PYR_ACTION_RESIZE,
};

struct pyr_action {
    enum pyr_action_kind kind;
    uint32_t number;
};

#define PYR_INPUT_MAX_TYPED 200 /* bytes */

struct pyr_input {
    bool searching;
    struct pyr_buf typed; /* owned */
};

struct pyr_action pyr_input_take(struct pyr_input *input, int key);
void pyr_input_release(struct pyr_input *input);

/* What the help page says: a line per key, in the order in which it shows them. */
struct pyr_input_help {
    const char *keys; /* "" goes on with the line before, NULL ends */
    const char *what;
};
extern const struct pyr_input_help pyr_input_help[];
