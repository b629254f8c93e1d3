/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/tasks.h"

#include <string.h>

#include "probe/compat.h"
#include "probe/event.h"

/* How far up from _call_soon() the timer's callback is looked for, counting nodes. */
#define MAX_TIMER_DEPTH 12u
/* The rate of the clock is known well enough then. */
#define MIN_RATE_NS 1000000u
#define NS_PER_SECOND 1e9
/* The parameters of _call_soon(self, callback, …) and of Handle._run(self). */
#define SELF 0
#define CALLBACK 1

/* What of asyncio is looked at; all owned, for good once found. */
struct asyncio {
    PyObject *running_loop; /* C function that gives this thread's loop, or None */
    PyObject *current_task; /* C function that gives a loop's task; NULL where `tasks` has all */
    PyObject *tasks;        /* dict: loop -> task that runs; from 3.14 on only tasks in Python */
    PyTypeObject *task;
    PyTypeObject *python_task;
    PyTypeObject *timer;
    PyTypeObject *loop;    /* BaseEventLoop */
    PyTypeObject *wrapper; /* callable that begins a task's first or next step */
    bool wrapper_known;    /* its task is where struct wrapper has it */
    enum { NOT_COMPARED, AGREES, DIFFERS } thread; /* is what compat_asyncio.c reads true? */
    PyTypeObject *clock_type; /* of a loop: does it tell time as BaseEventLoop does? */
    bool clock_own;
};
static struct asyncio asyncio;

/* Names of attributes, as Python has them; owned for good. */
static struct {
    PyObject *self;
    PyObject *loop;
    PyObject *when;
} attribute_names;

struct raised {
    PyObject *type;
    PyObject *value;
    PyObject *traceback;
};

static struct raised set_aside(void)
{
    struct raised raised = {0};
    if (PyErr_Occurred() != NULL) {
        PyErr_Fetch(&raised.type, &raised.value, &raised.traceback);
    }
    return raised;
}

/* In place of what was raised since, if anything. */
static void put_back(struct raised raised)
{
    if (raised.type != NULL || PyErr_Occurred() != NULL) {
        PyErr_Restore(raised.type, raised.value, raised.traceback);
    }
}

static void forget_asyncio(void)
{
    struct asyncio old = asyncio;
    asyncio = (struct asyncio){0};
    Py_XDECREF(old.running_loop);
    Py_XDECREF(old.current_task);
    Py_XDECREF(old.tasks);
    Py_XDECREF(old.task);
    Py_XDECREF(old.python_task);
    Py_XDECREF(old.timer);
    Py_XDECREF(old.loop);
    Py_XDECREF(old.wrapper);
    Py_XDECREF(old.clock_type);
}

/* Borrowed, from a module that is loaded; NULL when it is not, or has no such name. */
static PyObject *member_of(PyObject *modules, const char *module_name, const char *name)
{
    PyObject *module = PyDict_GetItemString(modules, module_name);
    return module != NULL && PyModule_Check(module)
               ? PyDict_GetItemString(PyModule_GetDict(module), name)
               : NULL;
}

static PyTypeObject *type_of(PyObject *modules, const char *module_name, const char *name)
{
    PyObject *found = member_of(modules, module_name, name);
    if (found == NULL || !PyType_Check(found)) {
        return NULL;
    }
    Py_INCREF(found);
    return (PyTypeObject *)found;
}

/* The module's C function. One in Python is of no use: nothing of the program's may run here. */
static PyObject *c_function(PyObject *modules, const char *module_name, const char *name)
{
    PyObject *found = member_of(modules, module_name, name);
    if (found == NULL || !PyCFunction_Check(found)) {
        return NULL;
    }
    Py_INCREF(found);
    return found;
}

