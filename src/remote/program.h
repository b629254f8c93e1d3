/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Program: what an interpreter runs, by its command line: a script, a module, code or its prompt.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pyr_program_is {
    PYR_PROGRAM_IS_UNKNOWN = 0,
    PYR_PROGRAM_IS_SCRIPT,
    PYR_PROGRAM_IS_MODULE,
    PYR_PROGRAM_IS_CODE,
};

struct pyr_program {
    enum pyr_program_is is;
    char name[1024];  /* the script's path as it was given, the module's name; "" for code */
    char python[256]; /* the last part of the interpreter's own name */
};

/* `words` are the command line, each word ended by a NUL; any bytes. */
void pyr_program_parse(const char *words, size_t size, struct pyr_program *program);
/* Of a process, by /proc/PID/cmdline. */
void pyr_program_find(uint32_t pid, struct pyr_program *program);
