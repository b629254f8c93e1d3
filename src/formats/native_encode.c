/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_encode.h"

#include "formats/native_restate.h"

/* A section of strings ends at so much text, so that a reader needs little room for it. */
#define FULL_TEXT_BYTES ((size_t)1 << 20)

/* Fills the payload with rows from id `from` on, at most to `to`, and gives the last one. */
typedef uint32_t fill_fn(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                         uint32_t from, uint32_t to);

struct table {
    enum pyr_native_type type;
    uint32_t columns;
    fill_fn *fill;
    uint32_t have; /* rows the file has */
    uint32_t now;  /* rows the profile has */
};

struct pyr_native_mark pyr_native_mark_now(const struct pyr_profile *profile,
                                           const struct pyr_native_mark *before)
{
    return (struct pyr_native_mark){
        .strings = pyr_strtab_count(profile->strings),
        .functions = pyr_functions_count(profile->functions),
        .frames = pyr_frames_count(profile->frames),
        .stacks = pyr_stacks_count(profile->stacks),
        .metrics = profile->metrics.count,
        .threads = pyr_threads_count(profile->threads),
        .rows = pyr_values_count(profile->values),
        .runs = pyr_timeline_count(profile->timeline),
        .meta = pyr_meta_count(profile->meta),
        .batches = before->batches + 1,
        .epochs = before->epochs,
        .threads_stamp = pyr_threads_stamp(profile->threads),
        .meta_stamp = pyr_meta_stamp(profile->meta),
    };
}

static uint32_t block_end(uint32_t from, uint32_t to)
{
    return to - from < PYR_NATIVE_FULL_ROWS ? to : from + PYR_NATIVE_FULL_ROWS - 1;
}

static uint32_t fill_strings(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                             uint32_t from, uint32_t to)
{
    struct pyr_buf *out = &batch->payload;
    const uint32_t limit = block_end(from, to);
    uint32_t end = from;
    size_t bytes = 0;
    for (uint32_t i = from; i <= limit && bytes < FULL_TEXT_BYTES; i++) {
        const size_t len = pyr_strtab_len(profile->strings, (pyr_str){i});
        pyr_buf_add_varint(out, len);
        bytes += len;
        end = i;
    }
    pyr_native_batch_column(batch);
    for (uint32_t i = from; i <= end; i++) {
        const pyr_str id = {i};
        pyr_buf_add(out, pyr_strtab_text(profile->strings, id),
                    pyr_strtab_len(profile->strings, id));
    }
    pyr_native_batch_column(batch);
    return end;
}

static uint32_t function_field(const struct pyr_function *function, uint32_t column)
{
    switch (column) {
    case 0:
        return function->qualname.i;
    case 1:
        return function->module.i;
    case 2:
        return function->file.i;
    case 3:
        return function->first_line;
    default:
        return (uint32_t)function->kind;
    }
}

static uint32_t fill_functions(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                               uint32_t from, uint32_t to)
{
    const uint32_t end = block_end(from, to);
    for (uint32_t column = 0; column < PYR_NATIVE_FUNCTION_COLUMNS; column++) {
        uint32_t last = 0;
        for (uint32_t i = from; i <= end; i++) {
            const struct pyr_function *function =
                pyr_functions_get(profile->functions, (pyr_func){i});
            pyr_native_put_step(&batch->payload, &last, function_field(function, column));
        }
        pyr_native_batch_column(batch);
    }
    return end;
}

static uint32_t fill_frames(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                            uint32_t from, uint32_t to)
{
    const uint32_t end = block_end(from, to);
    for (uint32_t column = 0; column < PYR_NATIVE_FRAME_COLUMNS; column++) {
        uint32_t last = 0;
        for (uint32_t i = from; i <= end; i++) {
            const struct pyr_frame frame = pyr_frames_get(profile->frames, (pyr_frame_id){i});
            pyr_native_put_step(&batch->payload, &last, column == 0 ? frame.func.i : frame.line);
        }
        pyr_native_batch_column(batch);
    }
    return end;
}

