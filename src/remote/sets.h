/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Sets: the items of a set or frozenset of the target, in the order in which they lie there. */
#pragma once

#include "remote/objects.h"

#define PYR_SET_MAX_SLOTS ((uint64_t)1 << 20) /* of a table, that are looked at */

/* How many items a set says it has; false when it can't be read. */
PYR_MUST_USE bool pyr_set_count(struct pyr_memory *memory, const struct pyr_layout *layout,
                                uint64_t set, uint64_t *count);
/* Calls `item` with each as the key and its hash as the value, until it gives false. `set` must be
 * known to be one. False when it can't be read. */
PYR_MUST_USE bool pyr_set_each(struct pyr_memory *memory, const struct pyr_layout *layout,
                               uint64_t set, pyr_object_item *item, void *context);
