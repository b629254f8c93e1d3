/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace_options.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
    MODULE = 1,
    CODE,
    OUTPUT,
    FORMAT,
    NO_BUILTINS,
    INCLUDE,
    EXCLUDE,
    THREADS,
    NODE_LIMIT,
    PYTHON,
    NO_REPORT,
    QUIET,
};

static const struct pyr_option own_options[] = {
    {"", 'm', "MODULE", false, true, MODULE, PYR_VALUES_ANY,
     "run a module as python -m does; all that follows is the program's"},
    {"", 'c', "CODE", false, true, CODE, PYR_VALUES_ANY,
     "run code as python -c does; all that follows is the program's"},
    {"output", 'o', "FILE", false, false, OUTPUT, PYR_VALUES_FILE,
     "write the profile there; its name can say the format too (default: SCRIPT.pyro, and what "
     "was there before stays as SCRIPT.pyro.old)"},
    {"format", 'f', "FORMAT", false, false, FORMAT, PYR_VALUES_FORMAT,
     "write it in this format, see below; without -o, beside the .pyro file"},
    {"no-builtins", 0, NULL, false, false, NO_BUILTINS, PYR_VALUES_ANY,
     "leave out functions written in C: less cost"},
    {"include", 0, "PATTERN", false, false, INCLUDE, PYR_VALUES_ANY,
     "only modules like this: a name, a package, or a pattern with * and ?; may be repeated"},
    {"exclude", 0, "PATTERN", false, false, EXCLUDE, PYR_VALUES_ANY,
     "no modules like this; may be repeated"},
    {"threads", 0, "WHICH", false, false, THREADS, PYR_VALUES_THREADS, "all (the default) or main"},
    {"node-limit", 0, "N", false, false, NODE_LIMIT, PYR_VALUES_ANY,
     "keep at most N call paths; deeper ones are folded"},
    {"python", 0, "PATH", false, false, PYTHON, PYR_VALUES_FILE,
     "the interpreter (default: the one beside pyrometer, else python3)"},
    {"no-report", 0, NULL, false, false, NO_REPORT, PYR_VALUES_ANY,
     "write the profile, print no report"},
    {"quiet", 'q', NULL, false, false, QUIET, PYR_VALUES_ANY, "the same, and print nothing at all"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

const struct pyr_option *const pyr_trace_option_tables[] = {
    own_options, pyr_show_report_options, pyr_show_diff_options, pyr_show_color_option, NULL};

static bool add_pattern(struct pyr_trace_options *options, const char *key, const char *pattern,
                        struct pyr_err *err)
{
    if (pattern[0] == '\0') {
        return pyr_err_set(err, PYR_ERR_USAGE, "--%s needs a module's name or a pattern", key);
    }
    if (!pyr_mem_grow(&options->patterns, &options->pattern_cap, options->pattern_count + (size_t)2,
                      sizeof *options->patterns, err)) {
        return false;
    }
    options->patterns[options->pattern_count++] = key;
    options->patterns[options->pattern_count++] = pattern;
    return true;
}

static bool set_threads(struct pyr_trace_options *options, const char *value, struct pyr_err *err)
{
    options->main_thread_only = strcmp(value, "main") == 0;
    return options->main_thread_only || strcmp(value, "all") == 0 ||
           pyr_err_set(err, PYR_ERR_USAGE, "--threads takes all or main, not '%s'", value);
}

static bool set(void *settings, int id, const char *value, struct pyr_err *err)
{
    struct pyr_trace_options *options = settings;
    switch (id) {
    case MODULE:
    case CODE:
        options->kind = id == MODULE ? PYR_PROGRAM_MODULE : PYR_PROGRAM_CODE;
        options->program = value;
        return true;
    case OUTPUT:
        options->show.output = value;
        return true;
    case FORMAT:
        options->show.format = value;
        return pyr_format_find(value, err) != NULL;
    case NO_BUILTINS:
        options->no_builtins = true;
        return true;
    case INCLUDE:
    case EXCLUDE:
        return add_pattern(options, id == INCLUDE ? "include" : "exclude", value, err);
    case THREADS:
        return set_threads(options, value, err);
    case NODE_LIMIT:
        return pyr_option_number("node-limit", value, 1, &options->node_limit, err);
    case PYTHON:
        options->python = value;
        return true;
    case NO_REPORT:
        options->no_report = true;
        return true;
    case QUIET:
        options->quiet = true;
        return true;
    default:
        return pyr_show_set(&options->show, id, value, err);
    }
}

/* A folder with a __main__.py is a program, as it is for python. */
static bool check_folder(const char *path, struct pyr_err *err)
{
    struct pyr_buf main = {0};
    pyr_buf_addf(&main, "%s/__main__.py", path);
    const bool ok = pyr_buf_check(&main, err) &&
                    (access(main.data, R_OK) == 0 ||
                     pyr_err_set(err, PYR_ERR_USAGE,
                                 "%s is a directory without a __main__.py; name a script, or a "
                                 "package with -m",
                                 path));
    pyr_buf_release(&main);
    return ok;
}

static bool check_script(const struct pyr_show *show, const char *path, struct pyr_err *err)
{
    struct stat status;
    const char *stray = pyr_show_stray_function(show);
    if (stat(path, &status) != 0 && stray != NULL) {
        return pyr_err_set(err, PYR_ERR_USAGE, "no script %s; if it is a function, write --%s=%s",
                           path, stray, path);
    }
    if (stat(path, &status) != 0) {
        return pyr_err_set(err, PYR_ERR_USAGE, "no script %s: %s", path, strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        return check_folder(path, err);
    }
    if (access(path, R_OK) != 0) {
        return pyr_err_set(err, PYR_ERR_USAGE, "can't read the script %s: %s", path,
                           strerror(errno));
    }
    return true;
}

bool pyr_trace_options_read(struct pyr_trace_options *options, int argc, char **argv,
                            struct pyr_err *err)
{
    struct pyr_option_words words;
    const struct pyr_option_reader reader = {pyr_trace_option_tables, true, set, options};
    *options = (struct pyr_trace_options){.kind = PYR_PROGRAM_SCRIPT};
    pyr_show_init(&options->show);
    if (!pyr_options_parse(&reader, argc, argv, &words, err)) {
        return false;
    }
    options->help = words.help;
    options->argc = words.argc;
    options->argv = words.argv;
    if (words.help) {
        return true;
    }
    if (!pyr_show_check(&options->show, err)) {
        return false;
    }
    if (options->program != NULL) {
        return true;
    }
    if (words.argc == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "what shall be traced? pyrometer trace script.py, -m module or -c code");
    }
    options->program = words.argv[0];
    options->argc--;
    options->argv++;
    return check_script(&options->show, options->program, err);
}

void pyr_trace_options_release(struct pyr_trace_options *options)
{
    pyr_mem_free(options->patterns);
    options->patterns = NULL;
}
