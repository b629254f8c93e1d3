/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/context_figures.h"

#include <string.h>

#include "base/mem.h"
#include "probe/event.h"
#include "probe/module.h"

#define NS_PER_S 1e9
/* What a call takes that the table of timings says nothing of. */
#define UNTOLD_TICKS 3.0

/* One function, or one caller and callee, within a context and a tag. */
struct row {
    uint32_t tag;
    uint32_t caller; /* of a pair; 0 in a function's own row */
    uint32_t callee;
    uint32_t level; /* how many of it are open on the path that is walked */
    int64_t calls;
    int64_t primitive;
    double total;
    double self;
};

struct rows {
    struct row *items; /* owned */
    uint32_t count;
    uint32_t cap;
    struct pyr_map by_key; /* -> place, from 1 */
};

/* What is known of a node beyond its tree. */
struct extra {
    double self; /* seconds */
    double inclusive;
    uint32_t first_child;
    uint32_t next_sibling;
    uint32_t open; /* calls that have not returned */
};

/* The walk over one context's tree. */
struct walk {
    struct pyr_trace *trace;
    const struct pyr_context *home;
    PyObject *timings; /* borrowed; NULL: by the clock */
    double s_per_tick;
    struct extra *extras; /* owned; by index of node */
    uint32_t count;
    struct rows functions;
    struct rows pairs;
};

static PyObject *new_reference(PyObject *object)
{
    Py_INCREF(object);
    return object;
}

static const char *text_of(const struct pyr_record *record)
{
    return record->label != NULL ? record->label : record->qualname;
}

static PyObject *to_text(const char *text)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

static PyObject *record_item(const struct pyr_record *record)
{
    bool builtin = record->kind != PYR_FUNC_PYTHON;
    PyObject *object = builtin ? to_text(text_of(record)) : new_reference(record->object);
    PyObject *qualname = to_text(record->qualname);
    PyObject *module = to_text(record->module);
    PyObject *file = to_text(record->file);
    PyObject *item = object != NULL && qualname != NULL && module != NULL && file != NULL
                         ? Py_BuildValue("(OOOOIO)", object, qualname, module, file,
                                         record->first_line, builtin ? Py_True : Py_False)
                         : NULL;
    Py_XDECREF(file);
    Py_XDECREF(module);
    Py_XDECREF(qualname);
    Py_XDECREF(object);
    return item;
}

