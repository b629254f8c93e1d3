/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Dump stack: turns the raw frames of one thread or task into what a dump shows: names, lines and,
 * where asked for, local variables; and what a process is read with. */
#pragma once

#include "cli/dump.h"
#include "remote/native.h"
#include "remote/target.h"

/* What a process is read with; borrowed but for what says otherwise. */
struct pyr_dump_reading {
    struct pyr_dump *dump;
    const struct pyr_dump_options *options;
    struct pyr_target *target;
    struct pyr_remote_threads threads; /* owned, as all that follows */
    struct pyr_stopper stopper;
    struct pyr_raw_stack *stacks; /* of each thread; only with --native */
    struct pyr_native *native;
    bool stopped; /* the process stands still meanwhile */
};

/* False when out of memory. */
PYR_MUST_USE bool pyr_dump_add_stack(struct pyr_dump_reading *reading,
                                     const struct pyr_raw_stack *raw, bool locals,
                                     struct pyr_dump_stack *stack, struct pyr_err *err);
