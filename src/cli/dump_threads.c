/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump_threads.h"

#include <string.h>

#include "remote/names.h"
#include "remote/walk.h"

#define MAX_TRIES 8 /* to read a stack that stands still meanwhile */

static bool same_stack(const struct pyr_raw_stack *a, const struct pyr_raw_stack *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const struct pyr_raw_frame *x = &a->frames[i];
        const struct pyr_raw_frame *y = &b->frames[i];
        if (x->code != y->code || x->address != y->address || x->offset != y->offset) {
            return false;
        }
    }
    return true;
}

/* Reads stack, names and variables, and the stack again, until both stacks are the same. */
static bool read_thread(struct pyr_dump_reading *reading, struct pyr_dump_thread *thread,
                        struct pyr_err *err)
{
    const struct pyr_target *target = reading->target;
    struct pyr_raw_stack stack = {0};
    struct pyr_raw_stack again = {0};
    bool ok = true;
    for (int i = 0; i < MAX_TRIES; i++) {
        stack.count = 0;
        again.count = 0;
        const enum pyr_walk_result result = pyr_walk(
            target->memory, &target->layout, thread->is.address, PYR_STACK_DEFAULT_DEPTH, &stack);
        thread->gone = result == PYR_WALK_FAILED;
        thread->torn = result == PYR_WALK_TORN;
        thread->truncated = stack.truncated;
        if (thread->gone) {
            continue;
        }
        ok = pyr_dump_add_stack(reading, &stack, reading->options->locals > 0, &thread->stack, err);
        if (!ok || target->is_core) {
            break;
        }
        (void)pyr_walk(target->memory, &target->layout, thread->is.address, PYR_STACK_DEFAULT_DEPTH,
                       &again);
        if (same_stack(&stack, &again)) {
            break;
        }
        thread->torn = true;
    }
    pyr_raw_stack_release(&stack);
    pyr_raw_stack_release(&again);
    return ok;
}

/* What the kernel says; without it (a core file), who has the GIL is at work. */
static bool is_active(const struct pyr_target *target, const struct pyr_remote_thread *thread)
{
    if (target->is_core || thread->tid == 0) {
        return thread->holds_gil;
    }
    const enum pyr_thread_state state = pyr_thread_state(target->pid, thread->tid);
    return state == PYR_THREAD_RUNNING || state == PYR_THREAD_BLOCKED;
}

static bool add_names(struct pyr_dump_reading *reading, const struct pyr_remote_threads *threads,
                      struct pyr_dump_process *process, struct pyr_err *err)
{
    struct pyr_thread_names *names = pyr_thread_names_new();
    if (names == NULL) {
        return pyr_err_nomem(err);
    }
    pyr_thread_names_update(names, reading->target, threads);
    bool ok = true;
    for (uint32_t i = 0; ok && i < threads->count; i++) {
        const char *name = pyr_thread_names_get(names, &threads->items[i]);
        process->threads[i].name = pyr_arena_copy(reading->dump->arena, name, strlen(name));
        ok = process->threads[i].name != NULL || pyr_err_nomem(err);
    }
    pyr_thread_names_free(names);
    return ok;
}

bool pyr_dump_add_threads(struct pyr_dump_reading *reading, struct pyr_remote_threads *threads,
                          struct pyr_dump_process *process, struct pyr_err *err)
{
    if (!pyr_remote_threads_list(reading->target, threads, err)) {
        return false;
    }
    const size_t size = ((size_t)threads->count + 1) * sizeof(*process->threads);
    process->threads = pyr_arena_alloc(reading->dump->arena, size);
    if (process->threads == NULL) {
        return pyr_err_nomem(err);
    }
    memset(process->threads, 0, size);
    process->thread_count = threads->count;
    process->interpreters = threads->interpreters;
    process->threads_missed = threads->torn;
    process->mode = reading->target->is_core ? "core" : "compared";
    bool ok = true;
    for (uint32_t i = 0; ok && i < threads->count; i++) {
        struct pyr_dump_thread *thread = &process->threads[i];
        thread->is = threads->items[i];
        thread->active = is_active(reading->target, &thread->is);
        ok = read_thread(reading, thread, err);
    }
    return ok && add_names(reading, threads, process, err);
}
