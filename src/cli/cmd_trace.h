/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* `pyrometer trace`: runs a program, records every call, and shows where its time went. */
#pragma once

#include "cli/command.h"

extern const struct pyr_command pyr_command_trace;
