/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Feeds all that reads an interpreter's structures: a made-up interpreter of the version that the
 * first byte chooses is spoilt as the rest says, twelve bytes a time: what to do, where, and with
 * which value. Then everything is read that a sampler and a dump read. */
#include <stdlib.h>
#include <string.h>

#include "remote/batch.h"
#include "remote/codes.h"
#include "remote/interpreters.h"
#include "remote/lane.h"
#include "remote/names.h"
#include "remote/objects.h"
#include "remote/unicode.h"
#include "remote/walk.h"
#include "remote_fixture.h"

#define PATCH_SIZE 12
#define WORLD_SIZE (256u << 10)
#define MAX_DEPTH 500
#define MAX_ITEMS 100
#define LANE_READINGS 6
#define MAX_READS 4000000 /* far beyond what any input needs: more would be work without bound */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
    struct fake fake;
    struct pyr_target target;
    struct pyr_codes *codes;
    struct pyr_thread_names *names;
    uint64_t objects[4]; /* a dict of each kind, and an instance */
};

static uint64_t make_code(struct fake *fake, const char *name, uint32_t first_line)
{
    static const uint8_t steps[] = {4, 1, 6, 2, 2, 255, 0, 127, 4, 128};
    static const uint8_t places[] = {0x80 | 13 << 3 | 1, 2,    0x80 | 14 << 3 | 3, 0x42, 2, 3,   4,
                                     0x80 | 3 << 3,      0x21, 0x80 | 11 << 3,     4,    9, 0xF8};
    bool modern = pyr_layout_minor(&fake->layout) >= 11;
    return fake_code(fake,
                     &(struct fake_code){.file = "/app/basket.py",
                                         .name = name,
                                         .qualname = name,
                                         .first_line = first_line,
                                         .lines = modern ? places : steps,
                                         .lines_size = modern ? sizeof(places) : sizeof(steps),
                                         .units = 20});
}

static uint64_t make_stack(struct fake *fake)
{
    bool shims = pyr_layout_minor(&fake->layout) >= 12;
    uint64_t main = make_code(fake, "<module>", 1);
    uint64_t fill = make_code(fake, "Basket.fill", 10);
    uint64_t frame = fake_frame(fake, main, 8, 0, 0);
    for (int i = 0; i < 6; i++) {
        if (shims && i % 3 == 0) {
            frame = fake_frame(fake, 0, 0, frame, 3);
        }
        frame = fake_frame(fake, fill, 2 * i, frame, i == 4);
    }
    return frame;
}

/* sys.modules, with a module threading that knows the thread `ident`. */
static uint64_t make_modules(struct fake *fake, uint64_t ident, uint64_t *thread)
{
    const uint64_t attributes[] = {fake_ascii(fake, "_target"), fake_ascii(fake, "_name")};
    const uint64_t values[] = {fake_int(fake, 1), fake_ascii(fake, "worker")};
    *thread = fake_instance(fake, false, attributes, values, 2);
    const uint64_t key = fake_int(fake, ident);
    const uint64_t active = fake_dict(fake, FAKE_GENERAL, &key, thread, 1);
    const uint64_t name = fake_ascii(fake, "_active");
    const uint64_t module = fake_alloc(fake, 64);
    fake_u64(fake, module, fake->layout.object_head,
             fake_dict(fake, FAKE_NAMED, &name, &active, 1));
    const uint64_t names[] = {fake_ascii(fake, "sys"), fake_ascii(fake, "threading")};
    const uint64_t modules[] = {0, module};
    return fake_dict(fake, FAKE_NAMED, names, modules, 2);
}

static void make_world(struct world *world, uint32_t version)
{
    struct fake *fake = &world->fake;
    *world = (struct world){.codes = pyr_codes_new(), .names = pyr_thread_names_new()};
    fake_open_sized(fake, version, WORLD_SIZE);
    uint64_t main = fake_interpreter(fake, 0, 0);
    uint64_t other = fake_interpreter(fake, 1, main);
    uint64_t next = 0;
    for (uint32_t i = 0; i < 3; i++) {
        next = fake_thread(fake, &(struct fake_thread){.interpreter = main,
                                                       .next = next,
                                                       .ident = 0x7000 + i,
                                                       .unique_id = i + 1,
                                                       .frame = make_stack(fake),
                                                       .native_id = 100 + i});
    }
    fake_set_threads(fake, main, next, 0);
    uint64_t lone = fake_thread(fake, &(struct fake_thread){.interpreter = other, .ident = 8});
    fake_set_threads(fake, other, lone, lone);
    fake_target(fake, &world->target, fake_runtime(fake, other, main));
    world->target.pid = 0; /* no such process: what the kernel says is not fuzzed */
    world->target.is_core = true;
    fake_set_gil(fake, &world->target, main, next);
    uint64_t modules = make_modules(fake, 0x7001, &world->objects[3]);
    fake_u64(fake, main, fake->layout.interpreter_modules, modules);
    const uint64_t keys[] = {fake_ascii(fake, "a"), fake_ascii(fake, "b")};
    for (int kind = 0; kind < 3; kind++) {
        world->objects[kind] = fake_dict(fake, (enum fake_table)kind, keys, keys, 2);
    }
}

