/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/context.h"

#include <string.h>

#include "base/mem.h"
#include "probe/compat.h"
#include "probe/event.h"

#define MAX_SEED_DEPTH 100000u

/* Without the Python code that a subclass may have put in the way of its attributes. */
static PyObject *own_attribute(PyObject *object, const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *value = text != NULL ? PyObject_GenericGetAttr(object, text) : NULL;
    Py_XDECREF(text);
    return value;
}

static bool has_slot(const struct pyr_context *home)
{
    pthread_mutex_lock(&pyr_probe.slots_lock);
    bool found = home->slot != NULL;
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    return found;
}

/* `thread` has the ident of the home's thread. It is another one when that has ended: idents are
 * used again. While it lives its number may be wrong: in a forked child it is the parent's. */
static bool is_thread_of(PyObject *thread, struct pyr_context *home)
{
    PyObject *native_id = own_attribute(thread, "_native_id");
    uint32_t tid = native_id != NULL && PyLong_Check(native_id)
                       ? (uint32_t)PyLong_AsUnsignedLong(native_id)
                       : 0;
    Py_XDECREF(native_id);
    if (home->tid == 0) { /* before 3.11 only threading knows it */
        PYR_SHARED_SET(home->tid, tid);
    }
    return tid == 0 || tid == home->tid || has_slot(home);
}

void pyr_context_set_name(struct pyr_context *home, const char *name)
{
    if (home->named == 0) {
        memcpy(home->name, name, strnlen(name, sizeof home->name - 1));
        pyr_publish_u32(&home->named, 1);
    }
}

/* As threading.current_thread().name, without creating anything; a thread appears there only some
 * calls after its first one. */
void pyr_context_learn_name(struct pyr_context *home)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    if (home->kind != PYR_THREAD_NATIVE) {
        return;
    }
    PyErr_Fetch(&type, &value, &traceback);
    /* Not PyImport_GetModuleDict(), which ends the process when the interpreter is finishing. */
    PyObject *modules = PySys_GetObject("modules"); /* borrowed */
    PyObject *threading = modules != NULL && PyDict_Check(modules)
                              ? PyDict_GetItemString(modules, "threading")
                              : NULL;                                        /* borrowed */
    PyObject *dict = threading != NULL ? PyModule_GetDict(threading) : NULL; /* borrowed */
    PyObject *active = dict != NULL ? PyDict_GetItemString(dict, "_active") : NULL;
    PyObject *ident = PyLong_FromUnsignedLong(home->ident);
    PyObject *thread = active != NULL && PyDict_Check(active) && ident != NULL
                           ? PyDict_GetItem(active, ident)
                           : NULL; /* borrowed */
    PyObject *name =
        thread != NULL && is_thread_of(thread, home) ? own_attribute(thread, "_name") : NULL;
    const char *text = name != NULL && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    if (text != NULL) {
        pyr_context_set_name(home, text);
    }
    Py_XDECREF(name);
    Py_XDECREF(ident);
    PyErr_Restore(type, value, traceback);
}

static struct pyr_context *new_context(enum pyr_thread_kind kind)
{
    struct pyr_context *home = pyr_mem_zalloc(1, sizeof *home);
    if (home == NULL || !pyr_calltree_init(&home->tree)) {
        pyr_context_free(home);
        return NULL;
    }
    home->kind = kind;
    home->began = pyr_probe.external ? 0 : pyr_event_ticks();
    return home;
}

/* From here on the flushing thread may look at it. */
static struct pyr_context *publish(struct pyr_trace *trace, struct pyr_context *home)
{
    pthread_mutex_lock(&trace->contexts_lock);
    home->number = trace->contexts != NULL ? trace->contexts->number + 1 : 0;
    home->next = trace->contexts;
    trace->contexts = home;
    pthread_mutex_unlock(&trace->contexts_lock);
    return home;
}

struct pyr_context *pyr_context_new(struct pyr_trace *trace, unsigned long ident, uint32_t tid)
{
    struct pyr_context *home = new_context(PYR_THREAD_NATIVE);
    if (home == NULL) {
        return NULL;
    }
    home->ident = ident;
    home->tid = tid;
    (void)pthread_getname_np((pthread_t)ident, home->system_name, sizeof home->system_name);
    return publish(trace, home);
}

