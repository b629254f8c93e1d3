/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The running thread's innermost frame, which the program must take for the outermost one. */
#include "probe/compat.h"

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
