/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "remote/native.h"

enum {
    PID = 1,
    MODULE,
    CODE,
    OUTPUT,
    FORMAT,
    RATE,
    INTERVAL,
    DURATION,
    SUBPROCESSES,
    THREADS,
    IDLE,
    GIL,
    CPU,
    NATIVE,
    ASYNC,
    FUNCTION,
    NO_LINES,
    NO_LINE_NUMBERS,
    FULL_FILES,
    MODE,
    BLOCKING,
    NONBLOCKING,
    EVERY,
    KEEP_LAST,
    TRIGGER_CPU,
    NODE_LIMIT,
    PYTHON,
    NO_REPORT,
    QUIET,
};

#define MAX_CPUS 100000 /* of --trigger-cpu */

static const struct pyr_option own_options[] = {
    {"pid", 'p', "PID", false, false, PID, PYR_VALUES_ANY,
     "the process to look into; its number alone will do"},
    {"", 'm', "MODULE", false, true, MODULE, PYR_VALUES_ANY,
     "run a module as python -m does; all that follows is the program's"},
    {"", 'c', "CODE", false, true, CODE, PYR_VALUES_ANY,
     "run code as python -c does; all that follows is the program's"},
    {"output", 'o', "FILE", false, false, OUTPUT, PYR_VALUES_FILE,
     "write the profile there; its name can say the format too (default: the program's name with "
     ".pyro, and what was there before stays as .pyro.old)"},
    {"format", 'f', "FORMAT", false, false, FORMAT, PYR_VALUES_FORMAT,
     "write it in this format, see below; without -o, beside the .pyro file"},
    {"rate", 'r', "HZ", false, false, RATE, PYR_VALUES_ANY,
     "samples per second, from 1 to 100000 (default 100)"},
    {"interval", 0, "TIME", false, false, INTERVAL, PYR_VALUES_ANY,
     "the same said otherwise: the time between two samples, such as 10ms"},
    {"duration", 'd', "TIME", false, false, DURATION, PYR_VALUES_ANY,
     "end after so many seconds, or 500ms, 5m, 2h (default: when the program ends or Ctrl-C)"},
    {"subprocesses", 's', NULL, false, false, SUBPROCESSES, PYR_VALUES_ANY,
     "its child processes too, those to come as well, told apart by a level of the stacks"},
    {"threads", 't', NULL, false, false, THREADS, PYR_VALUES_ANY,
     "tell threads apart by a level of the stacks"},
    {"idle", 'i', NULL, false, false, IDLE, PYR_VALUES_ANY,
     "keep samples of threads that wait, too"},
    {"gil", 'g', NULL, false, false, GIL, PYR_VALUES_ANY,
     "only samples of threads that hold the GIL"},
    {"cpu", 0, NULL, false, false, CPU, PYR_VALUES_ANY,
     "weigh samples by the CPU time that the thread has used, not by the time that passed"},
    {"native", 'n', NULL, false, false, NATIVE, PYR_VALUES_ANY,
     "stacks of C, C++, Rust … too: stops the program for each sample"},
    {"async", 0, NULL, false, false, ASYNC, PYR_VALUES_ANY,
     "tell the tasks of asyncio apart: see --report tasks and, later, report --by task"},
    {"function", 'F', NULL, false, false, FUNCTION, PYR_VALUES_ANY,
     "give functions' first lines instead of the lines that ran"},
    {"nolineno", 0, NULL, false, false, NO_LINES, PYR_VALUES_ANY, "give no line numbers"},
    {"no-line-numbers", 0, NULL, false, false, NO_LINE_NUMBERS, PYR_VALUES_ANY, "the same"},
    {"full-filenames", 0, NULL, false, false, FULL_FILES, PYR_VALUES_ANY,
     "whole file names in every format and in the report; a .pyro file always has them"},
    {"mode", 0, "MODE", false, false, MODE, PYR_VALUES_MODE,
     "how samples are proved: auto (the default), frozen, compared or stopped"},
    {"blocking", 0, NULL, false, false, BLOCKING, PYR_VALUES_ANY, "the same as --mode stopped"},
    {"nonblocking", 0, NULL, false, false, NONBLOCKING, PYR_VALUES_ANY,
     "never stop the program, which is what happens anyway"},
    {"every", 0, "TIME", false, false, EVERY, PYR_VALUES_ANY,
     "a file for each such period, numbered: FILE.0001.pyro …"},
    {"keep-last", 0, "TIME", false, false, KEEP_LAST, PYR_VALUES_ANY,
     "keep only so much, and write it on SIGUSR1 (numbered files) and at the end"},
    {"trigger-cpu", 0, "PERCENT", false, false, TRIGGER_CPU, PYR_VALUES_ANY,
     "with --keep-last: write it also when the program uses so much of a CPU, as 80 or 250"},
    {"node-limit", 0, "N", false, false, NODE_LIMIT, PYR_VALUES_ANY,
     "keep at most N call paths; further ones are folded (default 1000000)"},
    {"python", 0, "PATH", false, false, PYTHON, PYR_VALUES_FILE,
     "the interpreter for a script or module (default: the one beside pyrometer, else python3)"},
    {"no-report", 0, NULL, false, false, NO_REPORT, PYR_VALUES_ANY,
     "write the profile, print no report"},
    {"quiet", 'q', NULL, false, false, QUIET, PYR_VALUES_ANY, "the same, and print nothing at all"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

const struct pyr_option *const pyr_record_option_tables[] = {own_options, pyr_show_brief_options,
                                                             pyr_show_color_option, NULL};

static bool read_pid(const char *value, uint32_t *pid)
{
    char *end = NULL;
    errno = 0;
    const unsigned long read = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || read > INT32_MAX) {
        return false;
    }
    *pid = (uint32_t)read;
    return true;
}

static bool set_pid(struct pyr_record_options *options, const char *value, struct pyr_err *err)
{
    options->target = PYR_RECORD_PID;
    return (read_pid(value, &options->pid) && options->pid > 0) ||
           pyr_err_set(err, PYR_ERR_USAGE, "'%s' is not the number of a process", value);
}

static bool set_rate(struct pyr_record_options *options, const char *value, struct pyr_err *err)
{
    char *end = NULL;
    const unsigned long long rate = strtoull(value, &end, 10);
    end += strspn(end, " ");
    if (value[0] < '0' || value[0] > '9' || (*end != '\0' && strcasecmp(end, "hz") != 0) ||
        rate < 1 || rate > PYR_RECORD_MAX_RATE) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "--rate takes samples per second, from 1 to %d; not '%s'",
                           PYR_RECORD_MAX_RATE, value);
    }
    options->recorder.sampler.rate = (uint32_t)rate;
    return true;
}

