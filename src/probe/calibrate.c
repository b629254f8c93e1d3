/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/calibrate.h"

#include "base/mem.h"
#include "probe/compat.h"
#include "probe/event.h"
#include "probe/ring.h"

#define ROUNDS 10
#define LOOPS 1000
#define PS_PER_NS 1000.0
/* Halves whose speeds differ by less are taken as they are: levelling would only add noise. */
#define ALIKE 1.15

/* LOOP_BARE is LOOP_BUILTIN without the call. LOOP_OTHER has as many instructions as LOOP_PYTHON
 * and its callee, but no call: with a profile function 3.11 runs every instruction more slowly,
 * which is not the price of a call and must not be subtracted as such. */
enum loop { LOOP_PYTHON, LOOP_RESUME, LOOP_BUILTIN, LOOP_BARE, LOOP_OTHER, LOOP_COUNT };

static const char source[] = "def empty(x):\n"
                             "    pass\n"
                             "def endless():\n"
                             "    while True:\n"
                             "        yield\n"
                             "def python(n, f=empty):\n"
                             "    for _ in range(n):\n"
                             "        f(n)\n"
                             "def resume(n):\n"
                             "    for _ in endless():\n"
                             "        n -= 1\n"
                             "        if not n:\n"
                             "            break\n"
                             "def builtin(n, f=callable):\n"
                             "    for _ in range(n):\n"
                             "        f(n)\n"
                             "def bare(n, f=empty):\n"
                             "    for _ in range(n):\n"
                             "        f\n"
                             "def other(n, f=empty):\n"
                             "    for _ in range(n):\n"
                             "        f; f; f; f\n";
static const char *const names[LOOP_COUNT] = {"python", "resume", "builtin", "bare", "other"};

struct pyr_calibration {
    PyObject *functions[LOOP_COUNT]; /* owned */
    uint64_t on[LOOP_COUNT];         /* ticks of the quickest round */
    uint64_t off[LOOP_COUNT];
    uint64_t callee[LOOP_COUNT]; /* ticks that the quickest round charged to the callee */
    PyObject *exception[3];      /* owned: type, value, traceback of what interrupted a loop */
    double ns_per_tick;
    bool builtins;
    struct pyr_costs *costs; /* borrowed; where the result belongs */
};

/* The hot path costs the same in every trace of a process; what comes on top depends on the trace.
 */
