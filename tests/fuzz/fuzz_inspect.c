/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Feeds all that a dump reads beside stacks: a made-up interpreter of the version that the first
 * byte chooses, with objects of many kinds, variables, coroutines and tasks, is spoilt as the rest
 * says, twelve bytes a time: what to do, where, and with which value. */
#include <stdlib.h>
#include <string.h>

#include "object_fixture.h"
#include "remote/coroutines.h"
#include "remote/inspect.h"
#include "remote/tasks.h"

#define PATCH_SIZE 12
#define WORLD_SIZE (256u << 10)
#define MAX_OBJECTS 64
#define MAX_READS 8000000 /* far beyond what any input needs: more would be work without bound */
#define MAX_TOTAL 1024    /* bytes of one representation, and a mark */
#define TASK_NODE 200u
#define THREAD_TASKS 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
    struct fake fake;
    struct pyr_target target;
    struct pyr_remote_thread thread;
    struct pyr_raw_frame frame;
    uint64_t objects[MAX_OBJECTS];
    uint32_t count;
    uint64_t coroutine;
};

static const struct fake_code simple_code = {"a.py", "f", "f", 1, "", 0, 100};

static uint64_t keep(struct world *world, uint64_t object)
{
    if (world->count < MAX_OBJECTS) {
        world->objects[world->count++] = object;
    }
    return object;
}

static void make_objects(struct world *world)
{
    static const char *const kinds[] = {"NoneType",
                                        "complex",
                                        "bytearray",
                                        "frozenset",
                                        "range",
                                        "collections.deque",
                                        "slice",
                                        "function",
                                        "method",
                                        "module",
                                        "generator",
                                        "async_generator",
                                        "datetime.datetime",
                                        "cell",
                                        "datetime.time",
                                        "datetime.timedelta",
                                        "datetime.timezone",
                                        "builtin_function_or_method"};
    struct fake *fake = &world->fake;
    const uint64_t items[] = {
        keep(world, fake_int(fake, 12345678901234)), keep(world, fake_ascii(fake, "it's")),
        keep(world, fake_bytes(fake, "a\x00", 2)), keep(world, fake_double(fake, 1.5))};
    const uint64_t names[] = {fake_ascii(fake, "a"), fake_ascii(fake, "b"), fake_ascii(fake, "c"),
                              fake_ascii(fake, "_fields")};
    const uint64_t list = keep(world, fake_list(fake, items, 4));
    keep(world, fake_tuple(fake, items, 4));
    keep(world, fake_set(fake, items, 4, 8));
    for (int kind = 0; kind < 3; kind++) {
        keep(world, fake_dict(fake, (enum fake_table)kind, names, items, 4));
    }
    keep(world, fake_instance(fake, false, names, items, 4));
    keep(world, fake_instance(fake, true, names, items, 4));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const uint64_t words[12] = {items[1], list,     items[0], items[1], list,     items[2],
                                    items[1], items[0], items[1], items[1], items[1], items[1]};
        keep(world, fake_words(fake, kinds[i], 0, words, 12));
    }
    const uint64_t all[] = {list, world->objects[5], world->objects[10], world->objects[11]};
    keep(world, fake_list(fake, all, 4));
    keep(world, fake_words(fake, "ValueError", (uint64_t)1 << 30, all, 4));
    keep(world, fake_new_type(fake, "Basket", (uint64_t)1 << 9));
}

static void make_frame(struct world *world)
{
    struct fake *fake = &world->fake;
    const struct pyr_layout *layout = &fake->layout;
    const uint64_t names[] = {fake_ascii(fake, "a"), fake_ascii(fake, "b"), fake_ascii(fake, "c")};
    const uint64_t code = fake_code(fake, &simple_code);
    const uint64_t cell = fake_words(fake, "cell", 0, world->objects, 1);
    fake_u32(fake, code, layout->code_arg_count, 1);
    fake_u64(fake, code, layout->code_local_names, fake_tuple(fake, names, 3));
    fake_u64(fake, code, layout->code_local_kinds, fake_bytes(fake, "\x20\x20\x40", 3));
    fake_u64(fake, code, layout->code_cell_names, fake_tuple(fake, names, 1));
    world->frame = (struct pyr_raw_frame){.code = code, .address = fake_alloc(fake, 1024)};
    const uint64_t values[] = {world->objects[0], world->objects[4], cell, cell};
    memcpy(fake_at(fake, world->frame.address + layout->frame_locals), values, sizeof(values));
}

/* Tasks in the module's set and in the thread's list, with the fields of a Task all pointing to
 * something that could be theirs. */
