/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Variables: where a file that is loaded has its writable data, the zeroed part included, by the
 * headers that stand at its beginning in memory. The file itself is not needed. */
#pragma once

#include <stdint.h>

#include "remote/maps.h"
#include "remote/memory.h"

#define PYR_VARIABLES_MAX 8

struct pyr_variables {
    uint64_t start;
    uint64_t end;
};

/* The number of ranges; 0 when no program begins at `first`. */
uint32_t pyr_variables_find(struct pyr_memory *memory, const struct pyr_map_entry *first,
                            struct pyr_variables ranges[PYR_VARIABLES_MAX]);
