/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump_options.h"

#include <string.h>
#include <unistd.h>

enum {
    PID = 1,
    CORE,
    EXECUTABLE,
    LOCALS,
    NATIVE,
    JSON,
    TASKS,
    SUBPROCESSES,
    FULL_FILENAMES,
    BLOCKING,
    NONBLOCKING,
};

static const struct pyr_option own_options[] = {
    {"pid", 'p', "PID", false, false, PID, PYR_VALUES_ANY, "the process; PID alone does as well"},
    {"core", 'c', "FILE", false, false, CORE, PYR_VALUES_FILE,
     "a core file; FILE alone does as well"},
    {"executable", 0, "FILE", false, false, EXECUTABLE, PYR_VALUES_FILE,
     "the program that made the core file, when it is not where it was"},
    {"locals", 'l', NULL, false, false, LOCALS, PYR_VALUES_ANY,
     "show the local variables of each frame; twice (-ll) for more of each"},
    {"native", 'n', NULL, false, false, NATIVE, PYR_VALUES_ANY,
     "show the C functions of extension modules too; stops the process for milliseconds"},
    {"async", 0, NULL, false, false, TASKS, PYR_VALUES_ANY,
     "show asyncio's tasks: where each waits, and who waits for it"},
    {"subprocesses", 's', NULL, false, false, SUBPROCESSES, PYR_VALUES_ANY,
     "show the process's Python children too, and theirs"},
    {"json", 'j', NULL, false, false, JSON, PYR_VALUES_ANY, "write JSON, for programs"},
    {"full-filenames", 0, NULL, false, false, FULL_FILENAMES, PYR_VALUES_ANY,
     "whole paths of files, not from the package on"},
    {"blocking", 'b', NULL, false, false, BLOCKING, PYR_VALUES_ANY,
     "stop the process while it is looked at"},
    {"nonblocking", 0, NULL, false, false, NONBLOCKING, PYR_VALUES_ANY,
     "don't stop it; what can't be proved is marked as torn (the default)"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

const struct pyr_option *const pyr_dump_option_tables[] = {own_options, NULL};

static bool set_flag(struct pyr_dump_options *options, int id)
{
    switch (id) {
    case LOCALS:
        options->locals++;
        break;
    case NATIVE:
        options->native = true;
        break;
    case JSON:
        options->json = true;
        break;
    case TASKS:
        options->tasks = true;
        break;
    case SUBPROCESSES:
        options->subprocesses = true;
        break;
    case FULL_FILENAMES:
        options->full_files = true;
        break;
    default:
        options->blocking = id == BLOCKING;
        break;
    }
    return true;
}

static bool set(void *settings, int id, const char *value, struct pyr_err *err)
{
    struct pyr_dump_options *options = settings;
    switch (id) {
    case PID:
        return pyr_option_number("pid", value, 1, &options->pid, err);
    case CORE:
        options->core = value;
        return true;
    case EXECUTABLE:
        options->executable = value;
        return true;
    default:
        return set_flag(options, id);
    }
}

static bool is_number(const char *word)
{
    return word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
}

/* The word that is no option: a process or a core file. */
static bool take_word(struct pyr_dump_options *options, const char *word, struct pyr_err *err)
{
    if (is_number(word)) {
        return pyr_option_number("pid", word, 1, &options->pid, err);
    }
    if (access(word, F_OK) != 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "'%s' is neither the number of a process nor a core file", word);
    }
    options->core = word;
    return true;
}

/* What makes sense together. */
static bool check(const struct pyr_dump_options *options, struct pyr_err *err)
{
    if (options->pid == 0 && options->core == NULL) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "which process? pyrometer dump PID (or a core file)");
    }
    if (options->pid != 0 && options->core != NULL) {
        return pyr_err_set(err, PYR_ERR_USAGE, "a process or a core file, not both");
    }
    if (options->core == NULL && options->executable != NULL) {
        return pyr_err_set(err, PYR_ERR_USAGE, "--executable is for core files");
    }
    if (options->core != NULL && options->subprocesses) {
        return pyr_err_set(err, PYR_ERR_USAGE, "a core file is of one process: no --subprocesses");
    }
    return true;
}

bool pyr_dump_options_read(struct pyr_dump_options *options, int argc, char **argv,
                           struct pyr_err *err)
{
    struct pyr_option_words words;
    memset(options, 0, sizeof(*options));
    const struct pyr_option_reader reader = {pyr_dump_option_tables, false, set, options};
    if (!pyr_options_parse(&reader, argc, argv, &words, err)) {
        return false;
    }
    options->help = words.help;
    if (options->help) {
        return true;
    }
    const bool named = options->pid != 0 || options->core != NULL;
    if (words.argc > (named ? 0 : 1)) {
        return pyr_err_set(err, PYR_ERR_USAGE, "one process at a time: what is '%s' for?",
                           words.argv[named ? 0 : 1]);
    }
    if (words.argc == 1 && !take_word(options, words.argv[0], err)) {
        return false;
    }
    return check(options, err);
}
