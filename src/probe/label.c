/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/label.h"

#include <string.h>

#include "base/mem.h"
#include "probe/compat.h"
#include "probe/event.h"

#define KINDS 2u

bool pyr_labels_init(struct pyr_labels *labels, uint32_t limit)
{
    *labels = (struct pyr_labels){.count = 1};
    /* Each kind has one that the rest shares; and nobody, and the one without a tag. */
    labels->size = KINDS * (limit + 1) + 2;
    labels->items = pyr_mem_zalloc(labels->size, sizeof(*labels->items));
    labels->tags = PyDict_New();
    return labels->items != NULL && labels->tags != NULL;
}

static void free_label(struct pyr_label *label)
{
    if (label != NULL) {
        Py_CLEAR(label->object);
        pyr_mem_free(label->name);
        pyr_mem_free(label);
    }
}

void pyr_labels_drop(struct pyr_labels *labels)
{
    const uint32_t count = labels->count;
    labels->count = 1;
    labels->drops++;
    for (uint32_t i = 1; i < count; i++) {
        free_label(labels->items[i]);
        labels->items[i] = NULL;
    }
    memset(labels->counts, 0, sizeof labels->counts);
    memset(labels->shared, 0, sizeof labels->shared);
    labels->untagged = 0;
    labels->lost = 0;
    pyr_map_clear(&labels->tasks);
    if (labels->tags != NULL) {
        PyDict_Clear(labels->tags);
    }
}

void pyr_labels_release(struct pyr_labels *labels)
{
    pyr_labels_drop(labels);
    pyr_mem_free(labels->items);
    pyr_map_release(&labels->tasks);
    Py_CLEAR(labels->tags);
    *labels = (struct pyr_labels){0};
}

int pyr_labels_visit(const struct pyr_labels *labels, visitproc visit, void *arg)
{
    for (uint32_t i = 1; i < labels->count; i++) {
        Py_VISIT(labels->items[i]->object);
    }
    return 0;
}

void pyr_labels_clear_values(struct pyr_labels *labels)
{
    for (uint32_t i = 1; i < labels->count; i++) {
        if (labels->items[i]->kind == PYR_LABEL_TAG) {
            Py_CLEAR(labels->items[i]->object);
        }
    }
}

void pyr_labels_clear(struct pyr_labels *labels, uint64_t now)
{
    for (uint32_t i = 1; i < labels->count; i++) {
        struct pyr_label *label = labels->items[i];
        label->began = now;
        label->ended = now;
        pyr_counter_set(&label->switches, 0);
        pyr_counter_set(&label->starved, 0);
    }
    labels->lost = 0;
}

void pyr_labels_forget(struct pyr_labels *labels)
{
    for (uint32_t i = 1; i < labels->count; i++) {
        pyr_counter_set(&labels->items[i]->ready, 0);
        labels->items[i]->node = NULL;
    }
}

static struct pyr_label *add_label(struct pyr_trace *trace, enum pyr_label_kind kind,
                                   const char *name)
{
    struct pyr_labels *labels = &trace->labels;
    struct pyr_label *label = pyr_mem_zalloc(1, sizeof *label);
    if (label == NULL) {
        return NULL;
    }
    label->name = pyr_mem_strdup(name);
    if (label->name == NULL) {
        free_label(label);
        return NULL;
    }
    label->kind = kind;
    label->number = labels->count;
    labels->items[label->number] = label;
    pyr_publish_u32(&labels->count, label->number + 1);
    return label;
}

struct pyr_label *pyr_label_untagged(struct pyr_trace *trace)
{
    struct pyr_labels *labels = &trace->labels;
    if (labels->untagged == 0) {
        struct pyr_label *label = add_label(trace, PYR_LABEL_TAG, "");
        if (label == NULL) {
            return NULL;
        }
        label->untagged = true;
        labels->untagged = label->number;
    }
    return labels->items[labels->untagged];
}

static struct pyr_label *shared_label(struct pyr_trace *trace, enum pyr_label_kind kind)
{
    struct pyr_labels *labels = &trace->labels;
    /* A task is asked for at each of its steps: it is counted where it begins. */
    pyr_counter_add(&labels->lost, kind != PYR_LABEL_TASK);
    if (labels->shared[kind] == 0) {
        struct pyr_label *label =
            add_label(trace, kind, kind == PYR_LABEL_TASK ? "(other tasks)" : "(other tags)");
        if (label == NULL) {
            return NULL;
        }
        label->shared = true;
        labels->shared[kind] = label->number;
    }
    return labels->items[labels->shared[kind]];
}

