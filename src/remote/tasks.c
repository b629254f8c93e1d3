/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "remote/coroutines.h"
#include "remote/objects.h"
#include "remote/task_reading.h"
#include "remote/unicode.h"
#include "remote/walk.h"

#define MAX_NAME_CHARS 256
#define MAX_AWAITERS 10000u /* of one task */
#define OLDEST_LISTED 7     /* 3.6 keeps the set of its tasks in a static of the C module */
#define OLDEST_NAMES 8      /* of tasks */
#define OLDEST_NUMBERS 12   /* a name may be a number that is not yet put into words */

void pyr_remote_tasks_release(struct pyr_remote_tasks *tasks)
{
    for (uint32_t i = 0; i < tasks->count; i++) {
        struct pyr_remote_task *task = &tasks->items[i];
        pyr_raw_stack_release(&task->coroutines);
        pyr_mem_free(task->awaited_by);
        pyr_mem_free(task->name);
    }
    pyr_mem_free(tasks->items);
    memset(tasks, 0, sizeof(*tasks));
}

static bool fail(struct pyr_task_reading *in)
{
    in->failed = true;
    return pyr_err_nomem(in->err);
}

/* A name of a task in words; of tasks without one, as up to 3.7, what it runs. */
static char *read_name(struct pyr_task_reading *in, uint64_t task, uint64_t coroutine)
{
    const uint32_t minor = pyr_layout_minor(in->layout);
    struct pyr_buf text = {0};
    bool was_cut = false;
    uint64_t name = minor < OLDEST_NAMES ? 0 : pyr_task_field(in, task, in->fields.name, "_name");
    if (name == 0 ||
        !pyr_unicode_read(in->memory, in->layout, name, MAX_NAME_CHARS, &text, &was_cut)) {
        uint64_t number = 0;
        if (minor >= OLDEST_NUMBERS && pyr_object_integer(in->memory, in->layout, name, &number)) {
            pyr_buf_addf(&text, "Task-%llu", (unsigned long long)number);
        } else if (!pyr_memory_read_u64(in->memory,
                                        coroutine + pyr_coroutine_name_offset(in->layout), &name) ||
                   !pyr_unicode_read(in->memory, in->layout, name, MAX_NAME_CHARS, &text,
                                     &was_cut)) {
            pyr_buf_add_text(&text, "");
        }
    }
    if (text.data == NULL && !text.failed) {
        return pyr_mem_strdup("");
    }
    char *copy = text.failed ? NULL : pyr_mem_strdup(text.data);
    pyr_buf_release(&text);
    return copy;
}

static bool grow(struct pyr_task_reading *in)
{
    struct pyr_remote_tasks *tasks = in->tasks;
    const size_t needed = (size_t)tasks->count + 1;
    if (!pyr_mem_grow(&tasks->items, &tasks->cap, needed, sizeof(*tasks->items), in->err) ||
        !pyr_mem_grow(&in->notes, &in->note_cap, needed, sizeof(*in->notes), in->err)) {
        in->failed = true;
        return false;
    }
    return true;
}

/* The thread whose event loop it is, by the number that the loop has for it. */
static uint32_t thread_of_loop(const struct pyr_task_reading *in, uint64_t loop)
{
    const uint64_t number =
        loop == 0 ? 0 : pyr_object_attribute(in->memory, in->layout, loop, "_thread_id");
    uint64_t ident = 0;
    if (!pyr_object_integer(in->memory, in->layout, number, &ident)) {
        return UINT32_MAX; /* it does not run */
    }
    for (uint32_t i = 0; i < in->threads->count; i++) {
        if (in->threads->items[i].ident == ident) {
            return i;
        }
    }
    return UINT32_MAX;
}

