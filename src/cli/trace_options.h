/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Trace options: the command line of `pyrometer trace`, read and checked. */
#pragma once

#include "cli/show.h"
#include "cli/trace_files.h"

struct pyr_trace_options {
    struct pyr_show show;
    enum pyr_program_kind kind;
    const char *program; /* the script's path, the module's name or the code; borrowed */
    int argc;            /* the program's arguments; borrowed */
    char **argv;
    const char *python;
    const char *
        *patterns; /* "include=…" and "exclude=…" in order, as pairs (key, pattern); owned */
    uint32_t pattern_count;
    uint32_t pattern_cap;
    uint32_t node_limit;    /* 0: the collector's default */
    uint32_t context_limit; /* the same */
    uint32_t timeline;      /* events kept; 0: no timeline */
    const char *clock;      /* "wall", "cpu", "both"; NULL: not said */
    const char *tag;        /* "module:name" of a context variable; NULL: none */
    bool no_tasks;
    bool no_greenlets;
    bool no_builtins;
    bool main_thread_only;
    bool quiet;
    bool no_report;
    bool help;
};

#define PYR_TRACE_TIMELINE_EVENTS 1000000 /* where nobody says how many */

extern const struct pyr_option *const pyr_trace_option_tables[];

PYR_MUST_USE bool pyr_trace_options_read(struct pyr_trace_options *options, int argc, char **argv,
                                         struct pyr_err *err);
void pyr_trace_options_release(struct pyr_trace_options *options);
