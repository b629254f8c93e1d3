/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_dump.h"

#include "cli/dump.h"
#include "cli/dump_json.h"
#include "cli/dump_options.h"
#include "cli/dump_text.h"
#include "cli/help.h"
#include "cli/output.h"

static int run(int argc, char **argv, struct pyr_err *err)
{
    struct pyr_dump_options options;
    struct pyr_dump dump = {0};
    struct pyr_buf out = {0};
    if (!pyr_dump_options_read(&options, argc, argv, err)) {
        return -1;
    }
    if (options.help) {
        return pyr_help_print(&pyr_command_dump, err);
    }
    bool ok = pyr_dump_take(&dump, &options, err);
    if (ok) {
        if (options.json) {
            pyr_dump_json(&dump, &out);
        } else {
            pyr_dump_text(&dump, &options, &out);
        }
        ok = pyr_buf_check(&out, err) && pyr_output_print(&out, err);
    }
    pyr_buf_release(&out);
    pyr_dump_release(&dump);
    return ok ? 0 : -1;
}

const struct pyr_command pyr_command_dump = {
    .name = "dump",
    .summary = "show what a running program's threads are at",
    .usage = "[options] PID\n[options] COREFILE",
    .details = "Stacks are shown innermost call first.\n"
               "\n"
               "Examples:\n"
               "  pyrometer dump 1234\n"
               "  pyrometer dump --locals 1234\n"
               "  pyrometer dump --async 1234\n"
               "  pyrometer dump core --executable ./python3\n",
    .options = pyr_dump_option_tables,
    .run = run,
};
