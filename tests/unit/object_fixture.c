/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "object_fixture.h"

#include <string.h>

#define IS_LIST ((uint64_t)1 << 25)
#define IS_TUPLE ((uint64_t)1 << 26)
#define DUMMY_HASH UINT64_MAX
#define OPCODE_YIELD_FROM 72
#define OFFSET 8 /* of the instruction that suspended it */

static uint64_t new_object(struct fake *fake, const char *type, uint64_t flags, size_t size)
{
    uint64_t object = fake_alloc(fake, size);
    fake_u64(fake, object, fake->layout.object_type, fake_new_type(fake, type, flags));
    return object;
}

uint64_t fake_words(struct fake *fake, const char *type, uint64_t flags, const uint64_t *words,
                    size_t count)
{
    const uint32_t head = fake->layout.object_head;
    uint64_t object = new_object(fake, type, flags, head + count * 8 + 8);
    for (size_t i = 0; i < count; i++) {
        fake_u64(fake, object, head + (uint32_t)i * 8, words[i]);
    }
    return object;
}

uint64_t fake_tuple(struct fake *fake, const uint64_t *items, size_t count)
{
    uint64_t tuple = new_object(fake, "tuple", IS_TUPLE, fake->layout.tuple_items + count * 8 + 8);
    fake_u64(fake, tuple, fake->layout.var_size, count);
    for (size_t i = 0; i < count; i++) {
        fake_u64(fake, tuple, fake->layout.tuple_items + (uint32_t)i * 8, items[i]);
    }
    return tuple;
}

uint64_t fake_list(struct fake *fake, const uint64_t *items, size_t count)
{
    uint64_t list = new_object(fake, "list", IS_LIST, 64);
    uint64_t at = fake_alloc(fake, count * 8 + 8);
    fake_u64(fake, list, fake->layout.var_size, count);
    fake_u64(fake, list, fake->layout.list_items, at);
    for (size_t i = 0; i < count; i++) {
        fake_u64(fake, at, (uint32_t)i * 8, items[i]);
    }
    return list;
}

uint64_t fake_set(struct fake *fake, const uint64_t *items, size_t count, size_t slots)
{
    uint64_t set = new_object(fake, "set", 0, 256);
    uint64_t table = fake_alloc(fake, slots * 16);
    fake_u64(fake, set, fake->layout.set_table, table);
    fake_u64(fake, set, fake->layout.set_mask, slots - 1);
    fake_u64(fake, set, fake->layout.set_used, count);
    fake_u64(fake, table, 0, set);
    fake_u64(fake, table, 8, DUMMY_HASH);
    for (size_t i = 0; i < count; i++) {
        const uint32_t slot = (uint32_t)(slots - 1 - i);
        fake_u64(fake, table, slot * 16, items[i]);
        fake_u64(fake, table, slot * 16 + 8, 1000 + i);
    }
    return set;
}

uint64_t fake_double(struct fake *fake, double value)
{
    uint64_t object = new_object(fake, "float", 0, 64);
    memcpy(fake_at(fake, object + fake->layout.float_value), &value, sizeof(value));
    return object;
}

/* The number that a version has for a state. */
static int8_t state_number(const struct fake *fake, enum fake_gen_state state)
{
    static const int8_t numbers[][5] = {{-2, -1, -1, 0, 4}, {-3, -2, -1, 0, 4}, {0, 1, 2, 4, 5}};
    const uint32_t minor = pyr_layout_minor(&fake->layout);
    return numbers[minor < 13 ? 0 : minor < 15 ? 1 : 2][state];
}

/* Whether it awaits is up to 3.12 for the code to tell, so it gets what tells it. */
static void set_code(struct fake *fake, uint64_t code, bool awaits)
{
    uint8_t bytes[32] = {0};
    if (pyr_layout_minor(&fake->layout) >= 11) {
        fake_u8(fake, code, fake->layout.code_instructions + OFFSET + 3, awaits ? 3 : 1);
        return;
    }
    bytes[OFFSET + 2] = awaits ? OPCODE_YIELD_FROM : 1;
    fake_u64(fake, code, fake->layout.code_instructions, fake_bytes(fake, bytes, sizeof(bytes)));
}

/* The value stack up to 3.10: a frame object's own, of one value. */
static void set_old_stack(struct fake *fake, uint64_t frame, bool running, uint64_t top)
{
    const uint32_t begin = fake->layout.var_size + 8 + 5 * 8;
    uint64_t stack = fake_alloc(fake, 16);
    fake_u64(fake, stack, 0, top);
    fake_u64(fake, frame, begin, stack);
    if (pyr_layout_minor(&fake->layout) < 10) {
        fake_u64(fake, frame, begin + 8, running ? 0 : stack + 8);
    } else {
        fake_u32(fake, frame, fake->layout.frame_stack_top, running ? UINT32_MAX : 1);
    }
}

static void set_frame(struct fake *fake, uint64_t frame, uint64_t code, bool created, uint64_t top)
{
    const struct pyr_layout *layout = &fake->layout;
    const uint32_t minor = pyr_layout_minor(layout);
    const uint64_t offset = created ? (uint64_t)-2 : OFFSET;
    fake_u64(fake, frame, layout->frame_code, code);
    fake_u8(fake, frame, layout->frame_owner, 1);
    fake_u64(fake, frame, layout->frame_instruction, code + layout->code_instructions + offset);
    fake_u64(fake, frame, layout->frame_locals + 8, top);
    if (minor < 14) {
        fake_u32(fake, frame, layout->frame_stack_top, 2);
        return;
    }
    fake_u64(fake, frame, layout->frame_locals + 8, top | 1); /* a tag, of one that is borrowed */
    uint64_t end = frame + layout->frame_locals + 16;
    if (minor >= 15) { /* a number lies upon it */
        fake_u64(fake, end, 0, 3);
        end += 8;
    }
    fake_u64(fake, frame, layout->frame_stack_top, end);
}

uint64_t fake_coroutine(struct fake *fake, const char *type, uint64_t code,
                        enum fake_gen_state state, uint64_t awaited)
{
    const struct pyr_layout *layout = &fake->layout;
    uint64_t coroutine = new_object(fake, type, 0, 1024);
    set_code(fake, code, state == FAKE_AWAITING);
    if (pyr_layout_minor(layout) >= 11) {
        fake_u8(fake, coroutine, layout->generator_state, (uint8_t)state_number(fake, state));
        set_frame(fake, coroutine + layout->generator_frame, code, state == FAKE_CREATED, awaited);
    } else if (state != FAKE_FINISHED) {
        uint64_t frame = fake_frame(fake, code, state == FAKE_CREATED ? -1 : OFFSET, 0, 0);
        set_old_stack(fake, frame, state == FAKE_RUNNING, awaited);
        fake_u64(fake, coroutine, layout->generator_frame, frame);
    }
    return coroutine;
}

uint64_t fake_coroutine_frame(struct fake *fake, uint64_t coroutine)
{
    uint64_t frame = coroutine + fake->layout.generator_frame;
    if (pyr_layout_minor(&fake->layout) < 11) {
        memcpy(&frame, fake_at(fake, frame), sizeof(frame));
    }
    return frame;
}
