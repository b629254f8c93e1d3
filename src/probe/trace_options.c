/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/trace_options.h"

#include <string.h>

#include "base/mem.h"
#include "probe/callbacks.h"
#include "probe/module.h"

#define MAX_CONTEXT_LIMIT 1000000
#define MAX_TIMELINE 1000000000

/* A tuple of str made of any iterable of str, or NULL for an empty one; false with an exception. */
static bool take_patterns(PyObject *patterns, PyObject **out)
{
    *out = NULL;
    if (patterns == NULL || patterns == Py_None) {
        return true;
    }
    PyObject *tuple =
        PyUnicode_Check(patterns) ? PyTuple_Pack(1, patterns) : PySequence_Tuple(patterns);
    if (tuple == NULL) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (!PyUnicode_Check(PyTuple_GET_ITEM(tuple, i))) {
            PyErr_SetString(PyExc_TypeError, "include and exclude take module names as str");
            Py_DECREF(tuple);
            return false;
        }
    }
    if (PyTuple_GET_SIZE(tuple) > 0) {
        *out = tuple;
    } else {
        Py_DECREF(tuple);
    }
    return true;
}

/* What __init__ was given, borrowed, before any of it is checked. */
struct arguments {
    int builtins;
    const char *threads;
    const char *clock;
    int tasks;
    int greenlets;
    PyObject *tag;
    PyObject *context;
    PyObject *context_name;
    long long context_limit;
    long long timeline;
    PyObject *include;
    PyObject *exclude;
    long long node_limit;
    PyObject *path;
    PyObject *timer;
    double timeunit;
    const char *tool_name;
    int seed;
    const char *command;
    int calibrate;
};

static bool parse(PyObject *args, PyObject *keywords, struct arguments *given)
{
    static char *names[] = {
        "builtins",  "threads",   "include", "exclude",      "node_limit",    "path",     "timer",
        "timeunit",  "tool_name", "seed",    "command",      "calibrate",     "clock",    "tasks",
        "greenlets", "tag",       "context", "context_name", "context_limit", "timeline", NULL};
    *given = (struct arguments){.builtins = 1,
                                .threads = "all",
                                .tool_name = "pyrometer",
                                .seed = 1,
                                .command = "",
                                .calibrate = 1,
                                .clock = "wall",
                                .tasks = 1,
                                .greenlets = 1};
    return PyArg_ParseTupleAndKeywords(
        args, keywords, "|$psOOLOOdspspsppOOOLL:Tracer", names, &given->builtins, &given->threads,
        &given->include, &given->exclude, &given->node_limit, &given->path, &given->timer,
        &given->timeunit, &given->tool_name, &given->seed, &given->command, &given->calibrate,
        &given->clock, &given->tasks, &given->greenlets, &given->tag, &given->context,
        &given->context_name, &given->context_limit, &given->timeline);
}

/* The place of `word` among `words`; -1 with an exception. */
static int choose(const char *option, const char *word, const char *const words[3])
{
    for (int i = 0; i < 3; i++) {
        if (strcmp(word, words[i]) == 0) {
            return i;
        }
    }
    PyErr_Format(pyr_error_class(PYR_ERR_USAGE), "%s is \"%s\", \"%s\" or \"%s\", not \"%s\"",
                 option, words[0], words[1], words[2], word);
    return -1;
}

static bool check_limits(const struct arguments *given)
{
    if (given->node_limit < 0 || given->node_limit > (long long)UINT32_MAX / 4) {
        PyErr_SetString(pyr_error_class(PYR_ERR_USAGE),
                        "node_limit is a count of call paths, from 1 to 1000000000 (0: the usual)");
        return false;
    }
    if (given->context_limit < 0 || given->context_limit > MAX_CONTEXT_LIMIT) {
        PyErr_SetString(pyr_error_class(PYR_ERR_USAGE),
                        "context_limit is a count of tasks, greenlets or tags, from 1 to 1000000 "
                        "(0: the usual)");
        return false;
    }
    if (given->timeline < 0 || given->timeline > MAX_TIMELINE) {
        PyErr_SetString(pyr_error_class(PYR_ERR_USAGE),
                        "timeline is a count of events to keep, from 1 to 1000000000 (0: none)");
        return false;
    }
    return true;
}

