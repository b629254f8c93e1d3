/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "remote/sets.h"
#include "remote/task_reading.h"

#define OLDEST_TABLES 14
#define MAX_FIELD_OFFSET ((uint64_t)1 << 20) /* beyond, the table is no table */

/* _AsyncioDebug, as the module _asyncio has it since 3.14: words, in this order. */
struct tables {
    uint64_t task_size;
    uint64_t task_name;
    uint64_t task_awaited_by;
    uint64_t task_is_task;
    uint64_t task_awaited_by_is_set;
    uint64_t task_coroutine;
    uint64_t task_node; /* of the list of tasks */
    uint64_t interpreter_size;
    uint64_t interpreter_tasks; /* head of the list of those whose thread has ended */
    uint64_t thread_size;
    uint64_t thread_loop;
    uint64_t thread_running;
    uint64_t thread_tasks; /* head of the list of its tasks */
};

static bool is_sane(const struct tables *tables)
{
    const uint64_t *words = &tables->task_size;
    for (size_t i = 0; i < sizeof(*tables) / sizeof(*words); i++) {
        if (words[i] > MAX_FIELD_OFFSET) {
            return false;
        }
    }
    return true;
}

static bool read_tables(const struct pyr_task_reading *in, struct tables *tables)
{
    return pyr_layout_minor(in->layout) >= OLDEST_TABLES && in->target->asyncio_debug != 0 &&
           pyr_memory_read(in->memory, in->target->asyncio_debug, tables, sizeof(*tables)) &&
           is_sane(tables);
}

/* The tasks in a list: nodes within the tasks, in a ring with the head at `head`. */
static void add_list(struct pyr_task_reading *in, const struct tables *tables, uint64_t head,
                     uint32_t thread)
{
    uint64_t node = 0;
    if (!pyr_memory_read_u64(in->memory, head, &node)) {
        return;
    }
    for (uint32_t i = 0; node != head && node != 0 && !in->failed; i++) {
        uint32_t index = 0;
        if (i == PYR_MAX_REMOTE_TASKS) {
            in->tasks->torn = true;
            return;
        }
        if (pyr_task_add(in, node - tables->task_node, &index) && thread != UINT32_MAX) {
            in->tasks->items[index].thread = thread;
        }
        if (!pyr_memory_read_u64(in->memory, node, &node)) {
            in->tasks->torn = true;
            return;
        }
    }
}

struct awaiters {
    struct pyr_task_reading *in;
    uint32_t index;
};

static bool add_awaiter(void *context, uint64_t task, uint64_t hash)
{
    struct awaiters *awaiters = context;
    const uint32_t known = pyr_map_get(&awaiters->in->by_address, task);
    (void)hash;
    if (known != 0) {
        pyr_task_add_awaiter(awaiters->in, awaiters->index, known - 1);
    }
    return !awaiters->in->failed;
}

/* Since 3.14 each task says who awaits it: one task, or a set of them. */
static void read_awaiters(struct pyr_task_reading *in, const struct tables *tables, uint32_t index)
{
    const uint64_t address = in->tasks->items[index].address;
    struct awaiters awaiters = {in, index};
    uint64_t awaited_by = 0;
    uint8_t is_set = 0;
    if (!pyr_task_is_accelerated(in, address) ||
        !pyr_memory_read_u64(in->memory, address + tables->task_awaited_by, &awaited_by) ||
        !pyr_memory_read(in->memory, address + tables->task_awaited_by_is_set, &is_set, 1) ||
        awaited_by == 0) {
        return;
    }
    if (is_set == 0) {
        (void)add_awaiter(&awaiters, awaited_by, 0);
    } else if (!pyr_set_each(in->memory, in->layout, awaited_by, add_awaiter, &awaiters)) {
        in->tasks->torn = true;
    }
}

void pyr_tasks_from_tables(struct pyr_task_reading *in)
{
    struct tables tables;
    if (in->failed || !read_tables(in, &tables)) {
        return;
    }
    if (tables.task_coroutine >= 8) {
        /* What it awaits stands before the coroutine, and is in no table. */
        in->fields.coroutine = (uint32_t)tables.task_coroutine;
        in->fields.waiter = (uint32_t)tables.task_coroutine - 8;
        in->fields.name = (uint32_t)tables.task_name;
    }
    for (uint32_t i = 0; i < in->threads->count; i++) {
        const struct pyr_remote_thread *thread = &in->threads->items[i];
        if (i == 0 || thread->interpreter != in->threads->items[i - 1].interpreter) {
            add_list(in, &tables, thread->interpreter + tables.interpreter_tasks, UINT32_MAX);
        }
        add_list(in, &tables, thread->address + tables.thread_tasks, i);
    }
}

void pyr_tasks_link_by_tables(struct pyr_task_reading *in)
{
    struct tables tables;
    if (in->failed || !read_tables(in, &tables)) {
        return;
    }
    for (uint32_t i = 0; i < in->tasks->count && !in->failed; i++) {
        read_awaiters(in, &tables, i);
    }
}
