/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/tasks.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "object_fixture.h"
#include "remote/task_reading.h"
#include "unit.h"

#define TABLE_WORDS 13
#define TASK_NODE 200u
#define TASK_AWAITED_BY 208u
#define TASK_IS_SET 216u
#define THREAD_TASKS 4096u
#define INTERPRETER_TASKS 60000u

static const struct fake_code simple_code = {"a.py", "f", "f", 1, "", 0, 100};

/* A program with one thread, and tasks that wait. */
struct world {
    struct fake fake;
    struct pyr_target target;
    struct pyr_remote_threads threads;
    struct pyr_remote_thread thread;
    struct pyr_task_layout fields;
    uint64_t interpreter;
    uint64_t loop;
    uint64_t task_type;
    uint64_t tasks[8];
    uint32_t count;
};

static void open_world(struct world *world, uint32_t version)
{
    struct fake *fake = &world->fake;
    memset(world, 0, sizeof(*world));
    fake_open(fake, version);
    world->interpreter = fake_interpreter(fake, 0, 0);
    world->thread = (struct pyr_remote_thread){.interpreter = world->interpreter, .ident = 0x7000};
    world->thread.address = fake_alloc(fake, 8192);
    world->threads = (struct pyr_remote_threads){.items = &world->thread, .count = 1};
    fake_target(fake, &world->target, fake_runtime(fake, world->interpreter, world->interpreter));
    pyr_task_layout_find(&fake->layout, &world->fields);
    world->task_type = fake_new_type(fake, "_asyncio.Task", 0);
    const uint64_t key = fake_ascii(fake, "_thread_id");
    const uint64_t ident = fake_int(fake, 0x7000);
    world->loop = fake_instance(fake, false, &key, &ident, 1);
}

static uint64_t new_future(struct world *world, const char *type)
{
    uint64_t future = fake_alloc(&world->fake, 512);
    fake_u64(&world->fake, future, world->fake.layout.object_type,
             fake_new_type(&world->fake, type, 0));
    return future;
}

/* A task that is suspended, and waits on `waiter`. */
static uint64_t add_task(struct world *world, const char *name, uint64_t waiter)
{
    struct fake *fake = &world->fake;
    uint64_t task = fake_alloc(fake, 512);
    uint64_t coroutine =
        fake_coroutine(fake, "coroutine", fake_code(fake, &simple_code), FAKE_AWAITING, 0);
    const uint32_t minor = pyr_layout_minor(&fake->layout);
    const uint32_t words = minor < 10 ? 5 : minor == 10 ? 4 : minor == 11 ? 3 : 2;
    fake_u64(fake, coroutine, fake->layout.object_head + words * 8, fake_ascii(fake, "f"));
    fake_u64(fake, task, fake->layout.object_type, world->task_type);
    fake_u64(fake, task, world->fields.loop, world->loop);
    fake_u64(fake, task, world->fields.coroutine, coroutine);
    fake_u64(fake, task, world->fields.waiter, waiter);
    fake_u64(fake, task, world->fields.name, fake_ascii(fake, name));
    world->tasks[world->count++] = task;
    return task;
}

static uint64_t module_with(struct fake *fake, const uint64_t *names, const uint64_t *values,
                            size_t count)
{
    const uint64_t dict = fake_dict(fake, FAKE_NAMED, names, values, count);
    return fake_words(fake, "module", 0, &dict, 1);
}

/* Puts the tasks into the sets of the module asyncio.tasks. */
static void list_in_module(struct world *world)
{
    struct fake *fake = &world->fake;
    uint64_t references[8];
    for (uint32_t i = 0; i < world->count; i++) {
        references[i] = fake_words(fake, "weakref.ReferenceType", 0, &world->tasks[i], 1);
    }
    const uint64_t data = fake_set(fake, references, world->count, 32);
    const uint64_t data_name = fake_ascii(fake, "data");
    const uint64_t weak = fake_instance(fake, true, &data_name, &data, 1);
    const bool scheduled = pyr_layout_minor(&fake->layout) >= 12;
    const uint64_t name = fake_ascii(fake, scheduled ? "_scheduled_tasks" : "_all_tasks");
    const uint64_t module = module_with(fake, &name, &weak, 1);
    const uint64_t module_name = fake_ascii(fake, "asyncio.tasks");
    fake_u64(fake, world->interpreter, fake->layout.interpreter_modules,
             fake_dict(fake, FAKE_NAMED, &module_name, &module, 1));
}