/* A new reference for anything but None, if it will do. */
static bool take_callback(PyObject *given, bool variable_allowed, const char *name, PyObject **out)
{
    *out = NULL;
    if (given == NULL || given == Py_None) {
        return true;
    }
    if (!pyr_callbacks_check(given, variable_allowed, name)) {
        return false;
    }
    Py_INCREF(given);
    *out = given;
    return true;
}

/* Of a context variable that may not be there yet. */
static bool take_path(PyObject *given, PyObject **out)
{
    Py_ssize_t len = PyUnicode_GET_LENGTH(given);
    Py_ssize_t colon = PyUnicode_FindChar(given, ':', 0, len, 1);
    if (colon <= 0 || colon == len - 1) {
        PyErr_Format(pyr_error_class(PYR_ERR_USAGE),
                     "a tag is named as MODULE:NAME, such as myapp.web:request_id, not \"%U\"",
                     given);
        return false;
    }
    Py_INCREF(given);
    *out = given;
    return true;
}

static bool take_callbacks(const struct arguments *given, struct pyr_trace_options *options)
{
    return take_callback(given->context, false, "context", &options->context) &&
           take_callback(given->context_name, false, "context_name", &options->context_name);
}

static bool take_choices(const struct arguments *given, struct pyr_trace_options *options)
{
    static const char *const clocks[] = {"wall", "cpu", "both"};
    static const char *const threads[] = {"all", "current", "context"};
    int clock = choose("clock", given->clock, clocks);
    int which = clock >= 0 ? choose("threads", given->threads, threads) : -1;
    if (which < 0) {
        return false;
    }
    options->clock = (enum pyr_clock_choice)clock;
    options->which = (enum pyr_which_contexts)which;
    if (options->timer != NULL && (clock != PYR_CHOOSE_WALL || options->timeline > 0)) {
        PyErr_SetString(pyr_error_class(PYR_ERR_USAGE),
                        "a timer of one's own goes with neither a CPU clock nor a timeline");
        return false;
    }
    if (given->tag != NULL && PyUnicode_Check(given->tag)) {
        return take_path(given->tag, &options->tag_path) && take_callbacks(given, options);
    }
    return take_callback(given->tag, true, "tag", &options->tag) && take_callbacks(given, options);
}

static bool take_options(const struct arguments *given, struct pyr_trace_options *options)
{
    *options = (struct pyr_trace_options){
        .builtins = given->builtins != 0,
        .tasks = given->tasks != 0,
        .greenlets = given->greenlets != 0,
        .timeline = (uint32_t)given->timeline,
        .context_limit =
            given->context_limit != 0 ? (uint32_t)given->context_limit : PYR_CONTEXT_LIMIT,
        .seed = given->seed != 0,
        .calibrate = given->calibrate != 0,
        .node_limit = given->node_limit != 0 ? (uint32_t)given->node_limit : PYR_TRACE_NODE_LIMIT,
        .timeunit = given->timeunit,
    };
    if (given->timer != NULL && given->timer != Py_None) {
        Py_INCREF(given->timer);
        options->timer = given->timer;
    }
    if (!take_choices(given, options) || !take_patterns(given->include, &options->include) ||
        !take_patterns(given->exclude, &options->exclude)) {
        return false;
    }
    options->tool_name = pyr_mem_strdup(given->tool_name);
    options->command = pyr_mem_strdup(given->command);
    bool enough = options->tool_name != NULL && options->command != NULL;
    if (given->path != NULL && given->path != Py_None) {
        PyObject *bytes = NULL;
        if (!PyUnicode_FSConverter(given->path, &bytes)) {
            return false;
        }
        options->path = pyr_mem_strdup(PyBytes_AS_STRING(bytes));
        Py_DECREF(bytes);
        enough = enough && options->path != NULL;
    }
    if (!enough) {
        PyErr_NoMemory();
    }
    return enough;
}

bool pyr_trace_options_parse(struct pyr_trace_options *options, PyObject *args, PyObject *keywords)
{
    struct arguments given;
    if (!parse(args, keywords, &given) || !check_limits(&given)) {
        return false;
    }
    if (!take_options(&given, options)) {
        pyr_trace_options_release(options);
        return false;
    }
    return true;
}
