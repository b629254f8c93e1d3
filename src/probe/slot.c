/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Slots: threads that come and go, and the contexts they are in. */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "probe/callbacks.h"
#include "probe/compat.h"
#include "probe/event.h"
#include "probe/greenlets.h"
#include "probe/ring.h"
#include "probe/silent.h"

_Thread_local struct pyr_slot pyr_slot __attribute__((tls_model("initial-exec")));

static const char *stack_limit(void)
{
    pthread_attr_t attr;
    void *base = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attr) != 0) {
        return NULL;
    }
    const char *limit = NULL;
    if (pthread_attr_getstack(&attr, &base, &size) == 0) {
        limit = (const char *)base + pyr_events_stack_reserve(size);
    }
    pthread_attr_destroy(&attr);
    return limit;
}

/* The slot lives in the thread's own storage: the list must forget it before that goes, and what
 * remembers its address must, as the next thread may have it. */
void pyr_slot_thread_ended(void *arg)
{
    struct pyr_slot *slot = arg;
    PYR_SHARED_CLEAR_IF(pyr_probe.hot, slot);
    PYR_SHARED_CLEAR_IF(pyr_probe.turn, slot);
    pthread_mutex_lock(&pyr_probe.slots_lock);
    if (slot->home != NULL && slot->home->slot == slot) {
        slot->home->slot = NULL;
    }
    if (slot->native != NULL) {
        pyr_counter_set(&slot->native->ended, slot->last);
    }
    for (struct pyr_slot **at = &pyr_probe.slots; *at != NULL; at = &(*at)->next) {
        if (*at == slot) {
            *at = slot->next;
            break;
        }
    }
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    *slot = (struct pyr_slot){0};
}

/* Shows a slot that is ready to the flushing thread, and to whoever ends the trace. */
static void list_slot(struct pyr_slot *slot)
{
    pthread_mutex_lock(&pyr_probe.slots_lock);
    if (!slot->listed && pthread_setspecific(pyr_probe.slot_key, slot) == 0) {
        slot->listed = true;
        slot->next = pyr_probe.slots;
        pyr_probe.slots = slot;
    }
    if (slot->home != NULL) {
        slot->home->slot = slot;
    }
    pthread_mutex_unlock(&pyr_probe.slots_lock);
}

/* What this thread did in the trace before it was stopped and started again, or NULL. */
static struct pyr_context *find_native(struct pyr_trace *trace, unsigned long ident, uint32_t tid)
{
    struct pyr_context *home = trace->contexts;
    pthread_mutex_lock(&pyr_probe.slots_lock);
    while (home != NULL && (home->kind != PYR_THREAD_NATIVE || home->ident != ident ||
                            home->tid != tid || home->slot != NULL)) {
        home = home->next;
    }
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    return home;
}

static void show_innermost_seed(struct pyr_slot *slot)
{
    const struct pyr_context *home = slot->home;
    slot->seeded = home->seed_count > 0 ? home->seeds[home->seed_count - 1].node : NULL;
    slot->seeded_frame = home->seed_count > 0 ? home->seeds[home->seed_count - 1].frame : NULL;
}

/* The context the thread is in, by greenlets and callbacks; NULL when it is not traced. */
static struct pyr_context *find_home(struct pyr_trace *trace, struct pyr_slot *slot,
                                     struct pyr_context *native)
{
    struct pyr_context *home = native;
    if (trace->options.greenlets) {
        home = pyr_greenlets_attach(trace, slot, native);
    }
    if (trace->options.context != NULL) {
        home = pyr_callbacks_context(trace, slot, native);
        if (home == NULL || !pyr_trace_is_on(trace)) {
            return NULL;
        }
    }
    if (trace->options.which == PYR_CURRENT_CONTEXT && trace->only == NULL) {
        trace->only = home; /* the thread that starts the trace is the first to be met */
    }
    return trace->options.which == PYR_CURRENT_CONTEXT && home != trace->only ? NULL : home;
}

/* CPU time that the slot's thread had used when the trace began, if it was there then. */
static bool find_cpu_before(const struct pyr_trace *trace, uint64_t state_id, uint64_t *cpu_ns)
{
    for (uint32_t i = 0; i < trace->cpu_before_count; i++) {
        if (trace->cpu_before[i].state_id == state_id) {
            *cpu_ns = trace->cpu_before[i].cpu_ns;
            return true;
        }
    }
    return false;
}

static void begin_cpu(struct pyr_trace *trace, struct pyr_slot *slot, bool was_there)
{
    uint64_t before = 0;
    if (trace->options.clock == PYR_CHOOSE_WALL) {
        return;
    }
    pyr_cpu_clock_begin(&slot->cpu, trace->cpu_clock, trace->cpu_rate);
    struct pyr_node_more *more = was_there && find_cpu_before(trace, slot->state_id, &before)
                                     ? pyr_calltree_need_more(&slot->home->tree, slot->cur->index)
                                     : NULL;
    if (more != NULL) {
        uint64_t used = pyr_thread_cpu_ns(pthread_self());
        pyr_counter_add(&more->cpu_ns, used > before ? used - before : 0);
    }
}

