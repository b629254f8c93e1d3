/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Trace files: where a trace is written, what happens to a file that is there already, and what
 * forked children leave beside it.
 *
 * A file of the same name is moved to "<name>.old" before the program starts and comes back when
 * nothing was recorded, so that a typing error in a script costs nobody a profile. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

struct pyr_trace_files {
    char *collected; /* the .pyro file that the program's process writes; owned, like all below */
    char *converted; /* the file in another format made from it afterwards; NULL: none */
    char *old;       /* where a file of that name was moved; NULL: there was none */
    bool keep_old;   /* the name was our choice, not the user's: what was there stays as .old */
    bool temporary;  /* `collected` is only a step to `converted` */
    time_t start;
};

enum pyr_program_kind {
    PYR_PROGRAM_SCRIPT,
    PYR_PROGRAM_MODULE,
    PYR_PROGRAM_CODE,
};

/* Chooses the names. `output` and `format` are the options' values, NULL if not given; `program`
 * is the script's path or the module's name. */
PYR_MUST_USE bool pyr_trace_files_choose(struct pyr_trace_files *files, const char *output,
                                         const char *format, enum pyr_program_kind kind,
                                         const char *program, struct pyr_err *err);
/* Moves away what is there and makes sure that the file can be written. */
PYR_MUST_USE bool pyr_trace_files_prepare(struct pyr_trace_files *files, struct pyr_err *err);
/* After the program, which ran as process `pid`: was anything recorded? If not, all is as it was
 * before. What the program could not write where it should is looked for where formats/rescue.h
 * puts it, and is `collected` from then on. */
bool pyr_trace_files_settle(struct pyr_trace_files *files, uint32_t pid);
/* How many files forked children have left; `example` (NAME_MAX + 1 bytes) gets the path of one. */
unsigned pyr_trace_files_children(const struct pyr_trace_files *files, char *example, size_t size);
void pyr_trace_files_release(struct pyr_trace_files *files);
