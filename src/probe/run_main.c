/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Running a program as the interpreter runs one: below no other frame, with its uncaught exception
 * printed the same way, and with the same end of the process. */
#include "probe/module.h"

#include <signal.h>
#include <unistd.h>

#include "probe/compat.h"

/* As the interpreter ends after an uncaught KeyboardInterrupt: by the signal itself, so that a
 * calling shell knows. Runs after finalization. */
static void end_by_sigint(void)
{
    signal(SIGINT, SIG_DFL);
    kill(getpid(), SIGINT);
}

/* The exit status of a program that gave `result`, which is taken over; NULL: it raised. */
static long status_of(PyObject *result)
{
    if (result != NULL) {
        Py_DECREF(result);
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
        Py_AtExit(end_by_sigint);
    }
    PyErr_Print(); /* ends the process on SystemExit, as it would without us */
    return 1;
}

PyObject *pyr_run_main(PyObject *module, PyObject *args)
{
    PyObject *code = NULL;
    PyObject *globals = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!O!:run_main", &PyCode_Type, &code, &PyDict_Type, &globals)) {
        return NULL;
    }
    void *hidden = pyr_frames_hide();
    long status = status_of(PyEval_EvalCode(code, globals, globals));
    pyr_frames_restore(hidden);
    return PyLong_FromLong(status);
}

PyObject *pyr_call_main(PyObject *module, PyObject *args)
{
    PyObject *function = NULL;
    PyObject *arguments = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "OO!:call_main", &function, &PyTuple_Type, &arguments)) {
        return NULL;
    }
    void *hidden = pyr_frames_hide();
    long status = status_of(PyObject_Call(function, arguments, NULL));
    pyr_frames_restore(hidden);
    return PyLong_FromLong(status);
}
