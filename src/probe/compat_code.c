/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Code objects, frames and thread states, version by version. */
#include "probe/compat.h"

#if PY_VERSION_HEX >= 0x030B0000

PyObject *pyr_code_qualname(PyObject *code, bool *known)
{
    PyObject *name = ((PyCodeObject *)code)->co_qualname;
    Py_INCREF(name);
    *known = true;
    return name;
}

bool pyr_qualnames_learn(bool again)
{
    (void)again;
    return true;
}

void pyr_qualnames_learn_nested(PyObject *code)
{
    (void)code;
}

PyFrameObject *pyr_thread_frame(PyThreadState *thread)
{
    return PyThreadState_GetFrame(thread);
}

uint32_t pyr_thread_native_id(const PyThreadState *thread)
{
    return (uint32_t)thread->native_thread_id;
}

#else

/* code object (borrowed, as its address) -> "first line:qualified name". An address that came to
 * mean another code object is recognised by the line, or the name, whose last part is co_name.
 * A str, as anything that the garbage collector looks after could start it: with the program's
 * finalizers, in the midst of the registry. */
static PyObject *qualnames;

static bool fits(PyObject *qualname, PyObject *name)
{
    Py_ssize_t len = PyUnicode_GET_LENGTH(qualname);
    Py_ssize_t short_len = PyUnicode_GET_LENGTH(name);
    return len >= short_len && PyUnicode_Tailmatch(qualname, name, len - short_len, len, 1) == 1 &&
           (len == short_len || PyUnicode_READ_CHAR(qualname, len - short_len - 1) == '.');
}

/* What is noted of the code object without its line; NULL when that is another one's. */
static PyObject *noted(PyObject *code)
{
    PyObject *key = PyLong_FromVoidPtr(code);
    PyObject *found = key != NULL && qualnames != NULL ? PyDict_GetItem(qualnames, key) : NULL;
    PyObject *line =
        found != NULL ? PyUnicode_FromFormat("%d:", ((PyCodeObject *)code)->co_firstlineno) : NULL;
    Py_ssize_t len = found != NULL ? PyUnicode_GET_LENGTH(found) : 0;
    PyObject *qualname = line != NULL && PyUnicode_Tailmatch(found, line, 0, len, -1) == 1
                             ? PyUnicode_Substring(found, PyUnicode_GET_LENGTH(line), len)
                             : NULL;
    Py_XDECREF(line);
    Py_XDECREF(key);
    if (qualname != NULL && !fits(qualname, ((PyCodeObject *)code)->co_name)) {
        Py_CLEAR(qualname);
    }
    return qualname;
}

PyObject *pyr_code_qualname(PyObject *code, bool *known)
{
    PyObject *name = ((PyCodeObject *)code)->co_name;
    PyObject *qualname = noted(code);
    *known = qualname != NULL ||
             PyUnicode_CompareWithASCIIString(name, "<module>") == 0; /* has no other */
    if (qualname == NULL) {
        PyErr_Clear();
        Py_INCREF(name);
    }
    return qualname != NULL ? qualname : name;
}

static void remember(PyObject *code, PyObject *qualname)
{
    PyObject *key = PyLong_FromVoidPtr(code);
    PyObject *value =
        PyUnicode_FromFormat("%d:%U", ((PyCodeObject *)code)->co_firstlineno, qualname);
    if (key == NULL || value == NULL || PyDict_SetItem(qualnames, key, value) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(value);
    Py_XDECREF(key);
}

/* The compiler puts a nested function's qualified name right behind its code object. */
void pyr_qualnames_learn_nested(PyObject *code)
{
    PyObject *consts = ((PyCodeObject *)code)->co_consts;
    for (Py_ssize_t i = 0; qualnames != NULL && i + 1 < PyTuple_GET_SIZE(consts); i++) {
        PyObject *nested = PyTuple_GET_ITEM(consts, i);
        PyObject *qualname = PyTuple_GET_ITEM(consts, i + 1);
        if (PyCode_Check(nested) && PyUnicode_Check(qualname) &&
            fits(qualname, ((PyCodeObject *)nested)->co_name)) {
            remember(nested, qualname);
            pyr_qualnames_learn_nested(nested);
        }
    }
}

bool pyr_qualnames_learn(bool again)
{
    if (qualnames != NULL && !again) {
        return true;
    }
    PyObject *gc = PyImport_ImportModule("gc");
    PyObject *objects = gc != NULL ? PyObject_CallMethod(gc, "get_objects", NULL) : NULL;
    Py_XDECREF(gc);
    if (objects == NULL) {
        return false;
    }
    Py_XSETREF(qualnames, PyDict_New());
    for (Py_ssize_t i = 0; qualnames != NULL && i < PyList_GET_SIZE(objects); i++) {
        PyObject *object = PyList_GET_ITEM(objects, i);
        if (PyFunction_Check(object)) {
            PyFunctionObject *function = (PyFunctionObject *)object;
            remember(function->func_code, function->func_qualname);
            pyr_qualnames_learn_nested(function->func_code);
        }
    }
    Py_DECREF(objects);
    return qualnames != NULL;
}

PyFrameObject *pyr_thread_frame(PyThreadState *thread)
{
    return PyThreadState_GetFrame(thread);
}

uint32_t pyr_thread_native_id(const PyThreadState *thread)
{
    (void)thread;
    return 0;
}

#endif

#if PY_VERSION_HEX >= 0x030D0000

bool pyr_weak_refers(PyObject *weak, PyObject *object)
{
    PyObject *found = NULL;
    bool refers = PyWeakref_GetRef(weak, &found) > 0 && found == object;
    Py_XDECREF(found);
    return refers;
}

#else

bool pyr_weak_refers(PyObject *weak, PyObject *object)
{
    return PyWeakref_GET_OBJECT(weak) == object;
}

#endif

#if PY_VERSION_HEX >= 0x030C0000

void *pyr_frame_identity(PyFrameObject *frame)
{
    (void)frame;
    return NULL; /* every return has its event */
}

#endif

#if PY_VERSION_HEX >= 0x030B0000

PyObject *pyr_frame_globals(PyFrameObject *frame)
{
    PyObject *globals = PyFrame_GetGlobals(frame);
    Py_XDECREF(globals); /* the frame keeps it */
    return globals;
}

#else

PyObject *pyr_frame_globals(PyFrameObject *frame)
{
    return frame->f_globals;
}

#endif

#ifdef Py_GIL_DISABLED

bool pyr_without_gil(void)
{
    PyObject *enabled = PySys_GetObject("_is_gil_enabled"); /* borrowed */
    PyObject *answer = enabled != NULL ? PyObject_CallFunctionObjArgs(enabled, NULL) : NULL;
    bool without = answer != Py_True;
    Py_XDECREF(answer);
    PyErr_Clear();
    return without;
}

#else

bool pyr_without_gil(void)
{
    return false;
}

#endif
