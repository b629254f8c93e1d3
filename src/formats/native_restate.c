/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_restate.h"

#include "base/mem.h"

/* The rows that go into one section: ids, rising. */
struct picked {
    uint32_t ids[PYR_NATIVE_FULL_ROWS];
    uint32_t count;
};

/* Of the rows after `row`, picks those that `from` does not hold as they are now. Gives the last
 * row that was looked at. */
typedef uint32_t pick_fn(const struct pyr_profile *profile, const struct pyr_native_mark *from,
                         uint32_t row, struct picked *picked);
typedef void fill_fn(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                     const struct picked *picked);

struct table {
    enum pyr_native_type type;
    uint32_t columns;
    uint32_t have; /* rows the file has */
    uint32_t now;  /* rows the profile has */
    pick_fn *pick;
    fill_fn *fill;
};

static bool put_table(struct pyr_native_batch *batch, const struct table *table,
                      const struct pyr_profile *profile, const struct pyr_native_mark *from,
                      struct pyr_err *err)
{
    struct picked *picked = pyr_mem_alloc(sizeof(*picked));
    if (picked == NULL) {
        return pyr_err_nomem(err);
    }
    bool ok = true;
    uint32_t known = table->have;
    for (uint32_t row = 0; ok && row < table->now;) {
        picked->count = 0;
        row = table->pick(profile, from, row, picked);
        if (picked->count == 0) {
            continue;
        }
        pyr_native_batch_begin(batch, table->columns);
        table->fill(batch, profile, picked);
        const struct pyr_native_section section = {
            .type = table->type,
            .first = known + 1,
            .rows = picked->count,
        };
        const uint32_t last = picked->ids[picked->count - 1];
        const uint32_t added = last > known ? last - known : 0;
        ok = pyr_native_batch_section(batch, &section, added, err);
        known += added;
    }
    pyr_mem_free(picked);
    return ok;
}

static uint32_t pick_threads(const struct pyr_profile *profile, const struct pyr_native_mark *from,
                             uint32_t row, struct picked *picked)
{
    const uint32_t count = pyr_threads_count(profile->threads);
    while (row < count && picked->count < PYR_NATIVE_FULL_ROWS) {
        row++;
        if (pyr_threads_stamp_of(profile->threads, (pyr_thread){row}) > from->threads_stamp) {
            picked->ids[picked->count++] = row;
        }
    }
    return row;
}

static uint32_t thread_field(const struct pyr_thread_info *info, uint32_t id, uint32_t column)
{
    switch (column) {
    case 0:
        return id;
    case 1:
        return info->pid;
    case 2:
        return info->tid;
    case 3:
        return info->name.i;
    case 4:
        return (uint32_t)info->kind;
    case 5:
        return info->parent.i;
    case 6:
        return info->tag.i;
    default:
        return info->entry.i;
    }
}

/* Of the columns after those that are steps. */
static uint64_t thread_figure(const struct pyr_thread_info *info, uint32_t column)
{
    switch (column) {
    case 8:
        return info->start_ns;
    case 9:
        return info->end_ns;
    case 10:
        return info->switches;
    case 11:
        return info->starved_ns;
    default:
        return info->starved_known ? PYR_NATIVE_STARVED_KNOWN : 0;
    }
}

static void fill_threads(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                         const struct picked *picked)
{
    for (uint32_t column = 0; column < PYR_NATIVE_THREAD_COLUMNS; column++) {
        uint32_t last = 0;
        for (uint32_t i = 0; i < picked->count; i++) {
            const uint32_t id = picked->ids[i];
            const struct pyr_thread_info info = pyr_threads_get(profile->threads, (pyr_thread){id});
            if (column < PYR_NATIVE_THREAD_STEPS) {
                pyr_native_put_step(&batch->payload, &last, thread_field(&info, id, column));
            } else {
                pyr_buf_add_varint(&batch->payload, thread_figure(&info, column));
            }
        }
        pyr_native_batch_column(batch);
    }
}

