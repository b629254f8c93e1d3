/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/exit.h"

#include "probe/trace.h"

static PyObject *at_exit(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    if (pyr_probe.trace == NULL || !pyr_change_begin()) {
        Py_RETURN_NONE;
    }
    struct pyr_trace *trace = pyr_probe.trace; /* may have been stopped while we waited */
    PyObject *owner = trace != NULL ? trace->owner : NULL;
    Py_XINCREF(owner);
    bool ok = trace == NULL || pyr_trace_stop(trace);
    pyr_change_end();
    Py_XDECREF(owner);
    if (!ok) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef hook = {"at_exit", at_exit, METH_NOARGS, NULL};

bool pyr_exit_watch(void)
{
    if (pyr_probe.watches_exit) {
        return true;
    }
    PyObject *function = PyCFunction_New(&hook, NULL);
    PyObject *atexit = function != NULL ? PyImport_ImportModule("atexit") : NULL;
    PyObject *result =
        atexit != NULL ? PyObject_CallMethod(atexit, "register", "O", function) : NULL;
    pyr_probe.watches_exit = result != NULL;
    Py_XDECREF(result);
    Py_XDECREF(atexit);
    Py_XDECREF(function);
    return pyr_probe.watches_exit;
}
