/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/help.h"
#include "cli/show.h"

enum {
    FORMAT = 1,
    OUTPUT,
};

static const struct pyr_option own_options[] = {
    {"format", 'f', "FORMAT", false, false, FORMAT, PYR_VALUES_FORMAT,
     "write the profile in this format instead of a report, see below"},
    {"output", 'o', "FILE", false, false, OUTPUT, PYR_VALUES_FILE,
     "write there; its name can say the format too"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

static const struct pyr_option *const tables[] = {pyr_show_report_options,
                                                  own_options,
                                                  pyr_show_writing_options,
                                                  pyr_show_diff_options,
                                                  pyr_show_tag_option,
                                                  pyr_show_color_option,
                                                  NULL};

static bool set(void *settings, int id, const char *value, struct pyr_err *err)
{
    struct pyr_show *show = settings;
    switch (id) {
    case FORMAT:
        show->format = value;
        return pyr_format_find(value, err) != NULL;
    case OUTPUT:
        show->output = value;
        return true;
    default:
        return pyr_show_set(show, id, value, err);
    }
}

/* The profile in another format, to a file or to standard output. */
static bool convert(const struct pyr_show *show, const struct pyr_profile *profile,
                    struct pyr_err *err)
{
    struct pyr_buf out = {0};
    if (show->output != NULL) {
        return pyr_format_save(profile, show->output, show->format, &show->writing, err);
    }
    const struct pyr_format *format = pyr_format_find(show->format, err);
    if (format == NULL) {
        return false;
    }
    if (format->write == NULL) {
        return pyr_err_set(err, PYR_ERR_USAGE, "the format %s can be read, but not written",
                           format->name);
    }
    const bool ok =
        format->write(profile, &show->writing, &out, err) && pyr_output_print(&out, err);
    pyr_buf_release(&out);
    return ok;
}

/* The report as plain text in a file. */
static bool write_text(const struct pyr_show *show, const struct pyr_profile *profile,
                       struct pyr_err *err)
{
    struct pyr_report_options options = show->options;
    struct pyr_buf out = {0};
    options.color = show->color == PYR_COLOR_ALWAYS;
    const bool ok = show->report->render(profile, &options, &out, err) &&
                    pyr_file_replace(show->output, out.data, out.len, err);
    pyr_buf_release(&out);
    return ok;
}

/* What will be written; NULL when it is a report. */
static const struct pyr_format *find_format(const struct pyr_show *show)
{
    struct pyr_err ignored = {0};
    if (show->format != NULL) {
        return pyr_format_find(show->format, &ignored);
    }
    return show->output == NULL ? NULL : pyr_format_by_path(show->output);
}

static bool check(const struct pyr_show *show, const struct pyr_option_words *words,
                  struct pyr_err *err)
{
    if (words->argc == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE, "which profile? pyrometer report FILE");
    }
    const char *stray = pyr_show_stray_function(show);
    if (words->argc == 2 && stray != NULL) {
        const char *function = access(words->argv[0], F_OK) == 0 ? words->argv[1] : words->argv[0];
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "one profile at a time; if %s is a function, write --%s=%s", function,
                           stray, function);
    }
    if (words->argc > 1) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "one profile at a time: what is '%s' for? ('pyrometer diff' compares "
                           "two)",
                           words->argv[1]);
    }
    if (!pyr_show_check_writing(show, find_format(show), err)) {
        return false;
    }
    if (show->format != NULL && show->output == NULL && isatty(STDOUT_FILENO)) {
        const struct pyr_format *format = pyr_format_find(show->format, err);
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "--format %s is not for a terminal to show; name a file: -o FILE%s",
                           show->format, format == NULL ? "" : format->extension);
    }
    /* A report is plain text; what looks like the name of something else is not for it. */
    const size_t len = show->output == NULL ? 0 : strlen(show->output);
    if (show->output != NULL && show->format == NULL && pyr_format_has_extension(show->output) &&
        (len < 4 || strcmp(show->output + len - 4, ".txt") != 0)) {
        return pyr_format_to_write(show->output, NULL, err) != NULL;
    }
    return true;
}

static int run(int argc, char **argv, struct pyr_err *err)
{
    struct pyr_show show;
    struct pyr_option_words words;
    struct pyr_profile *profile = NULL;
    const struct pyr_option_reader reader = {tables, false, set, &show};
    pyr_show_init(&show);
    if (!pyr_options_parse(&reader, argc, argv, &words, err)) {
        return -1;
    }
    if (words.help) {
        return pyr_help_print(&pyr_command_report, err);
    }
    if (!check(&show, &words, err) || !pyr_show_load(&show, words.argv[0], &profile, err)) {
        return -1;
    }
    bool ok = false;
    if (find_format(&show) != NULL) {
        ok = convert(&show, profile, err);
    } else if (show.output != NULL) {
        ok = write_text(&show, profile, err);
    } else {
        ok = pyr_show_report(&show, profile, STDOUT_FILENO, err);
    }
    pyr_profile_free(profile);
    return ok ? 0 : -1;
}

const struct pyr_command pyr_command_report = {
    .name = "report",
    .summary = "show a saved profile, or write it in another format",
    .usage = "[options] FILE",
    .details = "Examples:\n"
               "  pyrometer report run.pyro --flat --sort calls\n"
               "  pyrometer report run.pyro --callers=tokenize\n"
               "  pyrometer report run.pyro --tree --by task\n"
               "  pyrometer report run.pyro -o run.speedscope.json\n",
    .options = tables,
    .run = run,
};
