/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The rare half of the hot path: first meetings, odd returns, and all that a trace may be asked for
 * beyond wall time. */
#include "probe/event.h"

#include "probe/callbacks.h"
#include "probe/compat.h"
#include "probe/greenlets.h"
#include "probe/ring.h"
#include "probe/tasks.h"

/* How often the name of a thread is looked for before it is left nameless until the end. */
#define MAX_NAME_TRIES 64u
/* How far up a path a return may match; further up it is not a return of this path. */
#define MAX_UNMATCHED_DEPTH 256u

/* The node itself, or the one above the labels that it is the last of. */
static struct pyr_node *without_labels(struct pyr_node *node)
{
    while (pyr_node_is_label(node)) {
        node = node->parent;
    }
    return node;
}

/* A child that was not in the tree: learns the function and adds or folds it. */
static struct pyr_node *new_child(struct pyr_trace *trace, struct pyr_context *home,
                                  struct pyr_node *cur, const void *key, uint32_t record)
{
    struct pyr_node *child = NULL;
    if (home->tree.fold_depth > 0 || pyr_counter_read(&trace->nodes) >= trace->options.node_limit) {
        child = pyr_calltree_fold(&home->tree, without_labels(cur), key, record);
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

/* What has passed since `before` does not count. */
static void skip(struct pyr_slot *slot, uint64_t before)
{
    uint64_t now = learning_ticks();
    if (slot->cur != NULL && slot->cpu.watched != NULL) {
        pyr_counter_set(&slot->last, pyr_slot_skip_cpu(slot, now));
    } else {
        pyr_counter_add(&slot->last, now - before);
    }
}

/* Meets a callee that is not in the tree below `cur` yet; NULL when it is not to be recorded. */
static struct pyr_node *learn_child(struct pyr_trace *trace, struct pyr_slot *slot,
                                    struct pyr_node *cur, struct pyr_callee callee)
{
    struct pyr_context *home = slot->home;
    if (trace->options.greenlets) {
        pyr_greenlets_check(trace, slot, callee.frame_runs);
        if (slot->home != home) {
            return NULL;
        }
    }
    PyObject *globals =
        callee.globals != NULL || callee.builtin ? callee.globals : PyEval_GetGlobals();
    uint32_t number = callee.builtin
                          ? pyr_registry_builtin(&trace->registry, callee.key, callee.object)
                          : pyr_registry_python(&trace->registry, callee.object, globals);
    const struct pyr_record *record =
        number != 0 ? pyr_registry_get(&trace->registry, number) : NULL;
    if (record != NULL && record->excluded) {
        if (home->tree.fold_depth > 0) {
            return NULL;
        }
        number |= PYR_RECORD_EXCLUDED;
    } else if (record != NULL && trace->options.tasks && !callee.builtin &&
               pyr_tasks_watch(trace, record)) {
        callee.key = pyr_key_tagged(callee.object, PYR_KEY_WATCHED);
    }
    struct pyr_node *child = number != 0 ? new_child(trace, home, cur, callee.key, number) : NULL;
    pyr_counter_add(&home->lost_memory, child == NULL);
    if (trace->options.tag_path != NULL) {
        pyr_callbacks_find_tag(trace);
    }
    if (home->name[0] == '\0' && home->name_tries < MAX_NAME_TRIES &&
        trace->options.context_name == NULL) {
        home->name_tries++;
        pyr_context_learn_name(home);
    }
    return child;
}

/* The node below `cur` for the callee; NULL when it is not to be recorded. */
static struct pyr_node *child_of(struct pyr_trace *trace, struct pyr_slot *slot,
                                 struct pyr_node *cur, struct pyr_callee callee)
{
    struct pyr_calltree *tree = &slot->home->tree;
    struct pyr_node *child =
        tree->fold_depth == 0 ? pyr_calltree_find(tree, cur, callee.key) : NULL;
    if (child == NULL) {
        uint64_t before = learning_ticks();
        if (trace->cpu) {
            pyr_slot_charge(trace, slot, before);
        }
        child = learn_child(trace, slot, cur, callee);
        skip(slot, before); /* learning is not the program's time */
    }
    if (child == NULL || (child->record & PYR_RECORD_EXCLUDED) != 0) {
        return NULL; /* never cached as last_child, so that we come by here every time */
    }
    if (tree->fold_depth == 0) {
        cur->last_child = child;
    }
    return child;
}

static struct pyr_callee callee_of(const struct pyr_trace *trace, const void *key, PyObject *object,
                                   PyObject *globals, unsigned flags)
{
    struct pyr_callee callee = {
        .key = key,
        .object = object,
        .globals = globals,
        .builtin = (flags & PYR_CALLEE_BUILTIN) != 0,
        .resumed = (flags & PYR_CALLEE_RESUMED) != 0,
        .frame_runs = (flags & PYR_CALLEE_FRAME_RUNS) != 0,
    };
    if (!callee.builtin) {
        callee.key = key == trace->call_soon ? pyr_key_tagged(key, PYR_KEY_WATCHED)
                                             : pyr_event_key(trace, object);
    }
    return callee;
}

/* From `cur` to `next`; false when the trace changed under our feet, in a timer of the user's. */
static bool go(struct pyr_trace *trace, struct pyr_slot *slot, struct pyr_node *cur,
               struct pyr_node *next, uint64_t now)
{
    if (slot->cur != cur) {
        return false;
    }
    uint64_t from = trace->cpu ? pyr_slot_charge_cpu(slot, cur, now) : now;
    pyr_event_switch(slot, cur, next, now);
    pyr_counter_set(&slot->last, from);
    if (trace->ring != NULL) {
        pyr_ring_add(trace->ring, now, slot->home->number, next->index);
    }
    return true;
}

/* The thread is the one that runs now. */
static void take_turn(struct pyr_trace *trace, struct pyr_slot *slot)
{
    if (PYR_SHARED_GET(pyr_probe.turn) != slot) {
        PYR_SHARED_SET(pyr_probe.turn, slot);
        pyr_counter_add(&slot->home->switches, 1);
    }
    PYR_SHARED_SET(pyr_probe.hot, trace->plain && slot->listed ? slot : NULL);
}

/* Below the labels of the tag and the task that are on now. */
static struct pyr_node *under_labels(struct pyr_trace *trace, struct pyr_slot *slot,
                                     struct pyr_node *cur, const struct pyr_callee *callee)
{
    struct pyr_calltree *tree = &slot->home->tree;
    const struct pyr_node_more *more = pyr_calltree_more(tree, cur->index);
    if (tree->fold_depth > 0) {
        return cur;
    }
    if ((pyr_key_tags(callee->key) & PYR_KEY_COROUTINE) != 0 &&
        (pyr_key_tags(cur->key) & PYR_KEY_COROUTINE) == 0) {
        struct pyr_label *task = pyr_tasks_current(trace);
        if (slot->cur != cur) {
            return cur; /* in a finalizer the trace may have been cleared, or worse */
        }
        if (task != NULL && (more == NULL || more->task != task->number)) {
            struct pyr_node *below = pyr_label_node(trace, tree, cur, task);
            pyr_counter_add(&slot->home->folded, below == NULL);
            if (below != NULL) {
                cur = below;
                more = pyr_calltree_more(tree, cur->index);
            }
        }
    }
    const struct pyr_label *tag = slot->tag;
    if (trace->options.tag != NULL &&
        (more != NULL ? more->tag : 0) != (tag != NULL ? tag->number : 0)) {
        struct pyr_label *label = slot->tag != NULL ? slot->tag : pyr_label_untagged(trace);
        struct pyr_node *below = label != NULL ? pyr_label_node(trace, tree, cur, label) : NULL;
        pyr_counter_add(&slot->home->folded, below == NULL);
        cur = below != NULL ? below : cur;
    }
    return cur;
}

/* A coroutine goes on: what it has waited for, and what for its loop. */
static void add_suspended(struct pyr_trace *trace, struct pyr_slot *slot,
                          const struct pyr_node *node, uint64_t now)
{
    uint64_t ticks = pyr_coroutines_resume(&trace->coroutines, pyr_event_frame(slot), now);
    struct pyr_node_more *more =
        ticks > 0 ? pyr_calltree_need_more(&slot->home->tree, node->index) : NULL;
    if (more != NULL) {
        uint64_t starved = ticks < slot->step_starved ? ticks : slot->step_starved;
        pyr_counter_add(&more->awaited_ticks, ticks - starved);
        pyr_counter_add(&more->starved_ticks, starved);
    }
}

/* What was entered with the labels from `from` down to `label`. */
static void enter_labels(struct pyr_trace *trace, struct pyr_slot *slot,
                         const struct pyr_node *label, const struct pyr_node *from, bool resumed,
                         uint64_t now)
{
    for (; label != from; label = label->parent) {
        struct pyr_label *task = pyr_label_get(&trace->labels, pyr_node_label(label));
        if (task->kind == PYR_LABEL_TASK) {
            pyr_counter_add(&trace->labels.lost, task->shared && !resumed);
            pyr_tasks_step_begins(task, slot, now);
        }
    }
}

static bool enter(struct pyr_trace *trace, struct pyr_slot *slot, struct pyr_callee callee);

/* Another time, after what has changed where the slot is; which may be in no trace by now. */
static bool enter_again(struct pyr_trace *trace, struct pyr_slot *slot, struct pyr_callee callee)
{
    return !pyr_trace_is_on(trace) || slot->cur == NULL || enter(trace, slot, callee);
}

static bool enter(struct pyr_trace *trace, struct pyr_slot *slot, struct pyr_callee callee)
{
    struct pyr_node *from = slot->cur;
    struct pyr_node *cur = from;
    if (trace->options.tag != NULL || (pyr_key_tags(callee.key) & PYR_KEY_COROUTINE) != 0) {
        cur = under_labels(trace, slot, from, &callee);
        if (slot->cur != from) {
            return enter_again(trace, slot, callee);
        }
    }
    struct pyr_node *child = cur->last_child;
    if (child->key != callee.key) {
        child = pyr_event_next_child(cur, callee.key);
        child = child != NULL ? child : child_of(trace, slot, cur, callee);
        if (slot->cur != from) { /* we are in another greenlet than we thought */
            return enter_again(trace, slot, callee);
        }
        if (child == NULL) {
            return false;
        }
    }
    uint64_t now = pyr_event_ticks();
    if (!go(trace, slot, from, child, now)) {
        return true;
    }
    enter_labels(trace, slot, cur, from, callee.resumed, now);
    pyr_event_count(child, callee.resumed);
    if ((pyr_key_tags(callee.key) & PYR_KEY_WATCHED) != 0) {
        pyr_tasks_scheduled(trace, slot, now);
    } else if (callee.resumed && (pyr_key_tags(callee.key) & PYR_KEY_COROUTINE) != 0) {
        add_suspended(trace, slot, child, now);
    }
    return true;
}

/* The node of a coroutine that begins a step of a task as it did before; NULL when it did not, and
 * the longer way is to be taken. */
static struct pyr_node *step_of_task(struct pyr_trace *trace, const struct pyr_slot *slot,
                                     const struct pyr_node *cur, const void *key)
{
    struct pyr_label *task = pyr_tasks_current(trace);
    if (slot->cur != cur) {
        return NULL;
    }
    const struct pyr_calltree *tree = &slot->home->tree;
    const struct pyr_node_more *more = pyr_calltree_more(tree, cur->index);
    if (task == NULL || task->shared || (more != NULL && more->task == task->number)) {
        return NULL;
    }
    struct pyr_node *label = pyr_label_find(tree, cur, task);
    if (label == NULL || label->last_child->key != key) {
        return NULL;
    }
    return label->last_child;
}

/* What the hot path leaves of what it is enough for: coroutines, and the loop's _call_soon(), where
 * they have been before. False: the longer way is to be taken. */
static bool enter_tagged(struct pyr_trace *trace, struct pyr_slot *slot, struct pyr_callee callee)
{
    struct pyr_node *cur = slot->cur;
    struct pyr_node *child = cur->last_child;
    bool watched = (pyr_key_tags(callee.key) & PYR_KEY_WATCHED) != 0;
    if (!watched && (pyr_key_tags(cur->key) & PYR_KEY_COROUTINE) == 0) {
        child = step_of_task(trace, slot, cur, callee.key);
    } else if (child->key != callee.key) {
        child = pyr_event_next_child(cur, callee.key);
    }
    uint64_t now = pyr_clock_tsc();
    if (child == NULL || !pyr_event_ran_on(slot, trace->cpu, now)) {
        return false;
    }
    if (child->parent != cur) {
        uint32_t task = pyr_node_label(child->parent);
        pyr_tasks_step_begins(pyr_label_get(&trace->labels, task), slot, now);
    }
    pyr_event_count(child, callee.resumed);
    pyr_event_switch(slot, cur, child, now);
    if (watched) {
        pyr_tasks_scheduled(trace, slot, now);
    } else if (callee.resumed) {
        add_suspended(trace, slot, child, now);
    }
    return true;
}

bool pyr_event_enter_other(const void *key, PyObject *object, PyObject *globals, unsigned flags)
{
    struct pyr_slot *slot = &pyr_slot;
    struct pyr_node *cur = slot->cur;
    struct pyr_node *next = pyr_event_next_child(cur, key);
    struct pyr_trace *trace = pyr_probe.trace;
    struct pyr_callee callee = callee_of(trace, key, object, globals, flags);
    if (pyr_key_tags(callee.key) != 0) {
        return enter_tagged(trace, slot, callee) || enter_again(trace, slot, callee);
    }
    if (next == NULL && slot->home->tree.fold_depth == 0) {
        next = pyr_calltree_find(&slot->home->tree, cur, key);
        next = next != NULL && (next->record & PYR_RECORD_EXCLUDED) == 0 ? next : NULL;
    }
    uint64_t now = pyr_clock_tsc();
    if (next != NULL && pyr_event_ran_on(slot, trace->cpu, now)) {
        cur->last_child = next;
        pyr_event_count(next, (flags & PYR_CALLEE_RESUMED) != 0);
        pyr_event_switch(slot, cur, next, now);
        return true;
    }
    return enter(trace, slot, callee);
}

/* The slot is in a context that is traced, after what may run Python code has run; else NULL. */
static struct pyr_trace *meet(struct pyr_slot *slot, bool skip_top, bool entering)
{
    struct pyr_trace *trace = pyr_probe.trace;
    if (trace == NULL || !trace->running || slot->busy) {
        return NULL;
    }
    if (slot->cur == NULL && !slot->away && pyr_slot_attach(slot, skip_top) == NULL &&
        !slot->away) {
        return NULL;
    }
    if (pyr_probe.trace != trace || (trace->asks && !pyr_callbacks_ask(trace, slot, entering))) {
        return NULL;
    }
    return slot->cur != NULL ? trace : NULL;
}

bool pyr_event_enter_slow(const void *key, PyObject *object, PyObject *globals, unsigned flags)
{
    struct pyr_slot *slot = &pyr_slot;
    struct pyr_trace *trace = meet(slot, (flags & PYR_CALLEE_FRAME_RUNS) != 0, true);
    if (trace == NULL || ((flags & PYR_CALLEE_BUILTIN) != 0 && !trace->options.builtins)) {
        return true;
    }
    take_turn(trace, slot);
    return enter(trace, slot, callee_of(trace, key, object, globals, flags));
}

/* Where a node returns to. */
static struct pyr_node *caller_of(const struct pyr_node *node)
{
    return node->parent != NULL ? without_labels(node->parent) : NULL;
}

bool pyr_slot_is_caller(const struct pyr_slot *slot, const void *code, bool returning)
{
    const struct pyr_node *caller = slot->cur;
    if (caller == NULL) {
        return true; /* not met yet: the slow path will see */
    }
    const struct pyr_calltree *tree = &slot->home->tree;
    if (returning) {
        caller = tree->fold_depth > 0 ? tree->fold_stack[tree->fold_depth - 1] : caller_of(caller);
    }
    return caller != NULL && pyr_key_matches(caller->key, code);
}

static bool is_of(const struct pyr_node *node, const void *key)
{
    return pyr_key_matches(node->key, key) && (pyr_key_tags(node->key) & PYR_KEY_FOLDED) == 0;
}

/* Where a return that does not match the current node leads; NULL when it is of no call we saw.
 * Sets `*excluded` when it is of a function that is not recorded. */
static struct pyr_node *find_return(struct pyr_trace *trace, struct pyr_context *home,
                                    struct pyr_node *cur, const void *key, bool *excluded)
{
    if (home->tree.fold_depth > 0 && pyr_key_matches(cur->key, key)) {
        return pyr_calltree_unfold(&home->tree);
    }
    uint32_t number = pyr_registry_find(&trace->registry, key);
    *excluded = number != 0 && pyr_registry_get(&trace->registry, number)->excluded;
    struct pyr_node *match = *excluded || home->tree.fold_depth > 0 ? NULL : cur;
    uint32_t depth = 0;
    while (match != NULL && !is_of(match, key) && depth < MAX_UNMATCHED_DEPTH) {
        match = caller_of(match);
        depth++;
    }
    if (match == NULL || !is_of(match, key)) {
        if (!*excluded && home->unseen > 0) {
            home->unseen--;
        } else {
            pyr_counter_add(&home->unmatched, !*excluded);
        }
        return NULL;
    }
    pyr_counter_add(&home->unmatched, depth);
    return caller_of(match);
}

/* The labels that were entered with the node's call are left with it. */
static void leave_labels(struct pyr_trace *trace, struct pyr_slot *slot,
                         const struct pyr_node *node, uint64_t now)
{
    const struct pyr_node *label = node->parent;
    for (; label != NULL && pyr_node_is_label(label); label = label->parent) {
        struct pyr_label *task = pyr_label_get(&trace->labels, pyr_node_label(label));
        if (task->kind == PYR_LABEL_TASK) {
            pyr_tasks_step_ends(task, slot, now);
        }
    }
}

/* The same for leaving: what enter_tagged() is for. */
static bool leave_tagged(struct pyr_slot *slot, const void *key, unsigned flags)
{
    struct pyr_node *cur = slot->cur;
    if (!pyr_event_is_hot(slot) || (cur->key != pyr_key_tagged(key, PYR_KEY_COROUTINE) &&
                                    cur->key != pyr_key_tagged(key, PYR_KEY_WATCHED))) {
        return false;
    }
    struct pyr_trace *trace = pyr_probe.trace;
    uint64_t now = pyr_clock_tsc();
    if (!pyr_event_ran_on(slot, trace->cpu, now)) {
        return false;
    }
    struct pyr_node *caller = caller_of(cur);
    pyr_event_switch(slot, cur, caller, now);
    if ((flags & PYR_LEFT_AWAITING) != 0) {
        pyr_coroutines_suspend(&trace->coroutines, pyr_event_frame(slot), now);
    }
    if (caller != cur->parent) {
        leave_labels(trace, slot, cur, now);
    }
    return true;
}

bool pyr_event_leave_slow(const void *key, unsigned flags)
{
    struct pyr_slot *slot = &pyr_slot;
    bool excluded = false;
    if (leave_tagged(slot, key, flags)) {
        return false;
    }
    bool just_met = slot->cur == NULL;
    struct pyr_trace *trace = meet(slot, false, false);
    if (trace == NULL || ((flags & PYR_LEFT_BUILTIN) != 0 && !trace->options.builtins)) {
        return false;
    }
    take_turn(trace, slot);
    struct pyr_node *cur = slot->cur;
    uint64_t unmatched = slot->home->unmatched;
    struct pyr_node *next =
        is_of(cur, key) ? caller_of(cur) : find_return(trace, slot->home, cur, key, &excluded);
    if (just_met) {
        /* A builtin that was called before we came: not lost, it is older than the trace. */
        pyr_counter_set(&slot->home->unmatched, unmatched);
    }
    if (next == NULL) {
        return excluded;
    }
    uint64_t now = pyr_event_ticks();
    if (go(trace, slot, cur, next, now)) {
        if ((flags & PYR_LEFT_AWAITING) != 0) {
            pyr_coroutines_suspend(&trace->coroutines, pyr_event_frame(slot), now);
        }
        leave_labels(trace, slot, cur, now);
    }
    return excluded;
}
