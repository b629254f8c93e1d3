/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The rare half of the hot path: first meetings, odd returns, and threads that come and go. */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "probe/compat.h"
#include "probe/event.h"

/* How often the name of a thread is looked for before it is left nameless until the end. */
#define MAX_NAME_TRIES 64u
/* How far up a path a return may match; further up it is not a return of this path. */
#define MAX_UNMATCHED_DEPTH 256u
#define MAX_SEED_DEPTH 100000u

_Thread_local struct pyr_slot pyr_slot __attribute__((tls_model("initial-exec")));

/* Without the Python code that a subclass may have put in the way of its attributes. */
static PyObject *own_attribute(PyObject *object, const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *value = text != NULL ? PyObject_GenericGetAttr(object, text) : NULL;
    Py_XDECREF(text);
    return value;
}

static bool has_slot(const struct pyr_thread_tree *home)
{
    pthread_mutex_lock(&pyr_probe.slots_lock);
    bool found = home->slot != NULL;
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    return found;
}

/* `thread` has the ident of the home's thread. It is another one when that has ended: idents are
 * used again. While it lives its number may be wrong: in a forked child it is the parent's. */
static bool is_thread_of(PyObject *thread, struct pyr_thread_tree *home)
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

/* As threading.current_thread().name, without creating anything; a thread appears there only some
 * calls after its first one. */
void pyr_thread_tree_learn_name(struct pyr_thread_tree *home)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
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
        strncpy(home->name, text, sizeof home->name - 1);
        pyr_publish_u32(&home->named, 1);
    }
    Py_XDECREF(name);
    Py_XDECREF(ident);
    PyErr_Restore(type, value, traceback);
}

struct pyr_thread_tree *pyr_thread_tree_new(struct pyr_trace *trace, unsigned long ident,
                                            uint32_t tid)
{
    struct pyr_thread_tree *home = pyr_mem_zalloc(1, sizeof *home);
    if (home == NULL || !pyr_calltree_init(&home->tree)) {
        pyr_thread_tree_free(home);
        return NULL;
    }
    home->ident = ident;
    home->tid = tid;
    (void)pthread_getname_np((pthread_t)ident, home->system_name, sizeof home->system_name);
    pthread_mutex_lock(&trace->trees_lock);
    home->next = trace->trees;
    trace->trees = home;
    pthread_mutex_unlock(&trace->trees_lock);
    return home;
}

void pyr_thread_tree_free(struct pyr_thread_tree *home)
{
    if (home != NULL) {
        pyr_calltree_release(&home->tree);
        pyr_mem_free(home->seeds);
        pyr_mem_free(home);
    }
}

static bool add_seed(struct pyr_thread_tree *home, struct pyr_node *node, PyFrameObject *frame)
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
static struct pyr_node *seed_node(struct pyr_trace *trace, struct pyr_thread_tree *home,
                                  struct pyr_node *parent, PyFrameObject *frame)
{
    PyObject *code = (PyObject *)PyFrame_GetCode(frame);
    struct pyr_node *node = pyr_calltree_find(&home->tree, parent, code);
    if (node == NULL) {
        uint32_t record = pyr_registry_python(&trace->registry, code, pyr_frame_globals(frame));
        if (record != 0 && !pyr_registry_get(&trace->registry, record)->excluded) {
            node = pyr_calltree_add(&home->tree, parent, code, record);
            pyr_counter_add_shared(&trace->nodes, 1);
        }
    }
    Py_DECREF(code);
    if (node == NULL || (node->record & PYR_RECORD_EXCLUDED) != 0) {
        return parent;
    }
    return add_seed(home, node, frame) ? node : parent;
}

