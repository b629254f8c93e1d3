/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Help: what `pyrometer --help` and `pyrometer COMMAND --help` print, made from the tables. */
#pragma once

#include "base/buf.h"
#include "cli/command.h"

void pyr_help_add_main(struct pyr_buf *out);
void pyr_help_add_command(const struct pyr_command *command, struct pyr_buf *out);
/* Prints the help of one command, or the main one if NULL; the exit status. */
PYR_MUST_USE int pyr_help_print(const struct pyr_command *command, struct pyr_err *err);
