/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Events before CPython 3.12: a frame-evaluation hook (PEP 523) for Python functions, which every
 * thread runs through whoever started it, and the profile function for builtins, when wanted. */
#include <Python.h>

#if PY_VERSION_HEX < 0x030C0000

#if PY_VERSION_HEX >= 0x030B0000
#define Py_BUILD_CORE 1
#include <frameobject.h>

#include <internal/pycore_frame.h>
#include <opcode.h>
#undef Py_BUILD_CORE
#endif

#include <string.h>

#include "probe/compat.h"
#include "probe/event.h"
#include "probe/module.h"

#if PY_VERSION_HEX >= 0x030B0000

#define FRAME struct _PyInterpreterFrame

PYR_INLINE PyObject *code_of(const FRAME *frame)
{
    return (PyObject *)frame->f_code;
}

PYR_INLINE PyObject *globals_of(const FRAME *frame)
{
    return frame->f_globals;
}

PYR_INLINE void *caller_of(const PyThreadState *thread, const FRAME *frame)
{
    (void)frame;
    return thread->cframe->current_frame;
}

#define GENERATOR_FLAGS (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)

/* A generator function's first run only makes the generator. */
PYR_INLINE bool makes_generator(const FRAME *frame)
{
    return (frame->f_code->co_flags & GENERATOR_FLAGS) != 0 &&
           frame->owner != FRAME_OWNED_BY_GENERATOR;
}

/* After it has run: it waits for something, and will go on. */
PYR_INLINE bool is_awaiting(const FRAME *frame, PyObject *result)
{
    const PyGenObject *generator =
        (const PyGenObject *)((const char *)frame - offsetof(PyGenObject, gi_iframe));
    return result != NULL && generator->gi_frame_state == FRAME_SUSPENDED;
}

PYR_INLINE bool is_resumed(const FRAME *frame)
{
    return frame->owner == FRAME_OWNED_BY_GENERATOR &&
           _Py_OPCODE(*frame->prev_instr) != RETURN_GENERATOR;
}

void *pyr_frame_identity(PyFrameObject *frame)
{
    return frame->f_frame;
}

static void set_tracing(PyThreadState *thread)
{
    bool wanted = thread->c_tracefunc != NULL || thread->c_profilefunc != NULL;
    thread->cframe->use_tracing = wanted ? 255 : 0;
}

#else

#define FRAME PyFrameObject

PYR_INLINE PyObject *code_of(const FRAME *frame)
{
    return (PyObject *)frame->f_code;
}

PYR_INLINE PyObject *globals_of(const FRAME *frame)
{
    return frame->f_globals;
}

PYR_INLINE void *caller_of(const PyThreadState *thread, const FRAME *frame)
{
    (void)thread;
    return frame->f_back;
}

PYR_INLINE bool makes_generator(const FRAME *frame)
{
    (void)frame;
    return false;
}

PYR_INLINE bool is_resumed(const FRAME *frame)
{
    return frame->f_lasti != -1;
}

void *pyr_frame_identity(PyFrameObject *frame)
{
    return frame;
}

#if PY_VERSION_HEX >= 0x030A0000
/* After it has run: it waits for something, and will go on. */
PYR_INLINE bool is_awaiting(const FRAME *frame, PyObject *result)
{
    return result != NULL && frame->f_state == FRAME_SUSPENDED;
}

static void set_tracing(PyThreadState *thread)
{
    thread->cframe->use_tracing = thread->c_tracefunc != NULL || thread->c_profilefunc != NULL;
}
#else
PYR_INLINE bool is_awaiting(const FRAME *frame, PyObject *result)
{
    return result != NULL && frame->f_stacktop != NULL;
}

static void set_tracing(PyThreadState *thread)
{
    thread->use_tracing = thread->c_tracefunc != NULL || thread->c_profilefunc != NULL;
}
#endif

#endif

static _PyFrameEvalFunction chained; /* what ran frames before us */

static _PyFrameEvalFunction ours; /* what runs them now */

static void set_hook(_PyFrameEvalFunction function)
{
    _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Get(), function);
}

/* So little C stack is left that the hook's own use of it could be the end: the interpreter goes
 * on by itself from here, and what is called below is not seen. */
static PyObject *run_unseen(PyThreadState *thread, FRAME *frame, int throwing)
{
    struct pyr_trace *trace = pyr_probe.trace;
    pyr_counter_add_shared(&trace->lost_deep, 1);
    set_hook(chained);
    PyObject *result = chained(thread, frame, throwing);
    if (pyr_probe.trace == trace) {
        set_hook(ours);
    }
    return result;
}