/* Spoils one thing. */
static void apply(struct world *world, const uint8_t *patch)
{
    uint32_t where = (uint32_t)patch[1] | (uint32_t)patch[2] << 8 | (uint32_t)patch[3] << 16;
    uint64_t value = 0;
    memcpy(&value, patch + 4, sizeof(value));
    uint8_t *bytes = world->fake.bytes + where % (world->fake.used - sizeof(value));
    size_t first = offsetof(struct pyr_layout, runtime_interpreters_head);
    size_t fields = (sizeof(struct pyr_layout) - first) / sizeof(uint32_t);
    uint32_t narrow = (uint32_t)value;
    switch (patch[0] % 4) {
    case 0: /* any bytes */
        memcpy(bytes, &value, sizeof(value));
        break;
    case 1: /* a pointer to somewhere that can be read */
        value = FAKE_BASE + value % world->fake.used;
        memcpy(bytes, &value, sizeof(value));
        break;
    case 2: /* a byte */
        *bytes = (uint8_t)value;
        break;
    default: /* an offset, as the target may say it */
        memcpy((char *)&world->target.layout + first + where % fields * sizeof(narrow), &narrow,
               sizeof(narrow));
    }
}

static bool read_item(void *context, uint64_t key, uint64_t value)
{
    struct world *world = context;
    struct pyr_buf text = {0};
    uint64_t number = 0;
    char type[32];
    bool cut = false;
    bool ok = pyr_unicode_read(world->fake.memory, &world->target.layout, key, 64, &text, &cut);
    ok = pyr_object_integer(world->fake.memory, &world->target.layout, value, &number) || ok;
    ok = pyr_object_type_name(world->fake.memory, &world->target.layout, value, type,
                              sizeof(type)) ||
         ok;
    pyr_buf_release(&text);
    return true;
}

/* As the sampler reads: what is expected in one go, twice, so that the second has learnt from the
 * first. Memory that stands still gives the walker's stack, or none. */
static void read_lane(struct world *world, uint64_t thread, const struct pyr_raw_stack *walked)
{
    const struct pyr_layout *layout = &world->target.layout;
    struct pyr_raw_stack stack = {0};
    struct pyr_batch batch = {0};
    struct pyr_lane lane;
    struct pyr_err err = {0};
    bool ready = pyr_lane_init(&lane, thread, layout, &err);
    for (int i = 0; ready && i < LANE_READINGS; i++) {
        struct pyr_lane_reading reading = {.memory = world->fake.memory,
                                           .layout = layout,
                                           .max_depth = MAX_DEPTH,
                                           .further_max = MAX_DEPTH};
        if (!pyr_lane_plan(&lane, layout, 1, &err)) {
            abort();
        }
        pyr_batch_clear(&batch);
        pyr_batch_add(&batch, thread, lane.state, layout->thread_size, &lane.state_read);
        for (uint32_t j = 0; j < lane.piece_count; j++) {
            struct pyr_lane_piece *piece = &lane.pieces[j];
            pyr_batch_add(&batch, piece->address, lane.copies[0] + piece->at, piece->size,
                          &piece->is_read[0]);
        }
        if (!pyr_batch_read(&batch, world->fake.memory)) {
            abort();
        }
        enum pyr_lane_result result = pyr_lane_decode(&lane, &reading, &stack);
        bool whole = result == PYR_LANE_OK && !stack.truncated && !walked->truncated;
        if (stack.count > MAX_DEPTH + 1 || (whole && stack.count != walked->count)) {
            abort();
        }
        pyr_lane_settle(&lane, layout);
    }
    pyr_lane_release(&lane);
    pyr_batch_release(&batch);
    pyr_raw_stack_release(&stack);
}

static void read_stack(struct world *world, const struct pyr_remote_thread *thread)
{
    struct pyr_memory *memory = world->fake.memory;
    const struct pyr_layout *layout = &world->target.layout;
    struct pyr_raw_stack stack = {0};
    (void)pyr_walk(memory, layout, thread->address, MAX_DEPTH, &stack);
    if (stack.count > MAX_DEPTH + 1) {
        abort();
    }
    read_lane(world, thread->address, &stack);
    for (uint32_t i = 0; i < stack.count; i++) {
        uint32_t id = pyr_codes_id(world->codes, memory, layout, stack.frames[i].code);
        if (id != 0) {
            const struct pyr_code *code = pyr_codes_get(world->codes, id);
            struct pyr_position at = pyr_line_find(&code->lines, stack.frames[i].offset);
            if (at.line < -1 || code->file[0] == (char)0xFF) {
                abort();
            }
        }
    }
    pyr_raw_stack_release(&stack);
}

static void read_world(struct world *world)
{
    struct pyr_memory *memory = world->fake.memory;
    const struct pyr_layout *layout = &world->target.layout;
    struct pyr_remote_threads threads = {0};
    struct pyr_err err = {0};
    if (pyr_remote_threads_list(&world->target, &threads, &err)) {
        pyr_thread_names_update(world->names, &world->target, &threads);
        for (uint32_t i = 0; i < threads.count && i < MAX_ITEMS; i++) {
            (void)pyr_thread_names_get(world->names, &threads.items[i]);
            read_stack(world, &threads.items[i]);
        }
    }
    pyr_remote_threads_release(&threads);
    for (int i = 0; i < 4; i++) {
        (void)pyr_object_dict_find(memory, layout, world->objects[i], "b");
        (void)pyr_object_attribute(memory, layout, world->objects[i], "_name");
        bool ok =
            pyr_object_dict_each(memory, layout, world->objects[i], MAX_ITEMS, read_item, world);
        ok = pyr_object_attributes_each(memory, layout, world->objects[i], MAX_ITEMS, read_item,
                                        world) ||
             ok;
    }
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
    size_t half = (size - 1) / PATCH_SIZE / 2;
    for (size_t i = 0; i < (size - 1) / PATCH_SIZE; i++) {
        if (i == half) { /* some was read before the rest changed */
            read_world(&world);
            pyr_codes_new_epoch(world.codes);
        }
        apply(&world, data + 1 + i * PATCH_SIZE);
    }
    read_world(&world);
    pyr_codes_free(world.codes);
    pyr_thread_names_free(world.names);
    fake_close(&world.fake);
    return 0;
}
