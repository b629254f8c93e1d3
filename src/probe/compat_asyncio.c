/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Where asyncio's C code keeps what runs in a thread: read there, as asking its functions costs a
 * call, and before 3.12 a system call with it. All of it is asyncio's own affair and may be
 * elsewhere in another release: what is read is believed only after it has agreed with them. */
#include <Python.h>

#if PY_VERSION_HEX >= 0x030D0000
/* The headers of the interpreter's own are not written for our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wpedantic"
#define Py_BUILD_CORE 1
#include <internal/pycore_tstate.h>
#undef Py_BUILD_CORE
#pragma GCC diagnostic pop
#endif

#include <string.h>

#include "probe/compat.h"

#if PY_VERSION_HEX >= 0x030D0000

PyObject *pyr_running_loop(uint32_t pid)
{
    (void)pid;
    return ((_PyThreadStateImpl *)PyThreadState_Get())->asyncio_running_loop;
}

#else

/* In the thread's dict, under a name that is a constant of asyncio's. */
static PyObject *of_thread(void)
{
    static PyObject *name;                    /* owned for good */
    PyObject *dict = PyThreadState_GetDict(); /* borrowed; no exception */
    if (name == NULL) {
        name = PyUnicode_InternFromString("__asyncio_running_event_loop__");
        if (name == NULL) {
            PyErr_Clear();
            return NULL;
        }
    }
    return dict != NULL ? PyDict_GetItemWithError(dict, name) : NULL;
}

#if PY_VERSION_HEX >= 0x030C0000

PyObject *pyr_running_loop(uint32_t pid)
{
    (void)pid;
    return of_thread();
}

#else

struct holder {
    PyObject_HEAD PyObject *loop;
    pid_t pid; /* in a forked child the loop does not run */
};

PyObject *pyr_running_loop(uint32_t pid)
{
    static PyTypeObject *holder_type; /* as an address only */
    PyObject *found = of_thread();
    if (found == NULL) {
        return NULL;
    }
    if (Py_TYPE(found) != holder_type) {
        if (strcmp(Py_TYPE(found)->tp_name, "_RunningLoopHolder") != 0 ||
            Py_TYPE(found)->tp_basicsize != sizeof(struct holder)) {
            return NULL;
        }
        holder_type = Py_TYPE(found);
    }
    const struct holder *holder = (const struct holder *)found;
    return (uint32_t)holder->pid == pid ? holder->loop : NULL;
}

#endif
#endif

#if PY_VERSION_HEX >= 0x030E0000

PyObject *pyr_running_task(void)
{
    return ((_PyThreadStateImpl *)PyThreadState_Get())->asyncio_running_task;
}

#else

PyObject *pyr_running_task(void)
{
    return NULL;
}

#endif
