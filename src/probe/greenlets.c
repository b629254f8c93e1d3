/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/greenlets.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "probe/compat.h"
#include "probe/event.h"

/* What the greenlet package offers in C; new references, kept until the process ends. */
struct library {
    PyObject *settrace;
    PyObject *gettrace;
    PyObject *getcurrent;
    PyObject *type;
    PyObject *parent; /* the type's own attributes, whatever a subclass calls so */
    PyObject *dead;
};

/* A greenlet that was met. An address may be used again, so there is a proof for each. */
struct place {
    PyObject *greenlet;       /* to compare, never to follow */
    PyObject *weak;           /* owned reference to it; NULL: nobody known is at this address */
    struct pyr_context *home; /* NULL for a thread's main greenlet, which is the thread itself */
};

static struct {
    struct library library;
    bool loaded;
    uint64_t generation;       /* rises when all contexts are forgotten */
    struct pyr_map by_address; /* -> index in places, from 1 */
    struct place *places;      /* owned; never more than there are addresses, so not given back */
    uint32_t count;
    uint32_t cap;
} greenlets = {.generation = 1};

/* What is set with greenlet.settrace(). One for each thread and what was set there before. */
struct follower {
    PyObject_HEAD vectorcallfunc call;
    PyObject *previous; /* owned; NULL: there was none */
};

static PyTypeObject follower_type;

static PyObject *item(PyObject *dict, const char *name, PyTypeObject *type)
{
    PyObject *value = PyDict_GetItemString(dict, name); /* borrowed */
    if (value == NULL || !PyObject_TypeCheck(value, type)) {
        return NULL;
    }
    Py_INCREF(value);
    return value;
}

static PyObject *attribute_of_type(PyObject *type, const char *name)
{
    PyObject *value = type != NULL ? PyObject_GetAttrString(type, name) : NULL;
    if (value != NULL && !Py_IS_TYPE(value, &PyGetSetDescr_Type)) {
        Py_CLEAR(value);
    }
    return value;
}

static void release_library(struct library *library)
{
    Py_XDECREF(library->settrace);
    Py_XDECREF(library->gettrace);
    Py_XDECREF(library->getcurrent);
    Py_XDECREF(library->type);
    Py_XDECREF(library->parent);
    Py_XDECREF(library->dead);
}

/* Only what has been imported: in sys.modules, without importing anything. */
static PyObject *imported_dict(void)
{
    static PyObject *name; /* owned for good: each new node of a tree asks */
    if (name == NULL) {
        name = PyUnicode_InternFromString("greenlet._greenlet");
    }
    PyObject *modules = PySys_GetObject("modules"); /* borrowed, as all here */
    if (name == NULL || modules == NULL || !PyDict_Check(modules)) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *module = PyDict_GetItem(modules, name);
    return module != NULL && PyModule_Check(module) ? PyModule_GetDict(module) : NULL;
}

/* Has the program loaded greenlet? Leaves no exception. */
static bool load(void)
{
    if (greenlets.loaded) {
        return true;
    }
    PyObject *dict = imported_dict();
    if (dict == NULL) {
        return false;
    }
    struct library found = {
        .settrace = item(dict, "settrace", &PyCFunction_Type),
        .gettrace = item(dict, "gettrace", &PyCFunction_Type),
        .getcurrent = item(dict, "getcurrent", &PyCFunction_Type),
        .type = item(dict, "greenlet", &PyType_Type),
    };
    found.parent = attribute_of_type(found.type, "parent");
    found.dead = attribute_of_type(found.type, "dead");
    if (found.settrace == NULL || found.gettrace == NULL || found.getcurrent == NULL ||
        found.parent == NULL || found.dead == NULL || PyType_Ready(&follower_type) < 0) {
        PyErr_Clear();
        release_library(&found);
        return false;
    }
    greenlets.library = found;
    greenlets.loaded = true;
    return true;
}

static bool follows(const struct pyr_trace *trace)
{
    return trace != NULL && trace->running && trace->options.greenlets &&
           trace->options.context == NULL;
}

static bool is_greenlet(PyObject *object)
{
    return PyObject_TypeCheck(object, (PyTypeObject *)greenlets.library.type);
}