static bool set_interval(struct pyr_record_options *options, const char *value, struct pyr_err *err)
{
    uint64_t ns = 0;
    if (!pyr_option_duration("interval", value, &ns, err)) {
        return false;
    }
    const double rate = ns == 0 ? 0 : 1e9 / (double)ns;
    if (ns == 0 || rate < 1 || rate > PYR_RECORD_MAX_RATE) {
        return pyr_err_set(err, PYR_ERR_USAGE, "--interval takes a time from 10us to 1s; not '%s'",
                           value);
    }
    options->recorder.sampler.rate = (uint32_t)(rate + 0.5);
    return true;
}

static bool set_mode(struct pyr_record_options *options, const char *value, struct pyr_err *err)
{
    static const struct {
        const char *name;
        enum pyr_sampler_mode mode;
    } modes[] = {{"auto", PYR_SAMPLER_AUTO},
                 {"frozen", PYR_SAMPLER_FROZEN},
                 {"compared", PYR_SAMPLER_COMPARED},
                 {"stopped", PYR_SAMPLER_STOPPED}};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(modes[i].name, value) == 0) {
            options->recorder.sampler.mode = modes[i].mode;
            return true;
        }
    }
    return pyr_err_set(err, PYR_ERR_USAGE,
                       "--mode takes auto, frozen, compared or stopped, not '%s'", value);
}

/* More than 100 where several threads run at once outside of the GIL, or several processes. */
static bool set_trigger(struct pyr_record_options *options, const char *value, struct pyr_err *err)
{
    char *end = NULL;
    const double percent = strtod(value, &end);
    end += strspn(end, " %");
    options->trigger_cpu = percent / 100;
    return (end != value && *end == '\0' && isfinite(percent) && percent > 0 &&
            percent <= 100.0 * MAX_CPUS) ||
           pyr_err_set(err, PYR_ERR_USAGE,
                       "--trigger-cpu takes a share of one CPU, such as 80%% or 250%%; not '%s'",
                       value);
}

