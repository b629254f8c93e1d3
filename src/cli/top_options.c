/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/top_options.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "remote/native.h"
#include "tui/top_ui.h"

#define DEFAULT_RATE 100

enum {
    PID = 1,
    MODULE,
    CODE,
    PYTHON,
    RATE,
    SUBPROCESSES,
    IDLE,
    GIL,
    NATIVE,
    BLOCKING,
    NONBLOCKING,
    FULL_FILES,
    COLOR,
};

static const struct pyr_option own_options[] = {
    {"pid", 'p', "PID", false, false, PID, PYR_VALUES_ANY,
     "the process to look into; its number alone will do"},
    {"", 'm', "MODULE", false, true, MODULE, PYR_VALUES_ANY,
     "run a module as python -m does; all that follows is the program's"},
    {"", 'c', "CODE", false, true, CODE, PYR_VALUES_ANY,
     "run code as python -c does; all that follows is the program's"},
    {"python", 0, "PATH", false, false, PYTHON, PYR_VALUES_FILE,
     "the interpreter for a script or module (default: the one beside pyrometer, else python3)"},
    {"rate", 'r', "HZ", false, false, RATE, PYR_VALUES_ANY,
     "samples per second, from 1 to 100000 (default 100); + and - change it"},
    {"subprocesses", 's', NULL, false, false, SUBPROCESSES, PYR_VALUES_ANY,
     "its child processes too, those to come as well"},
    {"idle", 'i', NULL, false, false, IDLE, PYR_VALUES_ANY,
     "show threads that wait, too; the key i changes it"},
    {"gil", 'g', NULL, false, false, GIL, PYR_VALUES_ANY,
     "show only what holds the GIL; the key g changes it"},
    {"native", 'n', NULL, false, false, NATIVE, PYR_VALUES_ANY,
     "stacks of C, C++, Rust … too: stops the program for each sample"},
    {"blocking", 'b', NULL, false, false, BLOCKING, PYR_VALUES_ANY,
     "stop the program for each sample"},
    {"nonblocking", 0, NULL, false, false, NONBLOCKING, PYR_VALUES_ANY,
     "never stop it, which is what happens anyway"},
    {"full-filenames", 0, NULL, false, false, FULL_FILES, PYR_VALUES_ANY,
     "whole paths of files, not from the package on"},
    {"color", 0, "WHEN", false, false, COLOR, PYR_VALUES_COLOR, "auto, always or never"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

const struct pyr_option *const pyr_top_option_tables[] = {own_options, NULL};

static bool set_rate(struct pyr_top_settings *settings, const char *value, struct pyr_err *err)
{
    uint32_t rate = 0;
    struct pyr_err ignored = {0};
    if (!pyr_option_number("rate", value, PYR_TOP_MIN_RATE, &rate, &ignored) ||
        rate > PYR_TOP_MAX_RATE) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "--rate takes samples per second, from %d to %d; not '%s'",
                           PYR_TOP_MIN_RATE, PYR_TOP_MAX_RATE, value);
    }
    settings->top.recorder.sampler.rate = rate;
    return true;
}

static bool set_pid(struct pyr_top_settings *settings, const char *value, struct pyr_err *err)
{
    struct pyr_err ignored = {0};
    return pyr_option_number("pid", value, 1, &settings->top.pid, &ignored) ||
           pyr_err_set(err, PYR_ERR_USAGE, "'%s' is not the number of a process", value);
}

static bool set(void *context, int id, const char *value, struct pyr_err *err)
{
    struct pyr_top_settings *settings = context;
    struct pyr_recorder_options *recorder = &settings->top.recorder;
    switch (id) {
    case PID:
        return set_pid(settings, value, err);
    case MODULE:
    case CODE:
        settings->program.target = id == MODULE ? PYR_RECORD_MODULE : PYR_RECORD_CODE;
        settings->program.program = value;
        return true;
    case PYTHON:
        settings->program.python = value;
        return true;
    case RATE:
        return set_rate(settings, value, err);
    case COLOR:
        return pyr_output_color_when(value, &settings->color, err);
    case SUBPROCESSES:
        recorder->subprocesses = true;
        break;
    case IDLE:
        settings->top.filter.idle = true;
        break;
    case GIL:
        settings->top.filter.gil = true;
        break;
    case NATIVE:
        recorder->sampler.native = true;
        break;
    case FULL_FILES:
        recorder->collect.full_files = true;
        break;
    default:
        recorder->sampler.mode = id == BLOCKING ? PYR_SAMPLER_STOPPED : PYR_SAMPLER_AUTO;
        break;
    }
    return true;
}

