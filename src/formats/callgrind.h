/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* callgrind: Valgrind's text format for KCachegrind, QCachegrind and callgrind_annotate.
 *
 * Written: every metric is an event ("Wall_ns", "Calls"), the main time first; self cost per line
 * where lines were recorded, else at the function's first line; calls with their inclusive cost,
 * in recursion counted once. Functions that would share a name within a file get ":line" added.
 * Threads are added up. Values below 0 become 0.
 * Read: every event is a metric; whole stacks are not in the file, so they are estimated, see
 * arc_tree.h, and the self cost of a function is shared out among its callers. */
#pragma once

#include "formats/format.h"

extern const struct pyr_format pyr_format_callgrind;

/* The reading half, see struct pyr_format. */
PYR_MUST_USE bool pyr_callgrind_read(const uint8_t *data, size_t size, struct pyr_profile **out,
                                     struct pyr_err *err);
bool pyr_callgrind_sniff(const uint8_t *data, size_t size);
