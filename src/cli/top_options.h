/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Top options: the command line of `pyrometer top`, read and checked. */
#pragma once

#include "cli/options.h"
#include "cli/output.h"
#include "cli/record_options.h"
#include "tui/top.h"

struct pyr_top_settings {
    struct pyr_top_options top;
    struct pyr_record_options program; /* what is to be started: only its target is looked at */
    enum pyr_color_when color;
    bool help;
};

extern const struct pyr_option *const pyr_top_option_tables[];

PYR_MUST_USE bool pyr_top_options_read(struct pyr_top_settings *settings, int argc, char **argv,
                                       struct pyr_err *err);
