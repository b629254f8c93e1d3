/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/top_options.h"

#include <stddef.h>
#include <string.h>

#include "remote/native.h"
#include "tui/top_ui.h"

#define DEFAULT_RATE 100
#define JITTER_PERCENT 10

enum {
    PID = 1,
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

bool pyr_top_options_read(struct pyr_top_settings *settings, int argc, char **argv,
                          struct pyr_err *err)
{
    struct pyr_option_words words;
    const struct pyr_option_reader reader = {pyr_top_option_tables, false, set, settings};
    *settings = (struct pyr_top_settings){
        .top = {.recorder = {.sampler = {.rate = DEFAULT_RATE,
                                         .max_depth = PYR_STACK_DEFAULT_DEPTH,
                                         .gc = true,
                                         .cpu = true},
                             /* All is kept, so that keys can choose what is shown. */
                             .collect = {.idle = true},
                             .jitter_percent = JITTER_PERCENT}}};
    if (!pyr_options_parse(&reader, argc, argv, &words, err)) {
        return false;
    }
    settings->help = words.help;
    if (words.help) {
        return true;
    }
    if (words.argc > 1 || (words.argc == 1 && settings->top.pid != 0)) {
        return pyr_err_set(err, PYR_ERR_USAGE, "top shows one process; what is '%s'?",
                           words.argv[words.argc - 1]);
    }
    if (words.argc == 1 && !set_pid(settings, words.argv[0], err)) {
        return false;
    }
    if (settings->top.pid == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE, "which process? pyrometer top PID");
    }
    return true;
}