struct pyr_label *pyr_label_new(struct pyr_trace *trace, enum pyr_label_kind kind, PyObject *object,
                                const char *name)
{
    struct pyr_labels *labels = &trace->labels;
    if (labels->counts[kind] >= trace->options.context_limit) {
        Py_XDECREF(object);
        return shared_label(trace, kind);
    }
    struct pyr_label *label = add_label(trace, kind, name);
    if (label == NULL) {
        Py_XDECREF(object);
        return NULL;
    }
    label->object = object;
    labels->counts[kind]++;
    return label;
}

/* Of a task written in Python, from what is its own alone; borrowed from the task. */
static PyObject *python_task_name(PyObject *task)
{
    PyObject *dict = Py_TYPE(task)->tp_dictoffset != 0 ? PyObject_GenericGetDict(task, NULL) : NULL;
    PyObject *name = dict != NULL ? PyDict_GetItemString(dict, "_name") : NULL;
    Py_XINCREF(name);
    Py_XDECREF(dict);
    return name;
}

/* By the C method of the class that asyncio's tasks come from, whatever a subclass made of it. */
static PyObject *task_name(PyObject *task)
{
    PyTypeObject *type = Py_TYPE(task);
    while (type->tp_base != NULL && (type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0 &&
           strcmp(type->tp_name, "_asyncio.Task") != 0) {
        type = type->tp_base;
    }
    PyObject *method = type->tp_dict != NULL
                           ? PyDict_GetItemString(type->tp_dict, "get_name") /* borrowed */
                           : NULL;
    PyObject *name = method != NULL && Py_IS_TYPE(method, &PyMethodDescr_Type)
                         ? PyObject_CallFunctionObjArgs(method, task, NULL)
                         : python_task_name(task);
    PyErr_Clear();
    return name;
}

/* A copy, of our own making where it has none; NULL when out of memory. */
static char *copy_task_name(uint32_t number, PyObject *task)
{
    char fallback[32];
    PyObject *name = task_name(task);
    const char *text =
        name != NULL && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL; /* borrowed */
    if (text == NULL) {
        snprintf(fallback, sizeof fallback, "task %u", number);
        text = fallback;
    }
    char *copy = pyr_mem_strdup(text);
    Py_XDECREF(name);
    PyErr_Clear();
    return copy;
}

bool pyr_label_name_task(struct pyr_labels *labels, struct pyr_label *label, PyObject *task)
{
    const uint64_t drops = labels->drops;
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    label->named = true;
    PyErr_Fetch(&type, &value, &traceback);
    char *name = copy_task_name(label->number, task);
    const bool still_there = labels->drops == drops;
    if (name != NULL && still_there) {
        pyr_mem_free(label->name);
        label->name = name;
    } else {
        pyr_mem_free(name);
    }
    PyErr_Restore(type, value, traceback);
    return still_there;
}

static struct pyr_label *new_task(struct pyr_trace *trace, PyObject *task)
{
    struct pyr_labels *labels = &trace->labels;
    struct pyr_err err = {0};
    if (labels->counts[PYR_LABEL_TASK] >= trace->options.context_limit) {
        return shared_label(trace, PYR_LABEL_TASK);
    }
    PyObject *weak = PyWeakref_NewRef(task, NULL);
    struct pyr_label *label =
        weak != NULL ? pyr_label_new(trace, PYR_LABEL_TASK, weak, "task") : NULL;
    PyErr_Clear();
    if (label != NULL &&
        !pyr_map_put(&labels->tasks, (uint64_t)(uintptr_t)task, label->number, &err)) {
        return NULL;
    }
    return label;
}

struct pyr_label *pyr_label_of_task(struct pyr_trace *trace, PyObject *task)
{
    struct pyr_labels *labels = &trace->labels;
    uint32_t number = pyr_map_get(&labels->tasks, (uint64_t)(uintptr_t)task);
    if (number != 0 && pyr_weak_refers(labels->items[number]->object, task)) {
        return labels->items[number];
    }
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *held = pyr_trace_hold(trace); /* a new object may start the collector, before 3.12 */
    struct pyr_label *label = new_task(trace, task);
    pyr_trace_let_go(held);
    PyErr_Restore(type, value, traceback);
    return pyr_trace_is_on(trace) ? label : NULL;
}

static bool is_plain_tag(PyObject *value)
{
    return PyUnicode_CheckExact(value) || PyLong_CheckExact(value);
}

/* What a tag is called: an exact str, whatever its class gives; NULL with an exception. May run the
 * program's code. */
static PyObject *tag_text(PyObject *value)
{
    PyObject *text = is_plain_tag(value) ? PyObject_Str(value) : PyObject_Repr(value);
    if (text == NULL) {
        PyErr_Clear(); /* it is told apart by its identity instead */
        return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(value)->tp_name, (void *)value);
    }
    PyObject *exact = PyUnicode_FromObject(text);
    Py_DECREF(text);
    return exact;
}