static void init(struct pyr_top_settings *settings)
{
    *settings = (struct pyr_top_settings){
        .top = {.recorder = {.sampler = {.rate = DEFAULT_RATE,
                                         .max_depth = PYR_STACK_DEFAULT_DEPTH,
                                         .gc = true,
                                         .cpu = true},
                             /* All is kept, so that keys can choose what is shown. */
                             .collect = {.idle = true}}},
        .program = {.target = PYR_RECORD_PID}};
}

static bool is_number(const char *word)
{
    return word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
}

/* The first word that is no option: a process, or a script and what belongs to it. */
static bool take_words(struct pyr_top_settings *settings, const struct pyr_option_words *words,
                       struct pyr_err *err)
{
    struct pyr_record_options *program = &settings->program;
    if (words->argc == 0 || settings->top.pid != 0) {
        return words->argc == 0 ||
               pyr_err_set(err, PYR_ERR_USAGE, "process %u and '%s' at once: one of them at a time",
                           (unsigned)settings->top.pid, words->argv[0]);
    }
    program->target = PYR_RECORD_SCRIPT;
    program->program = words->argv[0];
    program->argc = words->argc - 1;
    program->argv = words->argv + 1;
    return access(program->program, R_OK) == 0 ||
           pyr_err_set(err, PYR_ERR_USAGE,
                       "no script %s: %s; for another program: pyrometer top -- %s",
                       program->program, strerror(errno), program->program);
}

/* Options may stand after the number of a process, but after a script they are the script's. */
static bool read_process(struct pyr_top_settings *settings, struct pyr_option_words *words,
                         struct pyr_err *err)
{
    const struct pyr_option_reader reader = {pyr_top_option_tables, false, set, settings};
    return words->argc == 0 || !is_number(words->argv[0]) || access(words->argv[0], F_OK) == 0 ||
           settings->top.pid != 0 ||
           (set_pid(settings, words->argv[0], err) &&
            pyr_options_parse(&reader, words->argc - 1, words->argv + 1, words, err));
}

/* "--" before any word: a command follows, whatever it is. */
static bool take_command(struct pyr_top_settings *settings, int argc, char **argv,
                         struct pyr_err *err)
{
    if (argc == 0 || settings->top.pid != 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           settings->top.pid != 0 ? "a process and a command at once: leave out one"
                                                  : "which command? pyrometer top -- command …");
    }
    settings->program.target = PYR_RECORD_COMMAND;
    settings->program.program = argv[0];
    settings->program.argc = argc - 1;
    settings->program.argv = argv + 1;
    return true;
}

/* Where "--" stands first; -1: nowhere. */
static int find_dashes(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            return i;
        }
    }
    return -1;
}

bool pyr_top_options_read(struct pyr_top_settings *settings, int argc, char **argv,
                          struct pyr_err *err)
{
    struct pyr_option_words words;
    const struct pyr_option_reader reader = {pyr_top_option_tables, true, set, settings};
    struct pyr_record_options *program = &settings->program;
    const int dashes = find_dashes(argc, argv);
    init(settings);
    if (!pyr_options_parse(&reader, argc, argv, &words, err)) {
        return false;
    }
    settings->help = words.help;
    if (words.help) {
        return true;
    }
    if (program->target != PYR_RECORD_PID) { /* -m or -c */
        program->argc = words.argc;
        program->argv = words.argv;
        if (settings->top.pid != 0) {
            return pyr_err_set(err, PYR_ERR_USAGE,
                               "a process and a program at once: leave out one");
        }
    } else if (dashes >= 0 && dashes == argc - words.argc - 1) {
        /* It was the last word that was read, so it ended the options. */
        if (!take_command(settings, words.argc, words.argv, err)) {
            return false;
        }
    } else if (!read_process(settings, &words, err) || !take_words(settings, &words, err)) {
        return false;
    }
    settings->help = words.help;
    settings->top.recorder.starting = program->target != PYR_RECORD_PID;
    return settings->help || settings->top.pid != 0 || settings->top.recorder.starting ||
           pyr_err_set(
               err, PYR_ERR_USAGE,
               "what shall be shown? pyrometer top PID, script.py, -m module or -- command");
}
