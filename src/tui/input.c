/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/input.h"

#include <stddef.h>

#define CTRL_U 21
#define CTRL_H 8
#define DELETE 127

const struct pyr_input_help pyr_input_help[] = {
    {"q", "quit"},
    {"? h", "this page, and back"},
    {"1 2 3 4", "functions, threads, processes, flame"},
    {"Tab", "the next of them"},
    {"f", "flame"},
    {"Up Down j k", "choose a row; in the flame: outwards, inwards"},
    {"Left Right", "in the flame: the box beside it"},
    {"PgUp PgDn", "a page up or down"},
    {"Home End", "the first or last row; Home lets the choice follow the top again"},
    {"Enter", "callers and callees of the function; of a thread or process: only its samples; in "
              "the flame: zoom in"},
    {"Esc", "back; out of the zoom; forget the search"},
    {"s > <", "sort by the next column, or the one before"},
    {"r", "turn the order round"},
    {"/", "search as you type; n and N: the next and the one before"},
    {"l", "by function, or by line"},
    {"t", "only the chosen thread; again: all"},
    {"i", "with idle threads, or without"},
    {"g", "only what holds the GIL, or all"},
    {"p Space", "let the picture stand still, and go on"},
    {"c", "clear: since the start is since now"},
    {"+ -", "more or fewer samples a second"},
    {NULL, NULL},
};

static struct pyr_action act(enum pyr_action_kind kind)
{
    return (struct pyr_action){.kind = kind};
}

static struct pyr_action move(enum pyr_move where)
{
    return (struct pyr_action){.kind = PYR_ACTION_MOVE, .number = (uint32_t)where};
}

/* Takes the last character away, all bytes of it. */
static void rub_out(struct pyr_buf *typed)
{
    while (typed->len > 0) {
        typed->len--;
        const uint8_t byte = (uint8_t)typed->data[typed->len];
        typed->data[typed->len] = '\0';
        if ((byte & 0xC0u) != 0x80) {
            break;
        }
    }
}

static struct pyr_action take_typed(struct pyr_input *input, int key)
{
    switch (key) {
    case PYR_KEY_ENTER:
    case '\r':
        input->searching = false;
        return act(PYR_ACTION_SEARCH_DONE);
    case PYR_KEY_ESCAPE:
        input->searching = false;
        pyr_buf_clear(&input->typed);
        return act(PYR_ACTION_SEARCH_CANCEL);
    case PYR_KEY_BACKSPACE:
    case CTRL_H:
    case DELETE:
        rub_out(&input->typed);
        return act(PYR_ACTION_SEARCH_TYPED);
    case CTRL_U:
        pyr_buf_clear(&input->typed);
        return act(PYR_ACTION_SEARCH_TYPED);
    case PYR_KEY_UP:
        return act(PYR_ACTION_FIND_LAST);
    case PYR_KEY_DOWN:
        return act(PYR_ACTION_FIND_NEXT);
    case PYR_KEY_RESIZE:
        return act(PYR_ACTION_RESIZE);
    default:
        break;
    }
    if (key < ' ' || key > 0xFF || input->typed.len >= PYR_INPUT_MAX_TYPED) {
        return act(PYR_ACTION_NONE);
    }
    pyr_buf_add_char(&input->typed, (char)key);
    return act(PYR_ACTION_SEARCH_TYPED);
}

static struct pyr_action take_special(int key)
{
    switch (key) {
    case PYR_KEY_UP:
        return move(PYR_MOVE_UP);
    case PYR_KEY_DOWN:
        return move(PYR_MOVE_DOWN);
    case PYR_KEY_LEFT:
        return move(PYR_MOVE_LEFT);
    case PYR_KEY_RIGHT:
        return move(PYR_MOVE_RIGHT);
    case PYR_KEY_PAGE_UP:
        return move(PYR_MOVE_PAGE_UP);
    case PYR_KEY_PAGE_DOWN:
        return move(PYR_MOVE_PAGE_DOWN);
    case PYR_KEY_HOME:
        return move(PYR_MOVE_FIRST);
    case PYR_KEY_END:
        return move(PYR_MOVE_LAST);
    case PYR_KEY_BACK_TAB:
        return act(PYR_ACTION_LAST_VIEW);
    case PYR_KEY_BACKSPACE:
        return act(PYR_ACTION_BACK);
    case PYR_KEY_RESIZE:
        return act(PYR_ACTION_RESIZE);
    default:
        return act(PYR_ACTION_NONE);
    }
}

/* Keys that are a character. */
static const struct {
    int key;
    struct pyr_action action;
} keys[] = {
    {'q', {PYR_ACTION_QUIT, 0}},
    {'Q', {PYR_ACTION_QUIT, 0}},
    {'?', {PYR_ACTION_HELP, 0}},
    {'h', {PYR_ACTION_HELP, 0}},
    {PYR_KEY_TAB, {PYR_ACTION_NEXT_VIEW, 0}},
    {'1', {PYR_ACTION_VIEW, 0}},
    {'2', {PYR_ACTION_VIEW, 1}},
    {'3', {PYR_ACTION_VIEW, 2}},
    {'4', {PYR_ACTION_VIEW, 3}},
    {'f', {PYR_ACTION_VIEW, 3}},
    {'j', {PYR_ACTION_MOVE, PYR_MOVE_DOWN}},
    {'k', {PYR_ACTION_MOVE, PYR_MOVE_UP}},
    {'s', {PYR_ACTION_NEXT_SORT, 0}},
    {'>', {PYR_ACTION_NEXT_SORT, 0}},
    {'<', {PYR_ACTION_LAST_SORT, 0}},
    {'r', {PYR_ACTION_REVERSE, 0}},
    {'n', {PYR_ACTION_FIND_NEXT, 0}},
    {'N', {PYR_ACTION_FIND_LAST, 0}},
    {'l', {PYR_ACTION_LINES, 0}},
    {'t', {PYR_ACTION_THREAD, 0}},
    {'i', {PYR_ACTION_IDLE, 0}},
    {'g', {PYR_ACTION_GIL, 0}},
    {'p', {PYR_ACTION_PAUSE, 0}},
    {' ', {PYR_ACTION_PAUSE, 0}},
    {'c', {PYR_ACTION_CLEAR, 0}},
    {'+', {PYR_ACTION_FASTER, 0}},
    {'=', {PYR_ACTION_FASTER, 0}}, /* + without Shift */
    {'-', {PYR_ACTION_SLOWER, 0}},
    {PYR_KEY_ENTER, {PYR_ACTION_ENTER, 0}},
    {'\r', {PYR_ACTION_ENTER, 0}},
    {PYR_KEY_ESCAPE, {PYR_ACTION_BACK, 0}},
    {CTRL_H, {PYR_ACTION_BACK, 0}},
    {DELETE, {PYR_ACTION_BACK, 0}},
};

struct pyr_action pyr_input_take(struct pyr_input *input, int key)
{
    if (input->searching) {
        return take_typed(input, key);
    }
    if (key == '/') {
        input->searching = true;
        pyr_buf_clear(&input->typed);
        return act(PYR_ACTION_SEARCH);
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i].key == key) {
            return keys[i].action;
        }
    }
    return take_special(key);
}

void pyr_input_release(struct pyr_input *input)
{
    pyr_buf_release(&input->typed);
    *input = (struct pyr_input){0};
}