/* What tells tags apart, compared without Python code: the value itself, or what it is called; no
 * value is mistaken for a str that reads the same. */
static PyObject *tag_key(PyObject *value, PyObject *text)
{
    if (is_plain_tag(value)) {
        Py_INCREF(value);
        return value;
    }
    return PyTuple_Pack(1, text);
}

static struct pyr_label *new_tag(struct pyr_trace *trace, PyObject *value, PyObject *key,
                                 PyObject *text)
{
    const char *name = PyUnicode_AsUTF8(text); /* borrowed */
    Py_INCREF(value);
    struct pyr_label *label = pyr_label_new(trace, PYR_LABEL_TAG, value, name != NULL ? name : "?");
    PyObject *number = label != NULL ? PyLong_FromUnsignedLong(label->number) : NULL;
    if (number != NULL) {
        (void)PyDict_SetItem(trace->labels.tags, key, number);
    }
    Py_XDECREF(number);
    return label;
}

static struct pyr_label *find_tag(struct pyr_trace *trace, PyObject *value)
{
    struct pyr_labels *labels = &trace->labels;
    struct pyr_label *shared = labels->items[labels->shared[PYR_LABEL_TAG]];
    if (shared != NULL && value == shared->object) {
        return shared; /* the same once more */
    }
    struct pyr_label *label = NULL;
    PyObject *text = tag_text(value);
    PyObject *key = text != NULL ? tag_key(value, text) : NULL;
    if (key != NULL && pyr_trace_is_on(trace)) {
        PyObject *number = PyDict_GetItem(labels->tags, key); /* borrowed */
        if (number != NULL) {
            label = labels->items[PyLong_AsUnsignedLong(number)];
        } else if (labels->counts[PYR_LABEL_TAG] < trace->options.context_limit) {
            label = new_tag(trace, value, key, text);
        } else {
            label = shared_label(trace, PYR_LABEL_TAG);
            if (label != NULL) {
                Py_INCREF(value);
                Py_XSETREF(label->object, value);
            }
        }
    }
    Py_XDECREF(key);
    Py_XDECREF(text);
    return label;
}

struct pyr_label *pyr_label_of_tag(struct pyr_trace *trace, PyObject *value)
{
    PyObject *type = NULL;
    PyObject *old = NULL;
    PyObject *traceback = NULL;
    if (value == Py_None) {
        return NULL;
    }
    PyErr_Fetch(&type, &old, &traceback);
    struct pyr_label *label = find_tag(trace, value);
    PyErr_Clear();
    PyErr_Restore(type, old, traceback);
    return label;
}

struct pyr_node *pyr_label_find(const struct pyr_calltree *tree, const struct pyr_node *parent,
                                struct pyr_label *label)
{
    if (parent->last_child->key == label) {
        return parent->last_child;
    }
    if (label->node == NULL || label->node->parent != parent) {
        label->node = pyr_calltree_find(tree, parent, label);
    }
    return label->node;
}

struct pyr_node *pyr_label_node(struct pyr_trace *trace, struct pyr_calltree *tree,
                                struct pyr_node *parent, struct pyr_label *label)
{
    struct pyr_node *node = pyr_label_find(tree, parent, label);
    if (node == NULL && pyr_counter_read(&trace->nodes) < trace->options.node_limit) {
        node = pyr_calltree_add(tree, parent, label, PYR_RECORD_LABEL | label->number);
        if (node == NULL) {
            return NULL;
        }
        pyr_counter_add_shared(&trace->nodes, 1);
        struct pyr_node_more *more = pyr_calltree_need_more(tree, node->index);
        if (more != NULL && label->kind == PYR_LABEL_TASK) {
            more->task = label->number;
        } else if (more != NULL) {
            more->tag = label->untagged ? 0 : label->number;
        }
    }
    if (node == NULL) {
        return NULL;
    }
    if (label->kind == PYR_LABEL_TAG) { /* a loop goes on to another task, and what is no task's */
        parent->last_child = node;
    }
    label->node = node;
    return node;
}
