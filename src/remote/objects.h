/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Objects: looking things up in the objects of a target: keys of dicts, attributes of instances,
 * names of types. Bounded, and never by running the target's code. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/layout.h"
#include "remote/memory.h"

/* Finds a str key of a dict object (any table kind). 0 when it is not there. Borrowed reference. */
uint64_t pyr_object_dict_find(struct pyr_memory *memory, const struct pyr_layout *layout,
                              uint64_t dict, const char *key);
typedef bool pyr_object_item(void *context, uint64_t key, uint64_t value);
/* Calls `item` for each entry, at most `max`, until it gives false. False when it can't be read. */
PYR_MUST_USE bool pyr_object_dict_each(struct pyr_memory *memory, const struct pyr_layout *layout,
                                       uint64_t dict, uint32_t max, pyr_object_item *item,
                                       void *context);
/* The same for the attributes of an instance that have a value; keys are their names. */
PYR_MUST_USE bool pyr_object_attributes_each(struct pyr_memory *memory,
                                             const struct pyr_layout *layout, uint64_t object,
                                             uint32_t max, pyr_object_item *item, void *context);
/* The attribute `name` of an instance: inline values, split or own dict, slots not. 0: none. */
uint64_t pyr_object_attribute(struct pyr_memory *memory, const struct pyr_layout *layout,
                              uint64_t object, const char *name);
/* The value of an int object from 0 to 2^64-1; false for any other object. */
PYR_MUST_USE bool pyr_object_integer(struct pyr_memory *memory, const struct pyr_layout *layout,
                                     uint64_t object, uint64_t *value);
/* The name of an object's type into `out` (`size` bytes); false when it can't be read. */
PYR_MUST_USE bool pyr_object_type_name(struct pyr_memory *memory, const struct pyr_layout *layout,
                                       uint64_t object, char *out, uint32_t size);