/* False while asyncio is not loaded. */
static bool find_asyncio(void)
{
    PyObject *modules = PySys_GetObject("modules"); /* borrowed */
    if (modules == NULL || !PyDict_Check(modules)) {
        return false;
    }
    PyObject *running_loop = c_function(modules, "_asyncio", "_get_running_loop");
    PyObject *tasks = member_of(modules, "asyncio.tasks", "_current_tasks");
    if (running_loop == NULL || tasks == NULL || !PyDict_Check(tasks)) {
        Py_XDECREF(running_loop);
        return false;
    }
    bool one_dict = member_of(modules, "_asyncio", "_current_tasks") == tasks;
    Py_INCREF(tasks);
    asyncio = (struct asyncio){
        .running_loop = running_loop,
        .current_task = one_dict ? NULL : c_function(modules, "_asyncio", "current_task"),
        .tasks = tasks,
        .task = type_of(modules, "_asyncio", "Task"),
        .python_task = type_of(modules, "asyncio.tasks", "_PyTask"),
        .timer = type_of(modules, "asyncio.events", "TimerHandle"),
        .loop = type_of(modules, "asyncio.base_events", "BaseEventLoop"),
    };
    return true;
}

/* Borrowed, or NULL. By identity: asking for the loop's hash could run Python code. There are as
 * many entries as loops that run. */
static PyObject *task_in_dict(PyObject *loop)
{
    PyObject *key = NULL;
    PyObject *task = NULL;
    Py_ssize_t at = 0;
    while (PyDict_Next(asyncio.tasks, &at, &key, &task)) {
        if (key == loop) {
            return task;
        }
    }
    return NULL;
}

/* A new reference, or NULL. */
static PyObject *task_of(PyObject *loop)
{
    PyObject *task = asyncio.current_task != NULL
                         ? PyObject_CallFunctionObjArgs(asyncio.current_task, loop, NULL)
                         : NULL;
    if (task == NULL || task == Py_None) {
        PyErr_Clear();
        Py_XDECREF(task);
        task = task_in_dict(loop);
        Py_XINCREF(task);
    }
    if (task == Py_None) {
        Py_DECREF(task);
        task = NULL;
    }
    return task;
}

/* By asyncio's own functions; a new reference, or NULL. Sees at the first loop that runs whether
 * its notes can be read instead. */
static PyObject *ask_for_task(const struct pyr_trace *trace)
{
    struct raised raised = set_aside();
    PyObject *task = NULL;
    if (asyncio.running_loop != NULL || find_asyncio()) {
        PyObject *loop = PyObject_CallNoArgs(asyncio.running_loop);
        task = loop != NULL && loop != Py_None ? task_of(loop) : NULL;
        if (task != NULL && asyncio.thread == NOT_COMPARED) {
            PyObject *noted = pyr_running_task();
            bool agrees = pyr_running_loop(trace->pid) == loop &&
                          (noted == task || task_in_dict(loop) == task);
            asyncio.thread = agrees ? AGREES : DIFFERS;
        }
        Py_XDECREF(loop);
    }
    put_back(raised);
    return task;
}

/* A new reference, or NULL. */
static PyObject *read_task(const struct pyr_trace *trace)
{
    PyObject *loop = pyr_running_loop(trace->pid);
    PyObject *task = loop != NULL ? pyr_running_task() : NULL;
    if (task == NULL && loop != NULL) {
        task = task_in_dict(loop);
    }
    if (task == Py_None) {
        return NULL;
    }
    Py_XINCREF(task);
    return task;
}

struct pyr_label *pyr_tasks_current(struct pyr_trace *trace)
{
    PyObject *task = asyncio.thread == AGREES ? read_task(trace) : ask_for_task(trace);
    if (task == NULL) {
        return NULL;
    }
    struct pyr_label *label = pyr_label_of_task(trace, task);
    /* Not when it was made: that may be before its name was set. */
    if (label != NULL && !label->shared && !label->named) {
        PyObject *held = pyr_trace_hold(trace);
        label = pyr_label_name_task(&trace->labels, label, task) ? label : NULL;
        pyr_trace_let_go(held);
    }
    Py_DECREF(task);
    return pyr_trace_is_on(trace) ? label : NULL;
}

