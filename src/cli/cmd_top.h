/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/command.h"

extern const struct pyr_command pyr_command_top;
