/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "formats/callgrind.h"
#include "formats/columns.h"
#include "formats/names.h"
#include "model/totals.h"

#define UNKNOWN_FILE "~" /* as pstats has it; KCachegrind groups by it */
#define BLANK_NAME "???" /* as Valgrind writes what it does not know */

struct writer {
    const struct pyr_profile *profile;
    struct pyr_buf *out;
    struct pyr_totals *totals; /* owned */
    struct pyr_arena *arena;   /* owned; of names */
    struct pyr_strtab *names;  /* owned; events, and "file name" of the functions so far */
    struct pyr_buf text;
    uint32_t *frames;                /* owned; frame ids ordered by function, then line */
    uint32_t *arcs;                  /* owned; arc numbers ordered by caller, then callee */
    int64_t *costs;                  /* owned; by frame id, one per metric */
    bool *file_named;                /* owned; by string id: has its number a name yet? */
    bool *func_named;                /* owned; by function id */
    uint32_t order[PYR_MAX_METRICS]; /* of the columns */
    uint32_t shown;                  /* how many of them are events */
    uint32_t columns;                /* of a list of costs */
    int calls;                       /* column of the number in "calls=" */
};

struct keyed {
    uint64_t key;
    uint32_t id;
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Ids in the order of their keys; takes over `items`. NULL when out of memory. */
static uint32_t *sorted_ids(struct keyed *items, uint32_t count)
{
    uint32_t *ids = pyr_mem_zalloc((size_t)count + 1, sizeof *ids);
    if (ids != NULL) {
        qsort(items, count, sizeof *items, compare_keyed);
        for (uint32_t i = 0; i < count; i++) {
            ids[i] = items[i].id;
        }
    }
    pyr_mem_free(items);
    return ids;
}

static bool sort_frames(struct writer *w, struct pyr_err *err)
{
    uint32_t count = pyr_frames_count(w->profile->frames);
    struct keyed *items = pyr_mem_zalloc((size_t)count + 1, sizeof *items);
    for (uint32_t i = 0; items != NULL && i < count; i++) {
        struct pyr_frame frame = pyr_frames_get(w->profile->frames, (pyr_frame_id){i + 1});
        items[i] = (struct keyed){(uint64_t)frame.func.i << 32 | frame.line, i + 1};
    }
    w->frames = items == NULL ? NULL : sorted_ids(items, count);
    if (w->frames == NULL) {
        pyr_err_nomem(err);
        return false;
    }
    return true;
}

static bool sort_arcs(struct writer *w, struct pyr_err *err)
{
    uint32_t count = pyr_totals_arc_count(w->totals);
    struct keyed *items = pyr_mem_zalloc((size_t)count + 1, sizeof *items);
    for (uint32_t i = 0; items != NULL && i < count; i++) {
        struct pyr_total arc = pyr_totals_arc(w->totals, i);
        items[i] = (struct keyed){(uint64_t)arc.caller.i << 32 | arc.func.i, i};
    }
    w->arcs = items == NULL ? NULL : sorted_ids(items, count);
    if (w->arcs == NULL) {
        pyr_err_nomem(err);
        return false;
    }
    return true;
}

static bool sum_costs(struct writer *w, struct pyr_err *err)
{
    size_t frames = (size_t)pyr_frames_count(w->profile->frames) + 1;
    uint32_t rows = pyr_values_count(w->profile->values);
    w->costs = pyr_mem_zalloc(frames, (w->columns + 1) * sizeof *w->costs);
    if (w->costs == NULL) {
        pyr_err_nomem(err);
        return false;
    }
    for (uint32_t i = 1; i <= rows; i++) {
        struct pyr_value_row row = pyr_values_get(w->profile->values, i);
        if (row.stack.i == 0) {
            continue;
        }
        uint32_t frame = pyr_stacks_get(w->profile->stacks, row.stack).frame.i;
        int64_t *costs = w->costs + (size_t)frame * w->columns;
        for (uint32_t c = 0; c < w->columns; c++) {
            if (__builtin_add_overflow(costs[c], row.v[c], &costs[c])) {
                costs[c] = row.v[c] < 0 ? INT64_MIN : INT64_MAX;
            }
        }
    }
    return true;
}

static void order_columns(struct writer *w)
{
    int first = pyr_columns_time(w->profile);
    uint32_t n = 0;
    w->columns = w->profile->metrics.count;
    w->calls = pyr_columns_count(w->profile);
    if (first >= 0) {
        w->order[n++] = (uint32_t)first;
    }
    for (uint32_t c = 0; c < w->columns; c++) {
        if ((int)c != first && pyr_metrics_adds_up(&w->profile->metrics, w->profile->strings, c)) {
            w->order[n++] = c; /* readers sum up every event along the calls */
        }
    }
    w->shown = n;
}

static bool prepare(struct writer *w, struct pyr_err *err)
{
    order_columns(w);
    w->arena = pyr_arena_new();
    w->names = w->arena == NULL ? NULL : pyr_strtab_new(w->arena);
    w->file_named =
        pyr_mem_zalloc((size_t)pyr_strtab_count(w->profile->strings) + 1, sizeof *w->file_named);
    w->func_named = pyr_mem_zalloc((size_t)pyr_functions_count(w->profile->functions) + 1,
                                   sizeof *w->func_named);
    if (w->names == NULL || w->file_named == NULL || w->func_named == NULL) {
        pyr_err_nomem(err);
        return false;
    }
    return pyr_totals_new(w->profile, (pyr_thread){0}, &w->totals, err) && sort_frames(w, err) &&
           sort_arcs(w, err) && sum_costs(w, err);
}

static void release(struct writer *w)
{
    pyr_totals_free(w->totals);
    pyr_strtab_free(w->names);
    pyr_arena_free(w->arena);
    pyr_buf_release(&w->text);
    pyr_mem_free(w->frames);
    pyr_mem_free(w->arcs);
    pyr_mem_free(w->costs);
    pyr_mem_free(w->file_named);
    pyr_mem_free(w->func_named);
}

/* "wall" in ns gives "Wall_ns": a word, as the format wants it, that no other event has. */
static bool put_event_name(struct writer *w, uint32_t column, struct pyr_err *err)
{
    struct pyr_metric metric = w->profile->metrics.items[column];
    const char *name = pyr_strtab_text(w->profile->strings, metric.name);
    const char *unit = pyr_strtab_text(w->profile->strings, metric.unit);
    pyr_str id = {0};
    pyr_buf_clear(&w->text);
    for (size_t i = 0; name[i] != '\0'; i++) {
        char c = name[i];
        bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
        bool fits = lower || upper || c == '_' || (c >= '0' && c <= '9' && i > 0);
        pyr_buf_add_char(&w->text, !fits ? '_' : lower && i == 0 ? (char)(c - 'a' + 'A') : c);
    }
    if (strcmp(unit, PYR_UNIT_NS) == 0 || strcmp(unit, PYR_UNIT_BYTES) == 0) {
        pyr_buf_addf(&w->text, "_%s", unit);
    }
    while (w->text.len == 0 || pyr_strtab_find(w->names, w->text.data, w->text.len).i != 0) {
        pyr_buf_addf(&w->text, "_%u", column);
        if (w->text.failed) {
            break;
        }
    }
    if (!pyr_buf_check(&w->text, err) ||
        !pyr_strtab_add(w->names, w->text.data, w->text.len, &id, err)) {
        return false;
    }
    pyr_buf_add_char(w->out, ' ');
    pyr_buf_add(w->out, w->text.data, w->text.len);
    return true;
}

static void put_costs(struct writer *w, const int64_t *values)
{
    if (w->shown == 0) {
        pyr_buf_add_text(w->out, " 0");
    }
    for (uint32_t i = 0; i < w->shown; i++) {
        int64_t value = values[w->order[i]];
        pyr_buf_addf(w->out, " %lld", value < 0 ? 0LL : (long long)value);
    }
    pyr_buf_add_char(w->out, '\n');
}

static bool put_header(struct writer *w, struct pyr_err *err)
{
    const struct pyr_meta *meta = w->profile->meta;
    const char *command = pyr_meta_text(meta, PYR_META_COMMAND);
    long long pid = pyr_meta_number(meta, PYR_META_PID, 0);
    pyr_buf_add_text(w->out,
                     "# callgrind format\nversion: 1\ncreator: pyrometer " PYROMETER_VERSION "\n");
    if (pid > 0) {
        pyr_buf_addf(w->out, "pid: %lld\n", pid);
    }
    if (command[0] != '\0') {
        pyr_buf_add_text(w->out, "cmd: ");
        pyr_name_add(w->out, command, strlen(command), PYR_NAME_ONE_LINE);
        pyr_buf_add_char(w->out, '\n');
    }
    pyr_buf_add_text(w->out, "positions: line\nevents:");
    for (uint32_t i = 0; i < w->shown; i++) {
        if (!put_event_name(w, w->order[i], err)) {
            return false;
        }
    }
    if (w->shown == 0) { /* a file has to have one */
        pyr_buf_add_text(w->out, " Calls");
    }
    pyr_buf_add_text(w->out, "\nsummary:");
    put_costs(w, pyr_totals_stack_inclusive(w->totals, (pyr_stack){0}));
    return true;
}

/* A number is given a name by whatever is not blank after it. */
static bool is_blank(const char *text, size_t len)
{
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    return len == 0;
}

static void put_file(struct writer *w, const char *key, pyr_str file)
{
    pyr_buf_addf(w->out, "%s=(%u)", key, file.i + 1); /* 1: no file */
    if (!w->file_named[file.i]) {
        w->file_named[file.i] = true;
        pyr_buf_add_char(w->out, ' ');
        if (pyr_strtab_len(w->profile->strings, file) == 0) {
            pyr_buf_add_text(w->out, UNKNOWN_FILE);
        } else {
            size_t start = w->out->len;
            pyr_name_add_str(w->out, w->profile, file, PYR_NAME_ONE_LINE);
            if (!w->out->failed && is_blank(w->out->data + start, w->out->len - start)) {
                pyr_buf_add_text(w->out, BLANK_NAME);
            }
        }
    }
    pyr_buf_add_char(w->out, '\n');
}

/* Programs that read this format tell functions apart by name and file only. */
static bool put_function(struct writer *w, const char *key, pyr_func func, struct pyr_err *err)
{
    const struct pyr_function *f = pyr_functions_get(w->profile->functions, func);
    pyr_buf_addf(w->out, "%s=(%u)", key, func.i);
    if (!w->func_named[func.i]) {
        uint32_t before = pyr_strtab_count(w->names);
        pyr_str id = {0};
        w->func_named[func.i] = true;
        pyr_buf_clear(&w->text);
        pyr_buf_addf(&w->text, "%u ", f->file.i);
        size_t start = w->text.len;
        pyr_name_add_function(&w->text, w->profile, func, PYR_NAME_ONE_LINE);
        if (!w->text.failed && is_blank(w->text.data + start, w->text.len - start)) {
            pyr_buf_add_text(&w->text, BLANK_NAME);
        }
        if (!pyr_buf_check(&w->text, err) ||
            !pyr_strtab_add(w->names, w->text.data, w->text.len, &id, err)) {
            return false;
        }
        pyr_buf_add_char(w->out, ' ');
        pyr_buf_add(w->out, w->text.data + start, w->text.len - start);
        if (id.i <= before) {
            pyr_buf_addf(w->out, ":%u", f->first_line);
        }
    }
    pyr_buf_add_char(w->out, '\n');
    return true;
}

static void put_own_costs(struct writer *w, pyr_func func, uint32_t *frame)
{
    uint32_t frames = pyr_frames_count(w->profile->frames);
    uint32_t first_line = pyr_functions_get(w->profile->functions, func)->first_line;
    bool any = false;
    for (; *frame < frames; (*frame)++) {
        struct pyr_frame f = pyr_frames_get(w->profile->frames, (pyr_frame_id){w->frames[*frame]});
        const int64_t *costs = w->costs + (size_t)w->frames[*frame] * w->columns;
        bool zero = true;
        if (f.func.i > func.i) {
            break;
        }
        for (uint32_t i = 0; i < w->shown; i++) {
            zero = zero && costs[w->order[i]] <= 0;
        }
        if (f.func.i == func.i && !zero) {
            pyr_buf_addf(w->out, "%u", f.line > 0 ? f.line : first_line);
            put_costs(w, costs);
            any = true;
        }
    }
    if (!any) { /* so that a function with nothing but calls is there too */
        pyr_buf_addf(w->out, "%u", first_line);
        put_costs(w, w->costs);
    }
}

static bool put_calls(struct writer *w, pyr_func func, uint32_t *arc, struct pyr_err *err)
{
    uint32_t arcs = pyr_totals_arc_count(w->totals);
    const struct pyr_function *caller = pyr_functions_get(w->profile->functions, func);
    for (; *arc < arcs; (*arc)++) {
        struct pyr_total to = pyr_totals_arc(w->totals, w->arcs[*arc]);
        if (to.caller.i > func.i) {
            break;
        }
        if (to.caller.i < func.i) {
            continue;
        }
        const struct pyr_function *callee = pyr_functions_get(w->profile->functions, to.func);
        int64_t calls = w->calls < 0 ? 1 : to.self[w->calls];
        put_file(w, "cfi", callee->file);
        if (!put_function(w, "cfn", to.func, err)) {
            return false;
        }
        pyr_buf_addf(w->out, "calls=%lld %u\n%u", calls < 1 ? 1LL : (long long)calls,
                     callee->first_line, caller->first_line);
        put_costs(w, to.inclusive);
    }
    return true;
}

static bool write_callgrind(const struct pyr_profile *profile,
                            const struct pyr_format_options *options, struct pyr_buf *out,
                            struct pyr_err *err)
{
    (void)options;
    struct writer w = {.profile = profile, .out = out};
    uint32_t frame = 0, arc = 0;
    bool ok = prepare(&w, err) && put_header(&w, err);
    uint32_t count = ok ? pyr_totals_function_count(w.totals) : 0;
    for (uint32_t i = 0; ok && i < count; i++) {
        pyr_func func = pyr_totals_function(w.totals, i).func;
        pyr_buf_add_char(out, '\n');
        put_file(&w, "fl", pyr_functions_get(profile->functions, func)->file);
        ok = put_function(&w, "fn", func, err);
        if (ok) {
            put_own_costs(&w, func, &frame);
            ok = put_calls(&w, func, &arc, err);
        }
    }
    release(&w);
    return ok && pyr_buf_check(out, err);
}

const struct pyr_format pyr_format_callgrind = {
    .name = "callgrind",
    .extension = ".callgrind",
    .summary = "KCachegrind, QCachegrind, callgrind_annotate: call graph and source",
    .write = write_callgrind,
    .read = pyr_callgrind_read,
    .sniff = pyr_callgrind_sniff,
};
