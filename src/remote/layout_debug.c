/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/layout_debug.h"

#include <string.h>

#include "remote/layout_rows.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))
#define HEAD_COOKIE "xdebugpy"
#define COOKIE_SIZE 8

/* The largest structs are near 500 KB (the interpreter); what is read whole is far smaller. */
#define MAX_IN_STATE (16u << 20)
#define MAX_IN_THREAD 4096
#define MAX_IN_OBJECT 2048

static const struct layout_table told_table = {told_rows_versions, COUNT(told_rows_versions),
                                               told_rows, COUNT(told_rows)};

static uint64_t word_at(const uint8_t *table, uint32_t position)
{
    uint64_t value = 0;
    memcpy(&value, table + position, sizeof(value));
    return value;
}

bool pyr_layout_debug_head(const uint8_t head[PYR_DEBUG_HEAD_SIZE], uint32_t *version,
                           bool *free_threaded)
{
    uint64_t stated = word_at(head, COOKIE_SIZE);
    if (memcmp(head, HEAD_COOKIE, COOKIE_SIZE) != 0 || stated > UINT32_MAX) {
        return false;
    }
    *version = (uint32_t)stated;
    *free_threaded = word_at(head, 2 * COOKIE_SIZE) != 0;
    return true;
}

/* What an offset in the struct that holds the field may be at most. */
static uint32_t bound_of(uint32_t at)
{
    if (at < offsetof(struct pyr_layout, gil_last_holder)) {
        return MAX_IN_STATE;
    }
    if (at < offsetof(struct pyr_layout, frame_back)) {
        return MAX_IN_THREAD;
    }
    return MAX_IN_OBJECT;
}

static bool refuse_field(uint64_t value, uint32_t position, struct pyr_err *err)
{
    return pyr_err_set(err, PYR_ERR_FORMAT,
                       "the interpreter's own table of offsets is damaged: %llu at byte %u",
                       (unsigned long long)value, position);
}

/* `base` is what the table counts from and the layout does not. */
static bool take(const uint8_t *table, const struct layout_field *field, uint32_t column,
                 uint64_t base, struct pyr_layout *layout, struct pyr_err *err)
{
    uint32_t position = field->values[column];
    uint64_t value = word_at(table, position) - base;
    if (value > bound_of(field->at)) {
        return refuse_field(value, position, err);
    }
    uint32_t offset = (uint32_t)value;
    memcpy((char *)layout + field->at, &offset, sizeof(offset));
    return true;
}

static uint64_t base_of(const uint8_t *table, uint32_t at, uint32_t column)
{
    bool in_gil = at == offsetof(struct pyr_layout, gil_locked) ||
                  at == offsetof(struct pyr_layout, gil_last_holder);
    return in_gil ? word_at(table, told_rows_within_gil[column]) : 0;
}

/* The collector's state lies within the interpreter's, and the table counts from its start. */
static bool take_collecting(const uint8_t *table, uint32_t position, uint32_t column,
                            struct pyr_layout *layout, struct pyr_err *err)
{
    uint64_t start = word_at(table, told_rows_within_gc[column]);
    uint64_t value = word_at(table, position);
    if (start > MAX_IN_STATE || value > MAX_IN_OBJECT) {
        return refuse_field(value, position, err);
    }
    layout->interpreter_gc_collecting = (uint32_t)(start + value);
    return true;
}

static bool take_all(const uint8_t *table, uint32_t column, struct pyr_layout *layout,
                     struct pyr_err *err)
{
    for (uint32_t i = 0; i < told_table.field_count; i++) {
        const struct layout_field *field = &told_table.fields[i];
        if (field->values[column] == PYR_LAYOUT_NONE) {
            continue;
        }
        if (field->at == offsetof(struct pyr_layout, interpreter_gc_collecting)) {
            if (!take_collecting(table, field->values[column], column, layout, err)) {
                return false;
            }
        } else if (!take(table, field, column, base_of(table, field->at, column), layout, err)) {
            return false;
        }
    }
    return true;
}

bool pyr_layout_debug_decode(const uint8_t *table, size_t size, struct pyr_layout *layout,
                             struct pyr_err *err)
{
    uint32_t version = 0;
    bool free_threaded = false;
    if (size < PYR_DEBUG_HEAD_SIZE || !pyr_layout_debug_head(table, &version, &free_threaded)) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "there is no table of offsets");
    }
    if (!pyr_layout_find(version, free_threaded, false, layout, err)) {
        return false;
    }
    int column = pyr_layout_column(&told_table, version);
    if (column < 0 || size < told_rows_table_size[column]) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "the interpreter's own table of offsets is cut");
    }
    uint32_t chunk_top_distance = layout->thread_chunk_top - layout->thread_chunk;
    uint32_t limit_distance = layout->thread_chunk_limit - layout->thread_chunk;
    if (!take_all(table, (uint32_t)column, layout, err)) {
        return false;
    }
    /* The table has only the first of the three, which stand together in every version. */
    layout->thread_chunk_top = layout->thread_chunk + chunk_top_distance;
    layout->thread_chunk_limit = layout->thread_chunk + limit_distance;
    pyr_layout_complete(layout);
    return true;
}
