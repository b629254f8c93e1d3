/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Who awaits whom. A task that waits has the future it waits on; the one it waits for has, among
 * the callbacks that are called when it is done, one that holds this future: in a closure
 * (asyncio.gather, wait, shield), among the arguments of a partial (wait_for up to 3.11), or in the
 * object whose method it is (TaskGroup). Or the future is the other task itself. */
#include <string.h>

#include "base/mem.h"
#include "remote/objects.h"
#include "remote/task_reading.h"

#define MAX_CALLBACKS 256u    /* of one future, that are looked at */
#define MAX_CELLS 16u         /* of a closure, or arguments */
#define MAX_HOPS 4            /* from a task over futures to the one that another waits on */
#define OLDEST_NAMES_FIRST 10 /* of functions: the fields were put in another order */

struct linking {
    struct pyr_task_reading *in;
    struct pyr_map waiters; /* future -> the last task that waits on it, index + 1 */
    uint32_t *next;         /* task -> the next one that waits on the same, index + 1 */
    uint32_t task;          /* whose callbacks are looked at */
};

static void look_at_callbacks(struct linking *linking, uint64_t future, int hops);

/* Something that a callback holds: perhaps the future that a task waits on, or one between. */
static void look_at(struct linking *linking, uint64_t object, int hops)
{
    const struct pyr_task_reading *in = linking->in;
    char type[24];
    uint32_t waiting = object == 0 ? 0 : pyr_map_get(&linking->waiters, object);
    if (waiting != 0) {
        for (; waiting != 0; waiting = linking->next[waiting - 1]) {
            pyr_task_add_awaiter(linking->in, linking->task, waiting - 1);
        }
        return;
    }
    if (object != 0 && hops < MAX_HOPS &&
        pyr_object_type_name(in->memory, in->layout, object, type, sizeof(type)) &&
        (strcmp(type, "_GatheringFuture") == 0 || strcmp(type, "_asyncio.Future") == 0 ||
         strcmp(type, "Future") == 0)) {
        look_at_callbacks(linking, object, hops + 1);
    }
}

/* The items of a tuple; with `cells`, what is in these cells. */
static void look_at_items(struct linking *linking, uint64_t tuple, bool cells, int hops)
{
    const struct pyr_task_reading *in = linking->in;
    uint64_t items[MAX_CELLS];
    uint64_t count = 0;
    if (tuple == 0 || !pyr_memory_read_u64(in->memory, tuple + in->layout->var_size, &count) ||
        count == 0) {
        return;
    }
    count = count < MAX_CELLS ? count : MAX_CELLS;
    if (!pyr_memory_read(in->memory, tuple + in->layout->tuple_items, items, count * 8)) {
        return;
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t content = items[i];
        if (cells &&
            !pyr_memory_read_u64(in->memory, items[i] + in->layout->object_head, &content)) {
            continue;
        }
        look_at(linking, content, hops);
    }
}

static void look_at_callback(struct linking *linking, uint64_t callback, int hops)
{
    const struct pyr_task_reading *in = linking->in;
    const uint64_t fields = callback + in->layout->object_head;
    const bool names_first = pyr_layout_minor(in->layout) >= OLDEST_NAMES_FIRST;
    char type[24];
    uint64_t word = 0;
    if (callback == 0 ||
        !pyr_object_type_name(in->memory, in->layout, callback, type, sizeof(type))) {
        return;
    }
    if (strcmp(type, "function") == 0) { /* whose closure is the eighth field, once the fifth */
        if (pyr_memory_read_u64(in->memory, fields + (names_first ? 56 : 32), &word)) {
            look_at_items(linking, word, true, hops);
        }
    } else if (strcmp(type, "method") == 0) { /* a function and its object */
        if (pyr_memory_read_u64(in->memory, fields + 8, &word)) {
            look_at(linking,
                    pyr_object_attribute(in->memory, in->layout, word, "_on_completed_fut"), hops);
        }
    } else if (strcmp(type, "functools.partial") == 0) { /* a function and its arguments */
        if (pyr_memory_read_u64(in->memory, fields + 8, &word)) {
            look_at_items(linking, word, false, hops);
        }
    }
}

/* One of a future's list of callbacks: a tuple with its context. */
static void look_at_entry(struct linking *linking, uint64_t entry, int hops)
{
    const struct pyr_task_reading *in = linking->in;
    char type[8];
    if (pyr_object_type_name(in->memory, in->layout, entry, type, sizeof(type)) &&
        strcmp(type, "tuple") == 0 &&
        !pyr_memory_read_u64(in->memory, entry + in->layout->tuple_items, &entry)) {
        return;
    }
    look_at_callback(linking, entry, hops);
}

static void look_at_callbacks(struct linking *linking, uint64_t future, int hops)
{
    const struct pyr_task_reading *in = linking->in;
    char type[8];
    uint64_t count = 0;
    uint64_t items = 0;
    look_at_callback(linking, pyr_task_field(in, future, in->fields.callback, "_callback0"), hops);
    const uint64_t list = pyr_task_field(in, future, in->fields.callbacks, "_callbacks");
    if (list == 0 || !pyr_object_type_name(in->memory, in->layout, list, type, sizeof(type)) ||
        strcmp(type, "list") != 0 ||
        !pyr_memory_read_u64(in->memory, list + in->layout->var_size, &count) ||
        !pyr_memory_read_u64(in->memory, list + in->layout->list_items, &items)) {
        return;
    }
    for (uint64_t i = 0; i < count && i < MAX_CALLBACKS; i++) {
        uint64_t entry = 0;
        if (pyr_memory_read_u64(in->memory, items + i * 8, &entry)) {
            look_at_entry(linking, entry, hops);
        }
    }
}

static bool note_waiter(struct linking *linking, uint32_t index)
{
    struct pyr_task_reading *in = linking->in;
    const uint64_t task = in->tasks->items[index].address;
    const uint64_t waiter = pyr_task_field(in, task, in->fields.waiter, "_fut_waiter");
    if (waiter == 0) {
        return true;
    }
    linking->next[index] = pyr_map_get(&linking->waiters, waiter);
    return pyr_map_put(&linking->waiters, waiter, index + 1, in->err);
}

void pyr_tasks_link(struct pyr_task_reading *in)
{
    struct linking linking = {.in = in};
    const uint32_t count = in->tasks->count;
    if (in->failed || count == 0) {
        return;
    }
    linking.next = pyr_mem_zalloc(count, sizeof(*linking.next));
    if (linking.next == NULL) {
        in->failed = !pyr_err_nomem(in->err);
        return;
    }
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        in->failed = !note_waiter(&linking, i);
    }
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        linking.task = i;
        look_at(&linking, in->tasks->items[i].address, MAX_HOPS);
        look_at_callbacks(&linking, in->tasks->items[i].address, 0);
    }
    pyr_mem_free(linking.next);
    pyr_map_release(&linking.waiters);
}
