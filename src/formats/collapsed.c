/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/collapsed.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "formats/names.h"
#include "formats/path.h"

#define RULES (PYR_NAME_ONE_LINE | PYR_NAME_NO_SEMICOLON)
#define SNIFF_BYTES 4096

/* Lines of equal text become one: stacks that differ in line numbers only look the same here. */
struct lines {
    struct pyr_arena *arena;
    struct pyr_strtab *texts; /* an id per distinct line */
    int64_t *counts;          /* by id */
    uint32_t cap;
    struct pyr_buf line;
    struct pyr_path path;
    struct pyr_function_names names;
};

static bool lines_init(struct lines *lines, const struct pyr_profile *profile, struct pyr_err *err)
{
    lines->arena = pyr_arena_new();
    if (lines->arena == NULL) {
        return pyr_err_nomem(err);
    }
    lines->texts = pyr_strtab_new(lines->arena);
    if (lines->texts == NULL) {
        return pyr_err_nomem(err);
    }
    return pyr_function_names_init(&lines->names, profile, RULES, err);
}

static void lines_release(struct lines *lines)
{
    pyr_function_names_release(&lines->names);
    pyr_path_release(&lines->path);
    pyr_buf_release(&lines->line);
    pyr_mem_free(lines->counts);
    pyr_strtab_free(lines->texts);
    pyr_arena_free(lines->arena);
}

static void build_line(struct lines *lines, const struct pyr_profile *profile,
                       const struct pyr_value_row *row)
{
    pyr_buf_clear(&lines->line);
    if (pyr_threads_count(profile->threads) > 1) {
        pyr_name_add_thread(&lines->line, profile, row->thread, RULES);
    } else if (lines->path.depth == 0) {
        pyr_buf_add_text(&lines->line, "(no stack)");
    }
    for (uint32_t i = 0; i < lines->path.depth; i++) {
        pyr_func func = pyr_profile_stack_function(profile, lines->path.stacks[i]);
        size_t len = 0;
        const char *name = pyr_function_names_get(&lines->names, func, &len);
        if (lines->line.len > 0) {
            pyr_buf_add_char(&lines->line, ';');
        }
        pyr_buf_add(&lines->line, name, len);
    }
}

static bool add_row(struct lines *lines, const struct pyr_profile *profile,
                    const struct pyr_value_row *row, int64_t value, struct pyr_err *err)
{
    pyr_str id = {0};
    if (!pyr_path_fill(&lines->path, profile, row->stack, err)) {
        return false;
    }
    build_line(lines, profile, row);
    if (!pyr_buf_check(&lines->line, err) ||
        !pyr_strtab_add(lines->texts, lines->line.data, lines->line.len, &id, err) ||
        !pyr_mem_grow(&lines->counts, &lines->cap, (size_t)id.i + 1, sizeof *lines->counts, err)) {
        return false;
    }
    if (__builtin_add_overflow(lines->counts[id.i], value, &lines->counts[id.i])) {
        lines->counts[id.i] = INT64_MAX;
    }
    return true;
}

static bool write_collapsed(const struct pyr_profile *profile,
                            const struct pyr_format_options *options, struct pyr_buf *out,
                            struct pyr_err *err)
{
    (void)options;
    int column = pyr_metrics_main(&profile->metrics, profile->strings);
    struct lines lines = {0};
    bool ok = column < 0 || lines_init(&lines, profile, err);
    uint32_t rows = column < 0 ? 0 : pyr_values_count(profile->values);

    for (uint32_t i = 1; ok && i <= rows; i++) {
        struct pyr_value_row row = pyr_values_get(profile->values, i);
        if (row.v[column] > 0) {
            ok = add_row(&lines, profile, &row, row.v[column], err);
        }
    }
    uint32_t count = ok && lines.counts != NULL ? pyr_strtab_count(lines.texts) : 0;
    for (uint32_t i = 1; i <= count; i++) {
        pyr_str id = {i};
        pyr_buf_add(out, pyr_strtab_text(lines.texts, id), pyr_strtab_len(lines.texts, id));
        pyr_buf_addf(out, " %lld\n", (long long)lines.counts[i]);
    }
    lines_release(&lines);
    return ok && pyr_buf_check(out, err);
}

