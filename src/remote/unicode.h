/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Unicode: a str object of the target as UTF-8, whatever kind it is stored in. Lone surrogates
 * become three bytes each, as CPython's surrogatepass writes them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "remote/layout.h"
#include "remote/memory.h"

/* Appends at most `max_chars` characters of the str at `address` to `out`; `*cut` tells whether it
 * had more. False when that is not a str that can be read; `out` is then as it was. */
PYR_MUST_USE bool pyr_unicode_read(struct pyr_memory *memory, const struct pyr_layout *layout,
                                   uint64_t address, uint32_t max_chars, struct pyr_buf *out,
                                   bool *cut);
