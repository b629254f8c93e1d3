/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/trace.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "formats/rescue.h"
#include "probe/calibrate.h"
#include "probe/callbacks.h"
#include "probe/compat.h"
#include "probe/event.h"
#include "probe/flush.h"
#include "probe/fork.h"
#include "probe/greenlets.h"
#include "probe/module.h"
#include "probe/ring.h"
#include "probe/silent.h"

struct pyr_probe pyr_probe;

bool pyr_change_begin(void)
{
    unsigned long self = PyThread_get_thread_ident();
    if (pyr_probe.changer == self) {
        return false;
    }
    if (PyThread_acquire_lock(pyr_probe.change_lock, NOWAIT_LOCK) == 0) {
        PyThreadState *thread = PyEval_SaveThread();
        (void)PyThread_acquire_lock(pyr_probe.change_lock, WAIT_LOCK);
        PyEval_RestoreThread(thread);
    }
    pyr_probe.changer = self;
    return true;
}

void pyr_change_end(void)
{
    pyr_probe.changer = 0;
    PyThread_release_lock(pyr_probe.change_lock);
}

void pyr_trace_options_release(struct pyr_trace_options *options)
{
    Py_CLEAR(options->timer);
    Py_CLEAR(options->include);
    Py_CLEAR(options->exclude);
    Py_CLEAR(options->tag);
    Py_CLEAR(options->tag_path);
    Py_CLEAR(options->context);
    Py_CLEAR(options->context_name);
    pyr_mem_free(options->path);
    pyr_mem_free(options->tool_name);
    pyr_mem_free(options->command);
}

struct pyr_trace *pyr_trace_new(struct pyr_trace_options *options, PyObject *owner)
{
    struct pyr_trace *trace = pyr_mem_zalloc(1, sizeof *trace);
    if (trace == NULL) {
        pyr_trace_options_release(options);
        PyErr_NoMemory();
        return NULL;
    }
    trace->options = *options;
    *options = (struct pyr_trace_options){0};
    trace->owner = owner;
    trace->filtered = trace->options.include != NULL || trace->options.exclude != NULL;
    trace->pid = (uint32_t)getpid();
    pthread_mutex_init(&trace->contexts_lock, NULL);
    if (trace->options.timeline > 0) {
        trace->ring = pyr_ring_new(trace->options.timeline);
    }
    if (!pyr_registry_init(&trace->registry, trace->options.include, trace->options.exclude) ||
        !pyr_labels_init(&trace->labels, trace->options.context_limit) ||
        (trace->options.timeline > 0 && trace->ring == NULL)) {
        pyr_trace_free(trace);
        PyErr_NoMemory();
        return NULL;
    }
    return trace;
}

static void free_contexts(struct pyr_context *home)
{
    while (home != NULL) {
        struct pyr_context *next = home->next;
        pyr_context_free(home);
        home = next;
    }
}

/* Nobody has the trace any more, whatever this thread is in the middle of: looking at another one,
 * leaving out its own calls, raising an exception. */
static void stop_for_good(struct pyr_trace *trace)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    bool began = pyr_change_begin();
    bool was_busy = pyr_slot.busy;
    pyr_slot.busy = false;
    if (!pyr_trace_stop(trace)) {
        PyErr_WriteUnraisable(NULL);
    }
    pyr_slot.busy = was_busy;
    if (began) {
        pyr_change_end();
    }
    PyErr_Restore(type, value, traceback);
}

void pyr_trace_free(struct pyr_trace *trace)
{
    if (trace == NULL) {
        return;
    }
    if (trace->running) {
        stop_for_good(trace);
    }
    free_contexts(trace->contexts);
    pyr_labels_release(&trace->labels);
    pyr_coroutines_release(&trace->coroutines);
    pyr_map_release(&trace->context_ids);
    pyr_mem_free(trace->by_id);
    pyr_mem_free(trace->cpu_before);
    pyr_ring_free(trace->ring);
    pyr_registry_release(&trace->registry);
    pyr_trace_options_release(&trace->options);
    pthread_mutex_destroy(&trace->contexts_lock);
    pyr_mem_free(trace->own_path);
    pyr_mem_free(trace);
}

PyObject *pyr_trace_hold(const struct pyr_trace *trace)
{
    if (Py_REFCNT(trace->owner) <= 0) {
        return NULL;
    }
    Py_INCREF(trace->owner);
    return trace->owner;
}

