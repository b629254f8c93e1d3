/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Commands: the verbs of `pyrometer`. Each is one `const struct pyr_command` in a file of its own,
 * listed once in commands.c; the main help and completion are made from the list. */
#pragma once

#include "base/err.h"
#include "cli/options.h"

#define PYR_EXIT_ERROR 1
#define PYR_EXIT_USAGE 2

struct pyr_command {
    const char *name;
    const char *summary;                     /* half a line for the main help */
    const char *usage;                       /* a line per form, without "pyrometer NAME " */
    const char *details;                     /* whole lines, after the options; "" for none */
    const struct pyr_option *const *options; /* NULL-terminated list of tables */
    /* `argv` are the words after the command's name. Gives the exit status; -1 with `err` set. */
    int (*run)(int argc, char **argv, struct pyr_err *err);
};

/* NULL-terminated, in the order in which help shows them. */
extern const struct pyr_command *const pyr_commands[];
/* NULL when there is none. */
const struct pyr_command *pyr_command_find(const char *name);
/* The command whose name is most like `name`; NULL when none is. */
const struct pyr_command *pyr_command_nearest(const char *name);
