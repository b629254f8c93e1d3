/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Events from CPython 3.12 on: sys.monitoring, with callables that the interpreter enters through
 * their vectorcall slot, which spares it a Python-level function call's checks: 16 ns per call. */
#include "probe/compat.h"

#if PY_VERSION_HEX >= 0x030C0000

#include <string.h>

#include "probe/event.h"
#include "probe/module.h"

/* sys.monitoring.PROFILER_ID */
#define TOOL_ID 2

static PyObject *disable; /* sys.monitoring.DISABLE, owned for good */

struct callback {
    PyObject_HEAD vectorcallfunc call;
};

/* None is immortal from 3.12 on: handing it out needs no count. */
PYR_INLINE PyObject *answer(bool excluded)
{
    return PYR_UNLIKELY(excluded) ? Py_NewRef(disable) : Py_None;
}

/* A PyMethodDef names a builtin: the same one whether called bound or through its type. */
PYR_INLINE const void *builtin_key(PyObject *callable)
{
    if (PyCFunction_Check(callable)) {
        return ((PyCFunctionObject *)callable)->m_ml;
    }
    if (Py_IS_TYPE(callable, &PyMethodDescr_Type)) {
        return ((PyMethodDescrObject *)callable)->d_method;
    }
    return NULL;
}

#define CALLBACK(name)                                                                             \
    static PyObject *name(PyObject *self, PyObject *const *args, size_t count, PyObject *keywords)

PYR_INLINE PyObject *start(PyObject *code, bool resumed, bool cpu)
{
    struct pyr_callee callee = {
        .key = code, .object = code, .frame_runs = true, .resumed = resumed};
    return answer(!pyr_event_enter(callee, cpu));
}

/* An asynchronous generator yields to who waits for it, too: its items come wrapped. */
static bool is_item(PyObject *value)
{
    return strcmp(Py_TYPE(value)->tp_name, "async_generator_wrapped_value") == 0;
}

PYR_INLINE PyObject *yield(PyObject *const *args, bool cpu)
{
    unsigned flags = 0;
    if (PYR_UNLIKELY((((PyCodeObject *)args[0])->co_flags & PYR_COROUTINE_FLAGS) != 0)) {
        flags = is_item(args[2]) ? 0 : PYR_LEFT_AWAITING;
    }
    return answer(pyr_event_leave(args[0], flags, cpu));
}

PYR_INLINE PyObject *call_builtin(PyObject *callable, bool cpu)
{
    const void *key = builtin_key(callable);
    if (key != NULL) {
        struct pyr_callee callee = {.key = key, .object = callable, .builtin = true};
        (void)pyr_event_enter(callee, cpu);
    }
    return Py_None;
}

PYR_INLINE PyObject *leave_builtin(PyObject *const *args, bool cpu)
{
    const void *key = builtin_key(args[2]);
    const struct pyr_node *cur = pyr_slot.cur;
    /* Some releases name a bound method in CALL and what it wraps in C_RETURN: where the caller
     * itself is current, no builtin was entered, and none is left. */
    bool entered = cur == NULL || !pyr_key_matches(cur->key, args[0]);
    if (key != NULL && entered) {
        (void)pyr_event_leave(key, PYR_LEFT_BUILTIN, cpu);
    }
    return Py_None;
}

CALLBACK(on_start)
{
    (void)self, (void)count, (void)keywords;
    return start(args[0], false, false);
}

CALLBACK(on_resume)
{
    (void)self, (void)count, (void)keywords;
    return start(args[0], true, false);
}

CALLBACK(on_return)
{
    (void)self, (void)count, (void)keywords;
    return answer(pyr_event_leave(args[0], 0, false));
}

CALLBACK(on_yield)
{
    (void)self, (void)count, (void)keywords;
    return yield(args, false);
}

CALLBACK(on_call)
{
    (void)self, (void)count, (void)keywords;
    return call_builtin(args[2], false);
}