/* One that has ended, so that what it did stays whole; the shared ones first. */
static struct pyr_context *find_ended(const struct pyr_trace *trace, enum pyr_thread_kind kind)
{
    struct pyr_context *found = NULL;
    for (struct pyr_context *home = trace->contexts; home != NULL; home = home->next) {
        if (home->kind == kind && pyr_counter_read(&home->ended) != 0 && !has_slot(home)) {
            found = home;
            if (home->shared) {
                break;
            }
        }
    }
    return found;
}

struct pyr_context *pyr_context_add(struct pyr_trace *trace, enum pyr_thread_kind kind,
                                    struct pyr_context *native, int64_t id)
{
    struct pyr_context *home = new_context(kind);
    if (home == NULL) {
        return NULL;
    }
    home->native = native;
    home->ident = native != NULL ? native->ident : 0;
    home->tid = native != NULL ? native->tid : 0;
    home->id = id;
    return publish(trace, home);
}

struct pyr_context *pyr_context_take(struct pyr_trace *trace, enum pyr_thread_kind kind,
                                     struct pyr_context *native)
{
    struct pyr_context *home = NULL;
    if (trace->greenlet_count >= trace->options.context_limit) {
        home = find_ended(trace, kind);
    }
    if (home != NULL) {
        pyr_counter_add(&trace->lost_contexts, 1);
        PYR_SHARED_SET(home->shared, true);
        pyr_counter_set(&home->ended, 0);
        home->cur = NULL;
        home->seed_count = 0;
        home->unseen = 0;
        home->tree.fold_depth = 0;
        return home;
    }
    home = pyr_context_add(trace, kind, native, 0);
    trace->greenlet_count += home != NULL;
    return home;
}

struct pyr_context *pyr_context_like(struct pyr_trace *trace, const struct pyr_context *old)
{
    struct pyr_context *home = new_context(old->kind);
    if (home == NULL) {
        return NULL;
    }
    home->ident = old->ident;
    home->tid = old->tid;
    memcpy(home->system_name, old->system_name, sizeof home->system_name);
    if (old->named != 0) {
        pyr_context_set_name(home, old->name);
    }
    return publish(trace, home);
}

void pyr_context_free(struct pyr_context *home)
{
    if (home != NULL) {
        pyr_calltree_release(&home->tree);
        pyr_mem_free(home->seeds);
        pyr_mem_free(home);
    }
}

PyFrameObject *pyr_running_frames(bool skip_top)
{
    PyFrameObject *innermost = pyr_thread_frame(PyThreadState_Get());
    if (innermost != NULL && skip_top) {
        PyFrameObject *top = innermost;
        innermost = PyFrame_GetBack(top);
        Py_DECREF(top);
    }
    Py_XINCREF(innermost);
    for (PyFrameObject *frame = innermost; frame != NULL;) {
        PyFrameObject *back = PyFrame_GetBack(frame);
        Py_DECREF(frame);
        frame = back;
    }
    return innermost;
}

static bool add_seed(struct pyr_context *home, struct pyr_node *node, PyFrameObject *frame)
{
    struct pyr_err err = {0};
    if (!pyr_mem_grow(&home->seeds, &home->seed_cap, (size_t)home->seed_count + 1,
                      sizeof *home->seeds, &err)) {
        return false;
    }
    home->seeds[home->seed_count++] = (struct pyr_seed){node, pyr_frame_identity(frame)};
    return true;
}

/* The node for one running frame below `parent`; `parent` itself when it is not to be shown. */
static struct pyr_node *seed_node(struct pyr_trace *trace, struct pyr_context *home,
                                  struct pyr_node *parent, PyFrameObject *frame)
{
    PyObject *code = (PyObject *)PyFrame_GetCode(frame);
    const void *key = pyr_event_key(trace, code);
    struct pyr_node *node = pyr_calltree_find(&home->tree, parent, key);
    if (node == NULL) {
        uint32_t record = pyr_registry_python(&trace->registry, code, pyr_frame_globals(frame));
        if (record != 0 && !pyr_registry_get(&trace->registry, record)->excluded) {
            node = pyr_calltree_add(&home->tree, parent, key, record);
            pyr_counter_add_shared(&trace->nodes, 1);
        }
    }
    Py_DECREF(code);
    if (node == NULL || (node->record & PYR_RECORD_EXCLUDED) != 0) {
        return parent;
    }
    return add_seed(home, node, frame) ? node : parent;
}

