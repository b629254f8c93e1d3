/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Dump native: the C functions between the Python frames of a dump's threads. */
#pragma once

#include "cli/dump_stack.h"

/* While the process stands still: keeps what unwinding needs of each thread. */
PYR_MUST_USE bool pyr_dump_copy_native(struct pyr_dump_reading *reading, struct pyr_err *err);
/* Afterwards: unwinds, and puts the frames where they belong. */
PYR_MUST_USE bool pyr_dump_add_native(struct pyr_dump_reading *reading,
                                      struct pyr_dump_process *process, struct pyr_err *err);
