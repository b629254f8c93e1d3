/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Fork: what a trace has to do around os.fork(), through os.register_at_fork(). */
#pragma once

#include <stdbool.h>

/* Registers once per process; false with an exception. */
bool pyr_fork_watch(void);
