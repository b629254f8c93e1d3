/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_words.h"

#include <string.h>

#include "base/mem.h"
#include "cli/launch.h"

#define FIXED_WORDS 4 /* of a command line beside the program's own: python -m module NULL */

bool pyr_record_words_make(const struct pyr_record_options *options, char **path, char ***words,
                           struct pyr_err *err)
{
    static char module[] = "-m";
    static char code[] = "-c";
    size_t count = 0;
    const bool is_command = options->target == PYR_RECORD_COMMAND;
    *path = NULL;
    *words = pyr_mem_zalloc((size_t)options->argc + FIXED_WORDS, sizeof **words);
    if (*words == NULL) {
        return pyr_err_nomem(err);
    }
    if (!(is_command ? pyr_launch_find_program(options->program, path, err)
                     : pyr_launch_find_python(options->python, path, err))) {
        return false;
    }
    if (!is_command) {
        (*words)[count++] = *path;
    }
    if (options->target == PYR_RECORD_MODULE || options->target == PYR_RECORD_CODE) {
        (*words)[count++] = options->target == PYR_RECORD_MODULE ? module : code;
    }
    char *program = pyr_mem_strdup(options->program);
    if (program == NULL) {
        return pyr_err_nomem(err);
    }
    (*words)[count++] = program;
    memcpy(*words + count, options->argv, (size_t)options->argc * sizeof **words);
    return true;
}

/* The program is the only word that is owned. */
void pyr_record_words_free(const struct pyr_record_options *options, char *path, char **words)
{
    size_t program = options->target == PYR_RECORD_COMMAND ? 0 : 1;
    program += options->target == PYR_RECORD_MODULE || options->target == PYR_RECORD_CODE ? 1 : 0;
    if (words != NULL) {
        pyr_mem_free(words[program]);
    }
    pyr_mem_free(words);
    pyr_mem_free(path);
}