bool pyr_task_add(struct pyr_task_reading *in, uint64_t address, uint32_t *index)
{
    struct pyr_remote_tasks *tasks = in->tasks;
    uint64_t frame = 0;
    const uint32_t known = pyr_map_get(&in->by_address, address);
    if (known != 0) {
        if (index != NULL) {
            *index = known - 1;
        }
        return true;
    }
    const uint64_t coroutine = pyr_task_field(in, address, in->fields.coroutine, "_coro");
    if (in->failed || coroutine == 0 ||
        pyr_coroutine_look(in->memory, in->layout, coroutine, &frame) == PYR_COROUTINE_FINISHED) {
        return false;
    }
    if (tasks->count >= PYR_MAX_REMOTE_TASKS) {
        tasks->torn = true;
        return false;
    }
    if (!grow(in)) {
        return false;
    }
    char *name = read_name(in, address, coroutine);
    const uint64_t loop = pyr_task_field(in, address, in->fields.loop, "_loop");
    if (name == NULL || !pyr_map_put(&in->by_address, address, tasks->count + 1, in->err)) {
        pyr_mem_free(name);
        return fail(in);
    }
    in->notes[tasks->count] = (struct pyr_task_note){.coroutine = coroutine, .frame = frame};
    tasks->items[tasks->count] = (struct pyr_remote_task){
        .address = address, .name = name, .loop = loop, .thread = thread_of_loop(in, loop)};
    if (index != NULL) {
        *index = tasks->count;
    }
    tasks->count++;
    return true;
}

void pyr_task_add_awaiter(struct pyr_task_reading *in, uint32_t index, uint32_t waiting)
{
    struct pyr_remote_task *task = &in->tasks->items[index];
    if (index == waiting || in->failed || task->awaited_by_count >= MAX_AWAITERS) {
        return;
    }
    for (uint32_t i = 0; i < task->awaited_by_count; i++) {
        if (task->awaited_by[i] == waiting) {
            return;
        }
    }
    /* Grows at powers of two, so that no capacity has to be kept. */
    const uint32_t count = task->awaited_by_count;
    if ((count & (count - 1)) == 0) {
        const size_t room = count == 0 ? 1 : (size_t)count * 2;
        uint32_t *grown = pyr_mem_realloc(task->awaited_by, room * sizeof(*grown));
        if (grown == NULL) {
            (void)fail(in);
            return;
        }
        task->awaited_by = grown;
    }
    task->awaited_by[task->awaited_by_count++] = waiting;
}

/* The part of a thread's stack from the frame at `root` on inwards: what a running task is at. */
static bool take_running(struct pyr_task_reading *in, uint32_t thread, uint64_t root,
                         struct pyr_raw_stack *stack)
{
    struct pyr_raw_stack whole = {0};
    bool found = false;
    const enum pyr_walk_result result =
        pyr_walk(in->memory, in->layout, in->threads->items[thread].address,
                 PYR_STACK_DEFAULT_DEPTH, &whole);
    for (uint32_t i = 0; result != PYR_WALK_FAILED && !found && i < whole.count; i++) {
        found = whole.frames[i].kind == PYR_RAW_PYTHON && whole.frames[i].address == root;
        for (uint32_t k = 0; found && k <= i; k++) {
            if (!pyr_raw_stack_push(stack, whole.frames[k])) {
                (void)fail(in);
                break;
            }
        }
    }
    pyr_raw_stack_release(&whole);
    return found;
}

/* The stacks: of suspended tasks through what each coroutine awaits; of a running one from its
 * thread, which is found with it where the loop did not say it. */
static void read_stack(struct pyr_task_reading *in, uint32_t index)
{
    struct pyr_remote_task *task = &in->tasks->items[index];
    const struct pyr_task_note *note = &in->notes[index];
    uint64_t frame = 0;
    if (pyr_coroutine_look(in->memory, in->layout, note->coroutine, &frame) ==
        PYR_COROUTINE_RUNNING) {
        for (uint32_t i = 0; i < in->threads->count; i++) {
            if (task->thread != UINT32_MAX && task->thread != i) {
                continue;
            }
            if (take_running(in, i, note->frame, &task->coroutines)) {
                task->thread = i;
                task->running = true;
                return;
            }
        }
    }
    if (!pyr_coroutine_stack(in->memory, in->layout, note->coroutine, &task->coroutines)) {
        (void)fail(in);
    }
}

