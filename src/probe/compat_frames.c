/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The frames that run: hiding them, so that the program must take the innermost one for the
 * outermost, and looking at arguments in them. */
#include <Python.h>

#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000
#define Py_BUILD_CORE 1
#include <internal/pycore_frame.h>
#undef Py_BUILD_CORE
#endif

#include "probe/compat.h"
#include "probe/trace.h"

/* In a thread that runs nothing the innermost frame is a sentinel from 3.15 on, NULL before. */
#if PY_VERSION_HEX >= 0x030F0000
#define INNERMOST current_frame
#define NO_FRAME thread->base_frame
#elif PY_VERSION_HEX >= 0x030D0000
#define INNERMOST current_frame
#define NO_FRAME NULL
#elif PY_VERSION_HEX >= 0x030B0000
#define INNERMOST cframe->current_frame
#define NO_FRAME NULL
#else
#define INNERMOST frame
#define NO_FRAME NULL
#endif

void *pyr_frames_hide(void)
{
    PyThreadState *thread = PyThreadState_Get();
    void *hidden = thread->INNERMOST;
    thread->INNERMOST = NO_FRAME;
    return hidden;
}

void pyr_frames_restore(void *hidden)
{
    PyThreadState_Get()->INNERMOST = hidden;
}

#if PY_VERSION_HEX >= 0x030C0000

void *pyr_event_frame(const struct pyr_slot *slot)
{
    (void)slot;
    return PyThreadState_Get()->INNERMOST;
}

#else

void *pyr_event_frame(const struct pyr_slot *slot)
{
    return slot->frame;
}

#endif

#if PY_VERSION_HEX >= 0x030C0000

PyObject *pyr_frame_argument(void *running, uint32_t up, const void *code, int index)
{
    (void)running;
    PyFrameObject *frame = PyEval_GetFrame(); /* borrowed */
    Py_XINCREF(frame);
    while (frame != NULL && up-- > 0) {
        PyFrameObject *back = PyFrame_GetBack(frame);
        Py_DECREF(frame);
        frame = back;
    }
    PyCodeObject *runs = frame != NULL ? PyFrame_GetCode(frame) : NULL;
    PyObject *names = runs == code && runs != NULL ? PyCode_GetVarnames(runs) : NULL;
    PyObject *value = names != NULL && index < PyTuple_GET_SIZE(names)
                          ? PyFrame_GetVar(frame, PyTuple_GET_ITEM(names, index))
                          : NULL;
    PyErr_Clear();
    Py_XDECREF(names);
    Py_XDECREF(runs);
    Py_XDECREF(frame);
    return value;
}

#else

#if PY_VERSION_HEX >= 0x030B0000

typedef struct _PyInterpreterFrame frame_t;

static frame_t *caller_of(const frame_t *frame, bool innermost)
{
    /* The one that is about to run is not in the chain yet. */
    return innermost ? PyThreadState_Get()->cframe->current_frame : frame->previous;
}

static PyObject *variable(const frame_t *frame, int index)
{
    return frame->localsplus[index];
}

#else

typedef PyFrameObject frame_t;

static frame_t *caller_of(const frame_t *frame, bool innermost)
{
    (void)innermost;
    return frame->f_back;
}

static PyObject *variable(const frame_t *frame, int index)
{
    return frame->f_localsplus[index];
}

#endif

PyObject *pyr_frame_argument(void *running, uint32_t up, const void *code, int index)
{
    frame_t *frame = running;
    for (uint32_t i = 0; frame != NULL && i < up; i++) {
        frame = caller_of(frame, i == 0);
    }
    bool has =
        frame != NULL && (const void *)frame->f_code == code && index < frame->f_code->co_argcount;
    PyObject *value = has ? variable(frame, index) : NULL;
    Py_XINCREF(value);
    PyErr_Clear();
    return value;
}

#endif
