/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Rows of the native file: for each table, how one row is read and added to a profile. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/reader.h"
#include "formats/native_layout.h"
#include "model/profile.h"

/* The columns of one section, each read from its own place. */
struct pyr_native_columns {
    uint32_t count;
    struct pyr_reader in[PYR_NATIVE_MAX_COLUMNS];
    uint32_t last[PYR_NATIVE_MAX_COLUMNS]; /* what the next step starts from */
    uint64_t last_end_ns;                  /* of the run before */
};

/* Reads one row and adds it as number `id`, the next one that is new. */
typedef bool pyr_native_row_fn(struct pyr_profile *profile, struct pyr_native_columns *columns,
                               uint32_t id, struct pyr_err *err);

struct pyr_native_table {
    uint32_t type;
    uint32_t columns;  /* that a section has at least */
    uint32_t optional; /* and how many more it may have */
    uint32_t (*count)(const struct pyr_profile *profile);
    pyr_native_row_fn *row;
};

/* NULL when there is no table for sections of this type. */
const struct pyr_native_table *pyr_native_find_table(uint32_t type);
