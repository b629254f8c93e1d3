/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Inspect: objects of the target in words: bounded, readable, and never by running its code. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "remote/layout.h"
#include "remote/memory.h"
#include "remote/stack.h"

struct pyr_inspect_limits {
    uint32_t depth; /* containers within containers; 0: 3 */
    uint32_t items; /* of one container; 0: 10 */
    uint32_t chars; /* of one text; 0: 128 */
    uint32_t total; /* bytes of one representation; 0: 1024 */
};

/* Appends what repr() would say about common types (None bool int float complex str bytes bytearray
 * tuple list dict set frozenset, instances with their attributes, functions, modules, types…);
 * "<Basket at 0x7f…>" for others, "<unreadable>" for wild pointers. Never fails but for memory. */
void pyr_inspect_object(struct pyr_memory *memory, const struct pyr_layout *layout,
                        uint64_t address, const struct pyr_inspect_limits *limits,
                        struct pyr_buf *out);

struct pyr_local {
    uint64_t value; /* 0: not set */
    bool is_argument;
    char name[128];
};
typedef bool pyr_inspect_local(void *context, const struct pyr_local *local);
/* The local variables of a frame, arguments first, cells looked through. */
PYR_MUST_USE bool pyr_inspect_locals(struct pyr_memory *memory, const struct pyr_layout *layout,
                                     const struct pyr_raw_frame *frame, pyr_inspect_local *local,
                                     void *context);
