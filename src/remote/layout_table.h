/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Layout tables: how layout_rows.h writes layouts down, a line per field and a column per version.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "remote/layout.h"

#define PYR_LAYOUT_MAX_COLUMNS 8

struct layout_field {
    uint32_t at; /* of the field in struct pyr_layout */
    uint32_t values[PYR_LAYOUT_MAX_COLUMNS];
};

#define FIELD(name, ...)                                                                           \
    {                                                                                              \
        offsetof(struct pyr_layout, name),                                                         \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

/* One table: `versions` are those of the headers, oldest first. */
struct layout_table {
    const uint32_t *versions;
    uint32_t version_count;
    const struct layout_field *fields;
    uint32_t field_count;
};

/* The column for `version`: of its minor version the first that is not older, or the last; -1 when
 * there is none. */
int pyr_layout_column(const struct layout_table *table, uint32_t version);
/* Sets the table's fields, and no others. */
void pyr_layout_fill(const struct layout_table *table, uint32_t column, struct pyr_layout *layout);
/* Every offset NONE; what stands before them is left as it is. */
void pyr_layout_blank(struct pyr_layout *layout);
/* What follows from other fields. */
void pyr_layout_complete(struct pyr_layout *layout);
