/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Trace: every call, exactly. One trace may be active in a process at a time.
 *
 * Each thread charges time by transitions: at every event the time since the thread's last event
 * goes to the function that was current, then another becomes current. One clock reading and one
 * tree step per event, and self times that add up to the whole by construction.
 *
 * Who writes what: a thread its slot and its call tree; the registry whoever meets a new function;
 * the trace's own flushing thread (only with a file, see flush.h) the model profile and the file.
 * It reads the trees while they grow and never touches Python. */
#pragma once

#include <Python.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/profile.h"
#include "probe/calltree.h"
#include "probe/registry.h"

#define PYR_TRACE_NODE_LIMIT 1000000u
#define PYR_TRACE_FLUSH_NS 1000000000u
#define PYR_TRACE_NAME_BYTES 64u
/* The resolution at which an external timer's float seconds are kept. */
#define PYR_EXTERNAL_TICKS_PER_SECOND 4294967296.0

/* A frame that was running when the thread met the trace. */
struct pyr_seed {
    struct pyr_node *node;
    void *frame; /* to compare, never to follow */
};

/* What one thread did while the trace was active; outlives the thread. */
struct pyr_thread_tree {
    struct pyr_calltree tree;
    struct pyr_thread_tree *next; /* in trace->trees, newest first */
    struct pyr_slot *slot;        /* NULL once the thread has ended */
    uint32_t tid;
    unsigned long ident; /* as threading.get_ident() */
    uint64_t state_id;   /* of the thread state, when the thread was found without any event */
    uint32_t unseen;     /* frames that ran before us and are not shown: their returns are known */
    uint64_t unmatched;  /* returns whose call was not seen */
    uint64_t folded;
    uint64_t lost_memory;
    struct pyr_seed *seeds; /* owned; frames that ran before us, outermost first */
    uint32_t seed_count;
    uint32_t seed_cap;
    uint32_t name_tries;
    uint32_t named;                  /* published once `name` is whole */
    char name[PYR_TRACE_NAME_BYTES]; /* as threading has it */
    char system_name[16];            /* as the kernel has it */
};

/* A thread's place in the active trace; lives in thread-local storage, reset at every start. */
struct pyr_slot {
    struct pyr_node *cur; /* NULL: has not met the active trace, or there is none */
    uint64_t last;        /* ticks at the last event */
    struct pyr_thread_tree *home;
    struct pyr_node *seeded; /* innermost of the tree's seeds, NULL when none is left */
    void *seeded_frame;      /* its frame, to compare, never to follow */
    uint64_t state_id;       /* of the thread state it was met with; a C thread may have many */
    const char *stack_limit; /* C stack below it is left alone */
    bool busy;               /* in an external timer */
    bool listed;
    struct pyr_slot *next; /* in pyr_probe.slots */
};

struct pyr_trace_options {
    bool builtins;
    bool current_thread_only;
    bool seed; /* show calls below the frames that were running at start */
    bool calibrate;
    uint32_t node_limit;
    double timeunit;   /* seconds per unit of an external timer; 0: it gives seconds */
    PyObject *timer;   /* owned; NULL: our own clock */
    PyObject *include; /* owned tuples of str, or NULL */
    PyObject *exclude;
    char *path;      /* owned; NULL: no file */
    char *tool_name; /* owned */
    char *command;   /* owned; for the meta data */
};

struct pyr_trace {
    struct pyr_trace_options options;
    struct pyr_registry registry;
    struct pyr_thread_tree *trees; /* published */
    uint64_t nodes;                /* in all trees */
    pthread_mutex_t trees_lock;    /* guards `trees` */
    unsigned long only_ident;      /* with current_thread_only */
    uint64_t max_thread_id;        /* thread states numbered above it began after start */
    struct pyr_clock_mark started; /* last */
    uint64_t active_ns;            /* between earlier starts and stops */
    uint64_t start_unix_ns;        /* of the first start; 0: never started */
    double ns_per_tick;            /* 0 until first needed, then fixed */
    uint64_t lost_deep;
    bool running;
    bool filtered; /* there are include or exclude patterns */
    uint32_t pid;
    char *own_path;          /* owned; where a forked child writes; NULL: to options.path */
    struct pyr_flush *flush; /* owned; NULL without a file */
    PyObject *owner;         /* borrowed: the Tracer */
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

/* The probe's one mutable global. Guarded by the GIL, the list of slots by slots_lock. */
struct pyr_probe {
    struct pyr_trace *trace; /* the active one, or NULL */
    enum pyr_clock_kind clock;
    bool plain_tsc; /* the clock of the active trace is the TSC: the hot path's one question */
    struct pyr_costs costs[2]; /* without and with builtins; measured once per process */
    bool watches_fork;
    bool watches_exit;
    bool external;                    /* time comes from the active trace's timer */
    char process_name[16];            /* the main thread's, as the kernel has it */
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

/* Threads' trees. NULL when out of memory. */
struct pyr_thread_tree *pyr_thread_tree_new(struct pyr_trace *trace, unsigned long ident,
                                            uint32_t tid);
void pyr_thread_tree_free(struct pyr_thread_tree *home);
/* Looks the thread's name up in threading; "" stays when it has none. */
void pyr_thread_tree_learn_name(struct pyr_thread_tree *home);
/* Makes the path of the running frames and gives its innermost node; the root for NULL. */
struct pyr_node *pyr_thread_tree_seed(struct pyr_trace *trace, struct pyr_thread_tree *home,
                                      PyFrameObject *innermost);
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
/* A new tree for the slot's thread, with the path it is on and nothing counted. The old one stays
 * for the caller to free. */
void pyr_slot_renew(struct pyr_trace *trace, struct pyr_slot *slot, uint64_t now);
uint64_t pyr_clock_external(void);
