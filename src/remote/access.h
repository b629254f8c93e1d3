/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Access: why a process can't be read, and what to do about it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Sets `err` to the cause, found out anew, and the cure; returns false. For use after reading
 * `pid` was refused or failed. */
bool pyr_access_explain(uint32_t pid, struct pyr_err *err);
/* Fails for what can't be a readable Python at all: no such process, a zombie, a kernel thread. */
PYR_MUST_USE bool pyr_access_check(uint32_t pid, struct pyr_err *err);
