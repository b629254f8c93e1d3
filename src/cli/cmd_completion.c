/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_completion.h"

#include <string.h>

#include "base/buf.h"
#include "cli/help.h"
#include "cli/output.h"
#include "formats/format.h"
#include "reports/groups.h"
#include "reports/report.h"

static const struct pyr_option *const tables[] = {NULL};

static void add_values(struct pyr_buf *out, enum pyr_option_values values)
{
    switch (values) {
    case PYR_VALUES_FORMAT:
        for (size_t i = 0; pyr_formats[i] != NULL; i++) {
            pyr_buf_addf(out, "%s ", pyr_formats[i]->name);
        }
        break;
    case PYR_VALUES_REPORT:
        for (size_t i = 0; pyr_reports[i] != NULL; i++) {
            pyr_buf_addf(out, "%s ", pyr_reports[i]->name);
        }
        break;
    case PYR_VALUES_COLOR:
        pyr_buf_add_text(out, "auto always never ");
        break;
    case PYR_VALUES_THREADS:
        pyr_buf_add_text(out, "all main ");
        break;
    case PYR_VALUES_SORT:
        pyr_buf_add_text(out, "self total calls percall cpu waiting awaiting starved elapsed "
                              "name file line module ");
        break;
    case PYR_VALUES_BY:
        for (size_t i = 0; pyr_by_names[i] != NULL; i++) {
            pyr_buf_addf(out, "%s ", pyr_by_names[i]);
        }
        break;
    case PYR_VALUES_CLOCK:
        pyr_buf_add_text(out, "wall cpu both ");
        break;
    case PYR_VALUES_MODE:
        pyr_buf_add_text(out, "auto frozen compared stopped ");
        break;
    case PYR_VALUES_ANY:
    case PYR_VALUES_FILE:
        break;
    }
}

static void add_names(struct pyr_buf *out, const struct pyr_command *command)
{
    for (size_t t = 0; command->options[t] != NULL; t++) {
        for (const struct pyr_option *o = command->options[t]; o->name != NULL; o++) {
            if (o->name[0] != '\0') {
                pyr_buf_addf(out, "--%s%s ", o->name, o->optional ? "=" : "");
            }
        }
    }
    pyr_buf_add_text(out, "--help");
}

/* The lines of a shell `case` that completes the value of each option that has a known set. */
static void add_value_cases(struct pyr_buf *out, const struct pyr_command *command)
{
    for (size_t t = 0; command->options[t] != NULL; t++) {
        for (const struct pyr_option *o = command->options[t]; o->name != NULL; o++) {
            if (o->values == PYR_VALUES_ANY || o->values == PYR_VALUES_FILE) {
                continue;
            }
            pyr_buf_addf(out, "        %s:--%s", command->name, o->name);
            if (o->letter != 0) {
                pyr_buf_addf(out, "|%s:-%c", command->name, o->letter);
            }
            pyr_buf_add_text(out, ") words='");
            add_values(out, o->values);
            pyr_buf_add_text(out, "' ;;\n");
        }
    }
}

static void add_bash(struct pyr_buf *out)
{
    pyr_buf_add_text(out,
                     "_pyrometer() {\n"
                     "    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=\n"
                     "    case $command:${COMP_WORDS[COMP_CWORD-1]} in\n");
    for (size_t i = 0; pyr_commands[i] != NULL; i++) {
        add_value_cases(out, pyr_commands[i]);
    }
    pyr_buf_add_text(out, "        *) case $command in\n");
    for (size_t i = 0; pyr_commands[i] != NULL; i++) {
        pyr_buf_addf(out, "            %s) words='", pyr_commands[i]->name);
        add_names(out, pyr_commands[i]);
        pyr_buf_add_text(out, "' ;;\n");
    }
    pyr_buf_add_text(out, "        esac ;;\n    esac\n"
                          "    if [ \"$COMP_CWORD\" = 1 ]; then\n        words='");
    for (size_t i = 0; pyr_commands[i] != NULL; i++) {
        pyr_buf_addf(out, "%s ", pyr_commands[i]->name);
    }
    pyr_buf_add_text(out,
                     "--help --version'\n    elif [ \"$command\" = help ]; then\n        words='");
    for (size_t i = 0; pyr_commands[i] != NULL; i++) {
        pyr_buf_addf(out, "%s ", pyr_commands[i]->name);
    }
    pyr_buf_add_text(out, "'\n    elif [ \"$command\" = completion ]; then\n"
                          "        words='bash zsh'\n"
                          "    fi\n"
                          "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                          "}\n"
                          "complete -o bashdefault -o default -F _pyrometer pyrometer\n");
}

static int run(int argc, char **argv, struct pyr_err *err)
{
    struct pyr_buf out = {0};
    if (argc == 1 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)) {
        return pyr_help_print(&pyr_command_completion, err);
    }
    if (argc != 1 || (strcmp(argv[0], "bash") != 0 && strcmp(argv[0], "zsh") != 0)) {
        (void)pyr_err_set(err, PYR_ERR_USAGE, "which shell? pyrometer completion bash|zsh");
        return -1;
    }
    if (strcmp(argv[0], "zsh") == 0) {
        pyr_buf_add_text(&out, "autoload -U +X bashcompinit && bashcompinit\n");
    }
    add_bash(&out);
    const bool ok = pyr_buf_check(&out, err) && pyr_output_print(&out, err);
    pyr_buf_release(&out);
    return ok ? 0 : -1;
}

const struct pyr_command pyr_command_completion = {
    .name = "completion",
    .summary = "print a script that completes our words in the shell",
    .usage = "bash|zsh",
    .details = "To have it in every shell, add this line to ~/.bashrc or ~/.zshrc:\n"
               "  eval \"$(pyrometer completion bash)\"\n",
    .options = tables,
    .run = run,
};
