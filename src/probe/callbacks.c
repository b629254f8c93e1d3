/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/callbacks.h"

#include "base/mem.h"
#include "probe/compat.h"
#include "probe/event.h"
#include "probe/module.h"

bool pyr_callbacks_check(PyObject *callback, bool variable_allowed, const char *name)
{
    if (PyCallable_Check(callback) || (variable_allowed && PyContextVar_CheckExact(callback))) {
        return true;
    }
    PyErr_Format(PyExc_TypeError, "%s is a callable%s or None, not %s", name,
                 variable_allowed ? ", a context variable" : "", Py_TYPE(callback)->tp_name);
    return false;
}

void pyr_callbacks_set(struct pyr_trace *trace, PyObject **place, PyObject *callback)
{
    PyObject *old = *place;
    Py_XINCREF(callback);
    *place = callback;
    pyr_trace_cool(trace);
    Py_XDECREF(old);
}

void pyr_callbacks_find_tag(struct pyr_trace *trace)
{
    PyObject *type = NULL;
    PyObject *old = NULL;
    PyObject *traceback = NULL;
    PyErr_Fetch(&type, &old, &traceback);
    PyObject *path = trace->options.tag_path;
    Py_ssize_t colon = PyUnicode_FindChar(path, ':', 0, PyUnicode_GET_LENGTH(path), 1);
    PyObject *name = PyUnicode_Substring(path, 0, colon);
    PyObject *variable = PyUnicode_Substring(path, colon + 1, PyUnicode_GET_LENGTH(path));
    PyObject *modules = PySys_GetObject("modules"); /* borrowed, like all of the next */
    PyObject *module = name != NULL && modules != NULL && PyDict_Check(modules)
                           ? PyDict_GetItem(modules, name)
                           : NULL;
    PyObject *dict = module != NULL && PyModule_Check(module) ? PyModule_GetDict(module) : NULL;
    PyObject *found = dict != NULL && variable != NULL ? PyDict_GetItem(dict, variable) : NULL;
    if (found != NULL && PyContextVar_CheckExact(found)) {
        trace->options.tag_path = NULL;
        Py_DECREF(path);
        pyr_callbacks_set(trace, &trace->options.tag, found);
    }
    Py_XDECREF(variable);
    Py_XDECREF(name);
    PyErr_Restore(type, old, traceback);
}

/* What was raised is told once; the callback is asked no more. */
static void give_up(struct pyr_trace *trace, PyObject **place, PyObject *callback)
{
    bool is_on = pyr_trace_is_on(trace);
    if (is_on && *place == NULL) {
        PyErr_Clear(); /* another thread has told of it meanwhile */
        return;
    }
    PyErr_WriteUnraisable(callback);
    if (pyr_trace_is_on(trace) && *place == callback) {
        pyr_counter_add(&trace->lost_callbacks, 1);
        pyr_callbacks_set(trace, place, NULL);
    }
}

/* Calls it with the slot marked as busy, so that its own calls are no part of the trace, and any
 * raised exception put aside. NULL when it failed. */
