/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/callbacks.h"

#include "base/mem.h"
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

static bool still_runs(const struct pyr_trace *trace)
{
    return pyr_probe.trace == trace && trace->running;
}

void pyr_callbacks_set(struct pyr_trace *trace, PyObject **place, PyObject *callback)
{
    PyObject *old = *place;
    Py_XINCREF(callback);
    *place = callback;
    pyr_trace_cool(trace);
    Py_XDECREF(old);
}

/* What was raised is told once; the callback is asked no more. */
static void give_up(struct pyr_trace *trace, PyObject **place, PyObject *callback)
{
    PyErr_WriteUnraisable(callback);
    if (still_runs(trace) && *place == callback) {
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

/* The context with the id, made at first sight. NULL when out of memory. */
static struct pyr_context *context_of(struct pyr_trace *trace, int64_t id,
                                      struct pyr_context *native)
{
    struct pyr_err err = {0};
    uint32_t place = pyr_map_get(&trace->context_ids, (uint64_t)id);
    if (place != 0) {
        return trace->by_id[place - 1];
    }
    if (!pyr_mem_grow(&trace->by_id, &trace->by_id_cap, (size_t)trace->by_id_count + 1,
                      sizeof *trace->by_id, &err)) {
        return NULL;
    }
    struct pyr_context *home = pyr_context_take(trace, PYR_THREAD_CONTEXT, native);
    if (home == NULL ||
        !pyr_map_put(&trace->context_ids, (uint64_t)id, trace->by_id_count + 1, &err)) {
        return NULL;
    }
    home->id = id;
    trace->by_id[trace->by_id_count++] = home;
    return home;
}

struct pyr_context *pyr_callbacks_context(struct pyr_trace *trace, struct pyr_slot *slot,
                                          struct pyr_context *native)
{
    PyObject *id = call(trace, slot, &trace->options.context, is_id);
    if (id == NULL || !still_runs(trace)) {
        Py_XDECREF(id);
        return native;
    }
    long long number = PyLong_AsLongLong(id);
    Py_DECREF(id);
    if (trace->only != NULL && number != trace->only->id) {
        return NULL;
    }
    return context_of(trace, number, native);
}

static bool ask_context(struct pyr_trace *trace, struct pyr_slot *slot)
{
    struct pyr_context *native = slot->native;
    struct pyr_context *home = pyr_callbacks_context(trace, slot, native);
    /* Whatever happened meanwhile, `native` is this thread's only as long as it is in the slot. */
    if (!still_runs(trace) || (slot->cur == NULL && !slot->away) || slot->native != native) {
        return false;
    }
    if (trace->options.context != NULL && home != slot->home) {
        pyr_slot_move(trace, slot, home, pyr_event_ticks());
    }
    return true;
}

static bool ask_name(struct pyr_trace *trace, struct pyr_slot *slot)
{
    struct pyr_context *home = slot->home;
    PyObject *name = call(trace, slot, &trace->options.context_name, is_name);
    bool ok = still_runs(trace) && slot->home == home;
    if (ok && name != NULL && name != Py_None) {
        const char *text = PyUnicode_AsUTF8(name);
        pyr_context_set_name(home, text != NULL ? text : "?");
        PyErr_Clear();
    }
    Py_XDECREF(name);
    return ok && slot->cur != NULL;
}

static bool ask_tag(struct pyr_trace *trace, struct pyr_slot *slot)
{
    PyObject *value = NULL;
    if (PyContextVar_CheckExact(trace->options.tag)) {
        if (PyContextVar_Get(trace->options.tag, NULL, &value) < 0) {
            PyErr_Clear();
        }
    } else {
        value = call(trace, slot, &trace->options.tag, is_anything);
        if (!still_runs(trace) || slot->cur == NULL) {
            Py_XDECREF(value);
            return false;
        }
    }
    bool same = slot->tag != NULL && value == slot->tag->object;
    if (!same && (value == NULL || value != slot->tag_value)) {
        slot->busy = true; /* naming a tag may run code of its class */
        slot->tag = value != NULL ? pyr_label_of_tag(trace, value) : NULL;
        slot->busy = false;
        slot->tag_value = slot->tag != NULL && slot->tag->shared ? value : NULL;
    }
    Py_XDECREF(value);
    return still_runs(trace) && slot->cur != NULL;
}

bool pyr_callbacks_ask(struct pyr_trace *trace, struct pyr_slot *slot, bool entering)
{
    if (trace->options.context != NULL && !ask_context(trace, slot)) {
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
