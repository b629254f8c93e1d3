/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The hot path: what happens at every call and return. About twenty instructions and one clock
 * reading, as long as one thread runs and its wall time is all that is asked for; everything else
 * is in slot.c. */
#pragma once

#include "base/atomic.h"
#include "probe/trace.h"

#define PYR_LIKELY(x) __builtin_expect(!!(x), 1)
#define PYR_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PYR_INLINE static inline __attribute__((always_inline))

PYR_INLINE uint64_t pyr_event_ticks(void)
{
    if (PYR_LIKELY(pyr_probe.plain_tsc)) {
        return pyr_clock_tsc();
    }
    return pyr_probe.external ? pyr_clock_external() : pyr_clock_ticks(pyr_probe.clock);
}

/* A thread that ends may take its own slot's address away, without the GIL: so it is read as
 * shared, which costs nothing more. */
PYR_INLINE bool pyr_event_is_hot(const struct pyr_slot *slot)
{
    return PYR_SHARED_GET(pyr_probe.hot) == slot;
}

/* Charges the time up to `now` to `cur` and makes `next` current. */
PYR_INLINE void pyr_event_switch(struct pyr_slot *slot, struct pyr_node *cur, struct pyr_node *next,
                                 uint64_t now)
{
    pyr_counter_add(&cur->self_ticks, now - slot->last);
    pyr_counter_set(&slot->last, now);
    PYR_SHARED_SET(slot->cur, next);
}

/* What is entered. */
struct pyr_callee {
    const void *key;
    PyObject *object;  /* code object, or the builtin */
    PyObject *globals; /* of a Python function; NULL: those of the running frame */
    bool builtin;
    bool resumed;    /* a generator or coroutine goes on: not a call */
    bool frame_runs; /* the callee's frame is the innermost one already */
};

enum { PYR_CALLEE_BUILTIN = 1, PYR_CALLEE_RESUMED = 2, PYR_CALLEE_FRAME_RUNS = 4 };
/* What is left: a builtin; a coroutine that waits for something and will go on. */
enum { PYR_LEFT_BUILTIN = 1, PYR_LEFT_AWAITING = 2 };

/* Everything but the common case, which is kept free of calls and so of saved registers; hence
 * words as parameters, too: a struct would be built on the stack at every event. The first is for
 * another callee than the last one from here. */
bool pyr_event_enter_other(const void *key, PyObject *object, PyObject *globals, unsigned flags);
bool pyr_event_enter_slow(const void *key, PyObject *object, PyObject *globals, unsigned flags);
bool pyr_event_leave_slow(const void *key, unsigned flags);

#define PYR_COROUTINE_FLAGS (CO_COROUTINE | CO_ITERABLE_COROUTINE | CO_ASYNC_GENERATOR)

/* The key of a Python function's nodes: a coroutine's never equals its code's address, so that the
 * hot path leaves it to the slow one. */
PYR_INLINE const void *pyr_event_key(const struct pyr_trace *trace, PyObject *code)
{
    const int flags = ((PyCodeObject *)code)->co_flags;
    bool coroutine = (flags & PYR_COROUTINE_FLAGS) != 0;
    return trace->options.tasks && coroutine ? pyr_key_tagged(code, PYR_KEY_COROUTINE) : code;
}

PYR_INLINE void pyr_event_count(struct pyr_node *node, bool resumed)
{
    pyr_counter_add(resumed ? &node->resumes : &node->calls, 1);
}

/* Who calls many in turn has met them in that order: the next node is likely the next callee's, and
 * near. NULL when it is not. */
PYR_INLINE struct pyr_node *pyr_event_next_child(struct pyr_node *cur, const void *key)
{
    struct pyr_node *next = cur->last_child + 1;
    if (next->key != key || next->parent != cur || (next->record & PYR_RECORD_EXCLUDED) != 0) {
        return NULL;
    }
    cur->last_child = next;
    return next;
}

/* Has the thread run all the time since its last event? Only asked where there are CPU times, which
 * are the wall's then. */
PYR_INLINE bool pyr_event_ran_on(const struct pyr_slot *slot, bool cpu, uint64_t now)
{
    return !cpu || pyr_cpu_clock_is_marked(&slot->cpu, now);
}

/* False when this callee is not to be recorded: then its return is not to be reported, or only
 * through pyr_event_leave(). `cpu`, a constant where it is inlined: there are CPU times. */
PYR_INLINE bool pyr_event_enter(struct pyr_callee callee, bool cpu)
{
    struct pyr_slot *slot = &pyr_slot;
    unsigned flags = (callee.builtin ? PYR_CALLEE_BUILTIN : 0) |
                     (callee.resumed ? PYR_CALLEE_RESUMED : 0) |
                     (callee.frame_runs ? PYR_CALLEE_FRAME_RUNS : 0);
    if (PYR_UNLIKELY(!pyr_event_is_hot(slot))) {
        return pyr_event_enter_slow(callee.key, callee.object, callee.globals, flags);
    }
    struct pyr_node *cur = slot->cur;
    struct pyr_node *child = cur->last_child;
    if (PYR_UNLIKELY(child->key != callee.key)) {
        return pyr_event_enter_other(callee.key, callee.object, callee.globals, flags);
    }
    uint64_t now = pyr_clock_tsc();
    if (PYR_UNLIKELY(!pyr_event_ran_on(slot, cpu, now))) {
        return pyr_event_enter_slow(callee.key, callee.object, callee.globals, flags);
    }
    pyr_event_count(child, callee.resumed);
    pyr_event_switch(slot, cur, child, now);
    return true;
}

/* True when the function is known to be excluded. */
PYR_INLINE bool pyr_event_leave(const void *key, unsigned flags, bool cpu)
{
    struct pyr_slot *slot = &pyr_slot;
    struct pyr_node *cur = slot->cur;
    if (PYR_LIKELY(pyr_event_is_hot(slot) && cur->key == key)) {
        uint64_t now = pyr_clock_tsc();
        if (PYR_LIKELY(pyr_event_ran_on(slot, cpu, now))) {
            pyr_event_switch(slot, cur, cur->parent, now);
            return false;
        }
    }
    return pyr_event_leave_slow(key, flags);
}