/* Options of what is looked at, and how. */
static bool set_sampling(struct pyr_record_options *options, int id, const char *value,
                         struct pyr_err *err)
{
    struct pyr_recorder_options *recorder = &options->recorder;
    switch (id) {
    case RATE:
        return set_rate(options, value, err);
    case INTERVAL:
        return set_interval(options, value, err);
    case SUBPROCESSES:
        recorder->subprocesses = true;
        recorder->collect.processes = true;
        return true;
    case IDLE:
        recorder->collect.idle = true;
        return true;
    case GIL:
        recorder->collect.gil = true;
        recorder->sampler.only_gil = true;
        return true;
    case CPU:
        recorder->collect.cpu = true;
        recorder->sampler.cpu = true;
        return true;
    case NATIVE:
        recorder->sampler.native = true;
        return pyr_native_available(err);
    case MODE:
        return set_mode(options, value, err);
    case BLOCKING:
        recorder->sampler.mode = PYR_SAMPLER_STOPPED;
        options->nonblocking = false;
        return true;
    default: /* NONBLOCKING */
        if (recorder->sampler.mode == PYR_SAMPLER_STOPPED) {
            recorder->sampler.mode = PYR_SAMPLER_AUTO;
        }
        options->nonblocking = true;
        return true;
    }
}

/* Options of what is written and shown. */
static bool set_writing(struct pyr_record_options *options, int id, const char *value,
                        struct pyr_err *err)
{
    struct pyr_collect_options *collect = &options->recorder.collect;
    switch (id) {
    case OUTPUT:
        options->show.output = value;
        return true;
    case FORMAT:
        options->show.format = value;
        return pyr_format_find(value, err) != NULL;
    case THREADS:
        collect->threads = true;
        return true;
    case ASYNC:
        collect->tasks = true;
        return true;
    case FUNCTION:
        collect->functions = true;
        return true;
    case NO_LINES:
    case NO_LINE_NUMBERS:
        collect->no_lines = true;
        return true;
    case FULL_FILES:
        collect->full_files = true;
        options->show.options.full_paths = true;
        return true;
    case NODE_LIMIT:
        return pyr_option_number("node-limit", value, 1, &collect->node_limit, err);
    case NO_REPORT:
        options->no_report = true;
        return true;
    default: /* QUIET */
        options->quiet = true;
        return true;
    }
}

static bool set(void *settings, int id, const char *value, struct pyr_err *err)
{
    struct pyr_record_options *options = settings;
    switch (id) {
    case PID:
        return set_pid(options, value, err);
    case MODULE:
    case CODE:
        options->target = id == MODULE ? PYR_RECORD_MODULE : PYR_RECORD_CODE;
        options->program = value;
        return true;
    case PYTHON:
        options->python = value;
        return true;
    case DURATION:
        options->duration_ns = 0;
        return strcmp(value, "unlimited") == 0 ||
               pyr_option_span("duration", value, &options->duration_ns, err);
    case EVERY:
        return pyr_option_span("every", value, &options->every_ns, err);
    case KEEP_LAST:
        return pyr_option_span("keep-last", value, &options->recorder.keep_last_ns, err);
    case TRIGGER_CPU:
        return set_trigger(options, value, err);
    case OUTPUT:
    case FORMAT:
    case THREADS:
    case ASYNC:
    case FUNCTION:
    case NO_LINES:
    case NO_LINE_NUMBERS:
    case FULL_FILES:
    case NODE_LIMIT:
    case NO_REPORT:
    case QUIET:
        return set_writing(options, id, value, err);
    default:
        return id >= PYR_SHOW_FIRST_ID ? pyr_show_set(&options->show, id, value, err)
                                       : set_sampling(options, id, value, err);
    }
}

static void init(struct pyr_record_options *options)
{
    *options = (struct pyr_record_options){
        .target = PYR_RECORD_PID,
        .recorder = {.sampler = {.rate = PYR_RECORD_DEFAULT_RATE,
                                 .max_depth = PYR_STACK_DEFAULT_DEPTH,
                                 .gc = true}},
    };
    pyr_show_init(&options->show);
}

static bool parse(struct pyr_record_options *options, bool program, int argc, char **argv,
                  struct pyr_err *err)
{
    struct pyr_option_words words;
    const struct pyr_option_reader reader = {pyr_record_option_tables, program, set, options};
    if (!pyr_options_parse(&reader, argc, argv, &words, err)) {
        return false;
    }
    options->help = options->help || words.help;
    options->argc = words.argc;
    options->argv = words.argv;
    return true;
}

static bool check_script(struct pyr_record_options *options, struct pyr_err *err)
{
    struct stat status;
    options->target = PYR_RECORD_SCRIPT;
    options->program = options->argv[0];
    options->argc--;
    options->argv++;
    if (stat(options->program, &status) != 0 || access(options->program, R_OK) != 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "no script %s: %s; for another program: pyrometer record -- %s",
                           options->program, strerror(errno), options->program);
    }
    return true;
}