void pyr_trace_let_go(PyObject *held)
{
    Py_XDECREF(held);
}

bool pyr_trace_is_on(const struct pyr_trace *trace)
{
    return pyr_probe.trace == trace && trace->running;
}

/* The flushing thread may ask at the same time. */
double pyr_trace_ns_per_tick(struct pyr_trace *trace)
{
    uint64_t bits = pyr_counter_read(&trace->rate);
    double rate = 0;
    if (bits == 0 && trace->options.timer != NULL) {
        double unit = trace->options.timeunit;
        rate = 1e9 * (unit > 0 ? unit : 1.0 / PYR_EXTERNAL_TICKS_PER_SECOND);
    } else if (bits == 0) {
        rate =
            pyr_clock_rate(pyr_probe.clock, pyr_probe.first_mark, pyr_clock_mark(pyr_probe.clock));
    }
    if (bits == 0) {
        memcpy(&bits, &rate, sizeof bits);
        bits = pyr_set_once(&trace->rate, bits);
    }
    memcpy(&rate, &bits, sizeof rate);
    return rate;
}

void pyr_trace_cool(struct pyr_trace *trace)
{
    const struct pyr_trace_options *options = &trace->options;
    trace->asks = options->tag != NULL || options->context != NULL ||
                  options->context_name != NULL || trace->by_id_count > 0;
    trace->cpu = options->clock != PYR_CHOOSE_WALL;
    /* A filter's callbacks, which look at builtins, don't look at the processor as well. */
    bool watched = trace->cpu && trace->filtered && options->builtins;
    trace->plain = pyr_probe.plain_tsc && !trace->asks && trace->ring == NULL && !watched;
    PYR_SHARED_SET(pyr_probe.hot, NULL);
}

static void choose_cpu_clock(struct pyr_trace *trace)
{
    if (trace->options.clock != PYR_CHOOSE_WALL) {
        trace->cpu_clock = pyr_cpu_clock_prove();
        trace->cpu_rate =
            pyr_clock_rate(pyr_probe.clock, pyr_probe.first_mark, pyr_clock_mark(pyr_probe.clock));
    }
}

uint64_t pyr_trace_duration_ns(const struct pyr_trace *trace)
{
    uint64_t current = trace->running ? pyr_clock_monotonic_ns() - trace->started.ns : 0;
    return trace->active_ns + current;
}

uint64_t pyr_clock_external(void)
{
    struct pyr_slot *slot = &pyr_slot;
    struct pyr_trace *trace = pyr_probe.trace;
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    uint64_t ticks = slot->last;
    if (trace == NULL || slot->busy) {
        return ticks;
    }
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *held = pyr_trace_hold(trace);
    slot->busy = true;
    PyObject *timer = trace->options.timer;
    const double unit = trace->options.timeunit; /* another thread may be freeing the trace */
    Py_INCREF(timer);                            /* it may end the trace from inside, or try to */
    PyObject *now = PyObject_CallFunctionObjArgs(timer, NULL);
    if (now != NULL && unit > 0) {
        ticks = (uint64_t)PyLong_AsLongLong(now);
    } else if (now != NULL) {
        ticks = (uint64_t)(int64_t)(PyFloat_AsDouble(now) * PYR_EXTERNAL_TICKS_PER_SECOND);
    }
    if (PyErr_Occurred()) {
        PyErr_WriteUnraisable(timer);
        ticks = slot->last; /* no time passes when it can't be told */
    }
    Py_XDECREF(now);
    Py_DECREF(timer);
    slot->busy = false; /* reporting what went wrong may have run Python code, too */
    pyr_trace_let_go(held);
    PyErr_Restore(type, value, traceback);
    return ticks;
}

static bool refuse(enum pyr_err_code code, const char *message)
{
    PyErr_SetString(pyr_error_class(code), message);
    return false;
}