PyObject *pyr_figures_records(struct pyr_trace *trace)
{
    uint32_t count = pyr_published_u32(&trace->registry.count);
    PyObject *list = PyList_New(0);
    if (list != NULL && PyList_Append(list, Py_None) < 0) {
        Py_CLEAR(list);
    }
    for (uint32_t i = 1; list != NULL && i < count; i++) {
        PyObject *item = record_item(pyr_registry_get(&trace->registry, i));
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    return list;
}

/* Since the last event of the thread that is in the context. */
static void pending_of(const struct pyr_context *home, uint64_t *ticks, uint64_t *cpu_ns)
{
    *ticks = 0;
    *cpu_ns = 0;
    pthread_mutex_lock(&pyr_probe.slots_lock);
    if (home->slot != NULL && !pyr_probe.external) {
        uint64_t now = pyr_event_ticks();
        *ticks = now > home->slot->last ? now - home->slot->last : 0;
        (void)pyr_cpu_clock_of_thread(&home->slot->cpu, home->slot->last, cpu_ns);
    }
    pthread_mutex_unlock(&pyr_probe.slots_lock);
}

/* Its thread's main greenlet is one of several. */
static bool has_greenlets(const struct pyr_trace *trace, const struct pyr_context *native)
{
    const struct pyr_context *home = trace->contexts;
    while (home != NULL && (home->kind != PYR_THREAD_GREENLET || home->native != native)) {
        home = home->next;
    }
    return home != NULL;
}

static PyObject *context_item(struct pyr_trace *trace, const struct pyr_context *home)
{
    static const char *const kinds[] = {"thread", "task", "greenlet", "context"};
    double s_per_tick = pyr_trace_ns_per_tick(trace) / NS_PER_S;
    uint64_t ticks = 0;
    uint64_t cpu_ticks = 0;
    uint64_t cpu_ns = 0;
    pending_of(home, &ticks, &cpu_ns);
    for (uint32_t i = 0; i < home->tree.count; i++) {
        const struct pyr_node_more *more = pyr_calltree_more(&home->tree, i);
        uint64_t own = pyr_calltree_node(&home->tree, i)->self_ticks;
        uint64_t off = more != NULL ? more->off_ticks : 0;
        ticks += own;
        cpu_ticks += trace->cpu && own > off ? own - off : 0;
        cpu_ns += more != NULL ? more->cpu_ns : 0;
    }
    if (home->kind == PYR_THREAD_GREENLET || has_greenlets(trace, home)) {
        uint64_t ended = pyr_counter_read(&home->ended);
        uint64_t end = ended != 0 ? ended : pyr_event_ticks();
        ticks = end > home->began ? end - home->began : 0;
    }
    PyObject *id =
        home->kind == PYR_THREAD_CONTEXT ? PyLong_FromLongLong(home->id) : new_reference(Py_None);
    PyObject *name = home->named != 0 ? to_text(home->name) : new_reference(Py_None);
    PyObject *item = id != NULL && name != NULL
                         ? Py_BuildValue("(sOOkkddK)", kinds[home->kind], id, name, home->ident,
                                         (unsigned long)home->tid, (double)ticks * s_per_tick,
                                         (double)cpu_ticks * s_per_tick + (double)cpu_ns / NS_PER_S,
                                         (unsigned long long)home->switches)
                         : NULL;
    Py_XDECREF(name);
    Py_XDECREF(id);
    return item;
}

PyObject *pyr_figures_contexts(struct pyr_trace *trace)
{
    const struct pyr_context *newest = trace->contexts; /* making objects may bring new ones */
    PyObject *list = PyList_New(newest != NULL ? (Py_ssize_t)newest->number + 1 : 0);
    for (const struct pyr_context *home = newest; list != NULL && home != NULL; home = home->next) {
        PyObject *item = context_item(trace, home);
        if (item == NULL) {
            Py_CLEAR(list);
        } else {
            PyList_SET_ITEM(list, (Py_ssize_t)home->number, item);
        }
    }
    return list;
}

static bool is_shown(const struct pyr_node *node)
{
    return node->parent != NULL && node->record != 0 &&
           (node->record & (PYR_RECORD_LABEL | PYR_RECORD_EXCLUDED)) == 0;
}

/* The nearest one above that is a function; NULL when there is none. */
static const struct pyr_node *caller_of(const struct pyr_node *node)
{
    const struct pyr_node *caller = node->parent;
    while (caller != NULL && !is_shown(caller)) {
        caller = caller->parent;
    }
    return caller;
}

static const struct pyr_record *record_of(const struct walk *walk, const struct pyr_node *node)
{
    return pyr_registry_get(&walk->trace->registry, node->record);
}

/* Of a generator every entry is a call; of a coroutine only the first. */
static int64_t calls_of(const struct walk *walk, const struct pyr_node *node)
{
    const struct pyr_record *record = record_of(walk, node);
    bool coroutine = record->kind == PYR_FUNC_PYTHON &&
                     (((PyCodeObject *)record->object)->co_flags & PYR_COROUTINE_FLAGS) != 0;
    return (int64_t)(node->calls + (coroutine ? 0 : node->resumes));
}

static double told_seconds(const struct walk *walk, const struct pyr_node *node, uint32_t level)
{
    const struct pyr_record *record = record_of(walk, node);
    double ticks = UNTOLD_TICKS;
    const char *name = strrchr(record->qualname, '.');
    PyObject *key =
        PyUnicode_FromFormat("%s_%u", name != NULL ? name + 1 : record->qualname, level);
    PyObject *told = key != NULL ? PyDict_GetItem(walk->timings, key) : NULL; /* borrowed */
    if (told != NULL) {
        ticks = PyFloat_AsDouble(told);
    }
    Py_XDECREF(key);
    PyErr_Clear();
    return ticks;
}

static double clock_seconds(const struct walk *walk, const struct pyr_node *node)
{
    if (walk->trace->options.clock != PYR_CHOOSE_CPU) {
        return (double)node->self_ticks * walk->s_per_tick;
    }
    const struct pyr_node_more *more = pyr_calltree_more(&walk->home->tree, node->index);
    uint64_t off = more != NULL ? more->off_ticks : 0;
    uint64_t cpu_ns = more != NULL ? more->cpu_ns : 0;
    return (double)(node->self_ticks > off ? node->self_ticks - off : 0) * walk->s_per_tick +
           (double)cpu_ns / NS_PER_S;
}

/* Suspended, by the wall clock. */
static double suspended_seconds(const struct walk *walk, const struct pyr_node *node)
{
    const struct pyr_node_more *more = pyr_calltree_more(&walk->home->tree, node->index);
    if (more == NULL || walk->timings != NULL || walk->trace->options.clock == PYR_CHOOSE_CPU) {
        return 0;
    }
    return (double)(more->awaited_ticks + more->starved_ticks) * walk->s_per_tick;
}

static struct row *row_of(struct rows *rows, uint64_t key, uint32_t tag)
{
    struct pyr_err err = {0};
    uint32_t place = pyr_map_get(&rows->by_key, key);
    if (place == 0) {
        if (!pyr_mem_grow(&rows->items, &rows->cap, (size_t)rows->count + 1, sizeof *rows->items,
                          &err) ||
            !pyr_map_put(&rows->by_key, key, rows->count + 1, &err)) {
            return NULL;
        }
        rows->items[rows->count] = (struct row){.tag = tag};
        place = ++rows->count;
    }
    return &rows->items[place - 1];
}

static uint32_t tag_of(const struct walk *walk, const struct pyr_node *node)
{
    const struct pyr_node_more *more = pyr_calltree_more(&walk->home->tree, node->index);
    return more != NULL ? more->tag : 0;
}

static struct row *function_row(struct walk *walk, const struct pyr_node *node)
{
    uint32_t tag = tag_of(walk, node);
    struct row *row = row_of(&walk->functions, (uint64_t)tag << 32 | node->record, tag);
    if (row != NULL) {
        row->callee = node->record;
    }
    return row;
}

static struct row *pair_row(struct walk *walk, const struct pyr_node *node)
{
    const struct pyr_node *caller = caller_of(node);
    const struct row *of_caller = caller != NULL ? function_row(walk, caller) : NULL;
    if (of_caller == NULL) {
        return NULL;
    }
    uint64_t number = (uint64_t)(of_caller - walk->functions.items) + 1;
    struct row *row = row_of(&walk->pairs, number << 32 | node->record, of_caller->tag);
    if (row != NULL) {
        row->caller = caller->record;
        row->callee = node->record;
    }
    return row;
}

static void link_children(struct walk *walk)
{
    for (uint32_t i = walk->count; i-- > 1;) {
        uint32_t parent = pyr_calltree_node(&walk->home->tree, i)->parent->index;
        walk->extras[i].next_sibling = walk->extras[parent].first_child;
        walk->extras[parent].first_child = i;
    }
}

static void mark_open(struct walk *walk)
{
    const struct pyr_context *home = walk->home;
    const struct pyr_node *node = home->cur != NULL ? home->cur : home->open;
    pthread_mutex_lock(&pyr_probe.slots_lock); /* its thread may be ending */
    if (home->slot != NULL) {
        node = home->slot->cur;
    }
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    for (; node != NULL; node = node->parent) {
        walk->extras[node->index].open = 1;
    }
}

/* By the table: what a finished call takes is given, what is its own is left after its callees. */
static void tell_seconds(struct walk *walk, const struct pyr_node *node, uint32_t level)
{
    struct extra *extra = &walk->extras[node->index];
    int64_t finished = calls_of(walk, node) - extra->open;
    double elapsed = told_seconds(walk, node, level) * (double)finished;
    const struct pyr_node *caller = caller_of(node);
    extra->inclusive = elapsed;
    extra->self += elapsed;
    if (caller != NULL) {
        walk->extras[caller->index].self -= elapsed;
    }
}

static void enter_node(struct walk *walk, const struct pyr_node *node)
{
    if (is_shown(node)) {
        struct row *row = function_row(walk, node);
        uint32_t level = row != NULL ? ++row->level : 1;
        struct row *pair = pair_row(walk, node);
        if (pair != NULL) {
            pair->level++;
        }
        if (walk->timings != NULL) {
            tell_seconds(walk, node, level);
        }
    }
    if (walk->timings == NULL) {
        walk->extras[node->index].self = clock_seconds(walk, node);
        walk->extras[node->index].inclusive = walk->extras[node->index].self;
    }
}

static void add_to_row(struct walk *walk, const struct pyr_node *node, struct row *row,
                       bool primitive, bool outermost)
{
    const struct extra *extra = &walk->extras[node->index];
    int64_t calls = calls_of(walk, node);
    row->calls += calls;
    row->primitive += primitive ? calls - extra->open : 0;
    /* A callee in the table's time with no finished caller leaves less than nothing. */
    row->self += extra->self > 0 || extra->open == 0 ? extra->self : 0;
    row->total += outermost ? extra->inclusive + suspended_seconds(walk, node) : 0;
}

static void leave_node(struct walk *walk, const struct pyr_node *node)
{
    if (node->parent != NULL && walk->timings == NULL) {
        walk->extras[node->parent->index].inclusive += walk->extras[node->index].inclusive;
    }
    if (!is_shown(node)) {
        return;
    }
    struct row *row = function_row(walk, node);
    bool primitive = row == NULL || row->level-- == 1;
    if (row != NULL) {
        add_to_row(walk, node, row, primitive, primitive);
    }
    struct row *pair = pair_row(walk, node);
    if (pair != NULL) {
        add_to_row(walk, node, pair, primitive, pair->level-- == 1);
    }
}

/* Depth first, without recursion: as deep as the program went. */
static void walk_nodes(struct walk *walk)
{
    const struct pyr_node *node = pyr_calltree_root(&walk->home->tree);
    bool down = true;
    while (node != NULL) {
        const struct extra *extra = &walk->extras[node->index];
        if (down) {
            enter_node(walk, node);
        }
        if (down && extra->first_child != 0) {
            node = pyr_calltree_node(&walk->home->tree, extra->first_child);
            continue;
        }
        leave_node(walk, node);
        down = extra->next_sibling != 0;
        node = down ? pyr_calltree_node(&walk->home->tree, extra->next_sibling) : node->parent;
    }
}

/* A tag's value, or how those beyond the limit are called; `label` may be NULL. NULL with an
 * exception. */
static PyObject *tag_item(const struct pyr_label *label)
{
    if (label != NULL && label->shared) {
        return to_text(label->name);
    }
    return new_reference(label != NULL && label->object != NULL ? label->object : Py_None);
}

static PyObject *row_item(const struct walk *walk, const struct row *row)
{
    PyObject *tag = tag_item(pyr_label_get(&walk->trace->labels, row->tag));
    if (row->caller == 0) {
        return Py_BuildValue("(INILLdd)", walk->home->number, tag, row->callee,
                             (long long)row->calls, (long long)row->primitive, row->total,
                             row->self);
    }
    return Py_BuildValue("(INIILLdd)", walk->home->number, tag, row->caller, row->callee,
                         (long long)row->calls, (long long)row->primitive, row->total, row->self);
}

static bool list_rows(const struct walk *walk, const struct rows *rows, PyObject *list)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        if (rows->items[i].calls == 0) {
            continue; /* ran before us */
        }
        PyObject *item = row_item(walk, &rows->items[i]);
        bool ok = item != NULL && PyList_Append(list, item) == 0;
        Py_XDECREF(item);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static void walk_release(struct walk *walk)
{
    pyr_mem_free(walk->extras);
    pyr_mem_free(walk->functions.items);
    pyr_map_release(&walk->functions.by_key);
    pyr_mem_free(walk->pairs.items);
    pyr_map_release(&walk->pairs.by_key);
}

static bool add_context(struct pyr_trace *trace, const struct pyr_context *home, PyObject *timings,
                        PyObject *functions, PyObject *pairs)
{
    struct walk walk = {
        .trace = trace,
        .home = home,
        .timings = timings,
        .s_per_tick = pyr_trace_ns_per_tick(trace) / NS_PER_S,
        .count = home->tree.count,
        .extras = pyr_mem_zalloc(home->tree.count, sizeof *walk.extras),
    };
    bool ok = walk.extras != NULL;
    if (ok) {
        link_children(&walk);
        mark_open(&walk);
        walk_nodes(&walk);
        ok = list_rows(&walk, &walk.functions, functions) && list_rows(&walk, &walk.pairs, pairs);
    } else {
        PyErr_NoMemory();
    }
    walk_release(&walk);
    return ok;
}

PyObject *pyr_figures_context_totals(struct pyr_trace *trace, PyObject *timings)
{
    PyObject *functions = PyList_New(0);
    PyObject *pairs = PyList_New(0);
    bool ok = functions != NULL && pairs != NULL;
    for (const struct pyr_context *home = trace->contexts; ok && home != NULL; home = home->next) {
        ok = add_context(trace, home, timings, functions, pairs);
    }
    PyObject *result = ok ? PyTuple_Pack(2, functions, pairs) : NULL;
    Py_XDECREF(pairs);
    Py_XDECREF(functions);
    return result;
}