static bool attribute_is(PyObject *attribute, PyObject *greenlet, const PyObject *expected)
{
    PyObject *value =
        Py_TYPE(attribute)->tp_descr_get(attribute, greenlet, (PyObject *)Py_TYPE(greenlet));
    if (value == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(value); /* held by others, or immortal */
    return value == expected;
}

static bool is_main(PyObject *greenlet)
{
    return attribute_is(greenlets.library.parent, greenlet, Py_None);
}

/* New reference, or NULL without an exception. */
static PyObject *ask(PyObject *function)
{
    PyObject *result = PyObject_CallNoArgs(function);
    if (result == NULL) {
        PyErr_Clear(); /* the interpreter ends */
    }
    return result;
}

static void vacate(struct place *place, uint64_t now)
{
    if (place->home != NULL && place->home->ended == 0) {
        pyr_counter_set(&place->home->ended, now);
    }
    Py_CLEAR(place->weak);
    place->home = NULL;
}

/* Where the greenlet is remembered, or NULL. */
static struct place *find(PyObject *greenlet, uint64_t now)
{
    uint32_t number = pyr_map_get(&greenlets.by_address, (uint64_t)(uintptr_t)greenlet);
    struct place *place = number != 0 ? &greenlets.places[number - 1] : NULL;
    if (place == NULL || place->weak == NULL) {
        return NULL;
    }
    if (pyr_weak_refers(place->weak, greenlet)) {
        return place;
    }
    vacate(place, now);
    return NULL;
}

/* Remembers a greenlet that find() does not know. Takes over the reference `weak`, also on failure;
 * NULL when out of memory. */
static struct place *remember(PyObject *greenlet, PyObject *weak)
{
    struct pyr_err err = {0};
    const uint64_t address = (uint64_t)(uintptr_t)greenlet;
    uint32_t number = pyr_map_get(&greenlets.by_address, address);
    if (number == 0) {
        if (!pyr_mem_grow(&greenlets.places, &greenlets.cap, (size_t)greenlets.count + 1,
                          sizeof *greenlets.places, &err) ||
            !pyr_map_put(&greenlets.by_address, address, greenlets.count + 1, &err)) {
            Py_DECREF(weak);
            return NULL;
        }
        number = ++greenlets.count;
    }
    greenlets.places[number - 1] = (struct place){greenlet, weak, NULL};
    return &greenlets.places[number - 1];
}

/* At the limit: the contexts of greenlets that are no more can be used again. */
static void vacate_dead(uint64_t now)
{
    for (uint32_t i = 0; i < greenlets.count; i++) {
        struct place *place = &greenlets.places[i];
        if (place->weak != NULL && !pyr_weak_refers(place->weak, place->greenlet)) {
            vacate(place, now);
        }
    }
}

/* What the program called it, borrowed; NULL when it did not. Runs no Python code. */
static const char *given_name(PyObject *greenlet)
{
    PyObject **dict = _PyObject_GetDictPtr(greenlet);
    PyObject *name = dict != NULL && *dict != NULL && PyDict_CheckExact(*dict)
                         ? PyDict_GetItemString(*dict, "name")
                         : NULL; /* borrowed */
    const char *text = name != NULL && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    PyErr_Clear();
    return text;
}

static void give_name(const struct pyr_trace *trace, struct pyr_context *home, PyObject *greenlet)
{
    char name[PYR_CONTEXT_NAME_BYTES];
    if (trace->options.context_name != NULL) {
        return; /* it is the program that names them */
    }
    const char *type = strrchr(Py_TYPE(greenlet)->tp_name, '.');
    type = type != NULL ? type + 1 : Py_TYPE(greenlet)->tp_name;
    const char *given = given_name(greenlet);
    if (given != NULL || strcmp(type, "Hub") == 0) { /* gevent's loop: one in each thread */
        (void)snprintf(name, sizeof name, "%s", given != NULL ? given : type);
    } else {
        (void)snprintf(name, sizeof name, "%.40s-%u", type, trace->greenlet_count);
    }
    pyr_context_set_name(home, name);
}

/* What to do with the frames of a greenlet that is met. */
enum frames { LEAVE_FRAMES, MEET_FRAMES, MEET_CALLERS };

static bool give_context(struct pyr_trace *trace, struct pyr_context *native, struct place *place,
                         uint64_t now)
{
    if (trace->greenlet_count >= trace->options.context_limit) {
        vacate_dead(now);
    }
    place->home = pyr_context_take(trace, PYR_THREAD_GREENLET, native);
    if (place->home == NULL) {
        Py_CLEAR(place->weak);
        return false;
    }
    give_name(trace, place->home, place->greenlet);
    return true;
}

/* The context of a greenlet that find() does not know; NULL when the trace leaves it out, or out of
 * memory. */
static struct pyr_context *welcome(struct pyr_trace *trace, struct pyr_context *native,
                                   PyObject *greenlet, uint64_t now, enum frames frames)
{
    bool main = is_main(greenlet);
    if (trace->only != NULL && !main) {
        return NULL;
    }
    PyFrameObject *frame =
        frames != LEAVE_FRAMES ? pyr_running_frames(frames == MEET_CALLERS) : NULL;
    PyObject *weak = PyWeakref_NewRef(greenlet, NULL);
    struct place *place = weak != NULL ? find(greenlet, now) : NULL;
    if (place == NULL && weak != NULL) {
        place = remember(greenlet, weak);
        weak = NULL;
    }
    PyErr_Clear();
    bool fresh = place != NULL && !main && place->home == NULL;
    if (fresh && give_context(trace, native, place, now) && frames != LEAVE_FRAMES) {
        place->home->cur = pyr_context_meet(trace, place->home, frame);
    }
    Py_XDECREF(weak);
    Py_XDECREF(frame);
    return main ? native : place != NULL ? place->home : NULL;
}

static struct pyr_context *context_of(struct pyr_trace *trace, struct pyr_context *native,
                                      PyObject *greenlet, uint64_t now, enum frames frames)
{
    const struct place *place = find(greenlet, now);
    if (place == NULL) {
        return welcome(trace, native, greenlet, now, frames);
    }
    return place->home != NULL ? place->home : native;
}

/* The contexts were forgotten, but the one that the slot is in was made anew: it belongs to the
 * greenlet that runs, or just ran. */
static void keep_home(struct pyr_slot *slot, PyObject *greenlet, uint64_t now)
{
    if (slot->greenlets == greenlets.generation) {
        return;
    }
    bool was_followed = slot->greenlets != 0;
    slot->greenlets = greenlets.generation;
    if (!was_followed || slot->home == NULL || slot->home->kind != PYR_THREAD_GREENLET ||
        find(greenlet, now) != NULL || is_main(greenlet)) {
        return;
    }
    PyObject *weak = PyWeakref_NewRef(greenlet, NULL);
    struct place *place = weak != NULL ? remember(greenlet, weak) : NULL;
    if (place != NULL) {
        place->home = slot->home;
    }
    PyErr_Clear();
}

static void move(struct pyr_trace *trace, struct pyr_slot *slot, struct pyr_context *home,
                 uint64_t now)
{
    if (trace->only != NULL && home != trace->only) {
        home = NULL;
    }
    if (home != slot->home) {
        pyr_slot_move(trace, slot, home, now);
    }
}

/* The thread has switched from one greenlet to another. */
static void follow(PyObject *origin, PyObject *target)
{
    struct pyr_trace *trace = pyr_probe.trace;
    struct pyr_slot *slot = &pyr_slot;
    if (!follows(trace) || slot->busy || (slot->cur == NULL && !slot->away)) {
        return;
    }
    uint64_t now = pyr_event_ticks();
    if (pyr_probe.trace != trace || !trace->running) {
        return; /* in a timer of the program's, anything may happen */
    }
    keep_home(slot, origin, now);
    bool known = find(target, now) != NULL;
    move(trace, slot, context_of(trace, slot->native, target, now, MEET_FRAMES), now);
    if (!known && !pyr_probe.external) { /* making its acquaintance is not the program's time */
        pyr_counter_add(&slot->last, pyr_event_ticks() - now);
    }
    if (attribute_is(greenlets.library.dead, origin, Py_True)) {
        struct place *place = find(origin, now);
        if (place != NULL) {
            vacate(place, now);
        }
    }
}

/* What greenlet has set in this thread; a new reference, or NULL. */
static PyObject *trace_function(void)
{
    return ask(greenlets.library.gettrace);
}

static bool is_ours(PyObject *function)
{
    return function != NULL && Py_IS_TYPE(function, &follower_type);
}

static void set_trace_function(PyObject *function)
{
    PyObject *old = PyObject_CallOneArg(greenlets.library.settrace, function);
    if (old == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(old);
}

/* Takes it out of this thread, unless another one has been set above it. */
static void take_out(struct follower *follower)
{
    PyObject *current = trace_function();
    if (current == (PyObject *)follower) {
        set_trace_function(follower->previous != NULL ? follower->previous : Py_None);
    }
    Py_XDECREF(current);
}

static PyObject *follower_call(PyObject *object, PyObject *const *args, size_t flags,
                               PyObject *names)
{
    struct follower *self = (struct follower *)object;
    PyObject *previous = self->previous;
    const size_t count = (size_t)PyVectorcall_NARGS(flags);
    Py_XINCREF(previous);
    if (!follows(pyr_probe.trace)) {
        take_out(self);
    } else if (count == 2 && PyTuple_Check(args[1]) && PyTuple_GET_SIZE(args[1]) == 2 &&
               is_greenlet(PyTuple_GET_ITEM(args[1], 0)) &&
               is_greenlet(PyTuple_GET_ITEM(args[1], 1))) {
        follow(PyTuple_GET_ITEM(args[1], 0), PyTuple_GET_ITEM(args[1], 1));
    }
    if (previous == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *result = PyObject_Vectorcall(previous, args, count, names);
    Py_DECREF(previous);
    return result; /* when it failed greenlet gives up all trace functions, as without us */
}

static int follower_traverse(PyObject *object, visitproc visit, void *arg)
{
    Py_VISIT(((struct follower *)object)->previous);
    return 0;
}

static int follower_clear(PyObject *object)
{
    Py_CLEAR(((struct follower *)object)->previous);
    return 0;
}

static void follower_dealloc(PyObject *object)
{
    PyObject_GC_UnTrack(object);
    (void)follower_clear(object);
    Py_TYPE(object)->tp_free(object);
}

static PyTypeObject follower_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyrometer._probe.GreenletFollower",
    .tp_basicsize = sizeof(struct follower),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = "Set with greenlet.settrace() while a trace follows greenlets.",
    .tp_dealloc = follower_dealloc,
    .tp_traverse = follower_traverse,
    .tp_clear = follower_clear,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(struct follower, call),
};

/* Sets our trace function in this thread, on top of what is there. True when that was missing, so
 * that switches may have been missed. */
static bool put_in(void)
{
    PyObject *current = trace_function();
    if (current == NULL || is_ours(current)) {
        Py_XDECREF(current);
        return false;
    }
    struct follower *follower = (struct follower *)follower_type.tp_alloc(&follower_type, 0);
    if (follower == NULL) {
        PyErr_Clear();
        Py_DECREF(current);
        return false;
    }
    follower->call = follower_call;
    follower->previous = current != Py_None ? current : NULL;
    if (current == Py_None) {
        Py_DECREF(current);
    }
    set_trace_function((PyObject *)follower);
    Py_DECREF(follower);
    return true;
}

/* The greenlet that runs; a new reference, or NULL. Greenlets that other threads dropped end in
 * here, which is not what the event is about. */
static PyObject *current_greenlet(struct pyr_slot *slot)
{
    bool was_busy = slot->busy;
    slot->busy = true;
    PyObject *greenlet = ask(greenlets.library.getcurrent);
    slot->busy = was_busy;
    return greenlet;
}

struct pyr_context *pyr_greenlets_attach(struct pyr_trace *trace, struct pyr_slot *slot,
                                         struct pyr_context *native)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    struct pyr_context *home = native;
    PyErr_Fetch(&type, &value, &traceback);
    if (follows(trace) && load()) {
        (void)put_in();
        PyObject *greenlet = current_greenlet(slot);
        slot->greenlets = greenlets.generation;
        if (greenlet != NULL) {
            uint64_t now = pyr_probe.external ? 0 : pyr_event_ticks();
            home = context_of(trace, native, greenlet, now, LEAVE_FRAMES);
        }
        Py_XDECREF(greenlet);
    }
    PyErr_Restore(type, value, traceback);
    return home;
}

void pyr_greenlets_check(struct pyr_trace *trace, struct pyr_slot *slot, bool skip_top)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    if (follows(trace) && load() && put_in()) {
        PyObject *greenlet = current_greenlet(slot);
        uint64_t now = pyr_event_ticks();
        if (greenlet != NULL && pyr_probe.trace == trace && slot->cur != NULL) {
            keep_home(slot, greenlet, now);
            enum frames frames = skip_top ? MEET_CALLERS : MEET_FRAMES;
            move(trace, slot, context_of(trace, slot->native, greenlet, now, frames), now);
        }
        Py_XDECREF(greenlet);
    }
    PyErr_Restore(type, value, traceback);
}

void pyr_greenlets_forget(void)
{
    greenlets.generation++;
    pyr_map_clear(&greenlets.by_address);
    while (greenlets.count > 0) {
        struct place *place = &greenlets.places[--greenlets.count];
        Py_CLEAR(place->weak);
    }
}

void pyr_greenlets_detach(void)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *current = greenlets.loaded ? trace_function() : NULL;
    if (is_ours(current)) {
        take_out((struct follower *)current);
    }
    Py_XDECREF(current);
    PyErr_Restore(type, value, traceback);
}