struct span {
    const char *text;
    size_t len;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes the count off the end of `line`: digits, with a fraction perhaps, after a space. A line
 * without one counts 1. Fractions are rounded. False when the count is beyond 64 bits. */
static bool take_count(struct span *line, int64_t *count)
{
    size_t start = line->len, whole_end = line->len;
    bool digits = false;
    *count = 1;
    while (start > 0 && (is_digit(line->text[start - 1]) ||
                         (line->text[start - 1] == '.' && whole_end == line->len))) {
        start--;
        if (line->text[start] == '.') {
            whole_end = start;
        } else {
            digits = true;
        }
    }
    if (!digits || start == 0 || (line->text[start - 1] != ' ' && line->text[start - 1] != '\t')) {
        return true;
    }
    *count = 0;
    for (size_t i = start; i < whole_end; i++) {
        if (__builtin_mul_overflow(*count, 10, count) ||
            __builtin_add_overflow(*count, line->text[i] - '0', count)) {
            return false;
        }
    }
    if (whole_end + 1 < line->len && line->text[whole_end + 1] >= '5' && *count < INT64_MAX) {
        (*count)++;
    }
    line->len = start;
    while (line->len > 0 &&
           (line->text[line->len - 1] == ' ' || line->text[line->len - 1] == '\t')) {
        line->len--;
    }
    return true;
}

/* Splits "name (file:line)" into its parts; false when `frame` does not look like that. */
static bool split_location(struct span frame, struct span *name, struct span *file, uint32_t *line)
{
    if (frame.len < 2 || frame.text[frame.len - 1] != ')') {
        return false;
    }
    size_t end = frame.len - 1, digits = end;
    uint64_t number = 0;
    while (digits > 0 && is_digit(frame.text[digits - 1])) {
        digits--;
    }
    if (digits == end || end - digits > 9 || digits == 0 || frame.text[digits - 1] != ':') {
        return false;
    }
    for (size_t i = digits; i < end; i++) {
        number = number * 10 + (uint64_t)(frame.text[i] - '0');
    }
    const char *open = memmem(frame.text, digits - 1, " (", 2);
    if (open == NULL || open == frame.text) {
        return false;
    }
    *name = (struct span){frame.text, (size_t)(open - frame.text)};
    *file = (struct span){open + 2, (size_t)(frame.text + digits - 1 - (open + 2))};
    *line = (uint32_t)number;
    return true;
}

static bool push_frame(struct pyr_profile *profile, struct span frame, pyr_stack *stack,
                       struct pyr_err *err)
{
    struct pyr_function function = {.kind = PYR_FUNC_PYTHON};
    struct span name = frame, file = {"", 0};
    uint32_t line = 0;
    pyr_func func = {0};
    (void)split_location(frame, &name, &file, &line);
    return pyr_strtab_add(profile->strings, name.text, name.len, &function.qualname, err) &&
           pyr_strtab_add(profile->strings, file.text, file.len, &function.file, err) &&
           pyr_functions_add(profile->functions, &function, &func, err) &&
           pyr_profile_push(profile, *stack, func, line, stack, err);
}

static bool read_line(struct pyr_profile *profile, struct span line, uint32_t column,
                      struct pyr_err *err)
{
    int64_t count = 0;
    pyr_stack stack = {0};
    if (line.len > 0 && line.text[line.len - 1] == '\r') {
        line.len--;
    }
    if (line.len == 0) {
        return true;
    }
    if (!take_count(&line, &count)) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "the count does not fit 64 bits");
    }
    while (line.len > 0) {
        const char *semicolon = memchr(line.text, ';', line.len);
        size_t len = semicolon == NULL ? line.len : (size_t)(semicolon - line.text);
        if (len > 0 && !push_frame(profile, (struct span){line.text, len}, &stack, err)) {
            return false;
        }
        size_t step = semicolon == NULL ? len : len + 1;
        line.text += step;
        line.len -= step;
    }
    return pyr_values_add(profile->values, stack, (pyr_thread){0}, column, count, err);
}

static bool read_collapsed(const uint8_t *data, size_t size, struct pyr_profile **out,
                           struct pyr_err *err)
{
    struct pyr_profile *profile = pyr_profile_new(err);
    const char *text = (const char *)data;
    uint32_t column = 0;
    *out = NULL;
    bool ok = profile != NULL &&
              pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_SAMPLES,
                              PYR_UNIT_COUNT, &column, err) &&
              pyr_meta_set_text(profile->meta, PYR_META_COLLECTOR, "import:collapsed", err);
    for (size_t pos = 0; ok && pos < size;) {
        const char *newline = memchr(text + pos, '\n', size - pos);
        size_t len = newline == NULL ? size - pos : (size_t)(newline - (text + pos));
        ok = read_line(profile, (struct span){text + pos, len}, column, err) ||
             pyr_err_prefix(err, "byte %zu", pos);
        pos += len + 1;
    }
    if (!ok) {
        pyr_profile_free(profile);
        return false;
    }
    *out = profile;
    return true;
}

/* Text whose first line ends with a count. */
static bool sniff_collapsed(const uint8_t *data, size_t size)
{
    size_t end = size < SNIFF_BYTES ? size : SNIFF_BYTES;
    for (size_t i = 0; i < end; i++) {
        if (data[i] < 0x20 && data[i] != '\n' && data[i] != '\r' && data[i] != '\t') {
            return false;
        }
    }
    const uint8_t *newline = memchr(data, '\n', end);
    struct span line = {(const char *)data, newline == NULL ? end : (size_t)(newline - data)};
    int64_t count = 0;
    if (line.len > 0 && line.text[line.len - 1] == '\r') {
        line.len--;
    }
    size_t whole = line.len;
    return line.len > 0 && line.text[0] != '{' && take_count(&line, &count) && line.len < whole;
}

const struct pyr_format pyr_format_collapsed = {
    .name = "collapsed",
    .synonym = "raw",
    .extension = ".collapsed",
    .summary = "flamegraph.pl, inferno, speedscope: a line of text per stack",
    .write = write_collapsed,
    .read = read_collapsed,
    .sniff = sniff_collapsed,
};
