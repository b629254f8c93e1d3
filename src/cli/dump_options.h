/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Dump options: the command line of `pyrometer dump`, read and checked. */
#pragma once

#include "cli/options.h"

struct pyr_dump_options {
    uint32_t pid;           /* 0: a core file */
    const char *core;       /* borrowed from the command line, as are the others */
    const char *executable; /* that made the core; NULL: as the core says */
    unsigned locals;        /* 0: none; 1: short; 2 and more: long */
    bool native;
    bool json;
    bool tasks;
    bool subprocesses;
    bool full_files;
    bool blocking;
    bool help;
};

extern const struct pyr_option *const pyr_dump_option_tables[];

PYR_MUST_USE bool pyr_dump_options_read(struct pyr_dump_options *options, int argc, char **argv,
                                        struct pyr_err *err);
