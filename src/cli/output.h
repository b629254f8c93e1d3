/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Output: what the command writes to the terminal, and what it knows about that terminal. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "reports/report.h"

enum pyr_color_when {
    PYR_COLOR_AUTO,
    PYR_COLOR_ALWAYS,
    PYR_COLOR_NEVER,
};

/* Writes to standard output. A reader that has gone away (`| head`) is not an error. */
PYR_MUST_USE bool pyr_output_print(const struct pyr_buf *text, struct pyr_err *err);
/* The same to any descriptor, named `name` in messages. */
PYR_MUST_USE bool pyr_output_print_to(int fd, const char *name, const struct pyr_buf *text,
                                      struct pyr_err *err);
/* "pyrometer: <message>" on standard error, escape sequences in it made harmless. */
void pyr_output_say(const char *fmt, ...) PYR_PRINTF(1, 2);

/* Fills width, color and ascii for text that goes to `fd`: COLUMNS, NO_COLOR, CLICOLOR_FORCE, TERM
 * and the locale are respected. */
void pyr_output_describe(int fd, enum pyr_color_when when, struct pyr_report_options *options);
PYR_MUST_USE bool pyr_output_color_when(const char *value, enum pyr_color_when *when,
                                        struct pyr_err *err);
