/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "reports/printable.h"

/* What a key stands for. Keys that come from elsewhere may be out of range: then function 0. */
static struct pyr_frame frame_of(const struct pyr_top_model *model, uint32_t key)
{
    const struct pyr_profile *profile = model->mirror.profile;
    if (profile == NULL || key == 0) {
        return (struct pyr_frame){0};
    }
    if (model->filter.lines) {
        return key <= pyr_frames_count(profile->frames)
                   ? pyr_frames_get(profile->frames, (pyr_frame_id){key})
                   : (struct pyr_frame){0};
    }
    return (struct pyr_frame){.func = {key <= pyr_functions_count(profile->functions) ? key : 0}};
}

static const char *text_of(const struct pyr_top_model *model, pyr_str text)
{
    return pyr_strtab_text(model->mirror.profile->strings, text);
}

void pyr_top_model_add_function(const struct pyr_top_model *model, uint32_t func,
                                struct pyr_buf *out)
{
    const struct pyr_profile *profile = model->mirror.profile;
    if (profile == NULL || func == 0 || func > pyr_functions_count(profile->functions)) {
        pyr_buf_add_text(out, "(nothing)");
        return;
    }
    const struct pyr_function *f = pyr_functions_get(profile->functions, (pyr_func){func});
    const size_t len = pyr_strtab_len(profile->strings, f->qualname);
    if (len == 0) {
        pyr_buf_add_text(out, "(no name)");
        return;
    }
    pyr_printable_add(out, text_of(model, f->qualname), len);
}

void pyr_top_model_add_name(const struct pyr_top_model *model, uint32_t key, struct pyr_buf *out)
{
    pyr_top_model_add_function(model, frame_of(model, key).func.i, out);
}

void pyr_top_model_add_place(const struct pyr_top_model *model, uint32_t key, struct pyr_buf *out)
{
    const struct pyr_frame frame = frame_of(model, key);
    if (frame.func.i == 0) {
        return;
    }
    const struct pyr_profile *profile = model->mirror.profile;
    const struct pyr_function *f = pyr_functions_get(profile->functions, frame.func);
    const uint32_t line = model->filter.lines ? frame.line : f->first_line;
    if (pyr_strtab_len(profile->strings, f->file) == 0) {
        if (f->module.i != 0) {
            pyr_buf_add_char(out, '[');
            pyr_printable_add(out, text_of(model, f->module),
                              pyr_strtab_len(profile->strings, f->module));
            pyr_buf_add_char(out, ']');
        }
        return;
    }
    pyr_printable_add(out, text_of(model, f->file), pyr_strtab_len(profile->strings, f->file));
    if (line != 0) {
        pyr_buf_addf(out, ":%u", (unsigned)line);
    }
}

/* -1, 0 or 1. */
static int order(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_names(const struct pyr_top_model *model, uint32_t a, uint32_t b, bool places)
{
    const struct pyr_frame x = frame_of(model, a);
    const struct pyr_frame y = frame_of(model, b);
    const struct pyr_functions *functions = model->mirror.profile->functions;
    const struct pyr_function *f = pyr_functions_get(functions, x.func);
    const struct pyr_function *g = pyr_functions_get(functions, y.func);
    const int by_name = strcmp(text_of(model, f->qualname), text_of(model, g->qualname));
    int by_place = strcmp(text_of(model, f->file), text_of(model, g->file));
    by_place = by_place != 0 ? by_place : order(f->first_line, g->first_line);
    by_place = by_place != 0 ? by_place : order(x.line, y.line);
    const int first = places ? by_place : by_name;
    const int second = places ? by_name : by_place;
    return first != 0 ? first : second != 0 ? second : order(a, b);
}

/* Figures go from large to small; what is equal now is told apart by what it was before. */
static int compare_figures(enum pyr_top_sort sort, const struct pyr_sum *a, const struct pyr_sum *b)
{
    int first = 0;
    switch (sort) {
    case PYR_TOP_OWN_NOW:
        first = order(b->own_now, a->own_now);
        break;
    case PYR_TOP_TOTAL_NOW:
        first = order(b->total_now, a->total_now);
        break;
    case PYR_TOP_TOTAL_ALL:
        return order(b->total_all, a->total_all);
    case PYR_TOP_OWN_ALL:
    case PYR_TOP_OWN_TIME:
    case PYR_TOP_NAME:
    case PYR_TOP_PLACE:
        return order(b->own_all, a->own_all);
    }
    if (first != 0) {
        return first;
    }
    return sort == PYR_TOP_OWN_NOW ? order(b->own_all, a->own_all)
                                   : order(b->total_all, a->total_all);
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const struct pyr_top_row *x = a;
    const struct pyr_top_row *y = b;
    const struct pyr_top_model *model = context;
    const bool texts = model->sort == PYR_TOP_NAME || model->sort == PYR_TOP_PLACE;
    int result = texts ? 0 : compare_figures(model->sort, &x->sum, &y->sum);
    if (result == 0) {
        result = compare_names(model, x->key, y->key, model->sort == PYR_TOP_PLACE);
        return model->reverse && texts ? -result : result;
    }
    return model->reverse ? -result : result;
}

bool pyr_top_rows_build(struct pyr_top_model *model, struct pyr_err *err)
{
    const struct pyr_sums *sums = &model->sums;
    model->row_count = 0;
    for (uint32_t key = 1; key < sums->key_count; key++) {
        if (sums->keys[key].total_all == 0 && sums->keys[key].total_now == 0) {
            continue;
        }
        if (!pyr_mem_grow(&model->rows, &model->row_cap, model->row_count + (size_t)1,
                          sizeof *model->rows, err)) {
            return false;
        }
        model->rows[model->row_count++] = (struct pyr_top_row){.key = key, .sum = sums->keys[key]};
    }
    if (model->row_count > 1) {
        qsort_r(model->rows, model->row_count, sizeof *model->rows, compare_rows, model);
    }
    return true;
}

int64_t pyr_top_model_find(const struct pyr_top_model *model, uint32_t key)
{
    for (uint32_t i = 0; i < model->row_count; i++) {
        if (model->rows[i].key == key) {
            return i;
        }
    }
    return -1;
}

bool pyr_top_model_matches(const struct pyr_top_model *model, uint32_t key)
{
    struct pyr_buf text = {0};
    if (model->search.len == 0) {
        return false;
    }
    pyr_top_model_add_name(model, key, &text);
    pyr_buf_add_char(&text, ' ');
    pyr_top_model_add_place(model, key, &text);
    const bool found = !text.failed && strcasestr(text.data, model->search.data) != NULL;
    pyr_buf_release(&text);
    return found;
}

int64_t pyr_top_model_search(const struct pyr_top_model *model, uint32_t from, bool back, bool here)
{
    const uint32_t count = model->row_count;
    for (uint32_t i = here ? 0 : 1; i < count + (here ? 0u : 1u); i++) {
        const uint32_t at = (back ? from + count - i : from + i) % count;
        if (pyr_top_model_matches(model, model->rows[at].key)) {
            return at;
        }
    }
    return -1;
}
