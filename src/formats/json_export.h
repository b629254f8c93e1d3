/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* JSON: everything in a profile, with derived totals, for programs and scripts of one's own.
 *
 * One object with these keys; docs/guide/formats.md has an example:
 *   format "pyrometer", version 1, meta {key: value},
 *   metrics [{name, unit}]                           lists of values follow this order
 *   total [..]                                        of the whole profile
 *   functions [{qualname, module, file, line, kind, self, inclusive, primitive}]
 *   threads [{name, pid, tid, kind, parent, tag, entry, start_ns, end_ns, switches, starved_ns,
 *       total}]                                      parent is a place in this list, or null
 *   nodes [{parent, function, line, self, inclusive}]  the call tree; parent is a node's place in
 *       this list, always an earlier one, or null; function is a place in functions
 *   rows [[node, thread, values]]                      as they were collected
 *   timeline [[start_ns, duration_ns, thread, node]]   only when there is one; null: none
 * Where there is no sum over stacks (awaited, starved) lists of totals and inclusive values have
 * null. The tree is a list, because nested objects as deep as stacks get break JSON readers. */
#pragma once

#include "formats/format.h"

extern const struct pyr_format pyr_format_json;
