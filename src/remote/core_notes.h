/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* What a core file says beside the memory: its threads, its name, and the files that were mapped.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "remote/core.h"

/* Fills all of `core` that comes from its notes. Fails for lack of memory, and without any note. */
PYR_MUST_USE bool pyr_core_read_notes(struct pyr_core *core, struct pyr_err *err);
