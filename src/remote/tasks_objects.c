/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "remote/objects.h"
#include "remote/sets.h"
#include "remote/task_reading.h"

#define MAX_BASES 16
#define MAX_LOOPS 10000 /* that have a running task */

/* Of 3.7 to 3.15, behind the head of the object: no header of CPython has them. */
static const struct pyr_task_layout rows[] = {
    /* loop, callback, callbacks, waiter, coroutine, name */
    {0, 8, 24, 88, 96, PYR_LAYOUT_NONE}, /* 3.7 */
    {0, 8, 24, 88, 96, 104},             /* 3.8 */
    {0, 8, 24, 128, 136, 144},           /* 3.9 */
    {0, 8, 24, 136, 144, 152},           /* 3.10 */
    {0, 8, 24, 112, 120, 128},           /* 3.11 */
    {0, 8, 24, 112, 120, 128},           /* 3.12 */
    {0, 8, 24, 96, 104, 112},            /* 3.13 */
    {0, 8, 24, 104, 112, 120},           /* 3.14 */
    {0, 8, 24, 104, 112, 120},           /* 3.15 */
};
#define OLDEST_ROW 7

static uint32_t behind_head(const struct pyr_layout *layout, uint32_t offset)
{
    return offset == PYR_LAYOUT_NONE ? offset : layout->object_head + offset;
}

void pyr_task_layout_find(const struct pyr_layout *layout, struct pyr_task_layout *fields)
{
    const uint32_t count = sizeof(rows) / sizeof(rows[0]);
    const uint32_t minor = pyr_layout_minor(layout);
    const uint32_t at = minor < OLDEST_ROW ? 0 : minor - OLDEST_ROW;
    const struct pyr_task_layout *row = &rows[at < count ? at : count - 1];
    fields->loop = behind_head(layout, row->loop);
    fields->callback = behind_head(layout, row->callback);
    fields->callbacks = behind_head(layout, row->callbacks);
    fields->waiter = behind_head(layout, row->waiter);
    fields->coroutine = behind_head(layout, row->coroutine);
    fields->name = behind_head(layout, row->name);
}

static bool type_is(const struct pyr_task_reading *in, uint64_t type, const char *name)
{
    uint64_t text = 0;
    char found[24] = "";
    const size_t size = strlen(name) + 1;
    return size <= sizeof(found) &&
           pyr_memory_read_u64(in->memory, type + in->layout->type_name, &text) &&
           pyr_memory_read(in->memory, text, found, size) && memcmp(found, name, size) == 0;
}

/* Is the object's class, or one that it is derived from, that class of a C module? */
static bool is_instance(const struct pyr_task_reading *in, uint64_t object, const char *name)
{
    uint64_t type = 0;
    uint64_t mro = 0;
    uint64_t count = 0;
    if (!pyr_memory_read_u64(in->memory, object + in->layout->object_type, &type)) {
        return false;
    }
    if (type_is(in, type, name)) {
        return true;
    }
    if (!pyr_memory_read_u64(in->memory, type + in->layout->type_mro, &mro) ||
        !pyr_memory_read_u64(in->memory, mro + in->layout->var_size, &count)) {
        return false;
    }
    for (uint64_t i = 1; i < count && i < MAX_BASES; i++) {
        if (pyr_memory_read_u64(in->memory, mro + in->layout->tuple_items + i * 8, &type) &&
            type_is(in, type, name)) {
            return true;
        }
    }
    return false;
}

bool pyr_task_is_accelerated(const struct pyr_task_reading *in, uint64_t object)
{
    return is_instance(in, object, "_asyncio.Task");
}

uint64_t pyr_task_field(const struct pyr_task_reading *in, uint64_t object, uint32_t offset,
                        const char *name)
{
    uint64_t value = 0;
    if (pyr_task_is_accelerated(in, object) || is_instance(in, object, "_asyncio.Future")) {
        return offset != PYR_LAYOUT_NONE && pyr_memory_read_u64(in->memory, object + offset, &value)
                   ? value
                   : 0;
    }
    return pyr_object_attribute(in->memory, in->layout, object, name);
}

static bool add_item(void *context, uint64_t item, uint64_t hash)
{
    struct pyr_task_reading *in = context;
    (void)hash;
    (void)pyr_task_add(in, item, NULL);
    return !in->failed;
}

/* An item of a WeakSet's own set: a weak reference, whose first field is the object. */
static bool add_weak(void *context, uint64_t reference, uint64_t hash)
{
    struct pyr_task_reading *in = context;
    uint64_t object = 0;
    (void)hash;
    if (pyr_memory_read_u64(in->memory, reference + in->layout->object_head, &object) &&
        object != 0) {
        (void)pyr_task_add(in, object, NULL);
    }
    return !in->failed;
}

static bool add_running(void *context, uint64_t loop, uint64_t task)
{
    struct pyr_task_reading *in = context;
    (void)loop;
    (void)pyr_task_add(in, task, NULL);
    return !in->failed;
}

static void add_from_set(struct pyr_task_reading *in, uint64_t set, pyr_object_item *item)
{
    char type[8];
    if (set == 0 || in->failed ||
        !pyr_object_type_name(in->memory, in->layout, set, type, sizeof(type)) ||
        strcmp(type, "set") != 0) {
        return;
    }
    if (!pyr_set_each(in->memory, in->layout, set, item, in)) {
        in->tasks->torn = true;
    }
}

/* The dict of the module asyncio.tasks, which has the sets; 0 when the program has none. */
static uint64_t find_names(const struct pyr_task_reading *in, uint64_t interpreter)
{
    const struct pyr_layout *layout = in->layout;
    uint64_t modules = 0;
    uint64_t names = 0;
    if (!pyr_memory_read_u64(in->memory, interpreter + layout->interpreter_modules, &modules)) {
        return 0;
    }
    const uint64_t module = pyr_object_dict_find(in->memory, layout, modules, "asyncio.tasks");
    const bool ok =
        module != 0 && pyr_memory_read_u64(in->memory, module + layout->object_head, &names);
    return ok ? names : 0;
}

void pyr_tasks_from_objects(struct pyr_task_reading *in, uint64_t interpreter)
{
    /* All tasks before 3.12; from then on those that the loop has scheduled. */
    static const char *const weak_sets[] = {"_all_tasks", "_scheduled_tasks"};
    const uint64_t names = find_names(in, interpreter);
    if (names == 0) {
        return; /* the program does without asyncio */
    }
    for (size_t i = 0; i < sizeof(weak_sets) / sizeof(weak_sets[0]); i++) {
        const uint64_t weak = pyr_object_dict_find(in->memory, in->layout, names, weak_sets[i]);
        if (weak != 0) {
            add_from_set(in, pyr_object_attribute(in->memory, in->layout, weak, "data"), add_weak);
        }
    }
    add_from_set(in, pyr_object_dict_find(in->memory, in->layout, names, "_eager_tasks"), add_item);
    const uint64_t current = pyr_object_dict_find(in->memory, in->layout, names, "_current_tasks");
    if (current != 0) {
        (void)!pyr_object_dict_each(in->memory, in->layout, current, MAX_LOOPS, add_running, in);
    }
}
