/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Details: who calls a function (or a line of one) and what it calls, with their shares. In
 * recursion each moment counts once for each pair. Start zeroed. Threads: one owner. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "tui/top_model.h"

/* One caller or callee. */
struct pyr_top_relative {
    uint32_t key; /* 0: nobody called it */
    uint64_t now; /* ns with both on the stack, one right on the other */
    uint64_t all;
};

struct pyr_top_relatives {
    struct pyr_top_relative *items; /* owned; largest first */
    uint32_t count;
    uint32_t cap;
};

struct pyr_top_details {
    uint32_t key; /* 0: of nothing */
    struct pyr_sum sum;
    struct pyr_top_relatives callers;
    struct pyr_top_relatives callees;
    struct pyr_map index; /* while they are built */
};

PYR_MUST_USE bool pyr_top_details_build(struct pyr_top_details *details,
                                        const struct pyr_top_model *model, uint32_t key,
                                        struct pyr_err *err);
void pyr_top_details_release(struct pyr_top_details *details);
