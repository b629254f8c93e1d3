/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct pyr_line pyr_line_start(struct pyr_grid *grid, uint32_t row)
{
    return (struct pyr_line){.grid = grid, .rest = {.row = row, .columns = grid->columns}};
}

void pyr_line_skip(struct pyr_line *line, uint32_t columns)
{
    columns = columns < line->rest.columns ? columns : line->rest.columns;
    line->rest.column += columns;
    line->rest.columns -= columns;
}

void pyr_line_add(struct pyr_line *line, enum pyr_style style, const char *text)
{
    if (line->full || pyr_printable_columns(text, strlen(text)) > line->rest.columns) {
        line->full = true;
        return;
    }
    pyr_line_skip(line, pyr_grid_put_text(line->grid, line->rest, pyr_look_of(style), text));
}

void pyr_line_addf(struct pyr_line *line, enum pyr_style style, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    pyr_line_add(line, style, text);
}

void pyr_line_add_cut(struct pyr_line *line, struct pyr_look look, const struct pyr_buf *text,
                      uint32_t columns, enum pyr_cut cut)
{
    struct pyr_buf shown = {0};
    columns = columns < line->rest.columns ? columns : line->rest.columns;
    if (!text->failed && text->len > 0) {
        pyr_printable_add_cut(&shown, text->data, text->len, columns, cut, line->grid->ascii);
    }
    if (!shown.failed && shown.len > 0) {
        struct pyr_span span = line->rest;
        span.columns = columns;
        pyr_line_skip(line, pyr_grid_put(line->grid, span, look, shown.data, shown.len));
    }
    pyr_buf_release(&shown);
}

void pyr_line_add_raw(struct pyr_line *line, enum pyr_style style, const char *text,
                      uint32_t columns)
{
    struct pyr_buf safe = {0};
    pyr_printable_add(&safe, text, strlen(text));
    pyr_line_add_cut(line, pyr_look_of(style), &safe, columns, PYR_CUT_END);
    pyr_buf_release(&safe);
}

void pyr_line_add_command(struct pyr_line *line, enum pyr_style style, const char *command,
                          uint32_t columns)
{
    const size_t program = strcspn(command, " ");
    const char *name = memrchr(command, '/', program);
    const bool ends = name == NULL || name[1] == '\0' || name[1] == ' ';
    pyr_line_add_raw(line, style, ends ? command : name + 1, columns);
}

struct pyr_share_text pyr_share_text(uint64_t part, uint64_t whole)
{
    struct pyr_share_text out;
    const double percent = whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
    if (whole == 0) {
        snprintf(out.text, sizeof out.text, "-");
    } else {
        snprintf(out.text, sizeof out.text, "%.*f %%", percent >= 99.95 ? 0 : 1, percent);
    }
    return out;
}

struct pyr_share_text pyr_elapsed_text(uint64_t ns)
{
    struct pyr_share_text out;
    const unsigned long long seconds = ns / 1000000000u;
    const unsigned s = (unsigned)(seconds % 60);
    const unsigned m = (unsigned)(seconds / 60 % 60);
    const unsigned h = (unsigned)(seconds / 3600 % 24);
    const unsigned long long days = seconds / 86400;
    if (days > 0) {
        snprintf(out.text, sizeof out.text, "%llud %02u:%02u", days % 100000, h, m);
    } else if (h > 0) {
        snprintf(out.text, sizeof out.text, "%u:%02u:%02u", h, m, s);
    } else {
        snprintf(out.text, sizeof out.text, "%02u:%02u", m, s);
    }
    return out;
}
