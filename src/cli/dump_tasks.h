/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Dump tasks: the asyncio tasks of a dump. */
#pragma once

#include "cli/dump_stack.h"

/* Where tasks can't be read, the dump says why: that is no failure. */
PYR_MUST_USE bool pyr_dump_add_tasks(struct pyr_dump_reading *reading,
                                     struct pyr_dump_process *process, struct pyr_err *err);
