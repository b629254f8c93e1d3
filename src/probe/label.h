/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Label: marks a part of a path as an asyncio task's, or as work under a tag.
 *
 * A label is a node of its own in the call tree, between a caller and what it calls; stacks do not
 * show it, but what lies below is told apart. Labels are numbered from 1 and live as long as the
 * trace; at the limit all further ones of a kind share one, and are counted.
 * Threads: guarded by the GIL; labels below the published count may be read by anyone. */
#pragma once

#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "probe/calltree.h"

struct pyr_trace;
struct pyr_slot;

enum pyr_label_kind { PYR_LABEL_TASK, PYR_LABEL_TAG };

struct pyr_label {
    enum pyr_label_kind kind;
    uint32_t number;
    PyObject *object; /* owned: a tag's value, of the shared one the last there was; of a task a
                         weak reference to it */
    char *name;       /* owned */
    bool shared;      /* stands for all beyond the limit */
    bool untagged;    /* ends the tag above it */
    uint64_t began;   /* ticks */
    uint64_t ended;   /* ticks, when its last step did */
    uint64_t ready;   /* ticks, when it could go on; 0: not known, or it goes on already */
    uint64_t switches;
    uint64_t starved; /* ticks */
    bool starved_known;
    bool named;            /* after its task, as that was called when it began to run */
    struct pyr_node *node; /* the last of its nodes that was looked for, or NULL */
};

struct pyr_labels {
    struct pyr_label **items; /* owned, with room for all; number 0 is nobody */
    uint32_t size;
    uint32_t count;       /* published; the next number */
    uint32_t counts[2];   /* per kind, without the shared one */
    uint32_t shared[2];   /* per kind: number of the shared label; 0: none yet */
    uint32_t untagged;    /* number of that label; 0: none yet */
    struct pyr_map tasks; /* address of a task -> number */
    PyObject *tags;       /* owned dict: value, or its text -> number */
    uint64_t lost;        /* beyond the limit */
    uint64_t drops;       /* how often all were dropped: a label from before is no more */
};

bool pyr_labels_init(struct pyr_labels *labels, uint32_t limit);
void pyr_labels_release(struct pyr_labels *labels); /* needs the GIL */
/* For the garbage collector: values of tags may refer to the trace. */
int pyr_labels_visit(const struct pyr_labels *labels, visitproc visit, void *arg);
void pyr_labels_clear_values(struct pyr_labels *labels);
/* Tasks run unseen from now on, and trees may be others later. */
void pyr_labels_forget(struct pyr_labels *labels);
/* None is left, and the limit is as far as ever: no tree may know one any more. Needs the GIL. */
void pyr_labels_drop(struct pyr_labels *labels);
/* Nothing counted any more, as of `now`. */
void pyr_labels_clear(struct pyr_labels *labels, uint64_t now);

/* NULL when out of memory, with no exception. `name` is copied; `object` is a new reference that is
 * taken over. */
struct pyr_label *pyr_label_new(struct pyr_trace *trace, enum pyr_label_kind kind, PyObject *object,
                                const char *name);
/* The task's label, made at first sight, without its name; NULL when out of memory. Before 3.12 a
 * finalizer may run then: NULL as well when it has ended the trace. */
struct pyr_label *pyr_label_of_task(struct pyr_trace *trace, PyObject *task);
/* Names a label after its task as that is called by now; before there is any node of the label's,
 * from when on others may look at it. Asking for the name may run finalizers: false when one of
 * them has dropped the labels, this one too. */
bool pyr_label_name_task(struct pyr_labels *labels, struct pyr_label *label, PyObject *task);
/* The tag's label, made at first sight. NULL for None, and when out of memory. May run Python code
 * to name a value that is neither number nor text. */
struct pyr_label *pyr_label_of_tag(struct pyr_trace *trace, PyObject *value);

/* What stands between tagged work and what it calls without a tag; NULL when out of memory. */
struct pyr_label *pyr_label_untagged(struct pyr_trace *trace);

/* The label's node below `parent`, or NULL. */
struct pyr_node *pyr_label_find(const struct pyr_calltree *tree, const struct pyr_node *parent,
                                struct pyr_label *label);
/* The same, added if need be; NULL when out of memory. */
struct pyr_node *pyr_label_node(struct pyr_trace *trace, struct pyr_calltree *tree,
                                struct pyr_node *parent, struct pyr_label *label);

static inline struct pyr_label *pyr_label_get(const struct pyr_labels *labels, uint32_t number)
{
    return labels->items[number];
}

static inline bool pyr_node_is_label(const struct pyr_node *node)
{
    return (node->record & (PYR_RECORD_LABEL | PYR_RECORD_EXCLUDED)) == PYR_RECORD_LABEL;
}

static inline uint32_t pyr_node_label(const struct pyr_node *node)
{
    return node->record & ~PYR_RECORD_LABEL;
}
