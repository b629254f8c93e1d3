/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Tables of offsets as interpreters from 3.13 on have them, made from our own rows: a table that
 * says what the row says. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "remote/layout_debug.h"
#include "remote/layout_rows.h"

#define DEBUG_VERSIONS 3
#define DEBUG_GIL_AT 9000 /* of the GIL's state in the interpreter, as the table counts */
#define DEBUG_GC_AT 7000

static inline uint32_t debug_row(uint32_t column, uint32_t at)
{
    for (size_t i = 0; i < sizeof(later_rows) / sizeof(later_rows[0]); i++) {
        if (later_rows[i].at == at) {
            return later_rows[i].values[column];
        }
    }
    return PYR_LAYOUT_NONE;
}

static inline void debug_put(uint8_t *table, uint32_t position, uint64_t value)
{
    memcpy(table + position, &value, sizeof(value));
}

/* `column`: 0 is 3.13. `table` has PYR_DEBUG_TABLE_MAX bytes. */
static inline void debug_table(uint8_t *table, uint32_t column)
{
    memset(table, 0, PYR_DEBUG_TABLE_MAX);
    memcpy(table, "xdebugpy", 8);
    debug_put(table, 8, told_rows_versions[column]);
    debug_put(table, told_rows_within_gil[column], DEBUG_GIL_AT);
    debug_put(table, told_rows_within_gc[column], DEBUG_GC_AT);
    for (size_t i = 0; i < sizeof(told_rows) / sizeof(told_rows[0]); i++) {
        uint32_t at = told_rows[i].at;
        uint64_t value = debug_row(column, at);
        if (told_rows[i].values[column] == PYR_LAYOUT_NONE) {
            continue;
        }
        if (at == offsetof(struct pyr_layout, gil_locked) ||
            at == offsetof(struct pyr_layout, gil_last_holder)) {
            value += DEBUG_GIL_AT;
        } else if (at == offsetof(struct pyr_layout, interpreter_gc_collecting)) {
            value -= DEBUG_GC_AT;
        }
        debug_put(table, told_rows[i].values[column], value);
    }
}