struct pyr_node *pyr_context_seed(struct pyr_trace *trace, struct pyr_context *home,
                                  PyFrameObject *innermost)
{
    struct pyr_node *node = pyr_calltree_root(&home->tree);
    PyFrameObject **frames = NULL;
    uint32_t count = 0;
    uint32_t cap = 0;
    struct pyr_err err = {0};
    home->seed_count = 0;
    Py_XINCREF(innermost);
    for (PyFrameObject *frame = innermost; frame != NULL;) {
        if (count >= MAX_SEED_DEPTH ||
            !pyr_mem_grow(&frames, &cap, (size_t)count + 1, sizeof(*frames), &err)) {
            Py_DECREF(frame);
            break;
        }
        frames[count++] = frame;
        frame = PyFrame_GetBack(frame);
    }
    while (count > 0) {
        PyFrameObject *frame = frames[--count];
        node = seed_node(trace, home, node, frame);
        Py_DECREF(frame);
    }
    pyr_mem_free(frames);
    return node;
}

static uint32_t count_frames(PyFrameObject *innermost)
{
    uint32_t count = 0;
    Py_XINCREF(innermost);
    for (PyFrameObject *frame = innermost; frame != NULL; count++) {
        PyFrameObject *back = PyFrame_GetBack(frame);
        Py_DECREF(frame);
        frame = back;
    }
    return count;
}

struct pyr_node *pyr_context_meet(struct pyr_trace *trace, struct pyr_context *home,
                                  PyFrameObject *innermost)
{
    if (trace->options.seed) {
        return pyr_context_seed(trace, home, innermost);
    }
    home->unseen = count_frames(innermost);
    return pyr_calltree_root(&home->tree);
}

/* One step of the path; NULL when out of memory. */
static struct pyr_node *copy_node(struct pyr_trace *trace, struct pyr_calltree *tree,
                                  struct pyr_node *parent, const struct pyr_node *old)
{
    if (pyr_node_is_label(old)) {
        return pyr_label_node(trace, tree, parent,
                              pyr_label_get(&trace->labels, pyr_node_label(old)));
    }
    struct pyr_node *node = pyr_calltree_find(tree, parent, old->key);
    if (node == NULL) { /* else another thread is in this context, too */
        node = pyr_calltree_add(tree, parent, old->key, old->record);
        pyr_counter_add_shared(&trace->nodes, node != NULL);
    }
    return node;
}

struct pyr_node *pyr_context_copy_path(struct pyr_trace *trace, struct pyr_context *to,
                                       const struct pyr_context *from, const struct pyr_node *old)
{
    struct pyr_err err = {0};
    const struct pyr_node **path = NULL;
    uint32_t count = 0;
    uint32_t cap = 0;
    struct pyr_node *node = pyr_calltree_root(&to->tree);
    for (; old->parent != NULL; old = old->parent) {
        if (!pyr_mem_grow(&path, &cap, (size_t)count + 1, sizeof(*path), &err)) {
            break;
        }
        path[count++] = old;
    }
    uint32_t seed = 0;
    while (count > 0) {
        old = path[--count];
        struct pyr_node *next = copy_node(trace, &to->tree, node, old);
        if (next == NULL) {
            break;
        }
        node = next;
        if (seed < from->seed_count && from->seeds[seed].node == old &&
            pyr_mem_grow(&to->seeds, &to->seed_cap, (size_t)to->seed_count + 1, sizeof *to->seeds,
                         &err)) {
            to->seeds[to->seed_count++] = (struct pyr_seed){node, from->seeds[seed].frame};
            seed++;
        }
    }
    pyr_mem_free(path);
    return node;
}
