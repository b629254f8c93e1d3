/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/silent.h"

#include "base/mem.h"
#include "probe/compat.h"
#include "probe/event.h"

#define NS_PER_S 1000000000u
/* How the kernel's numbers of clocks are made, see clock_getcpuclockid(3): of one thread, as the
 * scheduler counts it. */
#define CLOCK_TID_SHIFT 3
#define CLOCK_OF_THREAD 6u

static uint64_t read_ns(clockid_t clock)
{
    struct timespec used;
    if (clock_gettime(clock, &used) != 0) {
        return 0;
    }
    return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

uint64_t pyr_thread_cpu_ns(pthread_t thread)
{
    clockid_t clock;
    return pthread_getcpuclockid(thread, &clock) == 0 ? read_ns(clock) : 0;
}

/* By its number, which no thread may have any more. */
static uint64_t cpu_ns_of_tid(uint32_t tid)
{
    return read_ns((clockid_t)(~tid << CLOCK_TID_SHIFT | CLOCK_OF_THREAD));
}

uint64_t pyr_silent_newest_id(void)
{
    uint64_t newest = 0;
    PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    for (; state != NULL; state = PyThreadState_Next(state)) {
        uint64_t id = PyThreadState_GetID(state);
        newest = id > newest ? id : newest;
    }
    return newest;
}

/* CPU time of a thread that may be ending, or may not have begun. */
static uint64_t cpu_of(const PyThreadState *state)
{
    uint32_t tid = pyr_thread_native_id(state);
    if (tid != 0) {
        return cpu_ns_of_tid(tid);
    }
    return state->thread_id != 0 ? pyr_thread_cpu_ns((pthread_t)state->thread_id) : 0;
}

void pyr_silent_note_cpu(struct pyr_trace *trace)
{
    struct pyr_err err = {0};
    uint32_t cap = 0;
    pyr_mem_free(trace->cpu_before);
    trace->cpu_before = NULL;
    trace->cpu_before_count = 0;
    if (trace->options.clock == PYR_CHOOSE_WALL) {
        return;
    }
    PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    for (; state != NULL; state = PyThreadState_Next(state)) {
        if (state == PyThreadState_Get()) {
            continue; /* what it uses from here on is the start's */
        }
        if (!pyr_mem_grow(&trace->cpu_before, &cap, (size_t)trace->cpu_before_count + 1,
                          sizeof *trace->cpu_before, &err)) {
            return;
        }
        trace->cpu_before[trace->cpu_before_count++] = (struct pyr_silent_cpu){
            .state_id = PyThreadState_GetID(state),
            .cpu_ns = cpu_of(state),
        };
    }
}

/* Of a thread that has met the trace, whatever context it is in by now; else NULL. */
static struct pyr_slot *slot_of(unsigned long ident)
{
    pthread_mutex_lock(&pyr_probe.slots_lock);
    struct pyr_slot *slot = pyr_probe.slots;
    while (slot != NULL && (slot->native == NULL || slot->native->ident != ident)) {
        slot = slot->next;
    }
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    return slot;
}

/* The tree of a thread that has had no event since start, but may have one from before a stop. */
static struct pyr_context *silent_tree(struct pyr_trace *trace, PyThreadState *state)
{
    unsigned long ident = (unsigned long)state->thread_id;
    uint64_t id = PyThreadState_GetID(state);
    uint32_t tid = pyr_thread_native_id(state);
    struct pyr_context *home = trace->contexts;
    while (home != NULL &&
           (home->kind != PYR_THREAD_NATIVE ||
            (home->state_id != id && (tid == 0 || home->tid != tid || home->ident != ident)))) {
        home = home->next;
    }
    if (home == NULL) {
        home = pyr_context_new(trace, ident, tid);
    }
    if (home != NULL) {
        home->state_id = id;
    }
    return home;
}

static void add_silent_cpu(const struct pyr_trace *trace, struct pyr_context *home,
                           const struct pyr_node *node, const PyThreadState *state, uint64_t now)
{
    uint64_t id = home->state_id;
    struct pyr_node_more *more =
        trace->cpu ? pyr_calltree_need_more(&home->tree, node->index) : NULL;
    if (more == NULL) {
        return;
    }
    pyr_counter_add(&more->off_ticks, now - trace->started.ticks);
    for (uint32_t i = 0; i < trace->cpu_before_count; i++) {
        uint64_t before = trace->cpu_before[i].cpu_ns;
        uint64_t used = 0;
        if (trace->cpu_before[i].state_id == id) {
            used = cpu_of(state);
        }
        if (used > before) {
            pyr_counter_add(&more->cpu_ns, used - before);
        }
    }
}

/* A thread that has had no event since start has been in the same frames all the time: their time
 * is known without ever having met it. */
static void add_silent_thread(struct pyr_trace *trace, PyThreadState *state, uint64_t now)
{
    PyFrameObject *frame = pyr_thread_frame(state);
    if (frame == NULL) {
        return;
    }
    struct pyr_context *home = silent_tree(trace, state);
    if (home != NULL) {
        struct pyr_node *node = pyr_context_seed(trace, home, frame);
        if (node != pyr_calltree_root(&home->tree)) {
            pyr_counter_add(&node->self_ticks, now - trace->started.ticks);
            add_silent_cpu(trace, home, node, state, now);
        }
    }
    Py_DECREF(frame);
}

/* Before 3.12: frames that ran before us may have returned unseen. */
static void sync_thread(struct pyr_slot *slot, PyThreadState *state)
{
    PyFrameObject *frame = pyr_thread_frame(state);
    void *identity = frame != NULL ? pyr_frame_identity(frame) : NULL;
    bool in_seed = slot->cur != NULL && slot->cur == slot->seeded;
    if (identity != NULL && in_seed && identity != slot->seeded_frame) {
        pyr_slot_sync(slot, identity);
    }
    Py_XDECREF(frame);
}

void pyr_silent_visit(struct pyr_trace *trace, uint64_t now)
{
    PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    for (; state != NULL; state = PyThreadState_Next(state)) {
        struct pyr_slot *slot = slot_of((unsigned long)state->thread_id);
        if (slot != NULL) {
            sync_thread(slot, state);
        } else if (trace->options.seed && trace->options.which == PYR_ALL_CONTEXTS &&
                   trace->options.timer == NULL &&
                   PyThreadState_GetID(state) <= trace->max_thread_id) {
            add_silent_thread(trace, state, now);
        }
    }
}