static bool check_can_start(const struct pyr_trace *trace)
{
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        return refuse(PYR_ERR_UNSUPPORTED,
                      "pyrometer traces the main interpreter only: this is a subinterpreter");
    }
    if (pyr_without_gil()) {
        return refuse(PYR_ERR_UNSUPPORTED,
                      "tracing needs the GIL as yet: start Python with -X gil=1 or PYTHON_GIL=1");
    }
    if (trace->running) {
        return refuse(PYR_ERR_USAGE, "this trace is running already: stop it first");
    }
    if (pyr_probe.trace != NULL) {
        return refuse(PYR_ERR_USAGE,
                      "another pyrometer trace is running in this process: stop it first");
    }
    return true;
}

/* A forked child must never write to its parent's file, however and whenever it opens one. */
static bool take_own_path(struct pyr_trace *trace)
{
    uint32_t pid = (uint32_t)getpid();
    if (trace->options.path != NULL && pid != trace->pid) {
        struct pyr_buf path = {0};
        pyr_rescue_path_of_process(trace->options.path, pid, &path);
        if (path.failed) {
            pyr_buf_release(&path);
            return false;
        }
        pyr_mem_free(trace->own_path);
        trace->own_path = path.data;
    }
    trace->pid = pid;
    return true;
}

static const char *path_of(const struct pyr_trace *trace)
{
    return trace->own_path != NULL ? trace->own_path : trace->options.path;
}

static bool open_flush(struct pyr_trace *trace)
{
    struct pyr_err err = {0};
    if (!take_own_path(trace)) {
        PyErr_NoMemory();
        return false;
    }
    if (trace->options.path == NULL || trace->flush != NULL) {
        return true;
    }
    trace->flush = pyr_flush_open(trace, path_of(trace), &err);
    if (trace->flush == NULL) {
        pyr_raise(&err);
        return false;
    }
    return true;
}

bool pyr_trace_start(struct pyr_trace *trace)
{
    if (!check_can_start(trace) || !pyr_fork_watch() || !open_flush(trace)) {
        return false;
    }
    trace->only_ident = PyThread_get_thread_ident();
    trace->max_thread_id = pyr_silent_newest_id();
    pyr_probe.external = trace->options.timer != NULL;
    pyr_probe.plain_tsc = !pyr_probe.external && pyr_probe.clock == PYR_CLOCK_TSC;
    choose_cpu_clock(trace);
    pyr_silent_note_cpu(trace);
    pyr_trace_cool(trace);
    PYR_SHARED_SET(pyr_probe.turn, NULL);
    trace->only = NULL;
    pyr_probe.epoch++;
    pyr_probe.trace = trace;
    trace->running = true;
    if (trace->start_unix_ns == 0) {
        trace->start_unix_ns = pyr_clock_realtime_ns();
        trace->first_ticks = pyr_probe.external ? 0 : pyr_event_ticks();
    }
    trace->started = pyr_clock_mark(pyr_probe.clock);
    /* With a file names are written as they come; without one there is time until the stop. */
    if (!pyr_qualnames_learn(trace->options.path != NULL) || !pyr_events_install(trace)) {
        trace->running = false;
        pyr_probe.trace = NULL;
        pyr_probe.external = false;
        pyr_flush_abandon(trace->flush);
        trace->flush = NULL;
        return false;
    }
    trace->started = pyr_clock_mark(pyr_probe.clock);
    if (pyr_slot.cur == NULL) {
        pyr_slot_attach(&pyr_slot, false);
    }
    if (pyr_probe.trace != trace) {
        return true; /* a callback has stopped it again */
    }
    if (trace->flush != NULL) {
        pyr_flush_begin(trace->flush);
    }
    if (pyr_slot.cur != NULL && !pyr_probe.external) {
        pyr_counter_set(&pyr_slot.last, pyr_event_ticks()); /* starting is not the program's time */
        if (trace->options.clock != PYR_CHOOSE_WALL) {
            pyr_cpu_clock_begin(&pyr_slot.cpu, trace->cpu_clock, trace->cpu_rate);
        }
    }
    return true;
}

/* What a thread has used of its processor since its last event, up to `now`. */
static void add_pending_cpu(const struct pyr_trace *trace, struct pyr_slot *slot, uint64_t now)
{
    uint64_t pending = 0;
    uint64_t elapsed = (uint64_t)((double)(now - slot->last) * trace->cpu_rate);
    struct pyr_node_more *more = pyr_cpu_clock_of_thread(&slot->cpu, slot->last, &pending)
                                     ? pyr_calltree_need_more(&slot->home->tree, slot->cur->index)
                                     : NULL;
    if (more != NULL) {
        pyr_counter_add(&more->off_ticks, now - slot->last);
        pyr_counter_add(&more->cpu_ns, pending < elapsed ? pending : elapsed);
    }
}

