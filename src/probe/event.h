/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The hot path: what happens at every call and return. About twenty instructions and one clock
 * reading; everything rare is in trace.c. */
#pragma once

#include "base/atomic.h"
#include "probe/trace.h"

#define PYR_LIKELY(x) __builtin_expect(!!(x), 1)
#define PYR_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PYR_INLINE static inline __attribute__((always_inline))

PYR_INLINE uint64_t pyr_event_ticks(void)
{
    if (PYR_UNLIKELY(pyr_probe.external)) {
        return pyr_clock_external();
    }
    return PYR_LIKELY(pyr_probe.clock == PYR_CLOCK_TSC) ? pyr_clock_tsc()
                                                        : pyr_clock_monotonic_ns();
}

/* Charges the time up to now to `cur` and makes `next` current. */
PYR_INLINE void pyr_event_switch(struct pyr_slot *slot, struct pyr_node *cur,
                                 struct pyr_node *next)
{
    uint64_t now = pyr_event_ticks();
    pyr_counter_add(&cur->self_ticks, now - slot->last);
    pyr_counter_set(&slot->last, now);
    PYR_SHARED_SET(slot->cur, next);
}

/* What is entered, for the first time it is met. */
struct pyr_callee {
    const void *key;
    PyObject *object;  /* code object, or the builtin */
    PyObject *globals; /* of a Python function; NULL: those of the running frame */
    bool builtin;
    bool resumed;    /* a generator or coroutine goes on: not a call */
    bool frame_runs; /* the callee's frame is the innermost one already */
};

/* False when this callee is not to be recorded: then its return is not to be reported, or only
 * through pyr_event_leave(). */
PYR_INLINE bool pyr_event_enter(struct pyr_callee callee)
{
    struct pyr_slot *slot = &pyr_slot;
    struct pyr_node *cur = slot->cur;
    if (PYR_UNLIKELY(cur == NULL)) {
        cur = pyr_slot_attach(slot, callee.frame_runs);
        if (cur == NULL) {
            return true;
        }
    }
    struct pyr_node *child = cur->last_child;
    if (PYR_UNLIKELY(child->key != callee.key)) {
        child =
            pyr_slot_child(slot, cur, callee.key, callee.object, callee.builtin, callee.globals);
        if (child == NULL) {
            return false;
        }
    }
    pyr_counter_add(callee.resumed ? &child->resumes : &child->calls, 1);
    pyr_event_switch(slot, cur, child);
    return true;
}

/* True when the function is known to be excluded. */
PYR_INLINE bool pyr_event_leave(const void *key)
{
    struct pyr_slot *slot = &pyr_slot;
    struct pyr_node *cur = slot->cur;
    if (PYR_UNLIKELY(cur == NULL || cur->key != key)) {
        return pyr_slot_leave_slow(slot, key, pyr_event_ticks());
    }
    pyr_event_switch(slot, cur, cur->parent);
    return false;
}
