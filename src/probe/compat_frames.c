/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The frames that run: hiding them, so that the program must take the innermost one for the
 * outermost, and looking at arguments in them. */
#include <Python.h>

#if PY_VERSION_HEX >= 0x030B0000
/* The headers of the interpreter's own are not written for our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wpedantic"
#define Py_BUILD_CORE 1
#if PY_VERSION_HEX >= 0x030E0000
#include <internal/pycore_interpframe_structs.h>
#else
#include <internal/pycore_frame.h>
#endif
#undef Py_BUILD_CORE
#pragma GCC diagnostic pop
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

typedef struct _PyInterpreterFrame frame_t;

#if PY_VERSION_HEX >= 0x030E0000

/* In the low bits of a reference; with the second one it is none to an object. */
#define TAGS 3u
#define TAG_NO_OBJECT 2u
#define CODE_OF(frame) object_of((frame)->f_executable)
#define NO_FUNCTIONS FRAME_OWNED_BY_INTERPRETER

static PyObject *object_of(_PyStackRef ref)
{
    return (ref.bits & TAG_NO_OBJECT) != 0 ? NULL : (PyObject *)(ref.bits & ~(uintptr_t)TAGS);
}

#else

#if PY_VERSION_HEX >= 0x030D0000
#define CODE_OF(frame) ((frame)->f_executable)
#else
#define CODE_OF(frame) ((frame)->f_code)
#endif
#define NO_FUNCTIONS FRAME_OWNED_BY_CSTACK

static PyObject *object_of(PyObject *object)
{
    return object;
}

#endif

static frame_t *innermost(void *running)
{
    (void)running;
    return pyr_event_frame(NULL);
}

/* Between a function and the C code that called it there is a frame of the interpreter's. */
static frame_t *caller_of(const frame_t *frame, bool first)
{
    (void)first;
    frame_t *caller = frame->previous;
    while (caller != NULL && caller->owner >= NO_FUNCTIONS) {
        caller = caller->previous;
    }
    return caller;
}

static PyObject *variable(const frame_t *frame, int index)
{
    return object_of(frame->localsplus[index]);
}

#else

#define CODE_OF(frame) ((frame)->f_code)

static void *innermost(void *running)
{
    return running;
}

#if PY_VERSION_HEX >= 0x030B0000

typedef struct _PyInterpreterFrame frame_t;

static frame_t *caller_of(const frame_t *frame, bool first)
{
    /* The one that is about to run is not in the chain yet. */
    return first ? PyThreadState_Get()->cframe->current_frame : frame->previous;
}

static PyObject *variable(const frame_t *frame, int index)
{
    return frame->localsplus[index];
}

#else

typedef PyFrameObject frame_t;

static frame_t *caller_of(const frame_t *frame, bool first)
{
    (void)first;
    return frame->f_back;
}

static PyObject *variable(const frame_t *frame, int index)
{
    return frame->f_localsplus[index];
}

#endif

#endif

PyObject *pyr_frame_argument(void *running, uint32_t up, const void *code, int index)
{
    frame_t *frame = innermost(running);
    for (uint32_t i = 0; frame != NULL && i < up; i++) {
        frame = caller_of(frame, i == 0);
    }
    bool has = frame != NULL && (const void *)CODE_OF(frame) == code &&
               index < ((const PyCodeObject *)code)->co_argcount;
    PyObject *value = has ? variable(frame, index) : NULL;
    Py_XINCREF(value);
    return value;
}