/* What stands where the program does: a process's number, or a script with its arguments. */
static bool find_target(struct pyr_record_options *options, struct pyr_err *err)
{
    if (options->target != PYR_RECORD_PID) { /* -m or -c: all that follows is the program's */
        return options->pid == 0 ||
               pyr_err_set(err, PYR_ERR_USAGE, "a process and a program at once: leave out one");
    }
    if (options->argc == 0) {
        return options->pid != 0 ||
               pyr_err_set(err, PYR_ERR_USAGE,
                           "what shall be recorded? pyrometer record PID, script.py, -m module or "
                           "-- command");
    }
    uint32_t pid = 0;
    const char *word = options->argv[0];
    if (options->pid != 0) {
        return pyr_err_set(err, PYR_ERR_USAGE, "process %u and '%s' at once: one of them at a time",
                           (unsigned)options->pid, word);
    }
    if (!read_pid(word, &pid) || access(word, F_OK) == 0) {
        return check_script(options, err);
    }
    if (!set_pid(options, word, err) ||
        !parse(options, false, options->argc - 1, options->argv + 1, err)) {
        return false;
    }
    return options->argc == 0 || options->help ||
           pyr_err_set(err, PYR_ERR_USAGE, "process %u and '%s' at once: one of them at a time",
                       (unsigned)pid, options->argv[0]);
}

static bool check_rest(struct pyr_record_options *options, struct pyr_err *err)
{
    struct pyr_recorder_options *recorder = &options->recorder;
    const struct pyr_format *format = pyr_format_to_write(
        options->show.output == NULL ? "" : options->show.output, options->show.format, err);
    if (format == NULL) {
        return false;
    }
    if (options->trigger_cpu > 0 && recorder->keep_last_ns == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "--trigger-cpu says when to write what --keep-last keeps: give both");
    }
    if (options->every_ns > 0 && recorder->keep_last_ns > 0) {
        return pyr_err_set(err, PYR_ERR_USAGE, "--every and --keep-last don't go together");
    }
    if (recorder->sampler.native && options->nonblocking) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "--native and --nonblocking don't go together: C stacks can only be "
                           "read while the program is stopped");
    }
    if (recorder->sampler.native && (recorder->sampler.mode == PYR_SAMPLER_FROZEN ||
                                     recorder->sampler.mode == PYR_SAMPLER_COMPARED)) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "--native needs the program stopped: --mode stopped");
    }
    if (recorder->collect.gil && recorder->collect.idle) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "--gil and --idle don't go together: who holds the GIL is not idle");
    }
    recorder->starting = options->target != PYR_RECORD_PID;
    return pyr_show_check(&options->show, !recorder->collect.cpu, recorder->collect.cpu, err);
}

/* Where "--" stands before any program: what follows is a command. 0: it does not. */
static int find_command(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            return i + 1;
        }
    }
    return 0;
}

/* Are there only options before "--"? Reading them puts the words in order, so a copy is read. */
static bool is_command(struct pyr_record_options *options, int before, char **argv, bool *is,
                       struct pyr_err *err)
{
    struct pyr_err ignored = {0};
    char **copy = pyr_mem_alloc(((size_t)before + 1) * sizeof *copy);
    if (copy == NULL) {
        return pyr_err_nomem(err);
    }
    memcpy(copy, argv, (size_t)before * sizeof *copy);
    *is = parse(options, true, before, copy, &ignored) && options->argc == 0 &&
          options->target == PYR_RECORD_PID && !options->help;
    options->argv = NULL;
    pyr_mem_free(copy);
    return true;
}

bool pyr_record_options_read(struct pyr_record_options *options, int argc, char **argv,
                             struct pyr_err *err)
{
    const int command = find_command(argc, argv);
    bool is = false;
    init(options);
    if (command > 0 && !is_command(options, command - 1, argv, &is, err)) {
        return false;
    }
    if (is) {
        if (command == argc || options->pid != 0) {
            return pyr_err_set(err, PYR_ERR_USAGE,
                               options->pid != 0 ? "a process and a command at once: leave out one"
                                                 : "which command? pyrometer record -- command …");
        }
        options->target = PYR_RECORD_COMMAND;
        options->program = argv[command];
        options->argc = argc - command - 1;
        options->argv = argv + command + 1;
        return check_rest(options, err);
    }
    init(options);
    return parse(options, true, argc, argv, err) &&
           (options->help ||
            (find_target(options, err) && (options->help || check_rest(options, err))));
}