/* Before 3.11 a function's qualified name may not be known, only its last part. */
static bool is_function(const struct pyr_record *record, const char *module, const char *qualname)
{
    return strcmp(record->module, module) == 0 &&
           (strcmp(record->qualname, qualname) == 0 ||
            (record->unnamed && strcmp(record->qualname, pyr_function_short_name(qualname)) == 0));
}

/* The code could be another release's, or a stranger's. */
static bool has_parameter(PyObject *code, Py_ssize_t number, const char *name)
{
    PyObject *names = PyObject_GetAttrString(code, "co_varnames");
    PyObject *found = names != NULL && PyTuple_Check(names) &&
                              number < ((PyCodeObject *)code)->co_argcount &&
                              number < PyTuple_GET_SIZE(names)
                          ? PyTuple_GET_ITEM(names, number)
                          : NULL; /* borrowed */
    bool found_it = found != NULL && PyUnicode_CompareWithASCIIString(found, name) == 0;
    Py_XDECREF(names);
    return found_it;
}

bool pyr_tasks_watch(struct pyr_trace *trace, const struct pyr_record *record)
{
    if (record->kind != PYR_FUNC_PYTHON ||
        !is_function(record, "asyncio.base_events", "BaseEventLoop._call_soon")) {
        return false;
    }
    struct raised raised = set_aside();
    bool watched = has_parameter(record->object, CALLBACK, "callback");
    put_back(raised);
    if (watched) {
        trace->call_soon = record->key;
        forget_asyncio(); /* it may have been loaded anew since the last trace */
    }
    return watched;
}

/* C code's callable object that knows a task. Programs can't derive from its type, so nothing of
 * theirs is in the way of its attributes. */
static bool is_wrapper(PyObject *callback)
{
    PyTypeObject *type = Py_TYPE(callback);
    if (type == asyncio.wrapper) { /* owned: no other type has its address */
        return true;
    }
    const char *name = pyr_function_short_name(type->tp_name);
    if ((type->tp_flags & Py_TPFLAGS_BASETYPE) != 0 ||
        type->tp_getattro != PyObject_GenericGetAttr ||
        (strcmp(name, "TaskStepMethWrapper") != 0 && strcmp(name, "TaskWakeupMethWrapper") != 0)) {
        return false;
    }
    if (asyncio.wrapper == NULL) {
        Py_INCREF(type);
        asyncio.wrapper = type;
    }
    return true;
}

/* `*name` is made of `text` the first time. */
static PyObject *attribute(PyObject *object, PyObject **name, const char *text)
{
    if (*name == NULL) {
        *name = PyUnicode_InternFromString(text);
    }
    return *name != NULL ? PyObject_GenericGetAttr(object, *name) : NULL;
}

static bool is_task(PyObject *object)
{
    return (asyncio.task != NULL && PyObject_TypeCheck(object, asyncio.task)) ||
           (asyncio.python_task != NULL && PyObject_TypeCheck(object, asyncio.python_task));
}

/* Of a task written in Python. */
static bool is_step_method(PyObject *function)
{
    if (!PyFunction_Check(function)) {
        return false;
    }
    PyObject *name = ((PyCodeObject *)PyFunction_GET_CODE(function))->co_name;
    return PyUnicode_CompareWithASCIIString(name, "__wakeup") == 0 ||
           PyUnicode_CompareWithASCIIString(name, "__step") == 0;
}

/* How a wrapper of C code begins, as far as is known: believed once it agreed with `__self__`. */
struct wrapper {
    PyObject_HEAD PyObject *task;
};

