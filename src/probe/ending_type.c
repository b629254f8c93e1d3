/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* pyrometer._probe.Ending: stands for a function that ends the process without a word to anyone,
 * such as os._exit, and has the trace completed before it calls it. In C, so that no frame of ours
 * is in the traceback when the call fails; in all else it looks like the function it stands for. */
#include "probe/module.h"

struct ending {
    PyObject_HEAD PyObject *function; /* owned, like the others */
    PyObject *before;                 /* called without arguments before the function */
    PyObject *after;                  /* the same, when it came back */
};

static PyObject *ending_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *function = NULL;
    PyObject *before = NULL;
    PyObject *after = NULL;
    static char *names[] = {"", "", "", NULL};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOO:Ending", names, &function, &before,
                                     &after)) {
        return NULL;
    }
    struct ending *self = (struct ending *)type->tp_alloc(type, 0);
    if (self != NULL) {
        Py_INCREF(function);
        Py_INCREF(before);
        Py_INCREF(after);
        self->function = function;
        self->before = before;
        self->after = after;
    }
    return (PyObject *)self;
}

static int ending_traverse(PyObject *object, visitproc visit, void *arg)
{
    struct ending *self = (struct ending *)object;
    Py_VISIT(self->function);
    Py_VISIT(self->before);
    Py_VISIT(self->after);
    return 0;
}

static int ending_clear(PyObject *object)
{
    struct ending *self = (struct ending *)object;
    Py_CLEAR(self->function);
    Py_CLEAR(self->before);
    Py_CLEAR(self->after);
    return 0;
}

static void ending_dealloc(PyObject *object)
{
    PyObject_GC_UnTrack(object);
    (void)ending_clear(object);
    Py_TYPE(object)->tp_free(object);
}

/* What goes wrong here must not keep the program from ending. */
static void tell(PyObject *callable)
{
    PyObject *result = PyObject_CallObject(callable, NULL);
    if (result == NULL) {
        PyErr_WriteUnraisable(callable);
    }
    Py_XDECREF(result);
}

static PyObject *ending_call(PyObject *object, PyObject *args, PyObject *keywords)
{
    struct ending *self = (struct ending *)object;
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    tell(self->before);
    PyObject *result = PyObject_Call(self->function, args, keywords);
    PyErr_Fetch(&type, &value, &traceback);
    tell(self->after); /* nothing came of it: the program goes on */
    PyErr_Restore(type, value, traceback);
    return result;
}

static PyObject *ending_getattr(PyObject *object, PyObject *name)
{
    return PyObject_GetAttr(((struct ending *)object)->function, name);
}

static PyObject *ending_repr(PyObject *object)
{
    return PyObject_Repr(((struct ending *)object)->function);
}

static PyTypeObject ending_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyrometer._probe.Ending",
    .tp_basicsize = sizeof(struct ending),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Ending(function, before, after): calls before(), then function(…).",
    .tp_new = ending_new,
    .tp_dealloc = ending_dealloc,
    .tp_traverse = ending_traverse,
    .tp_clear = ending_clear,
    .tp_call = ending_call,
    .tp_getattro = ending_getattr,
    .tp_repr = ending_repr,
};

int pyr_ending_type_add(PyObject *module)
{
    if (PyType_Ready(&ending_type) < 0) {
        return -1;
    }
    Py_INCREF(&ending_type);
    return PyModule_AddObject(module, "Ending", (PyObject *)&ending_type);
}
