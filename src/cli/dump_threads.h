/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Dump threads: the threads of a dump with their stacks, each proved to be one moment's or marked
 * as torn. */
#pragma once

#include "cli/dump_stack.h"

/* Lists the threads. With --blocking or --native the process is stopped then, and stands still
 * until its stopper lets go of it. */
PYR_MUST_USE bool pyr_dump_list_threads(struct pyr_dump_reading *reading,
                                        struct pyr_dump_process *process, struct pyr_err *err);
/* Reads their stacks and names. */
PYR_MUST_USE bool pyr_dump_add_threads(struct pyr_dump_reading *reading,
                                       struct pyr_dump_process *process, struct pyr_err *err);