static PyObject *task_of_wrapper(PyObject *callback)
{
    PyObject *noted = Py_TYPE(callback)->tp_basicsize >= (Py_ssize_t)sizeof(struct wrapper)
                          ? ((const struct wrapper *)callback)->task
                          : NULL;
    if (asyncio.wrapper_known && Py_TYPE(callback) == asyncio.wrapper) {
        Py_XINCREF(noted);
        return noted;
    }
    PyObject *task = attribute(callback, &attribute_names.self, "__self__");
    if (Py_TYPE(callback) == asyncio.wrapper) {
        asyncio.wrapper_known = task != NULL && task == noted && is_task(task);
    }
    return task;
}

/* The task that goes on when `callback` is called: a new reference, or NULL. */
static PyObject *task_behind(PyObject *callback)
{
    PyObject *task = NULL;
    if (PyCFunction_Check(callback)) {
        if (strcmp(((PyCFunctionObject *)callback)->m_ml->ml_name, "task_wakeup") == 0) {
            task = PyCFunction_GET_SELF(callback);
        }
        Py_XINCREF(task);
    } else if (PyMethod_Check(callback)) {
        if (is_step_method(PyMethod_GET_FUNCTION(callback))) {
            task = PyMethod_GET_SELF(callback);
        }
        Py_XINCREF(task);
    } else if (is_wrapper(callback)) {
        task = task_of_wrapper(callback);
    }
    if (task != NULL && !is_task(task)) {
        Py_DECREF(task);
        task = NULL;
    }
    return task;
}

/* Is nothing but asyncio's own code between _call_soon(), which is current, and a callback's
 * Handle._run()? Then gives its code and how many frames up it is. What the program did in a
 * callback of its own is not the task's waiting. */
static PyObject *callback_runner(struct pyr_trace *trace, const struct pyr_slot *slot,
                                 uint32_t *frames_up)
{
    const struct pyr_node *node = slot->cur;
    *frames_up = 0;
    if (node != NULL && pyr_key_matches(node->key, trace->call_soon)) {
        node = node->parent;
    }
    for (uint32_t i = 0; node != NULL && i < MAX_TIMER_DEPTH; i++, node = node->parent) {
        if (node->record == 0 || node->record >= PYR_RECORD_LABEL ||
            (pyr_key_tags(node->key) & (PYR_KEY_COROUTINE | PYR_KEY_FOLDED)) != 0) {
            return NULL;
        }
        const struct pyr_record *record = pyr_registry_get(&trace->registry, node->record);
        if (record->kind != PYR_FUNC_PYTHON) {
            continue;
        }
        if (strncmp(record->module, "asyncio.", 8) != 0) {
            return NULL;
        }
        ++*frames_up;
        if (is_function(record, "asyncio.events", "Handle._run")) {
            return record->object;
        }
    }
    return NULL;
}

