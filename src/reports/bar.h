/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Bars: a share drawn as a small bar, in eighths of a character where the terminal can. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define PYR_BAR_COLUMNS 10

/* Appends a bar of up to PYR_BAR_COLUMNS columns. */
void pyr_bar_add(int64_t part, int64_t whole, bool ascii, struct pyr_buf *out);
