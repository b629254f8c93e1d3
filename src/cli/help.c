/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "formats/format.h"
#include "reports/report.h"

#define INDENT 2
#define OPTION_WIDTH 26
#define LINE_WIDTH 80

/* Fills lines with the words of `text`, the first from column `at`, the others from `indent`. */
static void add_filled(struct pyr_buf *out, const char *text, size_t at, size_t indent)
{
    bool first = true;
    while (*text != '\0') {
        const size_t len = strcspn(text, " ");
        if (!first && at + 1 + len > LINE_WIDTH) {
            pyr_buf_add_char(out, '\n');
            pyr_buf_add_repeated(out, ' ', indent);
            at = indent;
        } else if (!first) {
            pyr_buf_add_char(out, ' ');
            at++;
        }
        pyr_buf_add(out, text, len);
        at += len;
        text += len;
        text += *text == ' ' ? 1 : 0;
        first = false;
    }
    pyr_buf_add_char(out, '\n');
}

/* "  name          text": the two columns of every list in the help. */
static void add_item(struct pyr_buf *out, const char *name, const char *text, size_t width)
{
    const size_t len = strlen(name);
    pyr_buf_add_repeated(out, ' ', INDENT);
    pyr_buf_add_text(out, name);
    if (len + 2 > width) {
        pyr_buf_add_char(out, '\n');
        pyr_buf_add_repeated(out, ' ', INDENT + width);
    } else {
        pyr_buf_add_repeated(out, ' ', width - len);
    }
    add_filled(out, text, INDENT + width, INDENT + width);
}

static void add_option(struct pyr_buf *out, const struct pyr_option *option)
{
    char name[96];
    const char *argument = option->argument == NULL ? "" : option->argument;
    const char *gap = "";
    const char *end = "";
    if (option->optional) {
        gap = "[=";
        end = "]";
    } else if (option->argument != NULL) {
        gap = " ";
    }
    if (option->name[0] == '\0') {
        snprintf(name, sizeof name, "-%c%s%s", option->letter, gap, argument);
    } else if (option->letter != 0) {
        snprintf(name, sizeof name, "-%c, --%s%s%s%s", option->letter, option->name, gap, argument,
                 end);
    } else {
        snprintf(name, sizeof name, "    --%s%s%s%s", option->name, gap, argument, end);
    }
    add_item(out, name, option->help, OPTION_WIDTH);
}

static void add_reports(struct pyr_buf *out)
{
    pyr_buf_add_text(out, "\nReports:\n");
    for (size_t i = 0; pyr_reports[i] != NULL; i++) {
        add_item(out, pyr_reports[i]->name, pyr_reports[i]->summary, 12);
    }
}

static void add_formats(struct pyr_buf *out)
{
    pyr_buf_add_text(out, "\nFormats:\n");
    for (size_t i = 0; pyr_formats[i] != NULL; i++) {
        char text[192];
        const struct pyr_format *format = pyr_formats[i];
        snprintf(text, sizeof text, "%s%s%s: %s%s", format->extension,
                 format->alias == NULL ? "" : ", ", format->alias == NULL ? "" : format->alias,
                 format->summary, format->read != NULL ? " (can be read too)" : "");
        add_item(out, format->name, text, 12);
    }
}

void pyr_help_add_command(const struct pyr_command *command, struct pyr_buf *out)
{
    const char *label = "Usage:";
    bool reports = false;
    bool formats = false;
    for (const char *line = command->usage; *line != '\0';) {
        const size_t len = strcspn(line, "\n");
        pyr_buf_addf(out, "%-6s pyrometer %s%s%.*s\n", label, command->name, len == 0 ? "" : " ",
                     (int)len, line);
        label = "";
        line += len + (line[len] == '\n' ? 1 : 0);
    }
    pyr_buf_add_char(out, '\n');
    char summary[160];
    snprintf(summary, sizeof summary, "%s.", command->summary);
    add_filled(out, summary, 0, 0);
    if (command->options[0] != NULL) {
        pyr_buf_add_text(out, "\nOptions:\n");
    }
    for (size_t t = 0; command->options[t] != NULL; t++) {
        for (const struct pyr_option *o = command->options[t]; o->name != NULL; o++) {
            add_option(out, o);
            reports = reports || o->values == PYR_VALUES_REPORT;
            formats = formats || o->values == PYR_VALUES_FORMAT;
        }
    }
    if (command->options[0] != NULL) {
        add_item(out, "-h, --help", "show this text", OPTION_WIDTH);
    }
    if (reports) {
        add_reports(out);
    }
    if (formats) {
        add_formats(out);
    }
    if (command->details[0] != '\0') {
        pyr_buf_addf(out, "\n%s", command->details);
    }
}

void pyr_help_add_main(struct pyr_buf *out)
{
    pyr_buf_add_text(out, "Usage: pyrometer COMMAND [options] …\n"
                          "       pyrometer --version\n\n"
                          "A profiler for Python: where a program's time goes, call by call.\n\n"
                          "Commands:\n");
    for (size_t i = 0; pyr_commands[i] != NULL; i++) {
        add_item(out, pyr_commands[i]->name, pyr_commands[i]->summary, 12);
    }
    pyr_buf_add_text(out, "\nTo begin:\n"
                          "  pyrometer trace script.py      run it and see where its time goes\n"
                          "  pyrometer report script.pyro   look at that again, in other ways\n\n"
                          "'pyrometer COMMAND --help' explains a command and its options.\n");
}

int pyr_help_print(const struct pyr_command *command, struct pyr_err *err)
{
    struct pyr_buf out = {0};
    if (command == NULL) {
        pyr_help_add_main(&out);
    } else {
        pyr_help_add_command(command, &out);
    }
    const bool ok = pyr_buf_check(&out, err) && pyr_output_print(&out, err);
    pyr_buf_release(&out);
    return ok ? 0 : -1;
}
