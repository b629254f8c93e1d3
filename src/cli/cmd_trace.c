/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_trace.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "cli/help.h"
#include "cli/launch.h"
#include "cli/trace_files.h"
#include "cli/trace_options.h"

#define PYTHON_STATUS "57" /* no program but an interpreter would end with that */
#define FIXED_WORDS 24     /* of the interpreter's command line, at most */

/* What the interpreter is given to run. It must parse in every Python there is, so that one too
 * old is told so; and no file in the current folder may take the place of our package. */
static const char bootstrap[] =
    "import sys\n"
    "if sys.version_info < (3, 9):\n"
    "    sys.exit('pyrometer: %s is Python %s; 3.9 to 3.15 can be traced (--python PATH)'"
    " % (sys.executable, sys.version.split()[0]))\n"
    "here = [sys.path.pop(0)] if sys.path[:1] == [''] else []\n"
    "try:\n"
    "    from pyrometer._launch import main\n"
    "except ImportError as error:\n"
    "    sys.exit('pyrometer: %s can\\'t load the package pyrometer (%s); install it there: "
    "%s -m pip install . in a checkout of Pyrometer; or choose another: --python PATH'"
    " % (sys.executable, error, sys.executable))\n"
    "sys.path[:0] = here\n"
    "main()\n";

/* The interpreter's words. Texts live in the arena. */
struct words {
    struct pyr_arena *arena; /* owned */
    char **argv;             /* owned; NULL-terminated */
    size_t count;
    bool failed;
};

static void add_word(struct words *words, const char *text)
{
    char *copy = pyr_arena_copy(words->arena, text, strlen(text));
    words->failed = words->failed || copy == NULL;
    words->argv[words->count++] = copy;
}

static void add_setting(struct words *words, const char *key, const char *value)
{
    struct pyr_buf text = {0};
    pyr_buf_addf(&text, "%s=%s", key, value);
    words->failed = words->failed || text.failed;
    add_word(words, text.failed ? "" : text.data);
    pyr_buf_release(&text);
}

static void add_number(struct words *words, const char *key, unsigned long value)
{
    char text[24];
    snprintf(text, sizeof text, "%lu", value);
    add_setting(words, key, text);
}

static void words_release(struct words *words)
{
    pyr_mem_free(words->argv);
    pyr_arena_free(words->arena);
}

/* Only what differs from the collector's defaults. */
static void add_concurrent(struct words *words, const struct pyr_trace_options *options)
{
    if (options->clock != NULL) {
        add_setting(words, "clock", options->clock);
    }
    if (options->no_tasks) {
        add_setting(words, "tasks", "0");
    }
    if (options->no_greenlets) {
        add_setting(words, "greenlets", "0");
    }
    if (options->tag != NULL) {
        add_setting(words, "tag", options->tag);
    }
    if (options->context_limit != 0) {
        add_number(words, "context_limit", options->context_limit);
    }
    if (options->timeline != 0) {
        add_number(words, "timeline", options->timeline);
    }
}

static void fill_words(struct words *words, const struct pyr_trace_options *options,
                       const char *python, const char *output)
{
    add_word(words, python);
    add_word(words, "-c");
    add_word(words, bootstrap);
    add_setting(words, "output", output);
    add_setting(words, "builtins", options->no_builtins ? "0" : "1");
    add_setting(words, "threads", options->main_thread_only ? "main" : "all");
    if (options->node_limit != 0) {
        add_number(words, "node_limit", options->node_limit);
    }
    add_concurrent(words, options);
    for (uint32_t i = 0; i < options->pattern_count; i += 2) {
        add_setting(words, options->patterns[i], options->patterns[i + 1]);
    }
    add_word(words, "--");
    if (options->kind != PYR_PROGRAM_SCRIPT) {
        add_word(words, options->kind == PYR_PROGRAM_MODULE ? "-m" : "-c");
    }
    add_word(words, options->program);
    for (int i = 0; i < options->argc; i++) {
        add_word(words, options->argv[i]);
    }
}

static bool run_program(const struct pyr_trace_options *options, const char *output,
                        struct pyr_launch_end *end, struct pyr_err *err)
{
    struct words words = {.arena = pyr_arena_new()};
    char *python = NULL;
    bool ok = false;
    words.argv = pyr_mem_zalloc(FIXED_WORDS + options->pattern_count + (size_t)options->argc,
                                sizeof *words.argv);
    if (words.arena == NULL || words.argv == NULL) {
        (void)pyr_err_nomem(err);
        goto done;
    }
    if (!pyr_launch_find_python(options->python, &python, err)) {
        goto done;
    }
    fill_words(&words, options, python, output);
    if (words.failed) {
        (void)pyr_err_nomem(err);
        goto done;
    }
    ok = pyr_launch_run(python, words.argv, end, err);
done:
    words_release(&words);
    pyr_mem_free(python);
    return ok;
}

