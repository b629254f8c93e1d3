/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* pyrometer._probe.Tracer: a trace as a Python object. Its signatures are in
 * python/pyrometer/_probe.pyi. */
#include "probe/module.h"

#include "probe/callbacks.h"
#include "probe/context_figures.h"
#include "probe/drain.h"
#include "probe/exit.h"
#include "probe/figures.h"
#include "probe/trace.h"
#include "probe/trace_options.h"

struct tracer {
    PyObject_HEAD struct pyr_trace *trace; /* owned; NULL until __init__ */
    Py_ssize_t inside;                     /* calls of decorated functions that are going on */
    bool began;                            /* the first of them started the trace */
};

static struct pyr_trace *trace_of(PyObject *self)
{
    struct pyr_trace *trace = ((struct tracer *)self)->trace;
    if (trace == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "Tracer.__init__() was not called");
    }
    return trace;
}

static int tracer_init(PyObject *self, PyObject *args, PyObject *keywords)
{
    struct tracer *tracer = (struct tracer *)self;
    struct pyr_trace_options options;
    if (tracer->trace != NULL && tracer->trace->running) {
        PyErr_SetString(pyr_error_class(PYR_ERR_USAGE), "this trace is running: stop it first");
        return -1;
    }
    if (!pyr_trace_options_parse(&options, args, keywords)) {
        return -1;
    }
    /* Now and not at the start: what is registered after us with atexit runs before us. */
    struct pyr_trace *trace = pyr_exit_watch() ? pyr_trace_new(&options, self) : NULL;
    if (trace == NULL) {
        return -1;
    }
    if (!pyr_change_begin()) {
        pyr_trace_free(trace);
        PyErr_SetString(PyExc_RuntimeError, "a trace is just being started, stopped or looked at");
        return -1;
    }
    struct pyr_trace *old = tracer->trace;
    tracer->trace = trace;
    pyr_change_end();
    pyr_trace_free(old);
    return 0;
}

static void tracer_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    pyr_trace_free(((struct tracer *)self)->trace);
    Py_TYPE(self)->tp_free(self);
}

static int tracer_traverse(PyObject *self, visitproc visit, void *arg)
{
    const struct pyr_trace *trace = ((struct tracer *)self)->trace;
    if (trace != NULL) {
        Py_VISIT(trace->options.timer);
        Py_VISIT(trace->options.tag);
        Py_VISIT(trace->options.context);
        Py_VISIT(trace->options.context_name);
        return pyr_labels_visit(&trace->labels, visit, arg);
    }
    return 0;
}

static int tracer_clear_references(PyObject *self)
{
    struct pyr_trace *trace = ((struct tracer *)self)->trace;
    if (trace != NULL && !trace->running) {
        Py_CLEAR(trace->options.timer);
        Py_CLEAR(trace->options.tag);
        Py_CLEAR(trace->options.context);
        Py_CLEAR(trace->options.context_name);
        pyr_labels_clear_values(&trace->labels);
    }
    return 0;
}

