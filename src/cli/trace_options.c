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
    CLOCK,
    NO_TASKS,
    NO_GREENLETS,
    TAG,
    CONTEXT_LIMIT,
    TIMELINE,
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
    {"clock", 0, "CLOCK", false, false, CLOCK, PYR_VALUES_CLOCK,
     "wall (the default), cpu, or both, which tells waiting from working"},
    {"no-tasks", 0, NULL, false, false, NO_TASKS, PYR_VALUES_ANY,
     "don't tell asyncio's tasks apart"},
    {"no-greenlets", 0, NULL, false, false, NO_GREENLETS, PYR_VALUES_ANY,
     "don't tell greenlets apart"},
    {"tag", 0, "MODULE:NAME", false, false, TAG, PYR_VALUES_ANY,
     "tell work apart by what this contextvars.ContextVar of a module holds"},
    {"context-limit", 0, "N", false, false, CONTEXT_LIMIT, PYR_VALUES_ANY,
     "tell at most N tasks, greenlets and tags apart"},
    {"timeline", 0, "N", true, false, TIMELINE, PYR_VALUES_ANY,
     "record what ran when too, the last N events (default 1000000); see it with --format chrome"},
    {"python", 0, "PATH", false, false, PYTHON, PYR_VALUES_FILE,
     "the interpreter (default: the one beside pyrometer, else python3)"},
    {"no-report", 0, NULL, false, false, NO_REPORT, PYR_VALUES_ANY,
     "write the profile, print no report"},
    {"quiet", 'q', NULL, false, false, QUIET, PYR_VALUES_ANY, "the same, and print nothing at all"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

const struct pyr_option *const pyr_trace_option_tables[] = {
    own_options,           pyr_show_writing_options, pyr_show_report_options,
    pyr_show_diff_options, pyr_show_color_option,    NULL};

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

static bool set_clock(struct pyr_trace_options *options, const char *value, struct pyr_err *err)
{
    static const char *const clocks[] = {"wall", "cpu", "both"};
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        if (strcmp(clocks[i], value) == 0) {
            options->clock = clocks[i];
            return true;
        }
    }
    return pyr_err_set(err, PYR_ERR_USAGE, "--clock takes wall, cpu or both, not '%s'", value);
}

/* "shop.web:request_id", with no part empty. */
static bool set_tag(struct pyr_trace_options *options, const char *value, struct pyr_err *err)
{
    const char *colon = strchr(value, ':');
    bool empty = colon == NULL || strchr(colon + 1, ':') != NULL;
    char before = '.';
    for (const char *c = value; !empty; c++) {
        const bool ends = *c == '.' || *c == ':' || *c == '\0';
        empty = ends && (before == '.' || before == ':');
        before = *c;
        if (*c == '\0') {
            break;
        }
    }
    options->tag = value;
    return !empty || pyr_err_set(err, PYR_ERR_USAGE,
                                 "--tag takes MODULE:NAME, a contextvars.ContextVar of a module, "
                                 "such as shop.web:user; not '%s'",
                                 value);
}

/* The options that say what to tell apart, and by which clock. */
static bool set_concurrent(struct pyr_trace_options *options, int id, const char *value,
                           struct pyr_err *err)
{
    switch (id) {
    case CLOCK:
        return set_clock(options, value, err);
    case NO_TASKS:
        options->no_tasks = true;
        return true;
    case NO_GREENLETS:
        options->no_greenlets = true;
        return true;
    case TAG:
        return set_tag(options, value, err);
    case CONTEXT_LIMIT:
        return pyr_option_number("context-limit", value, 1, &options->context_limit, err);
    default:
        options->timeline = PYR_TRACE_TIMELINE_EVENTS;
        return value == NULL || pyr_option_number("timeline", value, 1, &options->timeline, err);
    }
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
    case CLOCK:
    case NO_TASKS:
    case NO_GREENLETS:
    case TAG:
    case CONTEXT_LIMIT:
    case TIMELINE:
        return set_concurrent(options, id, value, err);
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

/* Is what the report is to tell apart recorded at all? */
static bool check_contexts(const struct pyr_trace_options *options, struct pyr_err *err)
{
    const struct pyr_show *show = &options->show;
    const char *by = show->options.by == NULL ? "" : show->options.by;
    const char *report = show->report->name;
    const bool tasks = strcmp(by, "task") == 0 || strcmp(by, "coroutine") == 0 ||
                       strcmp(report, "tasks") == 0 || show->options.task != NULL;
    const bool greenlets = strcmp(by, "greenlet") == 0 || strcmp(report, "greenlets") == 0;
    const bool tags = strcmp(by, "tag") == 0 || strcmp(report, "tags") == 0;
    if (tasks && options->no_tasks) {
        return pyr_err_set(err, PYR_ERR_USAGE, "a report by tasks can't be had with --no-tasks");
    }
    if (greenlets && options->no_greenlets) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "a report by greenlets can't be had with --no-greenlets");
    }
    if (tags && options->tag == NULL) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "a report by tags needs a variable to take them from: --tag "
                           "MODULE:NAME");
    }
    return true;
}

static bool check_show(const struct pyr_trace_options *options, struct pyr_err *err)
{
    const struct pyr_show *show = &options->show;
    const char *clock = options->clock == NULL ? "wall" : options->clock;
    const struct pyr_format *format = NULL;
    struct pyr_err ignored = {0};
    if (show->format != NULL || show->output != NULL) {
        format =
            pyr_format_to_write(show->output == NULL ? "" : show->output, show->format, &ignored);
    }
    return check_contexts(options, err) && pyr_show_check_writing(show, format, err) &&
           pyr_show_check(show, strcmp(clock, "cpu") != 0, strcmp(clock, "wall") != 0, err);
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
    if (!check_show(options, err)) {
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