/* The slot's thread has met a trace that leaves its context out. */
static void stay_away(struct pyr_slot *slot, struct pyr_context *native)
{
    slot->away = true;
    slot->native = native;
    slot->tag = NULL; /* an earlier trace's */
    list_slot(slot);
}

/* The slot's thread is in `home` from `now` on, and has `frame` and what called it below it. */
static void settle(struct pyr_trace *trace, struct pyr_slot *slot, struct pyr_context *home,
                   struct pyr_context *native, PyFrameObject *frame, uint64_t now)
{
    struct pyr_node *node = home->cur != NULL ? home->cur : pyr_context_meet(trace, home, frame);
    /* A thread that was there at start has been in these very frames since: else it would have
     * been met before. */
    uint64_t state_id = PyThreadState_GetID(PyThreadState_Get());
    bool was_there = home == native && state_id <= trace->max_thread_id &&
                     node != pyr_calltree_root(&home->tree);
    pthread_mutex_lock(&pyr_probe.slots_lock); /* a thread that ends writes to `next` */
    struct pyr_slot before = *slot;
    *slot = (struct pyr_slot){
        .cur = node,
        .last = was_there && !pyr_probe.external ? trace->started.ticks : now,
        .home = home,
        .native = native,
        .state_id = state_id,
        .stack_limit = stack_limit(),
        .frame = before.frame,
        .greenlets = before.greenlets,
        .listed = before.listed,
        .next = before.next,
    };
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    home->cur = NULL;
    home->open = NULL;
    pyr_counter_set(&home->ended, 0);
    show_innermost_seed(slot);
    list_slot(slot);
    begin_cpu(trace, slot, was_there);
    if (trace->ring != NULL) {
        pyr_ring_add(trace->ring, slot->last, home->number, node->index);
    }
    pyr_events_attach_thread(trace);
}

/* Is there a trace that the slot's thread has yet to meet? */
static bool is_to_meet(const struct pyr_slot *slot)
{
    const struct pyr_trace *trace = pyr_probe.trace;
    return trace != NULL && trace->running && !slot->away && slot->cur == NULL &&
           (trace->options.which != PYR_CURRENT_THREAD ||
            PyThread_get_thread_ident() == trace->only_ident);
}

/* Is the trace another one, or new, or the thread known to it, after what may run Python code? */
static bool has_changed(const struct pyr_trace *trace, const struct pyr_slot *slot, uint64_t epoch)
{
    return pyr_probe.epoch != epoch || !pyr_trace_is_on(trace) || slot->cur != NULL;
}

static void meet_thread(struct pyr_slot *slot, PyFrameObject *frame)
{
    struct pyr_trace *trace = pyr_probe.trace;
    const uint64_t epoch = pyr_probe.epoch;
    unsigned long ident = PyThread_get_thread_ident();
    uint32_t tid = (uint32_t)syscall(SYS_gettid);
    uint64_t now = pyr_event_ticks();
    if (has_changed(trace, slot, epoch)) {
        return;
    }
    struct pyr_context *native = find_native(trace, ident, tid);
    if (native == NULL) {
        native = pyr_context_new(trace, ident, tid);
    }
    struct pyr_context *home = native != NULL ? find_home(trace, slot, native) : NULL;
    if (has_changed(trace, slot, epoch)) {
        return;
    }
    if (home != NULL) {
        settle(trace, slot, home, native, frame, now);
    } else if (native != NULL) {
        stay_away(slot, native);
    }
}

struct pyr_node *pyr_slot_attach(struct pyr_slot *slot, bool skip_top)
{
    if (!is_to_meet(slot)) {
        return NULL;
    }
    PyFrameObject *frame = pyr_running_frames(skip_top);
    if (is_to_meet(slot)) {
        meet_thread(slot, frame);
    }
    Py_XDECREF(frame); /* which ends no function: it runs */
    return slot->cur;
}

/* After a step of its clock at `now`. */
static uint64_t counts_from(const struct pyr_slot *slot, uint64_t now)
{
    uint64_t start = slot->cpu.start_ticks;
    return start != UINT64_MAX && start > now ? start : now;
}

uint64_t pyr_slot_charge_cpu(struct pyr_slot *slot, const struct pyr_node *cur, uint64_t now)
{
    uint64_t ticks = 0;
    uint64_t ns = 0;
    pyr_cpu_clock_step(&slot->cpu, slot->last, now, &ticks, &ns);
    uint64_t off = now - slot->last - ticks;
    struct pyr_node_more *more =
        off > 0 || ns > 0 ? pyr_calltree_need_more(&slot->home->tree, cur->index) : NULL;
    if (more != NULL) {
        pyr_counter_add(&more->off_ticks, off);
        pyr_counter_add(&more->cpu_ns, ns);
    }
    return counts_from(slot, now);
}

uint64_t pyr_slot_skip_cpu(struct pyr_slot *slot, uint64_t now)
{
    uint64_t ticks = 0;
    uint64_t ns = 0;
    pyr_cpu_clock_step(&slot->cpu, slot->last, now, &ticks, &ns);
    return counts_from(slot, now);
}