CALLBACK(on_c_return)
{
    (void)self, (void)count, (void)keywords;
    return leave_builtin(args, false);
}

CALLBACK(on_start_cpu)
{
    (void)self, (void)count, (void)keywords;
    return start(args[0], false, true);
}

CALLBACK(on_resume_cpu)
{
    (void)self, (void)count, (void)keywords;
    return start(args[0], true, true);
}

CALLBACK(on_return_cpu)
{
    (void)self, (void)count, (void)keywords;
    return answer(pyr_event_leave(args[0], 0, true));
}

CALLBACK(on_yield_cpu)
{
    (void)self, (void)count, (void)keywords;
    return yield(args, true);
}

CALLBACK(on_call_cpu)
{
    (void)self, (void)count, (void)keywords;
    return call_builtin(args[2], true);
}

CALLBACK(on_c_return_cpu)
{
    (void)self, (void)count, (void)keywords;
    return leave_builtin(args, true);
}

/* PY_THROW and PY_UNWIND are rare, and can't be disabled for one function. */
CALLBACK(on_throw)
{
    (void)self, (void)count, (void)keywords;
    (void)pyr_event_enter_slow(args[0], args[0], NULL, PYR_CALLEE_RESUMED | PYR_CALLEE_FRAME_RUNS);
    return Py_None;
}

CALLBACK(on_unwind)
{
    (void)self, (void)count, (void)keywords;
    (void)pyr_event_leave_slow(args[0], 0);
    return Py_None;
}

/* With a filter, a builtin counts only where the running function does; where not, never again.
 * A disabled call has no C_RETURN either. */
CALLBACK(on_call_filtered)
{
    if (!pyr_slot_is_caller(&pyr_slot, args[0], false)) {
        return answer(true);
    }
    return on_call(self, args, count, keywords);
}

CALLBACK(on_c_return_filtered)
{
    if (!pyr_slot_is_caller(&pyr_slot, args[0], true)) {
        return Py_None;
    }
    return on_c_return(self, args, count, keywords);
}

static PyTypeObject callback_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyrometer._probe.callback",
    .tp_basicsize = sizeof(struct callback),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(struct callback, call),
    .tp_call = PyVectorcall_Call,
};

struct event {
    const char *name;
    vectorcallfunc call;
    vectorcallfunc cpu;      /* with CPU times */
    vectorcallfunc filtered; /* NULL: the same */
    bool builtin;            /* only with builtins */
    bool ancillary;          /* comes with CALL; can't be set by itself */
};

static const struct event events[] = {
    {"PY_START", on_start, on_start_cpu, NULL, false, false},
    {"PY_RESUME", on_resume, on_resume_cpu, NULL, false, false},
    {"PY_THROW", on_throw, on_throw, NULL, false, false},
    {"PY_RETURN", on_return, on_return_cpu, NULL, false, false},
    {"PY_YIELD", on_yield, on_yield_cpu, NULL, false, false},
    {"PY_UNWIND", on_unwind, on_unwind, NULL, false, false},
    {"CALL", on_call, on_call_cpu, on_call_filtered, true, false},
    {"C_RETURN", on_c_return, on_c_return_cpu, on_c_return_filtered, true, true},
    {"C_RAISE", on_c_return, on_c_return_cpu, on_c_return_filtered, true, true},
};
#define EVENT_COUNT (sizeof events / sizeof events[0])

/* Borrowed. */
static PyObject *monitoring(void)
{
    PyObject *module = PySys_GetObject("monitoring");
    if (module == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "sys.monitoring is missing in this interpreter");
    }
    return module;
}

static long event_bit(PyObject *module, const char *name)
{
    PyObject *names = PyObject_GetAttrString(module, "events");
    PyObject *value = names != NULL ? PyObject_GetAttrString(names, name) : NULL;
    long bit = value != NULL ? PyLong_AsLong(value) : -1;
    Py_XDECREF(value);
    Py_XDECREF(names);
    return bit;
}

