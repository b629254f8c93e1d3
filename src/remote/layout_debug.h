/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The table with which an interpreter says its own layout: _Py_DebugOffsets, from 3.13 on, at the
 * start of _PyRuntime. It comes from the target, so each figure is held to a bound before it
 * counts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/layout.h"

/* No version's table is larger. */
#define PYR_DEBUG_TABLE_MAX 1024
/* What has to be there to know the version. */
#define PYR_DEBUG_HEAD_SIZE 24

/* Does a table begin here? Sets `*version` (PY_VERSION_HEX) and `*free_threaded`. */
bool pyr_layout_debug_head(const uint8_t head[PYR_DEBUG_HEAD_SIZE], uint32_t *version,
                           bool *free_threaded);
/* Fills `layout` from a table of `size` bytes, and from the row of its version what a table leaves
 * out. Fails with what is wrong with it. */
PYR_MUST_USE bool pyr_layout_debug_decode(const uint8_t *table, size_t size,
                                          struct pyr_layout *layout, struct pyr_err *err);