/* Starts, stops or clears, one thread at a time. */
static PyObject *change(PyObject *self, bool (*how)(struct pyr_trace *trace))
{
    struct pyr_trace *trace = trace_of(self);
    if (trace == NULL) {
        return NULL;
    }
    if (!pyr_change_begin()) {
        PyErr_SetString(PyExc_RuntimeError, "a trace is just being started, stopped or looked at");
        return NULL;
    }
    bool ok = how(trace);
    pyr_change_end();
    if (!ok) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *tracer_start(PyObject *self, PyObject *unused)
{
    (void)unused;
    return change(self, pyr_trace_start);
}

static PyObject *tracer_stop(PyObject *self, PyObject *unused)
{
    (void)unused;
    return change(self, pyr_trace_stop);
}

static PyObject *tracer_clear(PyObject *self, PyObject *unused)
{
    (void)unused;
    return change(self, pyr_trace_clear);
}

static PyObject *tracer_enter(PyObject *self, PyObject *unused)
{
    PyObject *done = tracer_start(self, unused);
    if (done == NULL) {
        return NULL;
    }
    Py_DECREF(done);
    Py_INCREF(self);
    return self;
}

/* Around a call of a decorated function; the calls of several threads may overlap. In C, as what a
 * lock of Python's would call is traced itself. */
static bool enter_call(struct tracer *tracer)
{
    if (tracer->inside == 0 && !tracer->trace->running) {
        if (!pyr_trace_start(tracer->trace)) {
            return false;
        }
        tracer->began = true;
    }
    tracer->inside++;
    return true;
}

static bool leave_call(struct tracer *tracer)
{
    if (tracer->inside > 0) {
        tracer->inside--;
    }
    if (tracer->inside > 0 || !tracer->began) {
        return true;
    }
    tracer->began = false;
    return pyr_trace_stop(tracer->trace);
}

/* A call made by a finalizer while this thread starts or stops a trace is not traced. */
static PyObject *around_call(PyObject *self, bool (*step)(struct tracer *tracer))
{
    if (trace_of(self) == NULL) {
        return NULL;
    }
    bool ok = true;
    if (pyr_change_begin()) {
        ok = step((struct tracer *)self);
        pyr_change_end();
    }
    if (!ok) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *tracer_enter_call(PyObject *self, PyObject *unused)
{
    (void)unused;
    return around_call(self, enter_call);
}

static PyObject *tracer_leave_call(PyObject *self, PyObject *unused)
{
    (void)unused;
    return around_call(self, leave_call);
}

static PyObject *tracer_exit(PyObject *self, PyObject *args)
{
    (void)args;
    return tracer_stop(self, NULL);
}

/* Everything so far as a drain of its own; false with an exception. */
static bool drain_all(struct pyr_trace *trace, struct pyr_drain *drain)
{
    struct pyr_err err = {0};
    if (!pyr_drain_init(drain, &err) || !pyr_drain_run(drain, trace, &err)) {
        pyr_drain_release(drain);
        pyr_raise(&err);
        return false;
    }
    return true;
}

static PyObject *tracer_profile(PyObject *self, PyObject *unused)
{
    (void)unused;
    struct pyr_drain drain;
    struct pyr_err err = {0};
    struct pyr_trace *trace = trace_of(self);
    if (trace == NULL || !drain_all(trace, &drain)) {
        return NULL;
    }
    if (!pyr_drain_timeline(&drain, trace, &err)) {
        pyr_drain_release(&drain);
        return pyr_raise(&err);
    }
    struct pyr_profile *profile = drain.profile;
    drain.profile = NULL; /* the Profile's now */
    pyr_drain_release(&drain);
    return pyr_profile_wrap(profile);
}

static PyObject *with_drain(PyObject *self,
                            PyObject *(*make)(const struct pyr_trace *, const struct pyr_drain *))
{
    struct pyr_drain drain;
    struct pyr_trace *trace = trace_of(self);
    if (trace == NULL || !drain_all(trace, &drain)) {
        return NULL;
    }
    PyObject *result = make(trace, &drain);
    pyr_drain_release(&drain);
    return result;
}

static PyObject *tracer_functions(PyObject *self, PyObject *unused)
{
    (void)unused;
    return with_drain(self, pyr_figures_functions);
}

static PyObject *tracer_totals(PyObject *self, PyObject *unused)
{
    (void)unused;
    return with_drain(self, pyr_figures_totals);
}

static PyObject *tracer_edges(PyObject *self, PyObject *unused)
{
    (void)unused;
    return with_drain(self, pyr_figures_edges);
}

static bool begin_looking(void)
{
    bool ok = pyr_change_begin();
    if (!ok) {
        PyErr_SetString(PyExc_RuntimeError, "a trace is just being started, stopped or looked at");
    }
    return ok;
}

/* Making objects may run finalizers, which may not change the trace then. */
static PyObject *look(PyObject *self, PyObject *(*make)(struct pyr_trace *trace))
{
    struct pyr_trace *trace = trace_of(self);
    if (trace == NULL || !begin_looking()) {
        return NULL;
    }
    PyObject *result = make(trace);
    pyr_change_end();
    return result;
}

static PyObject *tracer_records(PyObject *self, PyObject *unused)
{
    (void)unused;
    return look(self, pyr_figures_records);
}

static PyObject *tracer_contexts(PyObject *self, PyObject *unused)
{
    (void)unused;
    return look(self, pyr_figures_contexts);
}

static PyObject *tracer_context_totals(PyObject *self, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"timings", NULL};
    PyObject *timings = Py_None;
    struct pyr_trace *trace = trace_of(self);
    if (trace == NULL ||
        !PyArg_ParseTupleAndKeywords(args, keywords, "|O:context_totals", names, &timings)) {
        return NULL;
    }
    if (timings != Py_None && !PyDict_Check(timings)) {
        PyErr_SetString(PyExc_TypeError, "timings is a dict or None");
        return NULL;
    }
    if (!begin_looking()) {
        return NULL;
    }
    PyObject *result = pyr_figures_context_totals(trace, timings != Py_None ? timings : NULL);
    pyr_change_end();
    return result;
}

/* None takes the callback away. */
static PyObject *set_callback(PyObject *self, PyObject *callback, PyObject **place_in_options,
                              bool variable_allowed, const char *name)
{
    struct pyr_trace *trace = trace_of(self);
    if (callback != Py_None && !pyr_callbacks_check(callback, variable_allowed, name)) {
        return NULL;
    }
    pyr_callbacks_set(trace, place_in_options, callback != Py_None ? callback : NULL);
    Py_RETURN_NONE;
}

static PyObject *tracer_set_tag(PyObject *self, PyObject *callback)
{
    struct pyr_trace *trace = trace_of(self);
    return trace != NULL ? set_callback(self, callback, &trace->options.tag, true, "tag") : NULL;
}

static PyObject *tracer_set_context(PyObject *self, PyObject *callback)
{
    struct pyr_trace *trace = trace_of(self);
    return trace != NULL ? set_callback(self, callback, &trace->options.context, false, "context")
                         : NULL;
}

static PyObject *tracer_set_context_name(PyObject *self, PyObject *callback)
{
    struct pyr_trace *trace = trace_of(self);
    return trace != NULL
               ? set_callback(self, callback, &trace->options.context_name, false, "context_name")
               : NULL;
}

/* For the caller's own bookkeeping: this thread's calls are no part of the trace in between. Gives
 * how it was before. */
static PyObject *set_busy(PyObject *self, bool busy)
{
    struct pyr_trace *trace = trace_of(self);
    if (trace == NULL) {
        return NULL;
    }
    bool was_busy = pyr_slot.busy;
    pyr_slot.busy = busy;
    pyr_trace_cool(trace);
    return PyBool_FromLong(was_busy);
}

static PyObject *tracer_suspend(PyObject *self, PyObject *unused)
{
    (void)unused;
    return set_busy(self, true);
}

static PyObject *tracer_resume(PyObject *self, PyObject *unused)
{
    (void)unused;
    return set_busy(self, false);
}

static PyObject *tracer_running(PyObject *self, void *unused)
{
    (void)unused;
    struct pyr_trace *trace = ((struct tracer *)self)->trace;
    return PyBool_FromLong(trace != NULL && trace->running);
}

static PyObject *tracer_memory(PyObject *self, void *unused)
{
    (void)unused;
    uint64_t bytes = 0;
    struct pyr_trace *trace = trace_of(self);
    if (trace == NULL) {
        return NULL;
    }
    for (const struct pyr_context *home = trace->contexts; home != NULL; home = home->next) {
        bytes += sizeof *home + pyr_calltree_size(&home->tree);
    }
    return Py_BuildValue("(kK)", (unsigned long)trace->nodes, (unsigned long long)bytes);
}

static PyMethodDef tracer_methods[] = {
    {"start", tracer_start, METH_NOARGS, "Start, or go on after a stop."},
    {"stop", tracer_stop, METH_NOARGS, "Stop; does nothing when not running."},
    {"clear", tracer_clear, METH_NOARGS, "Forget what was collected; works while running."},
    {"profile", tracer_profile, METH_NOARGS, "What was collected so far, as a Profile."},
    {"functions", tracer_functions, METH_NOARGS, "Code objects and names, by number."},
    {"totals", tracer_totals, METH_NOARGS, "Figures per function, as cProfile counts."},
    {"edges", tracer_edges, METH_NOARGS, "Figures per caller and callee, as cProfile counts."},
    {"suspend", tracer_suspend, METH_NOARGS, "Leave out this thread's calls; true if they were."},
    {"resume", tracer_resume, METH_NOARGS, "Count this thread's calls again."},
    {"records", tracer_records, METH_NOARGS, "Functions met so far, by number."},
    {"contexts", tracer_contexts, METH_NOARGS, "Threads, greenlets and contexts, by number."},
    {"context_totals", (PyCFunction)(void (*)(void))tracer_context_totals,
     METH_VARARGS | METH_KEYWORDS, "Figures per context, tag and function, as Yappi counts."},
    {"set_tag", tracer_set_tag, METH_O, "Replace the tag's variable or callback."},
    {"set_context", tracer_set_context, METH_O, "Replace the callback that tells contexts."},
    {"set_context_name", tracer_set_context_name, METH_O, "Replace the callback for their names."},
    {"enter_call", tracer_enter_call, METH_NOARGS, "Start, unless it runs; calls may nest."},
    {"leave_call", tracer_leave_call, METH_NOARGS, "Stop after the outermost call, if it started."},
    {"__enter__", tracer_enter, METH_NOARGS, NULL},
    {"__exit__", tracer_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyObject *tracer_tag(PyObject *self, void *unused)
{
    (void)unused;
    const struct pyr_trace *trace = trace_of(self);
    if (trace == NULL) {
        return NULL;
    }
    PyObject *tag = trace->options.tag != NULL ? trace->options.tag : trace->options.tag_path;
    return Py_BuildValue("O", tag != NULL ? tag : Py_None);
}

static PyGetSetDef tracer_attributes[] = {
    {"running", tracer_running, NULL, "Is it collecting now?", NULL},
    {"tag", tracer_tag, NULL, "Variable or callback; MODULE:NAME as long as it is not found.",
     NULL},
    {"memory", tracer_memory, NULL, "(call paths, bytes their trees take)", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyTypeObject tracer_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyrometer._probe.Tracer",
    .tp_basicsize = sizeof(struct tracer),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Traces every call; see pyrometer.trace().",
    .tp_new = PyType_GenericNew,
    .tp_init = tracer_init,
    .tp_dealloc = tracer_dealloc,
    .tp_traverse = tracer_traverse,
    .tp_clear = tracer_clear_references,
    .tp_methods = tracer_methods,
    .tp_getset = tracer_attributes,
};

int pyr_tracer_type_add(PyObject *module)
{
    if (PyType_Ready(&tracer_type) < 0) {
        return -1;
    }
    Py_INCREF(&tracer_type);
    return PyModule_AddObject(module, "Tracer", (PyObject *)&tracer_type);
}