void pyr_slot_charge(struct pyr_trace *trace, struct pyr_slot *slot, uint64_t now)
{
    if (slot->cur != NULL && now > slot->last) {
        uint64_t from = trace->options.clock != PYR_CHOOSE_WALL
                            ? pyr_slot_charge_cpu(slot, slot->cur, now)
                            : now;
        pyr_event_switch(slot, slot->cur, slot->cur, now);
        pyr_counter_set(&slot->last, from);
    }
}

/* All that is on a greenlet's stack was suspended while its thread was elsewhere. */
static void add_away(struct pyr_context *home, const struct pyr_node *node, uint64_t now)
{
    uint64_t ticks = home->left != 0 && now > home->left ? now - home->left : 0;
    home->left = 0;
    for (; ticks > 0 && node->parent != NULL; node = node->parent) {
        struct pyr_node_more *more = pyr_calltree_need_more(&home->tree, node->index);
        if (more != NULL) {
            pyr_counter_add(&more->awaited_ticks, ticks);
        }
    }
}

void pyr_slot_move(struct pyr_trace *trace, struct pyr_slot *slot, struct pyr_context *home,
                   uint64_t now)
{
    struct pyr_context *old = slot->home;
    bool came_back = slot->cur == NULL;
    if (!came_back) {
        pyr_slot_charge(trace, slot, now);
        if (trace->ring != NULL) {
            pyr_ring_add(trace->ring, now, old->number, PYR_RING_NOTHING);
        }
    }
    pthread_mutex_lock(&pyr_probe.slots_lock);
    if (old != NULL) {
        old->cur = slot->cur;
        old->left = home != NULL && home->kind != PYR_THREAD_CONTEXT ? now : 0;
        old->slot = old->slot == slot ? NULL : old->slot;
    }
    slot->home = home;
    slot->last = now;
    struct pyr_node *cur = NULL;
    if (home != NULL) {
        cur = home->cur != NULL && home->slot == NULL ? home->cur : pyr_calltree_root(&home->tree);
        home->cur = NULL;
        home->open = NULL;
        home->slot = slot;
        pyr_counter_set(&home->ended, 0);
    }
    PYR_SHARED_SET(slot->cur, cur);
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    slot->away = home == NULL;
    slot->seeded = NULL;
    if (home == NULL) {
        PYR_SHARED_SET(pyr_probe.hot, NULL);
        return;
    }
    show_innermost_seed(slot);
    add_away(home, cur, now);
    pyr_counter_add(&home->switches, 1);
    if (came_back && trace->options.clock != PYR_CHOOSE_WALL) {
        pyr_cpu_clock_begin(&slot->cpu, trace->cpu_clock, trace->cpu_rate);
    }
    if (trace->ring != NULL) {
        pyr_ring_add(trace->ring, now, home->number, cur->index);
    }
}

void pyr_slot_renew(struct pyr_trace *trace, struct pyr_slot *slot, uint64_t now)
{
    struct pyr_context *old = slot->home;
    const struct pyr_node *cur = slot->cur;
    uint32_t tid = slot == &pyr_slot ? (uint32_t)syscall(SYS_gettid) : slot->native->tid;
    if (old->tree.fold_depth > 0) {
        cur = old->tree.fold_stack[0];
    }
    struct pyr_context *native = pyr_context_new(trace, slot->native->ident, tid);
    struct pyr_context *home = native;
    if (native != NULL && old->kind == PYR_THREAD_CONTEXT) {
        home = pyr_callbacks_find(trace, old->id, native);
    } else if (native != NULL && old != slot->native) {
        home = pyr_context_add(trace, old->kind, native, 0); /* none has ended yet */
        trace->greenlet_count += home != NULL;
    }
    slot->native = native;
    if (home == NULL) {
        slot->home = NULL;
        PYR_SHARED_SET(slot->cur, NULL);
        return;
    }
    if (old->kind != PYR_THREAD_NATIVE && old->named != 0) {
        pyr_context_set_name(home, old->name);
    }
    trace->only = trace->only == old ? home : trace->only;
    struct pyr_node *node = pyr_context_copy_path(trace, home, old, cur);
    home->unseen = old->unseen;
    slot->home = home;
    slot->last = now;
    home->slot = slot;
    show_innermost_seed(slot);
    PYR_SHARED_SET(slot->cur, node);
    if (trace->ring != NULL) {
        pyr_ring_add(trace->ring, now, home->number, node->index);
    }
}

void pyr_slot_drop_seed(struct pyr_slot *slot)
{
    /* Of threads in one context the last to meet it has its seeds there. */
    slot->home->seed_count -= slot->home->seed_count > 0;
    show_innermost_seed(slot);
}

void pyr_slot_sync(struct pyr_slot *slot, void *frame)
{
    struct pyr_context *home = slot->home;
    while (home->seed_count > 0 && home->seeds[home->seed_count - 1].frame != frame) {
        home->seed_count--;
    }
    show_innermost_seed(slot);
    PYR_SHARED_SET(slot->cur, slot->seeded != NULL ? slot->seeded : pyr_calltree_root(&home->tree));
}
