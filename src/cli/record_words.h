/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Record words: the command line of the program that `record` or `top` starts. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "cli/record_options.h"

/* The path of what is to be run, and the NULL-terminated words it is given. Looks at target,
 * program, argc, argv and python of the options. Given back with pyr_record_words_free(), after a
 * failure, too. */
PYR_MUST_USE bool pyr_record_words_make(const struct pyr_record_options *options, char **path,
                                        char ***words, struct pyr_err *err);
void pyr_record_words_free(const struct pyr_record_options *options, char *path, char **words);