/* Puts them into the thread's list. */
static void list_in_tables(struct world *world)
{
    struct fake *fake = &world->fake;
    const uint64_t words[TABLE_WORDS] = {512,
                                         world->fields.name,
                                         TASK_AWAITED_BY,
                                         0,
                                         TASK_IS_SET,
                                         world->fields.coroutine,
                                         TASK_NODE,
                                         0,
                                         INTERPRETER_TASKS,
                                         0,
                                         0,
                                         0,
                                         THREAD_TASKS};
    const uint64_t head = world->thread.address + THREAD_TASKS;
    uint64_t at = head;
    world->target.asyncio_debug = fake_alloc(fake, sizeof(words));
    memcpy(fake_at(fake, world->target.asyncio_debug), words, sizeof(words));
    fake_u64(fake, world->interpreter, INTERPRETER_TASKS, world->interpreter + INTERPRETER_TASKS);
    for (uint32_t i = 0; i < world->count; i++) {
        fake_u64(fake, at, 0, world->tasks[i] + TASK_NODE);
        at = world->tasks[i] + TASK_NODE;
    }
    fake_u64(fake, at, 0, head);
}

/* All tasks as "name<waiting,waiting " in the order of the list. */
static const char *tell(struct world *world)
{
    static char text[1024];
    struct pyr_remote_tasks tasks = {0};
    struct pyr_err err = {0};
    world->fake.memory->reads = 0;
    assert_true(pyr_remote_tasks_list(&world->target, &world->threads, &tasks, &err));
    assert_in_range(world->fake.memory->reads, 0, 100000);
    text[0] = '\0';
    for (uint32_t i = 0; i < tasks.count; i++) {
        const struct pyr_remote_task *task = &tasks.items[i];
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof(text) - len, "%s", task->name);
        for (uint32_t k = 0; k < task->awaited_by_count; k++) {
            len = strlen(text);
            (void)snprintf(text + len, sizeof(text) - len, "%s%s", k == 0 ? "<" : ",",
                           tasks.items[task->awaited_by[k]].name);
        }
        len = strlen(text);
        (void)snprintf(text + len, sizeof(text) - len, " ");
        assert_int_equal(task->thread, 0);
        assert_false(task->running);
        assert_int_equal(task->coroutines.count, 1);
    }
    pyr_remote_tasks_release(&tasks);
    return text;
}

/* A function with a closure over `held`, as a callback of `future`: the first, or one of a list. */
static void call_back(struct world *world, uint64_t future, uint64_t held, bool in_list)
{
    struct fake *fake = &world->fake;
    const bool names_first = pyr_layout_minor(&fake->layout) >= 10;
    uint64_t fields[12] = {0};
    const uint64_t cell = fake_words(fake, "cell", 0, &held, 1);
    fields[names_first ? 7 : 4] = fake_tuple(fake, &cell, 1);
    const uint64_t function = fake_words(fake, "function", 0, fields, 12);
    if (!in_list) {
        fake_u64(fake, future, world->fields.callback, function);
        return;
    }
    const uint64_t pair[] = {function, 0};
    const uint64_t entry = fake_tuple(fake, pair, 2);
    fake_u64(fake, future, world->fields.callbacks, fake_list(fake, &entry, 1));
}

