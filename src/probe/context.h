/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Context: what has a stack of its own, with the call tree of what ran on it. A native thread, a
 * greenlet, or what a callback of the program's tells apart.
 *
 * A slot (see trace.h) is in one context at a time. A context that no slot is in remembers where it
 * goes on. Contexts live as long as the trace, whatever becomes of thread and greenlet, because
 * their figures do; beyond the limit an ended one is used again, see pyr_context_take().
 * The list of contexts only grows, at its head, and may be read by the flushing thread. */
#pragma once

#include <Python.h>
#include <frameobject.h>

#include <stdbool.h>
#include <stdint.h>

#include "model/threads.h"
#include "probe/calltree.h"

#define PYR_CONTEXT_LIMIT 1000u
#define PYR_CONTEXT_NAME_BYTES 64u

struct pyr_trace;
struct pyr_slot;

/* A frame that was running when the thread met the trace. */
struct pyr_seed {
    struct pyr_node *node;
    void *frame; /* to compare, never to follow */
};

struct pyr_context {
    struct pyr_calltree tree;
    struct pyr_context *next;    /* in trace->contexts, newest first */
    struct pyr_context *native;  /* of a greenlet: the thread it was first seen in; else NULL */
    struct pyr_slot *slot;       /* that is in it, or NULL; guarded by slots_lock */
    struct pyr_node *cur;        /* while no slot is in it: where it goes on; NULL: at the root */
    const struct pyr_node *open; /* where it was when the trace was stopped, or NULL */
    uint32_t number;             /* from 0, in the order of first sight */
    enum pyr_thread_kind kind;
    uint32_t tid;
    unsigned long ident; /* as threading.get_ident() */
    int64_t id;          /* of kind context: what the callback gave */
    uint64_t state_id;   /* of the thread state, when the thread was found without any event */
    uint64_t began;      /* ticks */
    uint64_t ended;      /* ticks; 0: it has not */
    uint64_t left;       /* ticks when its thread went on in another one; 0: it did not */
    uint64_t switches;   /* how often it became the one that runs */
    bool shared;         /* several greenlets, one after another */
    uint32_t unseen;     /* frames that ran before us and are not shown: their returns are known */
    uint64_t unmatched;  /* returns whose call was not seen */
    uint64_t folded;
    uint64_t lost_memory;
    struct pyr_seed *seeds; /* owned; frames that ran before us, outermost first */
    uint32_t seed_count;
    uint32_t seed_cap;
    uint32_t name_tries;
    uint32_t named;                    /* published once `name` is whole */
    char name[PYR_CONTEXT_NAME_BYTES]; /* as threading, greenlet or the callback has it */
    char system_name[16];              /* as the kernel has it */
};

/* A native thread's. NULL when out of memory. */
struct pyr_context *pyr_context_new(struct pyr_trace *trace, unsigned long ident, uint32_t tid);
/* A greenlet's, or that of a callback which gave `id`, seen in the thread whose context is
 * `native`. NULL when out of memory. */
struct pyr_context *pyr_context_add(struct pyr_trace *trace, enum pyr_thread_kind kind,
                                    struct pyr_context *native, int64_t id);
/* The same, but at the limit one that has ended is given again, as "(other greenlets)", and
 * counted. */
struct pyr_context *pyr_context_take(struct pyr_trace *trace, enum pyr_thread_kind kind,
                                     struct pyr_context *native);
/* A new one of the same kind, thread and name, with nothing in it. NULL when out of memory. */
struct pyr_context *pyr_context_like(struct pyr_trace *trace, const struct pyr_context *old);
void pyr_context_free(struct pyr_context *home);
/* Looks the thread's name up in threading; "" stays when it has none. */
void pyr_context_learn_name(struct pyr_context *home);
/* Unless it has one already. */
void pyr_context_set_name(struct pyr_context *home, const char *name);
/* The frames that run in this thread, without the innermost if `skip_top`: a new reference to the
 * first, or NULL. Making their objects may start the collector before 3.12, and that anything: what
 * looks at them afterwards does not. */
PyFrameObject *pyr_running_frames(bool skip_top);
/* Makes the path of the running frames and gives its innermost node; the root for NULL. */
struct pyr_node *pyr_context_seed(struct pyr_trace *trace, struct pyr_context *home,
                                  PyFrameObject *innermost);
/* The same where the trace shows what ran before it; else only counts the frames. */
struct pyr_node *pyr_context_meet(struct pyr_trace *trace, struct pyr_context *home,
                                  PyFrameObject *innermost);
/* Makes the path of `old` anew in another tree, with nothing counted, and its seeds. */
struct pyr_node *pyr_context_copy_path(struct pyr_trace *trace, struct pyr_context *to,
                                       const struct pyr_context *from, const struct pyr_node *old);