/* `call` NULL takes the callback away. */
static bool set_callback(PyObject *module, long bit, vectorcallfunc call)
{
    PyObject *object = Py_None;
    if (call != NULL) {
        struct callback *callback = PyObject_New(struct callback, &callback_type);
        if (callback == NULL) {
            return false;
        }
        callback->call = call;
        object = (PyObject *)callback;
    } else {
        Py_INCREF(object);
    }
    PyObject *old = PyObject_CallMethod(module, "register_callback", "ilO", TOOL_ID, bit, object);
    Py_DECREF(object);
    Py_XDECREF(old);
    return old != NULL;
}

static bool call_tool(PyObject *module, const char *method, PyObject *args)
{
    PyObject *function = args != NULL ? PyObject_GetAttrString(module, method) : NULL;
    PyObject *result = function != NULL ? PyObject_Call(function, args, NULL) : NULL;
    Py_XDECREF(function);
    Py_XDECREF(args);
    Py_XDECREF(result);
    return result != NULL;
}

static bool claim_tool(PyObject *module, const struct pyr_trace *trace)
{
    PyObject *owner = PyObject_CallMethod(module, "get_tool", "i", TOOL_ID);
    if (owner == NULL) {
        return false;
    }
    if (owner != Py_None) {
        PyErr_Format(pyr_error_class(PYR_ERR_USAGE),
                     "another profiler (%S) is active in this process: stop it first", owner);
        Py_DECREF(owner);
        return false;
    }
    Py_DECREF(owner);
    return call_tool(module, "use_tool_id",
                     Py_BuildValue("(is)", TOOL_ID, trace->options.tool_name));
}

static bool set_events(PyObject *module, const struct pyr_trace *trace)
{
    long all = 0;
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        const struct event *event = &events[i];
        long bit = event_bit(module, event->name);
        if (event->builtin && !trace->options.builtins && !pyr_trace_watches_builtins(trace)) {
            continue;
        }
        vectorcallfunc call = trace->options.clock != PYR_CHOOSE_WALL ? event->cpu : event->call;
        if (trace->filtered && event->filtered != NULL) {
            call = event->filtered;
        }
        if (bit < 0 || !set_callback(module, bit, call)) {
            return false;
        }
        all |= event->ancillary ? 0 : bit;
    }
    /* What an earlier trace disabled for good was for its filter, not for ours. */
    return call_tool(module, "restart_events", PyTuple_New(0)) &&
           call_tool(module, "set_events", Py_BuildValue("(il)", TOOL_ID, all));
}

static bool ready(PyObject *module)
{
    if (disable == NULL) {
        disable = PyObject_GetAttrString(module, "DISABLE");
    }
    return disable != NULL && PyType_Ready(&callback_type) == 0;
}

bool pyr_events_install(struct pyr_trace *trace)
{
    PyObject *module = monitoring();
    if (module == NULL || !ready(module) || !claim_tool(module, trace)) {
        return false;
    }
    if (set_events(module, trace)) {
        return true;
    }
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    pyr_events_remove(trace);
    PyErr_Restore(type, value, traceback);
    return false;
}

void pyr_events_remove(struct pyr_trace *trace)
{
    (void)trace;
    PyObject *module = monitoring();
    bool ok = module != NULL && call_tool(module, "set_events", Py_BuildValue("(ii)", TOOL_ID, 0));
    for (size_t i = 0; ok && i < EVENT_COUNT; i++) {
        ok = set_callback(module, event_bit(module, events[i].name), NULL);
    }
    if (!ok || !call_tool(module, "free_tool_id", Py_BuildValue("(i)", TOOL_ID))) {
        PyErr_WriteUnraisable(module);
    }
}

size_t pyr_events_stack_reserve(size_t size)
{
    (void)size;
    return 0; /* they use none */
}

bool pyr_events_slow_instructions(bool builtins)
{
    (void)builtins;
    return false;
}

void pyr_events_attach_thread(struct pyr_trace *trace)
{
    (void)trace;
}

#endif
