/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Trace: every call, exactly. One trace may be active in a process at a time.
 *
 * Each thread charges time by transitions: at every event the time since the thread's last event
 * goes to the function that was current, then another becomes current. One clock reading and one
 * tree step per event, and self times that add up to the whole by construction.
 *
 * Who writes what: a thread its slot and the tree of the context it is in; the registry whoever
 * meets a new function; the trace's own flushing thread (only with a file, see flush.h) the model
 * profile and the file. It reads the trees while they grow and never touches Python. */
#pragma once

#include <Python.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/cpu_clock.h"
#include "model/profile.h"
#include "probe/context.h"
#include "probe/coroutines.h"
#include "probe/label.h"
#include "probe/registry.h"

#define PYR_TRACE_NODE_LIMIT 1000000u
#define PYR_TRACE_FLUSH_NS 1000000000u
/* The resolution at which an external timer's float seconds are kept. */
#define PYR_EXTERNAL_TICKS_PER_SECOND 4294967296.0

/* A native thread's place in the active trace; lives in thread-local storage, reset at every start.
 */
struct pyr_slot {
    struct pyr_node *cur;       /* NULL: has not met the active trace, or there is none */
    uint64_t last;              /* ticks at the last event */
    struct pyr_context *home;   /* the context it is in */
    struct pyr_context *native; /* its thread's own */
    struct pyr_node *seeded;    /* innermost of the context's seeds, NULL when none is left */
    void *seeded_frame;         /* its frame, to compare, never to follow */
    uint64_t state_id;          /* of the thread state it was met with; a C thread may have many */
    const char *stack_limit;    /* C stack below it is left alone */
    void *frame;                /* before 3.12: of the event that goes on */
    struct pyr_cpu_clock cpu;
    uint64_t step_starved; /* ticks that the task which runs had been ready before it ran */
    struct pyr_label *tag; /* of the tag's last value; NULL: none */
    uint64_t greenlets;    /* the start of the trace whose switches of greenlets it follows */
    bool busy;             /* in an external timer or callback */
    bool away;             /* in a context that is not traced */
    bool listed;
    struct pyr_slot *next; /* in pyr_probe.slots */
};

enum pyr_clock_choice { PYR_CHOOSE_WALL, PYR_CHOOSE_CPU, PYR_CHOOSE_BOTH };
enum pyr_which_contexts { PYR_ALL_CONTEXTS, PYR_CURRENT_THREAD, PYR_CURRENT_CONTEXT };

struct pyr_trace_options {
    bool builtins;
    enum pyr_clock_choice clock;
    enum pyr_which_contexts which;
    bool tasks;     /* tell asyncio's tasks apart */
    bool greenlets; /* follow switches between greenlets */
    bool seed;      /* show calls below the frames that were running at start */
    bool calibrate;
    uint32_t node_limit;
    uint32_t context_limit;
    uint32_t timeline;  /* events kept; 0: no timeline */
    PyObject *tag;      /* owned: context variable or callable, or NULL */
    PyObject *tag_path; /* owned str, MODULE:NAME of a variable not found yet; or NULL */
    PyObject *context;  /* owned: callables, or NULL */
    PyObject *context_name;
    double timeunit;   /* seconds per unit of an external timer; 0: it gives seconds */
    PyObject *timer;   /* owned; NULL: our own clock */
    PyObject *include; /* owned tuples of str, or NULL */
    PyObject *exclude;
    char *path;      /* owned; NULL: no file */
    char *tool_name; /* owned */
    char *command;   /* owned; for the meta data */
};

/* What measuring one call adds to the callee's own time and to its caller's, picoseconds. */
struct pyr_cost {
    int64_t inside_ps;
    int64_t outside_ps;
};

struct pyr_costs {
    struct pyr_cost python;
    struct pyr_cost resume;
    struct pyr_cost builtin;
    bool known;
};

