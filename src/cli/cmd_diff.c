/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_diff.h"

#include <unistd.h>

#include "base/file.h"
#include "cli/help.h"
#include "cli/show.h"
#include "reports/diff.h"

enum {
    OUTPUT = 1,
};

/* Of the report options only those that shape a diff. */
static const struct pyr_option own_options[] = {
    {"output", 'o', "FILE", false, false, OUTPUT, PYR_VALUES_FILE, "write the text there"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

static const struct pyr_option *const tables[] = {own_options, pyr_show_diff_options,
                                                  pyr_show_tag_option, pyr_show_color_option, NULL};

static bool set(void *settings, int id, const char *value, struct pyr_err *err)
{
    struct pyr_show *show = settings;
    if (id == OUTPUT) {
        show->output = value;
        return true;
    }
    return pyr_show_set(show, id, value, err);
}

static bool compare(const struct pyr_show *show, const char *before_path, const char *after_path,
                    struct pyr_err *err)
{
    struct pyr_profile *before = NULL;
    struct pyr_profile *after = NULL;
    struct pyr_buf out = {0};
    struct pyr_report_options options = show->options;
    if (show->output == NULL) {
        pyr_output_describe(STDOUT_FILENO, show->color, &options);
    }
    bool ok = pyr_show_load(show, before_path, &before, err) &&
              pyr_show_load(show, after_path, &after, err) &&
              pyr_diff_render(before, after, &options, &out, err);
    if (ok && show->output != NULL) {
        ok = pyr_file_replace(show->output, out.data, out.len, err);
    } else if (ok) {
        ok = pyr_output_print(&out, err);
    }
    pyr_buf_release(&out);
    pyr_profile_free(before);
    pyr_profile_free(after);
    return ok;
}

static int run(int argc, char **argv, struct pyr_err *err)
{
    struct pyr_show show;
    struct pyr_option_words words;
    const struct pyr_option_reader reader = {tables, false, set, &show};
    pyr_show_init(&show);
    if (!pyr_options_parse(&reader, argc, argv, &words, err)) {
        return -1;
    }
    if (words.help) {
        return pyr_help_print(&pyr_command_diff, err);
    }
    if (words.argc != 2) {
        (void)pyr_err_set(err, PYR_ERR_USAGE, "%s profiles to compare: pyrometer diff BEFORE AFTER",
                          words.argc < 2 ? "name two" : "name just two");
        return -1;
    }
    return compare(&show, words.argv[0], words.argv[1], err) ? 0 : -1;
}

const struct pyr_command pyr_command_diff = {
    .name = "diff",
    .summary = "show what changed between two saved profiles",
    .usage = "[options] BEFORE AFTER",
    .details = "Functions are joined by module, name and file. Those that changed most in self\n"
               "time come first; --sort total, calls or name orders them otherwise.\n",
    .options = tables,
    .run = run,
};
