/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Dump stack: turns the raw frames of one thread or task into what a dump shows: names, lines and,
 * where asked for, local variables. */
#pragma once

#include "cli/dump.h"
#include "remote/target.h"

/* What a process is read with; all borrowed. */
struct pyr_dump_reading {
    struct pyr_dump *dump;
    const struct pyr_dump_options *options;
    struct pyr_target *target;
    struct pyr_native *native; /* NULL: no native frames among them */
};

/* False when out of memory. */
PYR_MUST_USE bool pyr_dump_add_stack(struct pyr_dump_reading *reading,
                                     const struct pyr_raw_stack *raw, bool locals,
                                     struct pyr_dump_stack *stack, struct pyr_err *err);
