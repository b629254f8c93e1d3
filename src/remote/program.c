/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/program.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_COMMAND_BYTES 16384

/* The word after `word`; NULL after the last whole one. */
static const char *next_word(const char *word, const char *end)
{
    const char *nul = memchr(word, '\0', (size_t)(end - word));
    return nul == NULL || nul + 1 >= end || memchr(nul + 1, '\0', (size_t)(end - nul - 1)) == NULL
               ? NULL
               : nul + 1;
}

static void set(struct pyr_program *program, enum pyr_program_is is, const char *name)
{
    program->is = is;
    snprintf(program->name, sizeof program->name, "%s",
             name == NULL || is == PYR_PROGRAM_IS_CODE ? "" : name);
}

/* One word of options, such as -Im. Gives the next word to look at, NULL when all is known. */
static const char *read_options(const char *word, const char *end, struct pyr_program *program)
{
    for (const char *letter = word + 1; *letter != '\0'; letter++) {
        const char *value = letter[1] != '\0' ? letter + 1 : next_word(word, end);
        if (*letter == 'c') {
            set(program, PYR_PROGRAM_IS_CODE, NULL);
            return NULL;
        }
        if (*letter == 'm') {
            set(program, value == NULL ? PYR_PROGRAM_IS_UNKNOWN : PYR_PROGRAM_IS_MODULE, value);
            return NULL;
        }
        if (*letter == 'W' || *letter == 'X') {
            return value == NULL || letter[1] != '\0' ? next_word(word, end)
                                                      : next_word(value, end);
        }
    }
    return next_word(word, end);
}

void pyr_program_parse(const char *words, size_t size, struct pyr_program *program)
{
    const char *end = words + size;
    *program = (struct pyr_program){.is = PYR_PROGRAM_IS_UNKNOWN};
    if (size == 0 || memchr(words, '\0', size) == NULL) {
        return;
    }
    const char *slash = strrchr(words, '/');
    snprintf(program->python, sizeof program->python, "%s", slash == NULL ? words : slash + 1);
    const char *word = next_word(words, end);
    while (word != NULL && word[0] == '-' && word[1] != '\0') {
        if (strcmp(word, "--check-hash-based-pycs") == 0) {
            word = next_word(word, end);
            word = word == NULL ? NULL : next_word(word, end);
        } else if (word[1] == '-') {
            word = next_word(word, end);
        } else {
            word = read_options(word, end, program);
        }
    }
    if (word != NULL && word[0] != '\0' && strcmp(word, "-") != 0 &&
        program->is == PYR_PROGRAM_IS_UNKNOWN) {
        set(program, PYR_PROGRAM_IS_SCRIPT, word);
    }
}

void pyr_program_find(uint32_t pid, struct pyr_program *program)
{
    char path[64];
    char words[MAX_COMMAND_BYTES];
    ssize_t size = -1;
    snprintf(path, sizeof path, "/proc/%u/cmdline", (unsigned)pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        size = read(fd, words, sizeof words);
        close(fd);
    }
    pyr_program_parse(words, size < 0 ? 0 : (size_t)size, program);
}
