/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump_tasks.h"

#include <string.h>

#include "remote/tasks.h"

#define MAX_TRIES 4 /* to read them twice alike */

static bool add_task(struct pyr_dump_reading *reading, const struct pyr_remote_task *from,
                     struct pyr_dump_task *task, struct pyr_err *err)
{
    struct pyr_arena *arena = reading->dump->arena;
    const size_t size = from->awaited_by_count * sizeof(*from->awaited_by);
    uint32_t *awaited_by = pyr_arena_alloc(arena, size == 0 ? 1 : size);
    memset(task, 0, sizeof(*task));
    task->address = from->address;
    task->thread = from->thread;
    task->running = from->running;
    task->name = pyr_arena_copy(arena, from->name, strlen(from->name));
    if (awaited_by == NULL || task->name == NULL) {
        return pyr_err_nomem(err);
    }
    if (size > 0) {
        memcpy(awaited_by, from->awaited_by, size);
    }
    task->awaited_by = awaited_by;
    task->awaited_by_count = from->awaited_by_count;
    return pyr_dump_add_stack(reading, &from->coroutines, reading->options->locals > 0,
                              &task->stack, err);
}

static bool same_tasks(const struct pyr_remote_tasks *a, const struct pyr_remote_tasks *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const struct pyr_raw_stack *x = &a->items[i].coroutines;
        const struct pyr_raw_stack *y = &b->items[i].coroutines;
        if (a->items[i].address != b->items[i].address || x->count != y->count) {
            return false;
        }
        for (uint32_t k = 0; k < x->count; k++) {
            if (x->frames[k].address != y->frames[k].address ||
                x->frames[k].offset != y->frames[k].offset) {
                return false;
            }
        }
    }
    return true;
}

/* Reads the tasks until two readings agree; `torn` when none did. */
static bool read_tasks(struct pyr_dump_reading *reading, struct pyr_remote_tasks *tasks,
                       struct pyr_err *err)
{
    const bool still = reading->stopped || reading->target->is_core;
    bool agree = still;
    bool ok = pyr_remote_tasks_list(reading->target, &reading->threads, tasks, err);
    for (int i = 0; ok && !agree && i < MAX_TRIES; i++) {
        struct pyr_remote_tasks again = {0};
        ok = pyr_remote_tasks_list(reading->target, &reading->threads, &again, err);
        agree = ok && same_tasks(tasks, &again);
        pyr_remote_tasks_release(tasks);
        *tasks = again;
    }
    tasks->torn = tasks->torn || !agree;
    return ok;
}

bool pyr_dump_add_tasks(struct pyr_dump_reading *reading, struct pyr_dump_process *process,
                        struct pyr_err *err)
{
    struct pyr_remote_tasks tasks = {0};
    struct pyr_err own = {0};
    if (!read_tasks(reading, &tasks, &own)) {
        pyr_remote_tasks_release(&tasks);
        if (own.code == PYR_ERR_NOMEM) {
            return pyr_err_nomem(err);
        }
        process->task_problem =
            pyr_arena_copy(reading->dump->arena, own.message, strlen(own.message));
        return process->task_problem != NULL || pyr_err_nomem(err);
    }
    const size_t size = ((size_t)tasks.count + 1) * sizeof(*process->tasks);
    process->tasks = pyr_arena_alloc(reading->dump->arena, size);
    process->tasks_missed = tasks.torn;
    if (process->tasks == NULL) {
        pyr_remote_tasks_release(&tasks);
        return pyr_err_nomem(err);
    }
    bool ok = true;
    for (uint32_t i = 0; ok && i < tasks.count; i++) {
        ok = add_task(reading, &tasks.items[i], &process->tasks[i], err);
    }
    process->task_count = ok ? tasks.count : 0;
    pyr_remote_tasks_release(&tasks);
    return ok;
}
