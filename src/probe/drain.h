/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Drain: carries what the call trees hold over into a model profile, as often as wanted.
 *
 * It remembers which stack each node became and with what values, so a later run adds only what is
 * new. Reads trees that other threads are writing; needs no interpreter. */
#pragma once

#include "model/profile.h"
#include "probe/trace.h"

struct pyr_drain {
    struct pyr_profile *profile; /* owned */
    pyr_func *functions;         /* owned; by number in the registry */
    uint32_t functions_count;
    uint32_t functions_cap;
    struct pyr_drained_tree *trees; /* owned */
    uint32_t trees_count;
    uint32_t trees_cap;
    uint64_t events;
};

/* Zeroes first. False when out of memory; then release. */
bool pyr_drain_init(struct pyr_drain *drain, struct pyr_err *err);
void pyr_drain_release(struct pyr_drain *drain);
PYR_MUST_USE bool pyr_drain_run(struct pyr_drain *drain, struct pyr_trace *trace,
                                struct pyr_err *err);