static PyObject *call(struct pyr_trace *trace, struct pyr_slot *slot, PyObject **place,
                      bool (*fits)(PyObject *value))
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    PyObject *callback = *place;
    PyErr_Fetch(&type, &value, &traceback);
    Py_INCREF(callback); /* it may be replaced meanwhile */
    PyObject *held = pyr_trace_hold(trace);
    slot->busy = true;
    PyObject *result = PyObject_CallFunctionObjArgs(callback, NULL);
    if (result != NULL && !fits(result)) {
        PyErr_Format(PyExc_TypeError, "a callback of the trace must not return %s",
                     Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    if (result == NULL) {
        give_up(trace, place, callback);
    }
    slot->busy = false; /* reporting what went wrong may have run Python code, too */
    Py_DECREF(callback);
    pyr_trace_let_go(held);
    PyErr_Restore(type, value, traceback);
    return result;
}

static bool is_id(PyObject *value)
{
    if (!PyLong_Check(value)) {
        return false;
    }
    (void)PyLong_AsLongLong(value);
    bool fits = !PyErr_Occurred();
    PyErr_Clear();
    return fits;
}

static bool is_name(PyObject *value)
{
    return PyUnicode_Check(value) || value == Py_None;
}

static bool is_anything(PyObject *value)
{
    (void)value;
    return true;
}

static struct pyr_context *new_context(struct pyr_trace *trace, int64_t id,
                                       struct pyr_context *native)
{
    struct pyr_err err = {0};
    if (!pyr_mem_grow(&trace->by_id, &trace->by_id_cap, (size_t)trace->by_id_count + 1,
                      sizeof *trace->by_id, &err)) {
        return NULL;
    }
    struct pyr_context *home = pyr_context_add(trace, PYR_THREAD_CONTEXT, native, id);
    if (home == NULL ||
        !pyr_map_put(&trace->context_ids, (uint64_t)id, trace->by_id_count + 1, &err)) {
        return NULL;
    }
    trace->by_id[trace->by_id_count++] = home;
    return home;
}

/* What all those beyond the limit share. */
static struct pyr_context *other_context(struct pyr_trace *trace, int64_t id)
{
    if (trace->others == NULL) {
        trace->others = pyr_context_add(trace, PYR_THREAD_CONTEXT, NULL, id);
        if (trace->others == NULL) {
            return NULL;
        }
        PYR_SHARED_SET(trace->others->shared, true);
        pyr_context_set_name(trace->others, "(other contexts)");
    }
    pyr_counter_add(&trace->lost_contexts,
                    pyr_counter_read(&trace->lost_contexts) == 0 || id != trace->other_id);
    trace->other_id = id;
    return trace->others;
}

struct pyr_context *pyr_callbacks_find(struct pyr_trace *trace, int64_t id,
                                       struct pyr_context *native)
{
    uint32_t place = pyr_map_get(&trace->context_ids, (uint64_t)id);
    if (place != 0) {
        return trace->by_id[place - 1];
    }
    if (trace->by_id_count >= trace->options.context_limit) {
        return other_context(trace, id);
    }
    return new_context(trace, id, native);
}

/* False when the callback has none to give, any more. */
static bool ask_id(struct pyr_trace *trace, struct pyr_slot *slot, int64_t *id)
{
    PyObject *value = call(trace, slot, &trace->options.context, is_id);
    if (value == NULL) {
        return false;
    }
    *id = PyLong_AsLongLong(value);
    Py_DECREF(value);
    return true;
}

static struct pyr_context *find_or_leave_out(struct pyr_trace *trace, int64_t id,
                                             struct pyr_context *native)
{
    if (trace->only != NULL && id != trace->only->id) {
        return NULL;
    }
    return pyr_callbacks_find(trace, id, native);
}

struct pyr_context *pyr_callbacks_context(struct pyr_trace *trace, struct pyr_slot *slot,
                                          struct pyr_context *native)
{
    const uint64_t epoch = pyr_probe.epoch;
    int64_t id = 0;
    bool known = ask_id(trace, slot, &id);
    if (!known || pyr_probe.epoch != epoch || !pyr_trace_is_on(trace)) {
        return native;
    }
    return find_or_leave_out(trace, id, native);
}

static bool ask_context(struct pyr_trace *trace, struct pyr_slot *slot)
{
    int64_t id = 0;
    bool known = ask_id(trace, slot, &id);
    /* Whatever happened meanwhile: contexts may be others by now, but the slot is in one of them.
     */
    if (!pyr_trace_is_on(trace) || (slot->cur == NULL && !slot->away)) {
        return false;
    }
    struct pyr_context *home = known ? find_or_leave_out(trace, id, slot->native) : slot->home;
    if (home == slot->home) {
        return true;
    }
    uint64_t now = pyr_event_ticks();
    if (!pyr_trace_is_on(trace) || (slot->cur == NULL && !slot->away)) {
        return false;
    }
    /* A timer of the program's is a callback as well: once more. */
    pyr_slot_move(trace, slot, find_or_leave_out(trace, id, slot->native), now);
    return true;
}

/* Leaves a raised exception as it is. */
static const char *utf8(PyObject *name)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    const char *text = PyUnicode_AsUTF8(name);
    PyErr_Restore(type, value, traceback);
    return text != NULL ? text : "?";
}

static bool ask_name(struct pyr_trace *trace, struct pyr_slot *slot)
{
    const uint64_t epoch = pyr_probe.epoch;
    PyObject *name = call(trace, slot, &trace->options.context_name, is_name);
    bool met = pyr_trace_is_on(trace) && slot->cur != NULL;
    if (met && pyr_probe.epoch == epoch && name != NULL && name != Py_None) {
        pyr_context_set_name(slot->home, utf8(name));
    }
    Py_XDECREF(name);
    return met;
}

static bool ask_tag(struct pyr_trace *trace, struct pyr_slot *slot)
{
    PyObject *value = NULL;
    if (PyContextVar_CheckExact(trace->options.tag)) {
        value = pyr_variable_get(trace->options.tag);
    } else {
        value = call(trace, slot, &trace->options.tag, is_anything);
        if (!pyr_trace_is_on(trace) || slot->cur == NULL) {
            Py_XDECREF(value);
            return false;
        }
    }
    if (slot->tag == NULL || value == NULL || value != slot->tag->object) {
        PyObject *held = pyr_trace_hold(trace);
        slot->busy = true; /* naming a tag may run code of its class */
        struct pyr_label *label = value != NULL ? pyr_label_of_tag(trace, value) : NULL;
        slot->busy = false;
        slot->tag = label; /* of use only while the slot is in this trace */
        pyr_trace_let_go(held);
    }
    Py_XDECREF(value);
    return pyr_trace_is_on(trace) && slot->cur != NULL;
}

/* The callback that told contexts was taken away: back to the thread's own. */
static void go_home(struct pyr_trace *trace, struct pyr_slot *slot)
{
    bool may = trace->options.context == NULL && trace->options.which != PYR_CURRENT_CONTEXT;
    if (may && slot->home != NULL && slot->home->kind == PYR_THREAD_CONTEXT) {
        uint64_t now = pyr_event_ticks();
        if (pyr_trace_is_on(trace) && slot->cur != NULL) {
            pyr_slot_move(trace, slot, slot->native, now);
        }
    }
}

bool pyr_callbacks_ask(struct pyr_trace *trace, struct pyr_slot *slot, bool entering)
{
    if (trace->options.context != NULL && !ask_context(trace, slot)) {
        return false;
    }
    go_home(trace, slot);
    if (!pyr_trace_is_on(trace)) {
        return false;
    }
    if (trace->options.context_name != NULL && slot->cur != NULL && slot->home->named == 0 &&
        !ask_name(trace, slot)) {
        return false;
    }
    if (trace->options.tag != NULL && entering && slot->cur != NULL && !ask_tag(trace, slot)) {
        return false;
    }
    return slot->cur != NULL;
}