static void test_tasks_in_the_modules_sets_are_found_and_linked(void **state)
{
    (void)state;
    for (size_t v = 1; v < fake_version_count; v++) { /* 3.6 is refused */
        struct world world;
        open_world(&world, fake_versions[v]);
        const uint64_t gathering = new_future(&world, "_GatheringFuture");
        const uint64_t between = new_future(&world, "_asyncio.Future");
        const uint64_t child = add_task(&world, "Task-10", 0);
        const uint64_t other = add_task(&world, "Task-9", 0);
        add_task(&world, "direct", child);
        add_task(&world, "gathers", gathering);
        call_back(&world, child, gathering, false);
        call_back(&world, other, between, true);
        call_back(&world, between, gathering, true);
        list_in_module(&world);
        const bool named = pyr_layout_minor(&world.fake.layout) >= 8;
        assert_string_equal(tell(&world), named ? "Task-9<gathers Task-10<direct,gathers direct "
                                                  "gathers "
                                                : "f<f,f f<f f f ");
        fake_close(&world.fake);
    }
}

static void test_tasks_in_the_tables_are_found_and_linked(void **state)
{
    (void)state;
    for (size_t v = fake_version_count - 2; v < fake_version_count; v++) {
        struct world world;
        open_world(&world, fake_versions[v]);
        const uint64_t child = add_task(&world, "child", 0);
        const uint64_t one = add_task(&world, "one", 0);
        const uint64_t two = add_task(&world, "two", 0);
        const uint64_t both[] = {one, two};
        fake_u64(&world.fake, child, TASK_AWAITED_BY, fake_set(&world.fake, both, 2, 8));
        fake_u8(&world.fake, child, TASK_IS_SET, 1);
        fake_u64(&world.fake, one, TASK_AWAITED_BY, two);
        list_in_tables(&world);
        assert_string_equal(tell(&world), "child<two,one one<two two ");
        fake_close(&world.fake);
    }
}

static void test_lists_that_never_end_come_to_an_end(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0x030e0af0);
    const uint64_t one = add_task(&world, "one", 0);
    add_task(&world, "two", 0);
    list_in_tables(&world);
    fake_u64(&world.fake, world.tasks[1], TASK_NODE, one + TASK_NODE); /* not through the head */
    struct pyr_remote_tasks tasks = {0};
    struct pyr_err err = {0};
    assert_true(pyr_remote_tasks_list(&world.target, &world.threads, &tasks, &err));
    assert_int_equal(tasks.count, 2);
    assert_true(tasks.torn);
    pyr_remote_tasks_release(&tasks);
    fake_close(&world.fake);
}

static void test_programs_without_tasks_have_none(void **state)
{
    (void)state;
    for (size_t v = 1; v < fake_version_count; v++) {
        struct world world;
        open_world(&world, fake_versions[v]);
        assert_string_equal(tell(&world), "");
        list_in_module(&world);
        assert_string_equal(tell(&world), "");
        fake_close(&world.fake);
    }
}

static void test_versions_that_hide_their_tasks_are_refused(void **state)
{
    (void)state;
    struct world world;
    struct pyr_remote_tasks tasks = {0};
    struct pyr_err err = {0};
    open_world(&world, fake_versions[0]);
    assert_false(pyr_remote_tasks_list(&world.target, &world.threads, &tasks, &err));
    assert_int_equal(err.code, PYR_ERR_UNSUPPORTED);
    fake_close(&world.fake);
}

static void test_running_out_of_memory_is_told(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0x030c01f0);
    const uint64_t child = add_task(&world, "child", 0);
    add_task(&world, "parent", child);
    list_in_module(&world);
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_remote_tasks tasks = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_remote_tasks_list(&world.target, &world.threads, &tasks, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_int_equal(tasks.count, failed ? 0 : 2);
        pyr_remote_tasks_release(&tasks);
    }
    fake_close(&world.fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tasks_in_the_modules_sets_are_found_and_linked),
        cmocka_unit_test(test_tasks_in_the_tables_are_found_and_linked),
        cmocka_unit_test(test_lists_that_never_end_come_to_an_end),
        cmocka_unit_test(test_programs_without_tasks_have_none),
        cmocka_unit_test(test_versions_that_hide_their_tasks_are_refused),
        cmocka_unit_test(test_running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
