/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Cycle: notices a chain of addresses that comes back to where it was, without remembering it all:
 * `mark` is moved up to where the walk is each time the steps since have doubled, so that a cycle
 * is found within a few rounds of it. Start zeroed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pyr_cycle {
    uint64_t mark;
    uint64_t steps;
    uint64_t limit;
};

/* Says the next address of the chain, not 0. */
static inline bool pyr_cycle_closed(struct pyr_cycle *cycle, uint64_t address)
{
    if (address == cycle->mark) {
        return true;
    }
    if (++cycle->steps > cycle->limit) {
        cycle->mark = address;
        cycle->steps = 0;
        cycle->limit = 2 * cycle->limit + 1;
    }
    return false;
}