/* CPU time that a thread had used before the trace began. */
struct pyr_silent_cpu {
    uint64_t state_id;
    uint64_t cpu_ns;
};

struct pyr_trace {
    struct pyr_trace_options options;
    struct pyr_registry registry;
    struct pyr_context *contexts;  /* newest first */
    pthread_mutex_t contexts_lock; /* guards the head of the list */
    uint32_t greenlet_count;       /* contexts that are no native threads' */
    uint64_t lost_contexts;        /* greenlets that share one */
    uint64_t lost_callbacks;
    uint64_t nodes; /* in all trees */
    struct pyr_labels labels;
    struct pyr_map context_ids; /* what the callback gave -> place in by_id, from 1 */
    struct pyr_context **by_id; /* owned */
    uint32_t by_id_count;
    uint32_t by_id_cap;
    struct pyr_context *others; /* of all ids beyond the limit; NULL: none yet */
    int64_t other_id;           /* the last of them */
    struct pyr_coroutines coroutines;
    struct pyr_ring *ring;    /* owned; NULL without a timeline */
    const void *call_soon;    /* the code of asyncio's _call_soon, once met */
    struct pyr_context *only; /* with PYR_CURRENT_CONTEXT */
    enum pyr_cpu_clock_kind cpu_clock;
    double cpu_rate;                   /* ns per tick as known at the start */
    struct pyr_silent_cpu *cpu_before; /* owned; of the threads there were at the start */
    uint32_t cpu_before_count;
    bool plain; /* the hot path is all it takes */
    bool cpu;   /* there are CPU times: the hot path looks whether the thread was switched */
    bool asks;  /* there are callbacks or a tag to look at in every event */
    unsigned long only_ident;      /* with PYR_CURRENT_THREAD */
    uint64_t max_thread_id;        /* thread states numbered above it began after start */
    struct pyr_clock_mark started; /* last */
    uint64_t active_ns;            /* between earlier starts and stops */
    uint64_t start_unix_ns;        /* of the first start; 0: never started */
    uint64_t first_ticks;          /* the same */
    uint64_t rate;                 /* the bits of ns per tick; 0 until first needed, then fixed */
    uint64_t lost_deep;
    struct pyr_costs costs; /* of this trace, when it takes more than the hot path */
    bool running;
    bool filtered; /* there are include or exclude patterns */
    uint32_t pid;
    char *own_path;          /* owned; where a forked child writes; NULL: to options.path */
    struct pyr_flush *flush; /* owned; NULL without a file */
    PyObject *owner;         /* borrowed: the Tracer */
};

/* The probe's one mutable global. Guarded by the GIL, the list of slots by slots_lock. */
struct pyr_probe {
    struct pyr_trace *trace; /* the active one, or NULL */
    enum pyr_clock_kind clock;
    bool plain_tsc;            /* the clock of the active trace is the TSC */
    struct pyr_slot *hot;      /* had the last event, and the hot path will do: its one question */
    struct pyr_slot *turn;     /* had the last event */
    struct pyr_costs costs[2]; /* without and with builtins; measured once per process */
    bool watches_fork;
    bool watches_exit;
    bool external;         /* time comes from the active trace's timer */
    uint64_t epoch;        /* counts starts and clears: what was known of contexts before is void */
    char process_name[16]; /* the main thread's, as the kernel has it */
    struct pyr_clock_mark first_mark; /* when the probe was loaded: a long base for the rate */
    pthread_key_t slot_key;
    struct pyr_slot *slots;
    pthread_mutex_t slots_lock;     /* guards the list, and slots against their thread's end */
    PyThread_type_lock change_lock; /* held from pyr_change_begin() to pyr_change_end() */
    unsigned long changer;          /* ident of the thread that holds it; 0: nobody */
};
extern struct pyr_probe pyr_probe;
extern _Thread_local struct pyr_slot pyr_slot __attribute__((tls_model("initial-exec")));

