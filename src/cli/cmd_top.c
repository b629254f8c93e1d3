/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_top.h"

#include <unistd.h>

#include "cli/help.h"
#include "cli/launch.h"
#include "cli/top_options.h"

static int run(int argc, char **argv, struct pyr_err *err)
{
    struct pyr_top_settings settings;
    struct pyr_report_options terminal = {0};
    int signal = 0;
    if (!pyr_top_options_read(&settings, argc, argv, err)) {
        return -1;
    }
    if (settings.help) {
        return pyr_help_print(&pyr_command_top, err);
    }
    pyr_output_describe(STDOUT_FILENO, settings.color, &terminal);
    settings.top.color = terminal.color;
    if (!pyr_top_run(&settings.top, &signal, err)) {
        return -1;
    }
    if (signal != 0) {
        pyr_launch_die(signal);
    }
    return 0;
}

const struct pyr_command pyr_command_top = {
    .name = "top",
    .summary = "show live what a running program does",
    .usage = "[options] PID",
    .details = "The key ? lists the keys, q quits. The program is not stopped, and goes on when\n"
               "the view is closed.\n",
    .options = pyr_top_option_tables,
    .run = run,
};