/* The method that instances of `type` have by that name; borrowed, or NULL. */
static PyObject *method_of(const PyTypeObject *type, const char *name)
{
    PyObject *mro = type->tp_mro;
    for (Py_ssize_t i = 0; mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {
        PyObject *dict = ((PyTypeObject *)PyTuple_GET_ITEM(mro, i))->tp_dict;
        PyObject *found = dict != NULL ? PyDict_GetItemString(dict, name) : NULL;
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

/* A loop may keep another time, as those for tests do. */
static bool tells_monotonic_time(PyObject *timer)
{
    PyObject *loop = attribute(timer, &attribute_names.loop, "_loop");
    if (loop == NULL || asyncio.loop == NULL) {
        Py_XDECREF(loop);
        return false;
    }
    PyTypeObject *type = Py_TYPE(loop);
    if (type != asyncio.clock_type) {
        Py_INCREF(type);
        asyncio.clock_own = method_of(type, "time") == method_of(asyncio.loop, "time");
        Py_XSETREF(asyncio.clock_type, type);
    }
    Py_DECREF(loop);
    return asyncio.clock_own;
}

/* Seconds of CLOCK_MONOTONIC at which the timer was due; 0 when that is not known. */
static double timer_due(PyObject *timer)
{
    /* Of the class itself: a subclass may have put Python code in the way of its attributes. */
    if (asyncio.timer == NULL || Py_TYPE(timer) != asyncio.timer || !tells_monotonic_time(timer)) {
        return 0;
    }
    PyObject *when = attribute(timer, &attribute_names.when, "_when");
    double due = 0;
    if (when != NULL && PyFloat_Check(when)) {
        due = PyFloat_AS_DOUBLE(when);
    } else if (when != NULL && PyLong_Check(when)) {
        due = PyLong_AsDouble(when);
    }
    Py_XDECREF(when);
    return due > 0 ? due : 0;
}

/* How long ago, in ticks, `due` was; 0 where the clocks can't be compared. */
static uint64_t ticks_since(double due, uint64_t now)
{
    const struct pyr_clock_mark first = pyr_probe.first_mark;
    uint64_t ns = pyr_clock_monotonic_ns();
    double late_ns = (double)ns - due * NS_PER_SECOND;
    if (now <= first.ticks || ns < first.ns + MIN_RATE_NS || !(late_ns > 0)) {
        return 0;
    }
    double ticks = late_ns * ((double)(now - first.ticks) / (double)(ns - first.ns));
    return ticks < (double)now ? (uint64_t)ticks : now;
}

/* A task that was waiting could go on since the timer, whose callback wakes it, was due. */
static uint64_t ready_since(struct pyr_trace *trace, const struct pyr_slot *slot,
                            const struct pyr_label *task, uint64_t now)
{
    uint32_t frames_up = 0;
    if (task->ended == 0 || pyr_probe.external) {
        return now;
    }
    PyObject *code = callback_runner(trace, slot, &frames_up);
    PyObject *timer = code != NULL ? pyr_frame_argument(slot->frame, frames_up, code, SELF) : NULL;
    double due = timer != NULL ? timer_due(timer) : 0;
    Py_XDECREF(timer);
    if (due == 0) {
        return now;
    }
    uint64_t ready = now - ticks_since(due, now);
    return ready > task->ended ? ready : task->ended;
}

void pyr_tasks_scheduled(struct pyr_trace *trace, struct pyr_slot *slot, uint64_t now)
{
    struct raised raised = set_aside();
    PyObject *callback = pyr_frame_argument(slot->frame, 0, trace->call_soon, CALLBACK);
    bool known = asyncio.running_loop != NULL || find_asyncio();
    PyObject *task = callback != NULL && known ? task_behind(callback) : NULL;
    if (task != NULL) {
        struct pyr_label *label = pyr_label_of_task(trace, task);
        if (label != NULL && label->began == 0) {
            pyr_counter_set(&label->began, now);
        }
        /* Of those that share a label nobody knows which one runs next. */
        if (label != NULL && !label->shared && label->ready == 0) {
            pyr_counter_set(&label->ready, ready_since(trace, slot, label, now));
        }
    }
    Py_XDECREF(task);
    Py_XDECREF(callback);
    put_back(raised);
}

void pyr_tasks_step_begins(struct pyr_label *task, struct pyr_slot *slot, uint64_t now)
{
    uint64_t ready = task->ready;
    slot->step_starved = 0;
    if (task->began == 0) { /* when it was made is not known */
        pyr_counter_set(&task->began, now);
    }
    pyr_counter_add(&task->switches, 1);
    if (ready == 0) {
        return;
    }
    slot->step_starved = now > ready ? now - ready : 0;
    pyr_counter_add(&task->starved, slot->step_starved);
    PYR_SHARED_SET(task->starved_known, true);
    pyr_counter_set(&task->ready, 0);
}

void pyr_tasks_step_ends(struct pyr_label *task, struct pyr_slot *slot, uint64_t now)
{
    pyr_counter_set(&task->ended, now);
    slot->step_starved = 0;
}
