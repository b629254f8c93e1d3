/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Context variables, version by version. */
#include <Python.h>

#if PY_VERSION_HEX < 0x030C0000
#define Py_BUILD_CORE 1
#include <internal/pycore_context.h>
#undef Py_BUILD_CORE
#endif

#include "probe/compat.h"

static PyObject *get(PyObject *variable)
{
    PyObject *value = NULL;
    if (PyContextVar_Get(variable, NULL, &value) < 0) {
        PyErr_Clear();
    }
    return value;
}

#if PY_VERSION_HEX < 0x030C0000

/* A variable keeps the value that was read last, borrowed. The garbage collector may start while
 * the interpreter takes a value out of its context, and a finalizer's call brings us here: what we
 * read then must not stay behind, as it is about to go. */
PyObject *pyr_variable_get(PyObject *variable)
{
    struct _pycontextvarobject *it = (struct _pycontextvarobject *)variable;
    PyObject *cached = it->var_cached;
    uint64_t thread = it->var_cached_tsid;
    uint64_t version = it->var_cached_tsver;
    PyObject *value = get(variable);
    it->var_cached = cached;
    it->var_cached_tsid = thread;
    it->var_cached_tsver = version;
    return value;
}

#else

PyObject *pyr_variable_get(PyObject *variable)
{
    return get(variable);
}

#endif
