/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Dump threads: the threads of a dump with their stacks, each proved to be one moment's or marked
 * as torn. */
#pragma once

#include "cli/dump_stack.h"

/* Lists the threads into `threads` (the caller releases it) and reads their stacks. */
PYR_MUST_USE bool pyr_dump_add_threads(struct pyr_dump_reading *reading,
                                       struct pyr_remote_threads *threads,
                                       struct pyr_dump_process *process, struct pyr_err *err);
