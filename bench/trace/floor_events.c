/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The floor: callbacks on the events that tracing needs which do nothing, or read the time stamp
 * counter and do nothing else; before CPython 3.12 a frame-evaluation hook that reads it before and
 * after each frame. What these cost, no tracer can go below. cost.py compiles it when --tools names
 * "floor"; it is no part of the product. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static volatile uint64_t last;

#if PY_VERSION_HEX < 0x030C0000

#if PY_VERSION_HEX >= 0x030B0000
#define FRAME struct _PyInterpreterFrame
#else
#define FRAME PyFrameObject
#endif

extern PyObject *_PyEval_EvalFrameDefault(PyThreadState *thread, FRAME *frame, int throwing);

static PyObject *run_frame(PyThreadState *thread, FRAME *frame, int throwing)
{
    last = __builtin_ia32_rdtsc();
    PyObject *result = _PyEval_EvalFrameDefault(thread, frame, throwing);
    last = __builtin_ia32_rdtsc();
    return result;
}

/* hook(on: bool): installs the hook, or the interpreter's own function. */
static PyObject *set_hook(PyObject *module, PyObject *on)
{
    (void)module;
    _PyInterpreterState_SetEvalFrameFunc(
        PyInterpreterState_Get(), PyObject_IsTrue(on) ? run_frame : _PyEval_EvalFrameDefault);
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"hook", set_hook, METH_O, "Read the clock before and after every frame, or not."},
    {NULL, NULL, 0, NULL},
};

static int ready(void)
{
    return 0;
}

#else

struct callback {
    PyObject_HEAD vectorcallfunc call;
};

static PyObject *nothing(PyObject *self, PyObject *const *args, size_t count, PyObject *keywords)
{
    (void)self, (void)args, (void)count, (void)keywords;
    return Py_None;
}

static PyObject *clock_only(PyObject *self, PyObject *const *args, size_t count, PyObject *keywords)
{
    (void)self, (void)args, (void)count, (void)keywords;
    last = __builtin_ia32_rdtsc();
    return Py_None;
}

static PyTypeObject callback_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "floor.callback",
    .tp_basicsize = sizeof(struct callback),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(struct callback, call),
    .tp_call = PyVectorcall_Call,
};

/* callback(clock: bool): an object to register with sys.monitoring. */
static PyObject *new_callback(PyObject *module, PyObject *clock)
{
    (void)module;
    struct callback *callback = PyObject_New(struct callback, &callback_type);
    if (callback != NULL) {
        callback->call = PyObject_IsTrue(clock) ? clock_only : nothing;
    }
    return (PyObject *)callback;
}

static PyMethodDef functions[] = {
    {"callback", new_callback, METH_O, "A callback that reads the clock, or does nothing."},
    {NULL, NULL, 0, NULL},
};

static int ready(void)
{
    return PyType_Ready(&callback_type);
}

#endif

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "floor_events",
                                        .m_size = -1, .m_methods = functions};

PyMODINIT_FUNC PyInit_floor_events(void)
{
    return ready() < 0 ? NULL : PyModule_Create(&definition);
}