bool pyr_native_encode_threads(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                               const struct pyr_native_mark *from, struct pyr_err *err)
{
    if (pyr_threads_stamp(profile->threads) == from->threads_stamp) {
        return true;
    }
    const struct table table = {
        .type = PYR_NATIVE_THREADS,
        .columns = PYR_NATIVE_THREAD_COLUMNS,
        .have = from->threads,
        .now = pyr_threads_count(profile->threads),
        .pick = pick_threads,
        .fill = fill_threads,
    };
    return put_table(batch, &table, profile, from, err);
}

static uint32_t pick_values(const struct pyr_profile *profile, const struct pyr_native_mark *from,
                            uint32_t row, struct picked *picked)
{
    const uint32_t count = pyr_values_count(profile->values);
    while (row < count && picked->count < PYR_NATIVE_FULL_ROWS) {
        row++;
        if (row > from->rows || pyr_values_get(profile->values, row).epoch >= from->epochs) {
            picked->ids[picked->count++] = row;
        }
    }
    return row;
}

static void fill_values(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                        const struct picked *picked)
{
    struct pyr_buf *out = &batch->payload;
    uint32_t last = 0;
    for (uint32_t i = 0; i < picked->count; i++) {
        pyr_native_put_step(out, &last, pyr_values_get(profile->values, picked->ids[i]).stack.i);
    }
    pyr_native_batch_column(batch);
    last = 0;
    for (uint32_t i = 0; i < picked->count; i++) {
        pyr_native_put_step(out, &last, pyr_values_get(profile->values, picked->ids[i]).thread.i);
    }
    pyr_native_batch_column(batch);
    for (uint32_t metric = 0; metric < profile->metrics.count; metric++) {
        for (uint32_t i = 0; i < picked->count; i++) {
            pyr_buf_add_svarint(out, pyr_values_get(profile->values, picked->ids[i]).v[metric]);
        }
        pyr_native_batch_column(batch);
    }
}

bool pyr_native_encode_values(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                              const struct pyr_native_mark *from, struct pyr_err *err)
{
    const struct table table = {
        .type = PYR_NATIVE_VALUES,
        .columns = PYR_NATIVE_VALUE_COLUMNS + profile->metrics.count,
        .have = from->rows,
        .now = pyr_values_count(profile->values),
        .pick = pick_values,
        .fill = fill_values,
    };
    return put_table(batch, &table, profile, from, err);
}

static void fill_meta(struct pyr_native_batch *batch, const struct pyr_meta *meta, uint32_t column)
{
    struct pyr_buf *out = &batch->payload;
    const uint32_t count = pyr_meta_count(meta);
    for (uint32_t i = 0; i < count; i++) {
        const struct pyr_meta_entry entry = pyr_meta_get(meta, i);
        if (column == 0) {
            pyr_buf_add_varint(out, entry.key.i);
        } else if (column == 1) {
            pyr_buf_add_u8(out, entry.is_number ? PYR_NATIVE_META_NUMBER : PYR_NATIVE_META_TEXT);
        } else {
            pyr_buf_add_svarint(out, entry.is_number ? entry.number : (int64_t)entry.text.i);
        }
    }
}

bool pyr_native_encode_meta(struct pyr_native_batch *batch, const struct pyr_profile *profile,
                            const struct pyr_native_mark *from, struct pyr_err *err)
{
    if (pyr_meta_stamp(profile->meta) == from->meta_stamp) {
        return true;
    }
    pyr_native_batch_begin(batch, PYR_NATIVE_META_COLUMNS);
    for (uint32_t column = 0; column < PYR_NATIVE_META_COLUMNS; column++) {
        fill_meta(batch, profile->meta, column);
        pyr_native_batch_column(batch);
    }
    const uint32_t count = pyr_meta_count(profile->meta);
    const struct pyr_native_section section = {
        .type = PYR_NATIVE_META,
        .first = from->meta + 1,
        .rows = count,
    };
    return pyr_native_batch_section(batch, &section, count - from->meta, err);
}