/* Says where the profile is and how to look at it. */
static void say_where(const struct pyr_trace_files *files)
{
    char example[PATH_MAX];
    const char *shown = files->temporary ? files->converted : files->collected;
    const unsigned children = pyr_trace_files_children(files, example, sizeof example);
    if (files->temporary) {
        pyr_output_say("wrote %s", shown);
    } else {
        const char *us =
            strchr(program_invocation_name, '/') == NULL ? "pyrometer" : program_invocation_name;
        pyr_output_say("wrote %s%s%s; look again with: %s report %s --tree", shown,
                       files->converted != NULL ? " and " : "",
                       files->converted != NULL ? files->converted : "", us, shown);
    }
    if (children > 0) {
        pyr_output_say("%u forked process%s wrote a profile of %s own: %s%s", children,
                       children == 1 ? "" : "es", children == 1 ? "its" : "their", example,
                       children == 1 ? "" : ", …");
    }
}

/* Writes the profile in the format that was asked for. */
static bool convert(const struct pyr_trace_options *options, const struct pyr_trace_files *files,
                    const struct pyr_profile *profile, struct pyr_err *err)
{
    if (files->converted == NULL) {
        return true;
    }
    if (!pyr_format_save(profile, files->converted, options->show.format, &options->show.writing,
                         err)) {
        return pyr_err_prefix(err, "the profile is in %s", files->collected);
    }
    if (files->temporary) {
        unlink(files->collected);
    }
    return true;
}

/* The report goes to the terminal. Where standard output is a pipe or a file it belongs to the
 * program, and the report goes to standard error. A report that fails is told, but the profile is
 * there: it does not change how the program ended. */
static void show(const struct pyr_trace_options *options, struct pyr_profile *profile)
{
    const int fd = isatty(STDOUT_FILENO) ? STDOUT_FILENO : STDERR_FILENO;
    struct pyr_err err = {0};
    if (options->quiet || options->no_report) {
        return;
    }
    if ((options->show.options.compensated && !pyr_show_compensate(profile, &err)) ||
        !pyr_show_report(&options->show, profile, fd, &err)) {
        pyr_output_say("%s", err.message);
    }
}

static bool finish(const struct pyr_trace_options *options, const struct pyr_trace_files *files,
                   struct pyr_err *err)
{
    struct pyr_profile *profile = NULL;
    const bool ok = pyr_format_load(files->collected, NULL, &profile, err) &&
                    convert(options, files, profile, err);
    if (ok) {
        show(options, profile);
    }
    pyr_profile_free(profile);
    if (ok && !options->quiet) {
        say_where(files);
    }
    return ok;
}

/* Nothing was recorded. An interpreter says why; what is none may have said nothing. */
static void say_if_no_python(const struct pyr_trace_options *options, int status)
{
    struct pyr_err err = {0};
    struct pyr_launch_end end = {0};
    char *python = NULL;
    char option[] = "-c";
    char code[] = "raise SystemExit(" PYTHON_STATUS ")";
    if (options->python != NULL && pyr_launch_find_python(options->python, &python, &err)) {
        char *const argv[] = {python, option, code, NULL};
        if (pyr_launch_run(python, argv, &end, &err) && end.status != atoi(PYTHON_STATUS)) {
            pyr_output_say("%s ended with status %d and ran nothing: is it a Python interpreter? "
                           "(--python PATH)",
                           python, status);
        }
    }
    pyr_mem_free(python);
}

static int trace(const struct pyr_trace_options *options, struct pyr_trace_files *files,
                 struct pyr_err *err)
{
    struct pyr_launch_end end = {0};
    if (!pyr_trace_files_prepare(files, err)) {
        return -1;
    }
    if (!run_program(options, files->collected, &end, err)) {
        (void)pyr_trace_files_settle(files, end.pid);
        return -1;
    }
    if (!pyr_trace_files_settle(files, end.pid)) {
        say_if_no_python(options, end.status);
    } else if (!finish(options, files, err)) {
        pyr_output_say("%s", err->message);
        end.status = end.status == 0 ? PYR_EXIT_ERROR : end.status;
    }
    if (end.signal != 0) {
        pyr_launch_die(end.signal);
    }
    return end.status;
}

static int run(int argc, char **argv, struct pyr_err *err)
{
    struct pyr_trace_options options = {.kind = PYR_PROGRAM_SCRIPT};
    struct pyr_trace_files files = {0};
    int status = -1;
    if (!pyr_trace_options_read(&options, argc, argv, err)) {
        goto done;
    }
    if (options.help) {
        status = pyr_help_print(&pyr_command_trace, err);
        goto done;
    }
    if (pyr_trace_files_choose(&files, options.show.output, options.show.format, options.kind,
                               options.program, err)) {
        status = trace(&options, &files, err);
    }
done:
    pyr_trace_files_release(&files);
    pyr_trace_options_release(&options);
    return status;
}

const struct pyr_command pyr_command_trace = {
    .name = "trace",
    .summary = "run a program, record every call, and show where its time went",
    .usage = "[options] SCRIPT [ARGUMENTS …]\n"
             "[options] -m MODULE [ARGUMENTS …]\n"
             "[options] -c CODE [ARGUMENTS …]",
    .details = "The report is printed when the program has ended: to standard output if that is\n"
               "a terminal, else to standard error, as standard output is the program's.\n"
               "The exit status is the program's own.\n",
    .options = pyr_trace_option_tables,
    .run = run,
};
