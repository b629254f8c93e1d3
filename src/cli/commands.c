/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <stddef.h>
#include <string.h>

#include "cli/cmd_completion.h"
#include "cli/cmd_diff.h"
#include "cli/cmd_dump.h"
#include "cli/cmd_help.h"
#include "cli/cmd_record.h"
#include "cli/cmd_report.h"
#include "cli/cmd_top.h"
#include "cli/cmd_trace.h"

const struct pyr_command *const pyr_commands[] = {
    &pyr_command_trace,      &pyr_command_record, &pyr_command_top,
    &pyr_command_report,     &pyr_command_diff,   &pyr_command_dump,
    &pyr_command_completion, &pyr_command_help,   NULL,
};

const struct pyr_command *pyr_command_find(const char *name)
{
    for (size_t i = 0; pyr_commands[i] != NULL; i++) {
        if (strcmp(pyr_commands[i]->name, name) == 0) {
            return pyr_commands[i];
        }
    }
    return NULL;
}

const struct pyr_command *pyr_command_nearest(const char *name)
{
    const struct pyr_command *nearest = NULL;
    unsigned best = 3;
    for (size_t i = 0; pyr_commands[i] != NULL; i++) {
        const char *known = pyr_commands[i]->name;
        const bool is_start = name[0] != '\0' && strncmp(known, name, strlen(name)) == 0;
        const unsigned distance = is_start ? 0 : pyr_word_distance(name, known);
        if (distance < best) {
            best = distance;
            nearest = pyr_commands[i];
        }
    }
    return nearest;
}
