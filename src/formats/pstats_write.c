/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "formats/columns.h"
#include "formats/names.h"
#include "formats/pstats.h"
#include "model/totals.h"

enum { COUNT, TIME, COLUMNS };

/* The profile as pstats sees it: its functions, no lines, no threads, two metrics. */
struct writer {
    const struct pyr_profile *from;
    struct pyr_profile *folded; /* owned */
    struct pyr_totals *totals;  /* owned; of `folded` */
    struct pyr_buf text;
    struct pyr_buf *out;
    double seconds_per_unit;
    bool sampled; /* counts are samples, not calls */
};

static void add_quoted_method(struct pyr_buf *out, const char *owner, size_t owner_len,
                              const char *module, const char *name)
{
    pyr_buf_add_text(out, "<method '");
    pyr_buf_add_text(out, name);
    pyr_buf_add_text(out, "' of '");
    if (module[0] != '\0' && strcmp(module, "builtins") != 0) {
        pyr_buf_add_text(out, module);
        pyr_buf_add_char(out, '.');
    }
    pyr_buf_add(out, owner, owner_len);
    pyr_buf_add_text(out, "' objects>");
}

/* As cProfile names them; a name in angle brackets came from such a file and is kept. */
static void add_builtin_name(struct pyr_buf *out, const char *module, const char *qualname)
{
    const char *dot = strrchr(qualname, '.');
    if (qualname[0] == '<') {
        pyr_buf_add_text(out, qualname);
    } else if (dot != NULL) {
        add_quoted_method(out, qualname, (size_t)(dot - qualname), module, dot + 1);
    } else {
        pyr_buf_add_text(out, "<built-in method ");
        if (module[0] != '\0') {
            pyr_buf_add_text(out, module);
            pyr_buf_add_char(out, '.');
        }
        pyr_buf_add_text(out, qualname);
        pyr_buf_add_char(out, '>');
    }
}

/* Adds to the folded profile the function that pstats would show for `func`. */
static bool fold_function(struct writer *w, pyr_func func, pyr_func *folded, struct pyr_err *err)
{
    const struct pyr_function *f = pyr_functions_get(w->from->functions, func);
    const struct pyr_strtab *strings = w->from->strings;
    const char *qualname = pyr_strtab_text(strings, f->qualname);
    struct pyr_function key = {.kind = PYR_FUNC_PYTHON};
    const char *file = "~";
    size_t file_len = 1;

    pyr_buf_clear(&w->text);
    if (f->kind == PYR_FUNC_BUILTIN) {
        add_builtin_name(&w->text, pyr_strtab_text(strings, f->module), qualname);
    } else {
        const char *name =
            f->kind == PYR_FUNC_PYTHON ? pyr_function_short_name(qualname) : qualname;
        size_t skipped = (size_t)(name - qualname);
        pyr_buf_add(&w->text, name, pyr_strtab_len(strings, f->qualname) - skipped);
        if (pyr_strtab_len(strings, f->file) > 0) {
            file = pyr_strtab_text(strings, f->file);
            file_len = pyr_strtab_len(strings, f->file);
            key.first_line = f->first_line;
        }
    }
    return pyr_buf_check(&w->text, err) &&
           pyr_strtab_add(w->folded->strings, w->text.data, w->text.len, &key.qualname, err) &&
           pyr_strtab_add(w->folded->strings, file, file_len, &key.file, err) &&
           pyr_functions_add(w->folded->functions, &key, folded, err);
}

static bool fold_stacks(struct writer *w, const pyr_func *funcs, pyr_stack *stacks,
                        struct pyr_err *err)
{
    uint32_t count = pyr_stacks_count(w->from->stacks);
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_stack_node node = pyr_stacks_get(w->from->stacks, (pyr_stack){i});
        pyr_func func = funcs[pyr_frames_get(w->from->frames, node.frame).func.i];
        if (!pyr_profile_push(w->folded, stacks[node.parent.i], func, 0, &stacks[i], err)) {
            return false;
        }
    }
    return true;
}

static bool fold_values(struct writer *w, const pyr_stack *stacks, struct pyr_err *err)
{
    int count_column = pyr_columns_count(w->from), time_column = pyr_columns_time(w->from);
    uint32_t rows = pyr_values_count(w->from->values), column = 0;
    pyr_thread all = {0};
    if (!pyr_metrics_add(&w->folded->metrics, w->folded->strings, PYR_METRIC_CALLS, PYR_UNIT_COUNT,
                         &column, err) ||
        !pyr_metrics_add(&w->folded->metrics, w->folded->strings, PYR_METRIC_WALL, PYR_UNIT_NS,
                         &column, err)) {
        return false;
    }
    for (uint32_t i = 1; i <= rows; i++) {
        struct pyr_value_row row = pyr_values_get(w->from->values, i);
        int64_t count = count_column < 0 ? 0 : row.v[count_column];
        int64_t time = time_column < 0 ? 0 : row.v[time_column];
        pyr_stack stack = stacks[row.stack.i];
        if (!pyr_values_add(w->folded->values, stack, all, COUNT, count, err) ||
            !pyr_values_add(w->folded->values, stack, all, TIME, time, err)) {
            return false;
        }
    }
    return true;
}

