/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* `pyrometer dump`: what a running program, or a core file of one, is at right now. */
#pragma once

#include "cli/command.h"

extern const struct pyr_command pyr_command_dump;