static void leave_frame(struct pyr_slot *slot, const void *code, unsigned flags)
{
    struct pyr_node *left = slot->cur;
    if (pyr_event_is_hot(slot) && !pyr_probe.trace->cpu) {
        (void)pyr_event_leave(code, flags, false);
    } else {
        (void)pyr_event_leave_slow(code, flags);
    }
    if (PYR_UNLIKELY(left != NULL && left == slot->seeded)) {
        pyr_slot_drop_seed(slot);
    }
}

/* An asynchronous generator yields to who waits for it, too: its items come wrapped. */
static unsigned left_flags(const FRAME *frame, PyObject *result)
{
    if (PYR_LIKELY((((PyCodeObject *)code_of(frame))->co_flags & PYR_COROUTINE_FLAGS) == 0) ||
        !is_awaiting(frame, result) ||
        strcmp(Py_TYPE(result)->tp_name, "async_generator_wrapped_value") == 0) {
        return 0;
    }
    return PYR_LEFT_AWAITING;
}

static bool enter_frame(const FRAME *frame)
{
    PyObject *code = code_of(frame);
    const unsigned flags = is_resumed(frame) ? PYR_CALLEE_RESUMED : 0;
    /* Where the hot path would do, only the callee is another than the last one. */
    const struct pyr_node *cur = pyr_slot.cur;
    return pyr_event_is_hot(&pyr_slot) && cur != NULL && cur->last_child->key != code
               ? pyr_event_enter_other(code, code, globals_of(frame), flags)
               : pyr_event_enter_slow(code, code, globals_of(frame), flags);
}

/* Whatever may come; run_frame() is the same for the common case. */
static __attribute__((noinline)) PyObject *run_any_frame(PyThreadState *thread, FRAME *frame,
                                                         int throwing)
{
    struct pyr_slot *slot = &pyr_slot;
    if (PYR_UNLIKELY(pyr_probe.trace == NULL || slot->busy || makes_generator(frame))) {
        return chained(thread, frame, throwing);
    }
    if (PYR_UNLIKELY((const char *)__builtin_frame_address(0) < slot->stack_limit)) {
        return run_unseen(thread, frame, throwing);
    }
    if (PYR_UNLIKELY(slot->state_id != thread->id && slot->cur != NULL)) {
        slot->state_id = thread->id; /* each call from a C thread may come with a new one */
        pyr_events_attach_thread(pyr_probe.trace);
    }
    if (PYR_UNLIKELY(slot->seeded != NULL && slot->cur == slot->seeded) &&
        caller_of(thread, frame) != slot->seeded_frame) {
        pyr_slot_sync(slot, caller_of(thread, frame));
    }
    PyObject *code = code_of(frame);
    slot->frame = frame;
    if (!enter_frame(frame)) {
        return chained(thread, frame, throwing);
    }
    PyObject *result = chained(thread, frame, throwing);
    slot->frame = frame;
    leave_frame(slot, code, left_flags(frame, result));
    return result;
}

/* A frame whose function was the last one entered from here, in a thread that is known: written out
 * so that little is kept across the call, where every saved register costs. */
PYR_INLINE PyObject *run_known(PyThreadState *thread, FRAME *frame, int throwing, bool cpu)
{
    struct pyr_slot *slot = &pyr_slot;
    struct pyr_node *cur = slot->cur;
    if (PYR_UNLIKELY(!pyr_event_is_hot(slot) || cur == slot->seeded ||
                     slot->state_id != thread->id ||
                     (const char *)__builtin_frame_address(0) < slot->stack_limit ||
                     makes_generator(frame))) {
        return run_any_frame(thread, frame, throwing);
    }
    struct pyr_node *child = cur->last_child;
    if (PYR_UNLIKELY(child->key != code_of(frame))) {
        child = pyr_event_next_child(cur, code_of(frame));
        if (child == NULL) {
            return run_any_frame(thread, frame, throwing);
        }
    }
    uint64_t now = pyr_clock_tsc();
    if (PYR_UNLIKELY(!pyr_event_ran_on(slot, cpu, now))) {
        return run_any_frame(thread, frame, throwing);
    }
    pyr_event_count(child, is_resumed(frame));
    pyr_event_switch(slot, cur, child, now);
    PyObject *result = chained(thread, frame, throwing);
    now = pyr_clock_tsc();
    if (PYR_LIKELY(pyr_event_is_hot(slot) && slot->cur == child && child != slot->seeded &&
                   pyr_event_ran_on(slot, cpu, now))) {
        pyr_event_switch(slot, child, child->parent, now);
    } else {
        leave_frame(slot, code_of(frame), 0); /* the node may be no more */
    }
    return result;
}