void pyr_trace_options_release(struct pyr_trace_options *options);
/* Takes over what `options` owns, also on failure. NULL with an exception. */
struct pyr_trace *pyr_trace_new(struct pyr_trace_options *options, PyObject *owner);
void pyr_trace_free(struct pyr_trace *trace); /* stops it first; NULL is allowed */
/* Around pyr_trace_start(), _stop() and _clear(): they run Python code, such as the calibration's,
 * so the GIL does not keep other threads out. Waits for them. False, without an exception, when
 * this very thread is inside already, in a finalizer or signal handler. */
bool pyr_change_begin(void);
void pyr_change_end(void);
/* Around what may run the program's code: a trace that it drops, or another thread, is freed no
 * earlier than pyr_trace_let_go(), which may free it. NULL when it is being freed already. */
PyObject *pyr_trace_hold(const struct pyr_trace *trace);
void pyr_trace_let_go(PyObject *held); /* NULL is allowed */
/* Is it the one that runs? Of a trace that may be gone as well. */
bool pyr_trace_is_on(const struct pyr_trace *trace);
/* False with an exception. May be called again after a stop: values add up. */
bool pyr_trace_start(struct pyr_trace *trace);
bool pyr_trace_stop(struct pyr_trace *trace);
/* Forgets what was collected; works while running too. */
bool pyr_trace_clear(struct pyr_trace *trace);
/* Fixes the rate at first use; the later that is, the better it is known. */
double pyr_trace_ns_per_tick(struct pyr_trace *trace);
uint64_t pyr_trace_duration_ns(const struct pyr_trace *trace);
/* In a forked child, whether a trace runs or not: only the thread that forked is left. What runs
 * starts afresh, with a file of its own. */
void pyr_trace_forked(void);

/* Destructor of pyr_probe.slot_key. */
void pyr_slot_thread_ended(void *slot);

/* Off the hot path of event.h. */
struct pyr_node *pyr_slot_attach(struct pyr_slot *slot, bool skip_top);
/* With a filter: is the function with this code, which calls (or called, when `returning`) a
 * builtin, the one that is current? If not it is filtered out, and so is the builtin. */
bool pyr_slot_is_caller(const struct pyr_slot *slot, const void *code, bool returning);
/* The caller's frame is not the seeded one: returns that came without an event. */
void pyr_slot_sync(struct pyr_slot *slot, void *frame);
/* The innermost seeded frame has returned. */
void pyr_slot_drop_seed(struct pyr_slot *slot);
/* The part of the time since the last event that was no CPU time, noted for `cur`, where the slot
 * is. Gives from when on the next event's time counts: where the kernel was asked that took its own
 * time. On the slot's thread. */
uint64_t pyr_slot_charge_cpu(struct pyr_slot *slot, const struct pyr_node *cur, uint64_t now);
/* The same for time that nothing of is noted. */
uint64_t pyr_slot_skip_cpu(struct pyr_slot *slot, uint64_t now);
/* Charges what has passed up to `now` to where the slot is. On the slot's thread. */
void pyr_slot_charge(struct pyr_trace *trace, struct pyr_slot *slot, uint64_t now);
/* The slot's thread goes on in another context, from `now` on; NULL: in one that is not traced. */
void pyr_slot_move(struct pyr_trace *trace, struct pyr_slot *slot, struct pyr_context *home,
                   uint64_t now);
/* A new context for the slot's, with the path it is on and nothing counted. The old one stays for
 * the caller to free. */
void pyr_slot_renew(struct pyr_trace *trace, struct pyr_slot *slot, uint64_t now);
uint64_t pyr_clock_external(void);
/* Calls of builtins are looked at for what they tell about contexts, even if not recorded. */
static inline bool pyr_trace_watches_builtins(const struct pyr_trace *trace)
{
    return trace->options.context != NULL;
}
/* Anything of what the hot path relies on has changed: every thread's next event asks again. */
void pyr_trace_cool(struct pyr_trace *trace);
