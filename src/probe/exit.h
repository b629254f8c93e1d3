/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* A trace that still runs when the interpreter ends is stopped while Python can still be asked. */
#pragma once

#include <stdbool.h>

/* Registers with atexit, once. False with an exception. */
bool pyr_exit_watch(void);
