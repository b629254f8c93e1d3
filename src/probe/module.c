/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/module.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "probe/trace.h"

/* Owned by the module, which is never unloaded. */
static struct {
    PyObject *base;
    PyObject *usage;
    PyObject *format;
    PyObject *limit;
    PyObject *unsupported;
} errors;

PyObject *pyr_error_class(enum pyr_err_code code)
{
    switch (code) {
    case PYR_ERR_NOMEM:
        return PyExc_MemoryError;
    case PYR_ERR_IO:
        return PyExc_OSError;
    case PYR_ERR_PERMISSION:
        return PyExc_PermissionError;
    case PYR_ERR_GONE:
        return PyExc_FileNotFoundError;
    case PYR_ERR_FORMAT:
        return errors.format;
    case PYR_ERR_UNSUPPORTED:
        return errors.unsupported;
    case PYR_ERR_USAGE:
        return errors.usage;
    case PYR_ERR_LIMIT:
        return errors.limit;
    case PYR_OK:
        break;
    }
    return errors.base;
}

PyObject *pyr_raise(const struct pyr_err *err)
{
    PyObject *message =
        PyUnicode_DecodeUTF8(err->message, (Py_ssize_t)strlen(err->message), "replace");
    if (message != NULL) {
        PyErr_SetObject(pyr_error_class(err->code), message);
        Py_DECREF(message);
    }
    return NULL;
}

static PyMethodDef functions[] = {
    {"run_main", pyr_run_main, METH_VARARGS,
     "Run a code object as the program; print what it does not catch; give the exit status."},
    {"call_main", pyr_call_main, METH_VARARGS,
     "Call a function as the program; print what it does not catch; give the exit status."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "pyrometer._probe", .m_doc = "The C core of pyrometer.",
    .m_size = -1,          .m_methods = functions,
};

static PyObject *new_error(PyObject *module, const char *name, PyObject *second_base)
{
    PyObject *bases = second_base != NULL ? PyTuple_Pack(2, errors.base, second_base)
                                          : PyTuple_Pack(1, errors.base);
    PyObject *full = PyUnicode_FromFormat("pyrometer.%s", name);
    PyObject *error = NULL;
    if (bases != NULL && full != NULL) {
        error = PyErr_NewException(PyUnicode_AsUTF8(full), bases, NULL);
    }
    Py_XDECREF(bases);
    Py_XDECREF(full);
    Py_XINCREF(error);
    if (error == NULL || PyModule_AddObject(module, name, error) < 0) {
        Py_CLEAR(error);
    }
    return error;
}

static bool add_errors(PyObject *module)
{
    errors.base = PyErr_NewException("pyrometer.Error", NULL, NULL);
    Py_XINCREF(errors.base);
    if (errors.base == NULL || PyModule_AddObject(module, "Error", errors.base) < 0) {
        return false;
    }
    errors.usage = new_error(module, "UsageError", PyExc_ValueError);
    errors.format = new_error(module, "FormatError", PyExc_ValueError);
    errors.limit = new_error(module, "LimitError", NULL);
    errors.unsupported = new_error(module, "UnsupportedError", PyExc_RuntimeError);
    return errors.usage != NULL && errors.format != NULL && errors.limit != NULL &&
           errors.unsupported != NULL;
}

static bool init_probe(void)
{
    pyr_probe.clock = pyr_clock_best();
    pyr_probe.plain_tsc = pyr_probe.clock == PYR_CLOCK_TSC;
    (void)prctl(PR_GET_NAME, pyr_probe.process_name);
    pyr_probe.first_mark = pyr_clock_mark(pyr_probe.clock);
    pyr_probe.change_lock = PyThread_allocate_lock();
    if (pyr_probe.change_lock == NULL || pthread_mutex_init(&pyr_probe.slots_lock, NULL) != 0 ||
        pthread_key_create(&pyr_probe.slot_key, pyr_slot_thread_ended) != 0) {
        PyErr_SetString(PyExc_RuntimeError, "pyrometer: the process is out of thread keys");
        return false;
    }
    return true;
}

PyMODINIT_FUNC PyInit__probe(void); /* declared nowhere else */

PyMODINIT_FUNC PyInit__probe(void)
{
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError,
                        "pyrometer works in the main interpreter only: this is a subinterpreter");
        return NULL;
    }
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL) {
        return NULL;
    }
#ifdef Py_GIL_DISABLED
    PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED);
#endif
    if (!init_probe() || !add_errors(module) || pyr_tracer_type_add(module) < 0 ||
        pyr_profile_type_add(module) < 0 || pyr_ending_type_add(module) < 0 ||
        PyModule_AddStringConstant(module, "__version__", PYROMETER_VERSION) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
