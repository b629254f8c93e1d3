/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Version scan: the version of an interpreter up to 3.10, which no symbol tells: from the text of
 * sys.version, which it keeps among its variables. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "remote/maps.h"
#include "remote/memory.h"

#define PYR_VERSION_SCAN_BYTES ((uint64_t)64 << 20) /* no interpreter has as many variables */

/* Reads "3.8.18 (" or "3.7.0rc1+ (" at the start of `text`: a version as PY_VERSION_HEX has it, or
 * 0. */
uint32_t pyr_version_parse(const char *text, size_t size);
/* Looks in the variables of the file whose first mapping is `first`, in at most `*budget` bytes,
 * which it takes off. 0 when there is no such text. */
uint32_t pyr_version_scan(struct pyr_memory *memory, const struct pyr_map_entry *first,
                          uint64_t *budget);