static void make_tasks(struct world *world)
{
    struct fake *fake = &world->fake;
    const struct pyr_layout *layout = &fake->layout;
    uint64_t tasks[3];
    uint64_t references[3];
    const uint64_t inner = fake_coroutine(fake, "coroutine", fake_code(fake, &simple_code),
                                          FAKE_AWAITING, world->objects[0]);
    world->coroutine =
        fake_coroutine(fake, "coroutine", fake_code(fake, &simple_code), FAKE_AWAITING, inner);
    for (int i = 0; i < 3; i++) {
        uint64_t words[40];
        for (int k = 0; k < 40; k++) {
            words[k] = k < 10 || i == 0 ? world->objects[k % 20]
                       : k % 2 == 0     ? world->coroutine
                                        : tasks[0];
        }
        words[1] = world->objects[18];
        tasks[i] = fake_words(fake, "_asyncio.Task", 0, words, i == 0 ? 20 : 40);
        references[i] = fake_words(fake, "ref", 0, &tasks[i], 1);
    }
    const uint64_t data = fake_set(fake, references, 3, 8);
    const uint64_t name = fake_ascii(fake, "data");
    const uint64_t weak = fake_instance(fake, true, &name, &data, 1);
    const uint64_t names[] = {fake_ascii(fake, "_all_tasks"), fake_ascii(fake, "_eager_tasks"),
                              fake_ascii(fake, "_current_tasks")};
    const uint64_t values[] = {weak, fake_set(fake, tasks, 2, 8),
                               fake_dict(fake, FAKE_GENERAL, tasks, tasks + 1, 2)};
    const uint64_t dict = fake_dict(fake, FAKE_NAMED, names, values, 3);
    const uint64_t module = fake_words(fake, "module", 0, &dict, 1);
    const uint64_t module_name = fake_ascii(fake, "asyncio.tasks");
    fake_u64(fake, world->thread.interpreter, layout->interpreter_modules,
             fake_dict(fake, FAKE_NAMED, &module_name, &module, 1));
    const uint64_t words[13] = {512, 144,   208, 0, 216, 128,         TASK_NODE,
                                0,   60000, 0,   0, 0,   THREAD_TASKS};
    world->target.asyncio_debug = fake_alloc(fake, sizeof(words));
    memcpy(fake_at(fake, world->target.asyncio_debug), words, sizeof(words));
    fake_u64(fake, world->thread.address, THREAD_TASKS, tasks[0] + 64);
}

static void make_world(struct world *world, uint32_t version)
{
    struct fake *fake = &world->fake;
    memset(world, 0, sizeof(*world));
    fake_open_sized(fake, version, WORLD_SIZE);
    make_objects(world);
    make_frame(world);
    world->thread.interpreter = fake_interpreter(fake, 0, 0);
    world->thread.address = fake_alloc(fake, 8192);
    fake_target(fake, &world->target, fake_runtime(fake, world->thread.interpreter, 0));
    world->target.is_core = true;
    make_tasks(world);
}

/* Spoils one thing. */
static void apply(struct world *world, const uint8_t *patch)
{
    uint32_t where = (uint32_t)patch[1] | (uint32_t)patch[2] << 8 | (uint32_t)patch[3] << 16;
    uint64_t value = 0;
    memcpy(&value, patch + 4, sizeof(value));
    uint8_t *bytes = world->fake.bytes + where % (world->fake.used - sizeof(value));
    switch (patch[0] % 4) {
    case 0: /* any bytes */
        memcpy(bytes, &value, sizeof(value));
        break;
    case 1: /* a pointer to somewhere that can be read */
        value = FAKE_BASE + value % world->fake.used;
        memcpy(bytes, &value, sizeof(value));
        break;
    case 2: /* a pointer to an object */
        value = world->objects[value % world->count];
        memcpy(bytes, &value, sizeof(value));
        break;
    default:
        *bytes = (uint8_t)value;
    }
}

static void read_object(struct world *world, uint64_t object)
{
    static const struct pyr_inspect_limits limits = {.depth = 16, .total = MAX_TOTAL};
    struct pyr_buf text = {0};
    pyr_inspect_object(world->fake.memory, &world->target.layout, object, &limits, &text);
    if (text.len > MAX_TOTAL + 4 || text.failed) {
        abort();
    }
    pyr_buf_release(&text);
}

static bool read_local(void *context, const struct pyr_local *local)
{
    if (strnlen(local->name, sizeof(local->name)) == sizeof(local->name)) {
        abort();
    }
    read_object(context, local->value);
    return true;
}

static void read_world(struct world *world)
{
    struct pyr_memory *memory = world->fake.memory;
    struct pyr_raw_stack stack = {0};
    struct pyr_remote_tasks tasks = {0};
    struct pyr_err err = {0};
    const struct pyr_remote_threads threads = {.items = &world->thread, .count = 1};
    for (uint32_t i = 0; i < world->count; i++) {
        read_object(world, world->objects[i]);
    }
    bool ok = pyr_inspect_locals(memory, &world->target.layout, &world->frame, read_local, world);
    ok = pyr_coroutine_stack(memory, &world->target.layout, world->coroutine, &stack) || ok;
    pyr_raw_stack_release(&stack);
    ok = pyr_remote_tasks_list(&world->target, &threads, &tasks, &err) || ok;
    for (uint32_t i = 0; i < tasks.count; i++) {
        for (uint32_t k = 0; k < tasks.items[i].awaited_by_count; k++) {
            if (tasks.items[i].awaited_by[k] >= tasks.count) {
                abort();
            }
        }
    }
    pyr_remote_tasks_release(&tasks);
    if (memory->reads > MAX_READS) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world world;
    if (size == 0) {
        return 0;
    }
    make_world(&world, fake_versions[data[0] % fake_version_count]);
    for (size_t i = 0; i < (size - 1) / PATCH_SIZE; i++) {
        apply(&world, data + 1 + i * PATCH_SIZE);
    }
    read_world(&world);
    fake_close(&world.fake);
    return 0;
}