/* Ends every thread's part: what has passed since its last event is its current function's. The
 * calibration came after the end: some had events since. */
static void detach_slots(const struct pyr_trace *trace, uint64_t ended)
{
    pthread_mutex_lock(&pyr_probe.slots_lock);
    for (struct pyr_slot *slot = pyr_probe.slots; slot != NULL; slot = slot->next) {
        if (slot->cur != NULL && ended > slot->last) {
            if (trace->options.clock != PYR_CHOOSE_WALL) {
                add_pending_cpu(trace, slot, ended);
            }
            pyr_counter_add(&slot->cur->self_ticks, ended - slot->last);
        }
        if (slot->cur != NULL && trace->ring != NULL) {
            pyr_ring_add(trace->ring, ended, slot->home->number, PYR_RING_NOTHING);
        }
        pyr_cpu_clock_end(&slot->cpu);
        if (slot->home != NULL) {
            slot->home->open = slot->cur;
        }
        PYR_SHARED_SET(slot->cur, NULL);
        slot->seeded = NULL;
        slot->native = NULL;
        slot->away = false;
        if (slot->home != NULL) {
            slot->home->slot = NULL;
            slot->home->tree.fold_depth = 0;
            slot->home->seed_count = 0;
            slot->home = NULL;
        }
    }
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    for (struct pyr_context *home = trace->contexts; home != NULL; home = home->next) {
        if (home->ended == 0) {
            pyr_counter_set(&home->ended, ended);
        }
        if (home->cur != NULL) {
            home->open = home->cur;
            home->cur = NULL;
        }
    }
}

/* What tells which context an object or number stands for; their figures stay. */
static void forget_contexts(struct pyr_trace *trace)
{
    pyr_greenlets_forget();
    pyr_coroutines_clear(&trace->coroutines);
    pyr_labels_forget(&trace->labels);
}

/* No thread is in the trace any more. */
static void end(struct pyr_trace *trace, uint64_t ended)
{
    detach_slots(trace, ended);
    trace->running = false;
    pyr_probe.trace = NULL;
    pyr_trace_cool(trace);
    forget_contexts(trace);
    pyr_greenlets_detach();
    pyr_probe.external = false;
    pyr_probe.plain_tsc = pyr_probe.clock == PYR_CLOCK_TSC;
}

bool pyr_trace_stop(struct pyr_trace *trace)
{
    struct pyr_err err = {0};
    if (!trace->running) {
        return true;
    }
    if (pyr_slot.busy) {
        PyErr_SetString(PyExc_RuntimeError,
                        "a trace can't be stopped from inside its own timer or callback");
        return false;
    }
    uint64_t active_ns = pyr_trace_duration_ns(trace);
    uint64_t ended = pyr_event_ticks();
    struct pyr_calibration *calibration = pyr_calibration_begin(trace);
    pyr_events_remove(trace);
    if (trace->flush != NULL) {
        pyr_flush_end(trace->flush);
    }
    pyr_silent_visit(trace, ended);
    for (struct pyr_context *home = trace->contexts; home != NULL; home = home->next) {
        pyr_context_learn_name(home);
    }
    trace->active_ns = active_ns;
    end(trace, ended);
    pyr_registry_name_rest(&trace->registry);
    pyr_calibration_end(calibration);
    if (trace->flush != NULL) {
        struct pyr_flush *flush = trace->flush;
        trace->flush = NULL;
        if (!pyr_flush_close(flush, &err)) {
            if (pyr_calibration_free(calibration)) {
                pyr_raise(&err);
            }
            return false;
        }
    }
    return pyr_calibration_free(calibration);
}

static void forget_figures(struct pyr_trace *trace, uint64_t now)
{
    trace->contexts = NULL;
    trace->greenlet_count = 0;
    trace->lost_contexts = 0;
    trace->lost_callbacks = 0;
    trace->nodes = 0;
    pyr_labels_clear(&trace->labels, now);
    forget_contexts(trace);
    pyr_map_clear(&trace->context_ids);
    trace->by_id_count = 0;
    trace->others = NULL;
    if (trace->ring != NULL) {
        pyr_ring_clear(trace->ring);
    }
    pyr_trace_cool(trace);
}

