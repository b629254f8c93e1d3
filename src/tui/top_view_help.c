/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_view.h"

#include "tui/line.h"

#define KEY_COLUMNS 14

static const char *const words[] = {
    "Shares are of the time that passed: 100 % is one thread all the time, so two busy threads",
    "are 200 %. Now is the last 2 s, all is since the start. Own time is what a function spent",
    "itself, total has what it called in it. The flame shows the last 5 s.",
};
#define WORDS (sizeof words / sizeof words[0])

static uint32_t count_keys(void)
{
    uint32_t count = 0;
    while (pyr_input_help[count].keys != NULL) {
        count++;
    }
    return count;
}

static bool draw(struct pyr_top_ui *ui, const struct pyr_top_model *model, struct pyr_grid *grid,
                 struct pyr_top_area area, struct pyr_err *err)
{
    const uint32_t keys = count_keys();
    const uint32_t count = keys + 1 + (uint32_t)WORDS;
    (void)model;
    (void)err;
    pyr_list_fit(&ui->help, count, area.rows);
    /* Nothing is chosen on this page: what moves is the page. */
    const uint32_t last_first = count > area.rows ? count - area.rows : 0;
    const uint32_t first = ui->help.at > last_first ? last_first : ui->help.at;
    ui->help.at = first;
    for (uint32_t i = 0; i < area.rows && first + i < count; i++) {
        struct pyr_line line = pyr_line_start(grid, area.row + i);
        const uint32_t at = first + i;
        pyr_line_skip(&line, 1);
        if (at < keys) {
            pyr_line_add_raw(&line, PYR_STYLE_STRONG, pyr_input_help[at].keys, KEY_COLUMNS);
            line = pyr_line_start(grid, area.row + i);
            pyr_line_skip(&line, KEY_COLUMNS + 2);
            pyr_line_add_raw(&line, PYR_STYLE_PLAIN, pyr_input_help[at].what, grid->columns);
        } else if (at > keys) {
            pyr_line_add_raw(&line, PYR_STYLE_DIM, words[at - keys - 1], grid->columns);
        }
    }
    return true;
}

const struct pyr_top_view pyr_top_view_help = {.name = "help", .draw = draw};