static struct pyr_costs *costs_of(struct pyr_trace *trace)
{
    const struct pyr_trace_options *options = &trace->options;
    bool plain =
        options->clock == PYR_CHOOSE_WALL && options->tag == NULL && options->timeline == 0;
    return plain ? &pyr_probe.costs[options->builtins] : &trace->costs;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void free_calibration(struct pyr_calibration *calibration)
{
    for (int i = 0; i < LOOP_COUNT; i++) {
        Py_XDECREF(calibration->functions[i]);
    }
    pyr_mem_free(calibration);
}

static struct pyr_calibration *new_calibration(void)
{
    struct pyr_calibration *calibration = pyr_mem_zalloc(1, sizeof *calibration);
    PyObject *globals = PyDict_New();
    PyObject *name = PyUnicode_FromString(PYR_CALIBRATION_MODULE);
    PyObject *done = NULL;
    if (calibration == NULL || globals == NULL || name == NULL ||
        PyDict_SetItemString(globals, "__name__", name) < 0 ||
        PyDict_SetItemString(globals, "__builtins__", PyEval_GetBuiltins()) < 0) {
        goto done;
    }
    done = PyRun_String(source, Py_file_input, globals, globals);
    for (int i = 0; i < LOOP_COUNT && done != NULL; i++) {
        calibration->functions[i] = PyDict_GetItemString(globals, names[i]); /* borrowed */
        Py_XINCREF(calibration->functions[i]);
        calibration->on[i] = UINT64_MAX;
        calibration->off[i] = UINT64_MAX;
        calibration->callee[i] = UINT64_MAX;
    }
done:
    Py_XDECREF(name);
    Py_XDECREF(globals);
    if (done == NULL && calibration != NULL) {
        free_calibration(calibration);
        calibration = NULL;
    }
    Py_XDECREF(done);
    PyErr_Clear();
    return calibration;
}

/* UINT64_MAX when it was interrupted: a signal's handler may raise in any Python code, and what it
 * raises is for the program. The first one is kept, and no loop is run after it. */
static uint64_t run_loop(struct pyr_calibration *calibration, int loop)
{
    if (calibration->exception[0] != NULL) {
        return UINT64_MAX;
    }
    uint64_t before = pyr_event_ticks();
    PyObject *result = PyObject_CallFunction(calibration->functions[loop], "i", LOOPS);
    uint64_t after = pyr_event_ticks();
    if (result == NULL) {
        PyErr_Fetch(&calibration->exception[0], &calibration->exception[1],
                    &calibration->exception[2]);
        return UINT64_MAX;
    }
    Py_DECREF(result);
    return after - before;
}

/* The self time of the node that was entered once per turn of the loop. */
static uint64_t callee_ticks(const struct pyr_calltree *tree)
{
    for (uint32_t i = 1; i < tree->count; i++) {
        const struct pyr_node *node = pyr_calltree_node(tree, i);
        if (node->calls + node->resumes >= LOOPS) {
            return node->self_ticks;
        }
    }
    return UINT64_MAX;
}

/* One round in a tree of its own, so that nothing of it is in the profile. */
static void measure_on(struct pyr_trace *trace, struct pyr_calibration *calibration,
                       struct pyr_slot *slot, int loop)
{
    struct pyr_context home = {0};
    if (pyr_calltree_init(&home.tree)) {
        slot->home = &home;
        slot->last = pyr_event_ticks();
        slot->cur = pyr_calltree_root(&home.tree);
        slot->tag = NULL;
        calibration->on[loop] = min_u64(calibration->on[loop], run_loop(calibration, loop));
        calibration->callee[loop] = min_u64(calibration->callee[loop], callee_ticks(&home.tree));
    }
    pyr_labels_forget(&trace->labels); /* their nodes in this tree */
    pyr_calltree_release(&home.tree);
}

static struct pyr_calibration *measure_all(struct pyr_trace *trace, struct pyr_slot *slot)
{
    struct pyr_context home = {0}; /* where compiling the loops is noted */
    struct pyr_calibration *calibration = NULL;
    if (pyr_calltree_init(&home.tree)) {
        slot->home = &home;
        slot->cur = pyr_calltree_root(&home.tree);
        calibration = new_calibration();
    }
    for (int round = 0; calibration != NULL && round < ROUNDS; round++) {
        for (int loop = 0; loop < LOOP_COUNT; loop++) {
            measure_on(trace, calibration, slot, loop);
        }
    }
    pyr_labels_forget(&trace->labels); /* likewise */
    pyr_calltree_release(&home.tree);
    if (calibration != NULL) {
        calibration->builtins = trace->options.builtins;
        calibration->costs = costs_of(trace);
        calibration->ns_per_tick = pyr_trace_ns_per_tick(trace);
    }
    return calibration;
}

struct pyr_calibration *pyr_calibration_begin(struct pyr_trace *trace)
{
    struct pyr_slot *slot = &pyr_slot;
    const struct pyr_trace_options *options = &trace->options;
    bool has_callable = options->context != NULL || options->context_name != NULL ||
                        (options->tag != NULL && !PyContextVar_CheckExact(options->tag));
    if (slot->cur == NULL || options->timer != NULL || !options->calibrate || has_callable ||
        costs_of(trace)->known) {
        return NULL;
    }
    pyr_slot_charge(trace, slot, pyr_event_ticks());
    struct pyr_slot before = *slot;
    uint64_t nodes = trace->nodes;
    struct pyr_ring *ring = trace->ring;
    struct pyr_ring *own_ring = ring != NULL ? pyr_ring_new(LOOPS) : NULL;
    bool greenlets = options->greenlets;
    /* What the rounds note must not be in the timeline, nor what they are in be asked for. */
    trace->options.greenlets = false;
    /* Until the end of the rounds the flushing thread must not look at this slot. */
    pthread_mutex_lock(&pyr_probe.slots_lock);
    before.home->slot = NULL;
    trace->ring = own_ring;
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    slot->seeded = NULL;
    pyr_counter_set(&trace->nodes, 0); /* no folding in the rounds */
    struct pyr_calibration *calibration = measure_all(trace, slot);
    pyr_counter_set(&trace->nodes, nodes);
    trace->options.greenlets = greenlets;
    before.last = pyr_event_ticks(); /* none of this was the program's time */
    if (options->clock != PYR_CHOOSE_WALL) {
        pyr_cpu_clock_begin(&before.cpu, trace->cpu_clock, trace->cpu_rate);
    }
    pthread_mutex_lock(&pyr_probe.slots_lock);
    before.next = slot->next;
    *slot = before;
    before.home->slot = slot;
    trace->ring = ring;
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    pyr_ring_free(own_ring);
    return calibration;
}

static uint64_t scaled(uint64_t ticks, double factor)
{
    return ticks == UINT64_MAX ? ticks : (uint64_t)((double)ticks * factor);
}

/* The machine may have been busier in one half than in the other. Where events leave plain
 * instructions alone, a loop without events tells by how much, and the slower half is brought to
 * the speed of the other. */
static void level(struct pyr_calibration *calibration)
{
    double speed = (double)calibration->off[LOOP_OTHER] / (double)calibration->on[LOOP_OTHER];
    if (speed > 1 / ALIKE && speed < ALIKE) {
        return;
    }
    for (int loop = 0; loop < LOOP_COUNT; loop++) {
        if (speed < 1) {
            calibration->on[loop] = scaled(calibration->on[loop], speed);
            calibration->callee[loop] = scaled(calibration->callee[loop], speed);
        } else {
            calibration->off[loop] = scaled(calibration->off[loop], 1 / speed);
        }
    }
}

/* `own` ticks of the callee's are its own work, not ours. */
static struct pyr_cost cost_of(const struct pyr_calibration *calibration, int loop, uint64_t own)
{
    const uint64_t *on = calibration->on;
    const uint64_t *off = calibration->off;
    uint64_t callee = calibration->callee[loop];
    uint64_t slower = on[LOOP_OTHER] > off[LOOP_OTHER] ? on[LOOP_OTHER] - off[LOOP_OTHER] : 0;
    if (on[loop] == UINT64_MAX || callee == UINT64_MAX || on[loop] <= off[loop] + slower) {
        return (struct pyr_cost){0};
    }
    uint64_t all = on[loop] - off[loop] - slower;
    uint64_t inside = min_u64(callee > own ? callee - own : 0, all);
    double ps = calibration->ns_per_tick * PS_PER_NS / LOOPS;
    return (struct pyr_cost){.inside_ps = (int64_t)((double)inside * ps),
                             .outside_ps = (int64_t)((double)(all - inside) * ps)};
}

void pyr_calibration_end(struct pyr_calibration *calibration)
{
    if (calibration == NULL) {
        return;
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int loop = 0; loop < LOOP_COUNT; loop++) {
            calibration->off[loop] = min_u64(calibration->off[loop], run_loop(calibration, loop));
        }
    }
    if (!pyr_events_slow_instructions(calibration->builtins)) {
        level(calibration);
    }
    uint64_t with = calibration->off[LOOP_BUILTIN];
    uint64_t without = calibration->off[LOOP_BARE];
    struct pyr_costs *costs = calibration->costs;
    costs->python = cost_of(calibration, LOOP_PYTHON, 0);
    costs->resume = cost_of(calibration, LOOP_RESUME, 0);
    if (calibration->builtins) {
        costs->builtin = cost_of(calibration, LOOP_BUILTIN, with > without ? with - without : 0);
    }
    costs->known =
        calibration->exception[0] == NULL && costs->python.inside_ps + costs->python.outside_ps > 0;
}

bool pyr_calibration_free(struct pyr_calibration *calibration)
{
    if (calibration == NULL) {
        return true;
    }
    PyObject **exception = calibration->exception;
    bool interrupted = exception[0] != NULL;
    if (interrupted) {
        PyErr_Restore(exception[0], exception[1], exception[2]);
    }
    free_calibration(calibration);
    return !interrupted;
}

const struct pyr_costs *pyr_costs_known(struct pyr_trace *trace)
{
    const struct pyr_costs *costs = costs_of(trace);
    return costs->known ? costs : NULL;
}