/* The value of the digits at `*at`, which is moved behind them. */
static uint64_t take_number(const char **at)
{
    uint64_t value = 0;
    while (**at >= '0' && **at <= '9') {
        value = value * 10 + (uint64_t)(**at - '0');
        (*at)++;
    }
    return value;
}

/* By name, numbers in it as numbers: "Task-2" is before "Task-10". */
static int compare_names(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        if (*a >= '0' && *a <= '9' && *b >= '0' && *b <= '9') {
            const uint64_t x = take_number(&a);
            const uint64_t y = take_number(&b);
            if (x != y) {
                return x < y ? -1 : 1;
            }
            continue;
        }
        if (*a != *b) {
            break;
        }
        a++;
        b++;
    }
    return (int)(uint8_t)*a - (int)(uint8_t)*b;
}

struct sorted {
    struct pyr_remote_task task;
    struct pyr_task_note note;
};

static int compare(const void *left, const void *right)
{
    const struct sorted *a = left;
    const struct sorted *b = right;
    const int order = compare_names(a->task.name, b->task.name);
    return order != 0 ? order
                      : (a->task.address > b->task.address) - (a->task.address < b->task.address);
}

/* Sets have no order: the list gets one that is the same each time. */
static void sort_by_name(struct pyr_task_reading *in)
{
    struct pyr_remote_tasks *tasks = in->tasks;
    if (in->failed || tasks->count < 2) {
        return;
    }
    struct sorted *all = pyr_mem_zalloc(tasks->count, sizeof(*all));
    if (all == NULL) {
        (void)fail(in);
        return;
    }
    for (uint32_t i = 0; i < tasks->count; i++) {
        all[i] = (struct sorted){tasks->items[i], in->notes[i]};
    }
    qsort(all, tasks->count, sizeof(*all), compare);
    for (uint32_t i = 0; i < tasks->count; i++) {
        tasks->items[i] = all[i].task;
        in->notes[i] = all[i].note;
        /* Each is there already, so that this can't fail. */
        in->failed =
            in->failed || !pyr_map_put(&in->by_address, all[i].task.address, i + 1, in->err);
    }
    pyr_mem_free(all);
}

bool pyr_remote_tasks_list(struct pyr_target *target, const struct pyr_remote_threads *threads,
                           struct pyr_remote_tasks *tasks, struct pyr_err *err)
{
    struct pyr_task_reading in = {.target = target,
                                  .memory = target->memory,
                                  .layout = &target->layout,
                                  .threads = threads,
                                  .tasks = tasks,
                                  .err = err};
    memset(tasks, 0, sizeof(*tasks));
    if (pyr_layout_minor(in.layout) < OLDEST_LISTED || in.layout->free_threaded) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "asyncio's tasks can be read from Python 3.7 on");
    }
    pyr_task_layout_find(in.layout, &in.fields);
    for (uint32_t i = 0; i < threads->count && !in.failed; i++) {
        const uint64_t interpreter = threads->items[i].interpreter;
        if (i == 0 || interpreter != threads->items[i - 1].interpreter) {
            pyr_tasks_from_objects(&in, interpreter);
        }
    }
    pyr_tasks_from_tables(&in);
    sort_by_name(&in);
    pyr_tasks_link_by_tables(&in);
    pyr_tasks_link(&in);
    for (uint32_t i = 0; i < tasks->count && !in.failed; i++) {
        read_stack(&in, i);
    }
    pyr_mem_free(in.notes);
    pyr_map_release(&in.by_address);
    if (in.failed) {
        pyr_remote_tasks_release(tasks);
    }
    return !in.failed;
}
