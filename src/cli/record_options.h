/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Record options: the command line of `pyrometer record`, read and checked. */
#pragma once

#include "cli/show.h"
#include "remote/recorder.h"

#define PYR_RECORD_DEFAULT_RATE 100
#define PYR_RECORD_MAX_RATE 100000

enum pyr_record_target {
    PYR_RECORD_PID,
    PYR_RECORD_SCRIPT,
    PYR_RECORD_MODULE,
    PYR_RECORD_CODE,
    PYR_RECORD_COMMAND, /* any program, after -- */
};

struct pyr_record_options {
    struct pyr_show show;
    struct pyr_recorder_options recorder;
    enum pyr_record_target target;
    uint32_t pid;        /* of PYR_RECORD_PID */
    const char *program; /* the script, module, code or command; borrowed */
    int argc;            /* its arguments; borrowed */
    char **argv;
    const char *python;
    uint64_t duration_ns; /* 0: until it ends */
    uint64_t every_ns;    /* a file for each such period; 0: one for all */
    double trigger_cpu;   /* CPUs; above it the last moments are written; 0: never */
    bool nonblocking;     /* the program must not be stopped */
    bool quiet;
    bool no_report;
    bool help;
};

extern const struct pyr_option *const pyr_record_option_tables[];

PYR_MUST_USE bool pyr_record_options_read(struct pyr_record_options *options, int argc, char **argv,
                                          struct pyr_err *err);