static PyObject *run_frame(PyThreadState *thread, FRAME *frame, int throwing)
{
    return run_known(thread, frame, throwing, false);
}

static PyObject *run_frame_cpu(PyThreadState *thread, FRAME *frame, int throwing)
{
    return run_known(thread, frame, throwing, true);
}

static int on_profile(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    (void)self;
    if (what != PyTrace_C_CALL && what != PyTrace_C_RETURN && what != PyTrace_C_EXCEPTION) {
        return 0;
    }
    if (!PyCFunction_Check(arg) || pyr_slot.busy) {
        return 0;
    }
    const void *key = ((PyCFunctionObject *)arg)->m_ml;
    bool returning = what != PyTrace_C_CALL;
    bool cpu = pyr_probe.trace != NULL && pyr_probe.trace->cpu;
    if (pyr_probe.trace != NULL && pyr_probe.trace->filtered) {
        PyCodeObject *code = PyFrame_GetCode(frame);
        Py_DECREF(code); /* the frame keeps it */
        if (!pyr_slot_is_caller(&pyr_slot, code, returning)) {
            return 0; /* a builtin goes with its caller, which is filtered out */
        }
    }
    if (returning) {
        (void)(cpu ? pyr_event_leave(key, PYR_LEFT_BUILTIN, true)
                   : pyr_event_leave(key, PYR_LEFT_BUILTIN, false));
        return 0;
    }
    struct pyr_callee callee = {.key = key, .object = arg, .builtin = true};
    (void)(cpu ? pyr_event_enter(callee, true) : pyr_event_enter(callee, false));
    return 0;
}

/* `function` NULL takes ours away. An `owner` alone makes sys.getprofile() answer it, without the
 * cost of a profile function. */
static void set_profile(PyThreadState *thread, Py_tracefunc function, PyObject *owner)
{
    PyObject *old = thread->c_profileobj;
    Py_XINCREF(owner);
    thread->c_profilefunc = function;
    thread->c_profileobj = owner;
    set_tracing(thread);
    Py_XDECREF(old);
}

static bool wants_builtins(const struct pyr_trace *trace)
{
    return trace->options.builtins || pyr_trace_watches_builtins(trace);
}

void pyr_events_attach_thread(struct pyr_trace *trace)
{
    PyThreadState *thread = PyThreadState_Get();
    if (wants_builtins(trace) && thread->c_profilefunc == NULL) {
        set_profile(thread, on_profile, trace->owner);
    } else if (thread->c_profileobj == NULL && strcmp(trace->options.tool_name, "cProfile") == 0) {
        set_profile(thread, NULL, trace->owner);
    }
}

/* Without us a call of 3.11 needs no C stack: a little is enough to go on unseen. Before, every
 * call needs some, and a fifth more with us: a program that recurses as deep as it can gets as far
 * as it would if we leave it half of the stack. */
size_t pyr_events_stack_reserve(size_t size)
{
    size_t little = (size_t)256 << 10;
    return PY_VERSION_HEX < 0x030B0000 || size < 2 * little ? size / 2 : little;
}

bool pyr_events_slow_instructions(bool builtins)
{
    return builtins; /* a profile function does */
}

bool pyr_events_install(struct pyr_trace *trace)
{
    PyThreadState *current = PyThreadState_Get();
    if (current->c_profilefunc != NULL && wants_builtins(trace)) {
        PyErr_SetString(
            pyr_error_class(PYR_ERR_USAGE),
            "another profiler is active in this thread (sys.setprofile): stop it first");
        return false;
    }
    chained = _PyInterpreterState_GetEvalFrameFunc(PyInterpreterState_Get());
    if (wants_builtins(trace) && trace->options.which == PYR_ALL_CONTEXTS) {
        PyThreadState *thread = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
        for (; thread != NULL; thread = PyThreadState_Next(thread)) {
            if (thread->c_profilefunc == NULL) {
                set_profile(thread, on_profile, trace->owner);
            }
        }
    }
    ours = trace->options.clock != PYR_CHOOSE_WALL ? run_frame_cpu : run_frame;
    set_hook(ours);
    return true;
}

void pyr_events_remove(struct pyr_trace *trace)
{
    PyThreadState *thread = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    if (_PyInterpreterState_GetEvalFrameFunc(PyInterpreterState_Get()) == ours) {
        set_hook(chained);
    }
    for (; thread != NULL; thread = PyThreadState_Next(thread)) {
        if (thread->c_profilefunc == on_profile ||
            (thread->c_profilefunc == NULL && thread->c_profileobj == trace->owner)) {
            set_profile(thread, NULL, NULL);
        }
    }
}

#endif
