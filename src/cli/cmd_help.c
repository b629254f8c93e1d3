/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_help.h"

#include <stddef.h>

#include "cli/help.h"

static const struct pyr_option *const tables[] = {NULL};

static int run(int argc, char **argv, struct pyr_err *err)
{
    const struct pyr_command *command = NULL;
    if (argc > 0 && argv[0][0] != '-') {
        command = pyr_command_find(argv[0]);
        if (command == NULL) {
            const struct pyr_command *nearest = pyr_command_nearest(argv[0]);
            (void)pyr_err_set(err, PYR_ERR_USAGE, "no command '%s'; did you mean '%s'?", argv[0],
                              nearest == NULL ? "help" : nearest->name);
            return -1;
        }
    }
    return pyr_help_print(command, err);
}

const struct pyr_command pyr_command_help = {
    .name = "help",
    .summary = "explain the commands",
    .usage = "[COMMAND]",
    .details = "",
    .options = tables,
    .run = run,
};
