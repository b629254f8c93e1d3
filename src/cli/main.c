/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The command `pyrometer`: finds the verb, runs it, and turns errors into a line and a status. */
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/output.h"

static int exit_status(enum pyr_err_code code)
{
    switch (code) {
    case PYR_ERR_USAGE:
        return PYR_EXIT_USAGE;
    case PYR_OK:
    case PYR_ERR_NOMEM:
    case PYR_ERR_IO:
    case PYR_ERR_PERMISSION:
    case PYR_ERR_GONE:
    case PYR_ERR_FORMAT:
    case PYR_ERR_UNSUPPORTED:
    case PYR_ERR_LIMIT:
        break;
    }
    return PYR_EXIT_ERROR;
}

static bool unknown_word(const char *word, struct pyr_err *err)
{
    const struct pyr_command *nearest = pyr_command_nearest(word);
    if (access(word, R_OK) == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "no command '%s', but a file: 'pyrometer trace %s' runs a script, "
                           "'pyrometer report %s' shows a profile",
                           word, word, word);
    }
    if (nearest != NULL) {
        return pyr_err_set(err, PYR_ERR_USAGE, "no command '%s'; did you mean '%s'?", word,
                           nearest->name);
    }
    return pyr_err_set(err, PYR_ERR_USAGE, "no command '%s'; 'pyrometer help' lists them", word);
}

static int print_version(struct pyr_err *err)
{
    struct pyr_buf out = {0};
    pyr_buf_add_text(&out, "pyrometer " PYROMETER_VERSION "\n");
    const bool ok = pyr_buf_check(&out, err) && pyr_output_print(&out, err);
    pyr_buf_release(&out);
    return ok ? 0 : -1;
}

static int run(int argc, char **argv, struct pyr_err *err)
{
    if (argc < 2) {
        pyr_err_set(err, PYR_ERR_USAGE,
                    "which command? 'pyrometer help' lists them; to begin: "
                    "pyrometer trace script.py");
        return -1;
    }
    const char *word = argv[1];
    const struct pyr_command *command = pyr_command_find(word);
    if (command != NULL) {
        return command->run(argc - 2, argv + 2, err);
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        return print_version(err);
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        return pyr_help_print(NULL, err);
    }
    if (word[0] == '-') {
        pyr_err_set(err, PYR_ERR_USAGE,
                    "no option '%s' before the command; 'pyrometer help' lists the commands", word);
        return -1;
    }
    (void)unknown_word(word, err);
    return -1;
}

int main(int argc, char **argv)
{
    struct pyr_err err = {0};
    const int status = run(argc, argv, &err);
    if (status >= 0) {
        return status;
    }
    pyr_output_say("%s", err.message);
    return exit_status(err.code);
}