/* The one context that is traced may be one that no thread is in now. */
static struct pyr_context *only_anew(struct pyr_trace *trace, const struct pyr_context *old)
{
    struct pyr_context *home = old->kind == PYR_THREAD_CONTEXT
                                   ? pyr_callbacks_find(trace, old->id, NULL)
                                   : pyr_context_like(trace, old);
    if (home != NULL) {
        home->ident = old->ident;
        home->tid = old->tid;
    }
    return home;
}

/* New trees for every thread that has one, with the path it is on and nothing counted. */
static void renew_trees(struct pyr_trace *trace)
{
    uint64_t now = pyr_event_ticks();
    struct pyr_context *old = trace->contexts;
    const struct pyr_context *only = trace->only;
    pyr_probe.epoch++;
    forget_figures(trace, now);
    PYR_SHARED_SET(pyr_probe.turn, NULL); /* what goes on is the new context's first turn */
    pthread_mutex_lock(&pyr_probe.slots_lock);
    for (struct pyr_slot *slot = pyr_probe.slots; slot != NULL; slot = slot->next) {
        if (slot->cur != NULL) {
            pyr_slot_renew(trace, slot, now);
        } else {
            slot->native = NULL; /* it is met anew when it comes back to what is traced */
            slot->home = NULL;
            slot->away = false;
        }
    }
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    if (only != NULL && trace->only == only) {
        trace->only = only_anew(trace, only);
    }
    free_contexts(old);
    trace->active_ns = 0;
    trace->start_unix_ns = pyr_clock_realtime_ns();
    trace->first_ticks = pyr_probe.external ? 0 : now;
    trace->lost_deep = 0;
    trace->max_thread_id = pyr_silent_newest_id();
    pyr_silent_note_cpu(trace);
    trace->started = pyr_clock_mark(pyr_probe.clock);
}

bool pyr_trace_clear(struct pyr_trace *trace)
{
    if (pyr_slot.busy) {
        PyErr_SetString(PyExc_RuntimeError,
                        "a trace can't be cleared from inside its own timer or callback");
        return false;
    }
    if (!trace->running) {
        free_contexts(trace->contexts);
        forget_figures(trace, 0);
        pyr_labels_drop(&trace->labels);
        trace->active_ns = 0;
        trace->start_unix_ns = 0;
        return true;
    }
    if (trace->flush != NULL) {
        return refuse(PYR_ERR_USAGE,
                      "a running trace that writes a file can't be cleared: stop it");
    }
    pyr_events_remove(trace);
    renew_trees(trace);
    if (!pyr_events_install(trace)) {
        end(trace, trace->started.ticks);
        return false;
    }
    return true;
}

void pyr_trace_forked(void)
{
    struct pyr_err err = {0};
    struct pyr_slot *mine = &pyr_slot;
    struct pyr_trace *trace = pyr_probe.trace;
    /* Whatever locks other threads held belong to nobody now, and their storage to newer ones. */
    pthread_mutex_init(&pyr_probe.slots_lock, NULL);
    pyr_probe.slots = mine->listed ? mine : NULL;
    mine->next = NULL;
    if (pyr_probe.changer != PyThread_get_thread_ident()) {
        PyThread_type_lock fresh = PyThread_allocate_lock();
        pyr_probe.change_lock = fresh != NULL ? fresh : pyr_probe.change_lock;
        pyr_probe.changer = 0;
    }
    if (trace == NULL) {
        return;
    }
    pthread_mutex_init(&trace->contexts_lock, NULL);
    pthread_mutex_init(&trace->registry.lock, NULL);
    bool has_path = take_own_path(trace) && trace->options.path != NULL;
    pyr_flush_abandon(trace->flush);
    trace->flush = NULL;
    renew_trees(trace);
    if (mine->cur != NULL && trace->options.clock != PYR_CHOOSE_WALL) {
        pyr_cpu_clock_begin(&mine->cpu, trace->cpu_clock, trace->cpu_rate);
    }
    if (has_path) {
        trace->flush = pyr_flush_open_late(trace, path_of(trace), &err);
    }
    if (trace->flush != NULL) {
        pyr_flush_begin(trace->flush);
    }
}
