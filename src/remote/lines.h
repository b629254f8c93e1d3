/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Lines: which line of the source an instruction belongs to, from the table that a code object has
 * for it. Pure functions on bytes that are hostile: any table gives some answer, in time linear in
 * its size. */
#pragma once

#include <stdint.h>

#include "base/err.h"

struct pyr_line_table {
    const uint8_t *bytes;
    uint32_t size;
    uint32_t first_line;
    uint32_t minor; /* of the version, 6 to 15: which format it is */
};

/* A span of source. Lines count from 1, columns (in UTF-8 bytes) from 0; -1 where not known. */
struct pyr_position {
    int32_t line;
    int32_t end_line;
    int32_t column;
    int32_t end_column;
};

/* Of the instruction that begins `offset` bytes into the code; -1: the frame has not begun, which
 * gives the first line. Instructions without a line (made by the compiler) have line -1. */
struct pyr_position pyr_line_find(const struct pyr_line_table *table, int32_t offset);