static bool fold(struct writer *w, struct pyr_err *err)
{
    uint32_t func_count = pyr_functions_count(w->from->functions);
    pyr_func *funcs = pyr_mem_zalloc((size_t)func_count + 1, sizeof *funcs);
    pyr_stack *stacks =
        pyr_mem_zalloc((size_t)pyr_stacks_count(w->from->stacks) + 1, sizeof *stacks);
    bool ok = funcs != NULL && stacks != NULL;
    if (ok) {
        w->folded = pyr_profile_new(err);
        ok = w->folded != NULL;
    } else {
        pyr_err_nomem(err);
    }
    for (uint32_t i = 1; ok && i <= func_count; i++) {
        ok = fold_function(w, (pyr_func){i}, &funcs[i], err);
    }
    ok = ok && fold_stacks(w, funcs, stacks, err) && fold_values(w, stacks, err) &&
         pyr_totals_new(w->folded, (pyr_thread){0}, &w->totals, err);
    pyr_mem_free(funcs);
    pyr_mem_free(stacks);
    return ok;
}

/* Marshal, version 2: the oldest with binary floats, and all that later versions added is
 * optional for a reader. */
static void put_tuple(struct pyr_buf *out, uint32_t count)
{
    pyr_buf_add_char(out, '(');
    pyr_buf_add_u32(out, count);
}

static void put_float(struct pyr_buf *out, double value)
{
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    pyr_buf_add_char(out, 'g');
    pyr_buf_add_u64(out, bits);
}

static void put_int(struct pyr_buf *out, int64_t value)
{
    if (value >= INT32_MIN && value <= INT32_MAX) {
        pyr_buf_add_char(out, 'i');
        pyr_buf_add_u32(out, (uint32_t)(int32_t)value);
        return;
    }
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint32_t digits = 0;
    for (uint64_t left = magnitude; left != 0; left >>= 15) {
        digits++;
    }
    pyr_buf_add_char(out, 'l');
    pyr_buf_add_u32(out, value < 0 ? 0 - digits : digits);
    for (uint64_t left = magnitude; left != 0; left >>= 15) {
        pyr_buf_add_u16(out, (uint16_t)(left & 0x7FFF));
    }
}

static bool put_text(struct writer *w, pyr_str text, struct pyr_err *err)
{
    pyr_buf_clear(&w->text);
    pyr_name_add_str(&w->text, w->folded, text, PYR_NAME_SURROGATES);
    if (w->text.len > INT32_MAX) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "a name of %zu bytes is too long for pstats",
                           w->text.len);
    }
    pyr_buf_add_char(w->out, 'u');
    pyr_buf_add_u32(w->out, (uint32_t)w->text.len);
    pyr_buf_add(w->out, w->text.data, w->text.len);
    return pyr_buf_check(&w->text, err);
}

static bool put_key(struct writer *w, pyr_func func, struct pyr_err *err)
{
    const struct pyr_function *f = pyr_functions_get(w->folded->functions, func);
    put_tuple(w->out, 3);
    if (!put_text(w, f->file, err)) {
        return false;
    }
    put_int(w->out, f->first_line);
    return put_text(w, f->qualname, err);
}

/* A sampled function's count is that of the samples it was part of: its own alone would be 0 for
 * whatever only calls others, and pstats hides nothing but explains nothing either. */
static void put_figures(const struct writer *w, const struct pyr_total *total, bool is_arc)
{
    int64_t all = w->sampled ? total->inclusive[COUNT] : total->self[COUNT];
    int64_t primitive = w->sampled ? all : total->primitive[COUNT];
    put_int(w->out, is_arc ? all : primitive);
    put_int(w->out, is_arc ? primitive : all);
    put_float(w->out, (double)total->self[TIME] * w->seconds_per_unit);
    put_float(w->out, (double)total->inclusive[TIME] * w->seconds_per_unit);
}

/* One function with its callers: the arcs from `*arc` on that lead into it. */
static bool put_function(struct writer *w, const struct pyr_total *total, uint32_t *arc,
                         struct pyr_err *err)
{
    uint32_t arcs = pyr_totals_arc_count(w->totals);
    if (!put_key(w, total->func, err)) {
        return false;
    }
    put_tuple(w->out, 5);
    put_figures(w, total, false);
    pyr_buf_add_char(w->out, '{');
    for (; *arc < arcs; (*arc)++) {
        struct pyr_total from = pyr_totals_arc(w->totals, *arc);
        if (from.func.i > total->func.i) {
            break;
        }
        if (from.func.i < total->func.i || from.caller.i == 0) {
            continue;
        }
        if (!put_key(w, from.caller, err)) {
            return false;
        }
        put_tuple(w->out, 4);
        put_figures(w, &from, true);
    }
    pyr_buf_add_char(w->out, '0');
    return true;
}

static bool write_pstats(const struct pyr_profile *profile,
                         const struct pyr_format_options *options, struct pyr_buf *out,
                         struct pyr_err *err)
{
    (void)options;
    struct writer w = {.from = profile, .out = out, .seconds_per_unit = 1};
    uint32_t arc = 0;
    bool ok = fold(&w, err);
    if (pyr_columns_is_ns(profile, pyr_columns_time(profile))) {
        w.seconds_per_unit = 1e-9;
    }
    w.sampled = pyr_metrics_find(&profile->metrics, profile->strings, PYR_METRIC_CALLS) < 0;
    pyr_buf_add_char(out, '{');
    uint32_t count = ok ? pyr_totals_function_count(w.totals) : 0;
    for (uint32_t i = 0; ok && i < count; i++) {
        struct pyr_total total = pyr_totals_function(w.totals, i);
        ok = put_function(&w, &total, &arc, err);
    }
    pyr_buf_add_char(out, '0');
    pyr_totals_free(w.totals);
    pyr_profile_free(w.folded);
    pyr_buf_release(&w.text);
    return ok && pyr_buf_check(out, err);
}

const struct pyr_format pyr_format_pstats = {
    .name = "pstats",
    .extension = ".pstats",
    .alias = ".prof",
    .summary = "Python's pstats, snakeviz, gprof2dot: functions and callers",
    .write = write_pstats,
    .read = pyr_pstats_read,
    .sniff = pyr_pstats_sniff,
};
