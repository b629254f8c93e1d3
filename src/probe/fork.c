/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/fork.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "probe/flush.h"
#include "probe/trace.h"

static PyObject *before_fork(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    if (pyr_probe.trace != NULL && pyr_probe.trace->flush != NULL) {
        pyr_flush_end(pyr_probe.trace->flush);
    }
    Py_RETURN_NONE;
}

static int begin_flush_again(void *unused)
{
    (void)unused;
    if (pyr_probe.trace != NULL && pyr_probe.trace->flush != NULL) {
        pyr_flush_begin(pyr_probe.trace->flush);
    }
    return 0;
}

/* Not at once: from 3.12 on the interpreter counts the process's threads right after a fork and
 * warns of more than one. The pending call runs when fork() has returned to the program, if that is
 * the main thread: else the main thread may wait for long, and there are two threads anyway. */
static PyObject *after_in_parent(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    bool in_main_thread = syscall(SYS_gettid) == getpid();
    if (!in_main_thread || Py_AddPendingCall(begin_flush_again, NULL) < 0) {
        (void)begin_flush_again(NULL);
    }
    Py_RETURN_NONE;
}

static PyObject *after_in_child(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    pyr_trace_forked();
    Py_RETURN_NONE;
}

static PyMethodDef hooks[] = {
    {"before", before_fork, METH_NOARGS, NULL},
    {"after_in_parent", after_in_parent, METH_NOARGS, NULL},
    {"after_in_child", after_in_child, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

bool pyr_fork_watch(void)
{
    bool ok = false;
    if (pyr_probe.watches_fork) {
        return true;
    }
    PyObject *os = PyImport_ImportModule("os");
    PyObject *call = os != NULL ? PyObject_GetAttrString(os, "register_at_fork") : NULL;
    PyObject *args = PyTuple_New(0);
    PyObject *keywords = PyDict_New();
    ok = call != NULL && args != NULL && keywords != NULL;
    for (PyMethodDef *hook = hooks; ok && hook->ml_name != NULL; hook++) {
        PyObject *function = PyCFunction_New(hook, NULL);
        ok = function != NULL && PyDict_SetItemString(keywords, hook->ml_name, function) == 0;
        Py_XDECREF(function);
    }
    PyObject *result = ok ? PyObject_Call(call, args, keywords) : NULL;
    pyr_probe.watches_fork = result != NULL;
    Py_XDECREF(result);
    Py_XDECREF(keywords);
    Py_XDECREF(args);
    Py_XDECREF(call);
    Py_XDECREF(os);
    return pyr_probe.watches_fork;
}