static uint32_t fill_stacks(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                            uint32_t from, uint32_t to)
{
    const uint32_t end = block_end(from, to);
    for (uint32_t column = 0; column < PYR_NATIVE_STACK_COLUMNS; column++) {
        uint32_t last = 0;
        for (uint32_t i = from; i <= end; i++) {
            const struct pyr_stack_node node = pyr_stacks_get(profile->stacks, (pyr_stack){i});
            pyr_native_put_step(&batch->payload, &last, column == 0 ? node.parent.i : node.frame.i);
        }
        pyr_native_batch_column(batch);
    }
    return end;
}

static uint32_t fill_metrics(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                             uint32_t from, uint32_t to)
{
    for (uint32_t column = 0; column < PYR_NATIVE_METRIC_COLUMNS; column++) {
        uint32_t last = 0;
        for (uint32_t i = from; i <= to; i++) {
            const struct pyr_metric *metric = &profile->metrics.items[i - 1];
            pyr_native_put_step(&batch->payload, &last,
                                column == 0 ? metric->name.i : metric->unit.i);
        }
        pyr_native_batch_column(batch);
    }
    return to;
}

static uint32_t fill_runs(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                          uint32_t from, uint32_t to)
{
    struct pyr_buf *out = &batch->payload;
    const uint32_t end = block_end(from, to);
    uint32_t last = 0;
    for (uint32_t i = from; i <= end; i++) {
        pyr_native_put_step(out, &last, pyr_timeline_get(profile->timeline, i - 1).thread.i);
    }
    pyr_native_batch_column(batch);
    last = 0;
    for (uint32_t i = from; i <= end; i++) {
        pyr_native_put_step(out, &last, pyr_timeline_get(profile->timeline, i - 1).stack.i);
    }
    pyr_native_batch_column(batch);
    uint64_t last_end_ns = 0;
    for (uint32_t i = from; i <= end; i++) {
        const struct pyr_run run = pyr_timeline_get(profile->timeline, i - 1);
        pyr_buf_add_svarint(out, (int64_t)(run.start_ns - last_end_ns)); /* modulo 2^64 */
        last_end_ns = run.start_ns + run.duration_ns;
    }
    pyr_native_batch_column(batch);
    for (uint32_t i = from; i <= end; i++) {
        pyr_buf_add_varint(out, pyr_timeline_get(profile->timeline, i - 1).duration_ns);
    }
    pyr_native_batch_column(batch);
    return end;
}

/* Sections for the rows after `have`, up to `now`. */
static bool put_table(struct pyr_native_batch *batch, const struct table *table,
                      const struct pyr_profile *profile, struct pyr_err *err)
{
    uint32_t last = table->have;
    while (last < table->now) {
        const uint32_t first = last + 1;
        pyr_native_batch_begin(batch, table->columns);
        last = table->fill(batch, profile, first, table->now);
        const struct pyr_native_section section = {
            .type = table->type,
            .first = first,
            .rows = last - first + 1,
        };
        if (!pyr_native_batch_section(batch, &section, section.rows, err)) {
            return false;
        }
    }
    return true;
}

bool pyr_native_encode(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                       const struct pyr_native_mark *from, struct pyr_err *err)
{
    const struct pyr_native_mark now = pyr_native_mark_now(profile, from);
    const struct table tables[] = {
        {PYR_NATIVE_STRINGS, PYR_NATIVE_STRING_COLUMNS, fill_strings, from->strings, now.strings},
        {PYR_NATIVE_FUNCTIONS, PYR_NATIVE_FUNCTION_COLUMNS, fill_functions, from->functions,
         now.functions},
        {PYR_NATIVE_FRAMES, PYR_NATIVE_FRAME_COLUMNS, fill_frames, from->frames, now.frames},
        {PYR_NATIVE_STACKS, PYR_NATIVE_STACK_COLUMNS, fill_stacks, from->stacks, now.stacks},
        {PYR_NATIVE_METRICS, PYR_NATIVE_METRIC_COLUMNS, fill_metrics, from->metrics, now.metrics},
    };
    const struct table runs = {PYR_NATIVE_RUNS, PYR_NATIVE_RUN_COLUMNS, fill_runs, from->runs,
                               now.runs};

    /* In this order, so that a reader knows every id before it is used. */
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (!put_table(batch, &tables[i], profile, err)) {
            return false;
        }
    }
    return pyr_native_encode_threads(batch, profile, from, err) &&
           pyr_native_encode_values(batch, profile, from, err) &&
           put_table(batch, &runs, profile, err) &&
           pyr_native_encode_meta(batch, profile, from, err);
}