struct pyr_node *pyr_thread_tree_seed(struct pyr_trace *trace, struct pyr_thread_tree *home,
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

/* The slot lives in the thread's own storage: the list must forget it before that goes. */
void pyr_slot_thread_ended(void *arg)
{
    struct pyr_slot *slot = arg;
    pthread_mutex_lock(&pyr_probe.slots_lock);
    if (slot->home != NULL) {
        slot->home->slot = NULL;
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

/* Shows a slot that is ready to the flushing thread. */
static void list_slot(struct pyr_slot *slot)
{
    pthread_mutex_lock(&pyr_probe.slots_lock);
    if (!slot->listed && pthread_setspecific(pyr_probe.slot_key, slot) == 0) {
        slot->listed = true;
        slot->next = pyr_probe.slots;
        pyr_probe.slots = slot;
    }
    slot->home->slot = slot;
    pthread_mutex_unlock(&pyr_probe.slots_lock);
}

/* What this thread did in the trace before it was stopped and started again, or NULL. */
static struct pyr_thread_tree *find_home(struct pyr_trace *trace, unsigned long ident, uint32_t tid)
{
    struct pyr_thread_tree *home = trace->trees;
    pthread_mutex_lock(&pyr_probe.slots_lock);
    while (home != NULL && (home->ident != ident || home->tid != tid || home->slot != NULL)) {
        home = home->next;
    }
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    return home;
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

static struct pyr_node *seed_running(struct pyr_trace *trace, struct pyr_thread_tree *home,
                                     bool skip_top)
{
    struct pyr_node *node = pyr_calltree_root(&home->tree);
    PyFrameObject *frame = pyr_thread_frame(PyThreadState_Get());
    if (frame != NULL && skip_top) {
        PyFrameObject *back = PyFrame_GetBack(frame);
        Py_DECREF(frame);
        frame = back;
    }
    if (trace->options.seed) {
        node = pyr_thread_tree_seed(trace, home, frame);
    } else {
        home->unseen = count_frames(frame);
    }
    Py_XDECREF(frame);
    return node;
}

static void show_innermost_seed(struct pyr_slot *slot)
{
    const struct pyr_thread_tree *home = slot->home;
    slot->seeded = home->seed_count > 0 ? home->seeds[home->seed_count - 1].node : NULL;
    slot->seeded_frame = home->seed_count > 0 ? home->seeds[home->seed_count - 1].frame : NULL;
}

struct pyr_node *pyr_slot_attach(struct pyr_slot *slot, bool skip_top)
{
    struct pyr_trace *trace = pyr_probe.trace;
    unsigned long ident = PyThread_get_thread_ident();
    if (trace == NULL || !trace->running ||
        (trace->options.current_thread_only && ident != trace->only_ident)) {
        return NULL;
    }
    uint64_t now = pyr_event_ticks();
    uint32_t tid = (uint32_t)syscall(SYS_gettid);
    struct pyr_thread_tree *home = find_home(trace, ident, tid);
    if (home == NULL) {
        home = pyr_thread_tree_new(trace, ident, tid);
        if (home == NULL) {
            return NULL;
        }
    }
    struct pyr_node *node = seed_running(trace, home, skip_top);
    /* A thread that was there at start has been in these very frames since: else it would have
     * been met before. */
    bool was_there = PyThreadState_GetID(PyThreadState_Get()) <= trace->max_thread_id &&
                     node != pyr_calltree_root(&home->tree);
    *slot = (struct pyr_slot){
        .cur = node,
        .last = was_there ? trace->started.ticks : now,
        .home = home,
        .state_id = PyThreadState_GetID(PyThreadState_Get()),
        .stack_limit = stack_limit(),
        .listed = slot->listed,
        .next = slot->next,
    };
    show_innermost_seed(slot);
    list_slot(slot);
    pyr_events_attach_thread(trace);
    return node;
}

/* A child that was not in the tree: learns the function and adds or folds it. */
static struct pyr_node *new_child(struct pyr_trace *trace, struct pyr_thread_tree *home,
                                  struct pyr_node *cur, const void *key, uint32_t record)
{
    struct pyr_node *child = NULL;
    if (home->tree.fold_depth > 0 || pyr_counter_read(&trace->nodes) >= trace->options.node_limit) {
        child = pyr_calltree_fold(&home->tree, cur, key, record);
        pyr_counter_add(&home->folded, 1);
        return child;
    }
    child = pyr_calltree_add(&home->tree, cur, key, record);
    pyr_counter_add_shared(&trace->nodes, 1);
    return child;
}

/* A timer of the user's is not asked more often than events come. */
static uint64_t learning_ticks(void)
{
    return pyr_probe.external ? 0 : pyr_event_ticks();
}

/* Meets a callee that is not in the tree below `cur` yet; NULL when it is not to be recorded. */
static struct pyr_node *learn_child(struct pyr_trace *trace, struct pyr_slot *slot,
                                    struct pyr_node *cur, struct pyr_callee callee)
{
    struct pyr_thread_tree *home = slot->home;
    PyObject *globals =
        callee.globals != NULL || callee.builtin ? callee.globals : PyEval_GetGlobals();
    uint32_t number = callee.builtin
                          ? pyr_registry_builtin(&trace->registry, callee.key, callee.object)
                          : pyr_registry_python(&trace->registry, callee.object, globals);
    if (number != 0 && pyr_registry_get(&trace->registry, number)->excluded) {
        if (home->tree.fold_depth > 0) {
            return NULL;
        }
        number |= PYR_RECORD_EXCLUDED;
    }
    struct pyr_node *child = number != 0 ? new_child(trace, home, cur, callee.key, number) : NULL;
    pyr_counter_add(&home->lost_memory, child == NULL);
    if (home->name[0] == '\0' && home->name_tries < MAX_NAME_TRIES) {
        home->name_tries++;
        pyr_thread_tree_learn_name(home);
    }
    return child;
}

/* The node below `cur` for the callee; NULL when it is not to be recorded. */
static struct pyr_node *child_of(struct pyr_slot *slot, struct pyr_node *cur,
                                 struct pyr_callee callee)
{
    struct pyr_calltree *tree = &slot->home->tree;
    struct pyr_node *child =
        tree->fold_depth == 0 ? pyr_calltree_find(tree, cur, callee.key) : NULL;
    if (child == NULL) {
        uint64_t before = learning_ticks();
        child = learn_child(pyr_probe.trace, slot, cur, callee);
        /* Learning is not the program's time. */
        pyr_counter_add(&slot->last, learning_ticks() - before);
    }
    if (child == NULL || (child->record & PYR_RECORD_EXCLUDED) != 0) {
        return NULL; /* never cached as last_child, so that we come by here every time */
    }
    if (tree->fold_depth == 0) {
        cur->last_child = child;
    }
    return child;
}

bool pyr_event_enter_slow(const void *key, PyObject *object, PyObject *globals, unsigned flags)
{
    const struct pyr_callee callee = {
        .key = key,
        .object = object,
        .globals = globals,
        .builtin = (flags & PYR_CALLEE_BUILTIN) != 0,
        .resumed = (flags & PYR_CALLEE_RESUMED) != 0,
        .frame_runs = (flags & PYR_CALLEE_FRAME_RUNS) != 0,
    };
    struct pyr_slot *slot = &pyr_slot;
    struct pyr_node *cur = slot->cur;
    if (slot->busy) {
        return true; /* the timer's own calls */
    }
    if (cur == NULL) {
        cur = pyr_slot_attach(slot, callee.frame_runs);
        if (cur == NULL) {
            return true;
        }
    }
    struct pyr_node *child = cur->last_child;
    if (child->key != callee.key) {
        child = child_of(slot, cur, callee);
        if (child == NULL) {
            return false;
        }
    }
    pyr_event_count(child, callee.resumed);
    pyr_event_switch(slot, cur, child, pyr_event_ticks());
    return true;
}

/* Makes the path of `old` anew in another tree, with nothing counted, and its seeds. */
static struct pyr_node *copy_path(struct pyr_trace *trace, struct pyr_thread_tree *to,
                                  const struct pyr_thread_tree *from, const struct pyr_node *old)
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
        struct pyr_node *next = pyr_calltree_add(&to->tree, node, old->key, old->record);
        if (next == NULL) {
            break;
        }
        node = next;
        pyr_counter_add_shared(&trace->nodes, 1);
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

void pyr_slot_renew(struct pyr_trace *trace, struct pyr_slot *slot, uint64_t now)
{
    struct pyr_thread_tree *old = slot->home;
    const struct pyr_node *cur = slot->cur;
    if (old->tree.fold_depth > 0) {
        cur = old->tree.fold_stack[0];
    }
    struct pyr_thread_tree *home = pyr_thread_tree_new(
        trace, old->ident, slot == &pyr_slot ? (uint32_t)syscall(SYS_gettid) : old->tid);
    if (home == NULL) {
        slot->home = NULL;
        PYR_SHARED_SET(slot->cur, NULL);
        return;
    }
    struct pyr_node *node = copy_path(trace, home, old, cur);
    home->unseen = old->unseen;
    slot->home = home;
    slot->last = now;
    home->slot = slot;
    show_innermost_seed(slot);
    PYR_SHARED_SET(slot->cur, node);
}

void pyr_slot_drop_seed(struct pyr_slot *slot)
{
    slot->home->seed_count--;
    show_innermost_seed(slot);
}

void pyr_slot_sync(struct pyr_slot *slot, void *frame)
{
    struct pyr_thread_tree *home = slot->home;
    while (home->seed_count > 0 && home->seeds[home->seed_count - 1].frame != frame) {
        home->seed_count--;
    }
    show_innermost_seed(slot);
    PYR_SHARED_SET(slot->cur, slot->seeded != NULL ? slot->seeded : pyr_calltree_root(&home->tree));
}

bool pyr_slot_is_caller(const struct pyr_slot *slot, const void *code, bool returning)
{
    const struct pyr_node *caller = slot->cur;
    if (caller == NULL) {
        return true; /* not met yet: the slow path will see */
    }
    const struct pyr_calltree *tree = &slot->home->tree;
    if (returning) {
        caller = tree->fold_depth > 0 ? tree->fold_stack[tree->fold_depth - 1] : caller->parent;
    }
    return caller != NULL && (caller->key == code || caller->key == pyr_key_folded(code));
}

/* Where a return that does not match the current node leads; NULL when it is of no call we saw.
 * Sets `*excluded` when it is of a function that is not recorded. */
static struct pyr_node *find_return(struct pyr_trace *trace, struct pyr_thread_tree *home,
                                    struct pyr_node *cur, const void *key, bool *excluded)
{
    if (home->tree.fold_depth > 0 && cur->key == pyr_key_folded(key)) {
        return pyr_calltree_unfold(&home->tree);
    }
    uint32_t number = pyr_registry_find(&trace->registry, key);
    *excluded = number != 0 && pyr_registry_get(&trace->registry, number)->excluded;
    struct pyr_node *match = *excluded || home->tree.fold_depth > 0 ? NULL : cur;
    uint32_t depth = 0;
    while (match != NULL && match->key != key && depth < MAX_UNMATCHED_DEPTH) {
        match = match->parent;
        depth++;
    }
    if (match == NULL || match->key != key) {
        if (!*excluded && home->unseen > 0) {
            home->unseen--;
        } else {
            pyr_counter_add(&home->unmatched, !*excluded);
        }
        return NULL;
    }
    pyr_counter_add(&home->unmatched, depth);
    return match->parent;
}

bool pyr_event_leave_slow(const void *key)
{
    struct pyr_slot *slot = &pyr_slot;
    struct pyr_trace *trace = pyr_probe.trace;
    bool excluded = false;
    bool just_met = slot->cur == NULL;
    if (trace == NULL || !trace->running || slot->busy ||
        (just_met && pyr_slot_attach(slot, false) == NULL)) {
        return false;
    }
    struct pyr_node *cur = slot->cur;
    uint64_t unmatched = slot->home->unmatched;
    struct pyr_node *next =
        cur->key == key ? cur->parent : find_return(trace, slot->home, cur, key, &excluded);
    if (just_met) {
        /* A builtin that was called before we came: not lost, it is older than the trace. */
        pyr_counter_set(&slot->home->unmatched, unmatched);
    }
    if (next != NULL) {
        pyr_event_switch(slot, cur, next, pyr_event_ticks());
    }
    return excluded;
}
