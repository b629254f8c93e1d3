/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TYPE_SIZE 1024
#define DIGIT_BITS 30
#define MANAGED_DICT 16u
#define INLINE_VALUES 4u
#define INSTANCE_HEAD 64 /* room before an instance, for what is kept there */
#define LOG2_SLOTS 8

const uint32_t fake_versions[] = {0x03060ff0, 0x030710f0, 0x030812f0, 0x030912f0, 0x030a0df0,
                                  0x030b07f0, 0x030c01f0, 0x030d00f0, 0x030e0af0, 0x030f02f0};
const size_t fake_version_count = sizeof(fake_versions) / sizeof(fake_versions[0]);

static uint32_t minor_of(const struct fake *fake)
{
    return pyr_layout_minor(&fake->layout);
}

void fake_open(struct fake *fake, uint32_t version)
{
    fake_open_sized(fake, version, FAKE_SIZE);
}

void fake_open_sized(struct fake *fake, uint32_t version, size_t size)
{
    struct pyr_err err = {0};
    *fake = (struct fake){.bytes = calloc(1, size), .size = size};
    const struct pyr_memory_image image = {FAKE_BASE, fake->bytes, size};
    fake->memory = pyr_memory_open_images(&image, 1);
    if (fake->bytes == NULL || fake->memory == NULL ||
        !pyr_layout_find(version, false, false, &fake->layout, &err)) {
        abort();
    }
    fake->used = 64;
}

void fake_close(struct fake *fake)
{
    pyr_memory_close(fake->memory);
    free(fake->bytes);
    *fake = (struct fake){0};
}

uint64_t fake_alloc(struct fake *fake, size_t size)
{
    uint64_t at = fake->used;
    if (size > fake->size - at) {
        abort();
    }
    fake->used = (at + size + 31) & ~(uint64_t)15;
    return FAKE_BASE + at;
}

void *fake_at(struct fake *fake, uint64_t address)
{
    if (address < FAKE_BASE || address >= FAKE_BASE + fake->size) {
        abort();
    }
    return fake->bytes + (address - FAKE_BASE);
}

void fake_u64(struct fake *fake, uint64_t address, uint32_t offset, uint64_t value)
{
    if (offset != PYR_LAYOUT_NONE) {
        memcpy(fake_at(fake, address + offset), &value, sizeof(value));
    }
}

void fake_u32(struct fake *fake, uint64_t address, uint32_t offset, uint32_t value)
{
    if (offset != PYR_LAYOUT_NONE) {
        memcpy(fake_at(fake, address + offset), &value, sizeof(value));
    }
}

void fake_u8(struct fake *fake, uint64_t address, uint32_t offset, uint8_t value)
{
    if (offset != PYR_LAYOUT_NONE) {
        memcpy(fake_at(fake, address + offset), &value, sizeof(value));
    }
}

uint64_t fake_new_type(struct fake *fake, const char *name, uint64_t flags)
{
    uint64_t type = fake_alloc(fake, TYPE_SIZE);
    uint64_t text = fake_alloc(fake, 128);
    memcpy(fake_at(fake, text), name, strnlen(name, 127));
    fake_u64(fake, type, fake->layout.type_name, text);
    fake_u64(fake, type, fake->layout.type_flags, flags);
    return type;
}

uint64_t fake_type(struct fake *fake, enum fake_type_id id)
{
    static const struct {
        const char *name;
        uint64_t flags;
    } types[] = {{"str", 1u << 28},  {"bytes", 1u << 27}, {"code", 0},
                 {"dict", 1u << 29}, {"int", 1u << 24},   {"object", 0}};
    if (fake->types[id] == 0) {
        fake->types[id] = fake_new_type(fake, types[id].name, types[id].flags);
    }
    return fake->types[id];
}

static uint64_t new_object(struct fake *fake, size_t size, enum fake_type_id type)
{
    uint64_t object = fake_alloc(fake, size);
    fake_u64(fake, object, fake->layout.object_type, fake_type(fake, type));
    return object;
}

static uint64_t new_str(struct fake *fake, uint32_t width, bool ascii, size_t count)
{
    uint32_t data = ascii ? fake->layout.unicode_ascii_data : fake->layout.unicode_compact_data;
    uint64_t str = new_object(fake, data + (count + 1) * width, FAKE_STR);
    uint32_t state = (width | 8u | (ascii ? 16u : 0u)) << fake->layout.unicode_kind_shift;
    fake_u64(fake, str, fake->layout.unicode_length, count);
    fake_u32(fake, str, fake->layout.unicode_state, state);
    return str;
}

uint64_t fake_ascii(struct fake *fake, const char *text)
{
    size_t len = strlen(text);
    uint64_t str = new_str(fake, 1, true, len);
    memcpy(fake_at(fake, str + fake->layout.unicode_ascii_data), text, len + 1);
    return str;
}

uint64_t fake_wide(struct fake *fake, uint32_t width, const uint32_t *chars, size_t count)
{
    uint64_t str = new_str(fake, width, false, count);
    uint8_t *data = fake_at(fake, str + fake->layout.unicode_compact_data);
    for (size_t i = 0; i < count; i++) {
        memcpy(data + i * width, &chars[i], width); /* little-endian, like the targets */
    }
    return str;
}

uint64_t fake_bytes(struct fake *fake, const void *data, size_t size)
{
    uint64_t bytes = new_object(fake, fake->layout.bytes_data + size + 1, FAKE_BYTES);
    fake_u64(fake, bytes, fake->layout.var_size, size);
    if (size > 0) {
        memcpy(fake_at(fake, bytes + fake->layout.bytes_data), data, size);
    }
    return bytes;
}

uint64_t fake_int(struct fake *fake, uint64_t value)
{
    uint64_t object = new_object(fake, 64, FAKE_INT);
    uint64_t digits = 0;
    for (uint64_t rest = value; rest != 0; rest >>= DIGIT_BITS) {
        fake_u32(fake, object, fake->layout.long_digits + (uint32_t)digits++ * 4,
                 (uint32_t)(rest & ((1u << DIGIT_BITS) - 1)));
    }
    bool tagged = minor_of(fake) >= 12;
    fake_u64(fake, object, fake->layout.long_size, tagged ? digits << 3 | (value == 0) : digits);
    return object;
}

uint64_t fake_code(struct fake *fake, const struct fake_code *code)
{
    const struct pyr_layout *layout = &fake->layout;
    uint64_t object = new_object(fake, layout->code_size + code->units * 2, FAKE_CODE);
    fake_u64(fake, object, layout->code_filename, fake_ascii(fake, code->file));
    fake_u64(fake, object, layout->code_name, fake_ascii(fake, code->name));
    if (layout->code_qualname != PYR_LAYOUT_NONE) {
        fake_u64(fake, object, layout->code_qualname, fake_ascii(fake, code->qualname));
    }
    fake_u64(fake, object, layout->code_line_table,
             fake_bytes(fake, code->lines, code->lines_size));
    fake_u32(fake, object, layout->code_first_line, code->first_line);
    if (minor_of(fake) >= 11) {
        fake_u64(fake, object, layout->var_size, code->units);
    }
    return object;
}

uint64_t fake_frame(struct fake *fake, uint64_t code, int32_t offset, uint64_t back, uint8_t owner)
{
    const struct pyr_layout *layout = &fake->layout;
    const bool is_outermost = back == 0 && owner != FAKE_OWNER_SHIM;
    if (is_outermost && minor_of(fake) >= 12) {
        back = fake_frame(fake, 0, 0, 0, FAKE_OWNER_SHIM);
    }
    uint64_t frame = fake_alloc(fake, layout->frame_size + 64);
    fake_u64(fake, frame, layout->frame_back, back);
    fake_u64(fake, frame, layout->frame_code, code);
    fake_u8(fake, frame, layout->frame_owner, owner);
    if (is_outermost) {
        fake_u8(fake, frame, layout->frame_is_entry, 1);
    }
    if (minor_of(fake) >= 11) {
        int64_t at = offset < 0 ? -2 : offset;
        fake_u64(fake, frame, layout->frame_instruction,
                 code + layout->code_instructions + (uint64_t)at);
    } else {
        int32_t last = minor_of(fake) == 10 && offset > 0 ? offset / 2 : offset;
        fake_u32(fake, frame, layout->frame_lasti, (uint32_t)last);
    }
    return frame;
}

uint64_t fake_keys(struct fake *fake, enum fake_table kind, const uint64_t *keys,
                   const uint64_t *values, size_t count)
{
    const struct pyr_layout *layout = &fake->layout;
    bool modern = minor_of(fake) >= 11;
    uint64_t indices = (uint64_t)1 << (LOG2_SLOTS + (modern ? 0 : 1)); /* 256 slots of 2 bytes */
    uint32_t words = modern && kind != FAKE_GENERAL ? 2 : 3;
    uint64_t table = fake_alloc(fake, layout->keys_indices + indices + count * words * 8);
    if (modern) {
        fake_u8(fake, table, layout->keys_log2_size, LOG2_SLOTS - 1);
        fake_u8(fake, table, layout->keys_log2_index_bytes, LOG2_SLOTS);
        fake_u8(fake, table, layout->keys_kind, (uint8_t)kind);
    } else {
        fake_u64(fake, table, layout->keys_size, (uint64_t)1 << LOG2_SLOTS);
    }
    fake_u64(fake, table, layout->keys_entry_count, count);
    uint64_t entry = table + layout->keys_indices + indices;
    for (size_t i = 0; i < count; i++, entry += words * 8) {
        fake_u64(fake, entry, words * 8 - 16, keys[i]);
        if (kind != FAKE_SPLIT) {
            fake_u64(fake, entry, words * 8 - 8, values[i]);
        }
    }
    return table;
}

/* The address that a dict or an object has of the values. */
static uint64_t fake_values(struct fake *fake, uint64_t at, const uint64_t *values, size_t count)
{
    uint32_t skip = minor_of(fake) >= 13 ? fake->layout.values_items : 0;
    if (skip >= 4) {
        fake_u8(fake, at, 0, (uint8_t)count);
        fake_u8(fake, at, 3, 1); /* valid */
    }
    for (size_t i = 0; i < count; i++) {
        fake_u64(fake, at, skip + (uint32_t)i * 8, values[i]);
    }
    return at;
}

uint64_t fake_dict(struct fake *fake, enum fake_table kind, const uint64_t *keys,
                   const uint64_t *values, size_t count)
{
    uint64_t dict = new_object(fake, 64, FAKE_DICT);
    fake_u64(fake, dict, fake->layout.dict_used, count);
    fake_u64(fake, dict, fake->layout.dict_keys, fake_keys(fake, kind, keys, values, count));
    if (kind == FAKE_SPLIT) {
        uint64_t at = fake_alloc(fake, 8 + count * 8);
        fake_u64(fake, dict, fake->layout.dict_values, fake_values(fake, at, values, count));
    }
    return dict;
}

/* Puts the values where 3.11, 3.12 and later each look for them. */
static void set_inline(struct fake *fake, uint64_t object, const uint64_t *values, size_t count)
{
    if (minor_of(fake) >= 13) {
        (void)fake_values(fake, object + fake->layout.object_head, values, count);
        return;
    }
    uint64_t at = fake_values(fake, fake_alloc(fake, count * 8), values, count);
    bool is_11 = minor_of(fake) == 11;
    fake_u64(fake, object - (is_11 ? 32 : 24), 0, is_11 ? at : at - 1);
}

uint64_t fake_instance(struct fake *fake, bool own_dict, const uint64_t *keys,
                       const uint64_t *values, size_t count)
{
    const struct pyr_layout *layout = &fake->layout;
    bool managed = minor_of(fake) >= 11;
    uint64_t flags = managed ? MANAGED_DICT : 0;
    flags |= minor_of(fake) >= 13 ? INLINE_VALUES : 0;
    uint64_t type = fake_new_type(fake, "Basket", flags);
    uint64_t object = fake_alloc(fake, INSTANCE_HEAD + 256) + INSTANCE_HEAD;
    fake_u64(fake, object, layout->object_type, type);
    fake_u64(fake, type, layout->type_basic_size, layout->object_head);
    if (managed && !own_dict) {
        fake_u64(fake, type, layout->type_cached_keys,
                 fake_keys(fake, FAKE_SPLIT, keys, values, count));
        set_inline(fake, object, values, count);
        return object;
    }
    uint64_t dict = fake_dict(fake, own_dict ? FAKE_GENERAL : FAKE_SPLIT, keys, values, count);
    if (managed) {
        fake_u64(fake, object - 24, 0, dict);
    } else {
        fake_u64(fake, type, layout->type_dict_offset, 32);
        fake_u64(fake, object, 32, dict);
    }
    return object;
}

uint64_t fake_thread(struct fake *fake, const struct fake_thread *thread)
{
    const struct pyr_layout *layout = &fake->layout;
    uint64_t address = fake_alloc(fake, layout->thread_size + 256);
    fake_u64(fake, address, layout->thread_next, thread->next);
    fake_u64(fake, address, layout->thread_interpreter, thread->interpreter);
    fake_u64(fake, address, layout->thread_id, thread->ident);
    fake_u64(fake, address, layout->thread_native_id, thread->native_id);
    fake_u64(fake, address, layout->thread_unique_id, thread->unique_id);
    if (layout->thread_cframe != PYR_LAYOUT_NONE) {
        uint64_t cframe = fake_alloc(fake, 64);
        fake_u64(fake, address, layout->thread_cframe, cframe);
        fake_u64(fake, cframe, layout->cframe_frame, thread->frame);
    } else {
        fake_u64(fake, address, layout->thread_frame, thread->frame);
    }
    return address;
}

uint64_t fake_interpreter(struct fake *fake, uint64_t id, uint64_t next)
{
    uint64_t address = fake_alloc(fake, 64u << 10);
    fake_u64(fake, address, fake->layout.interpreter_id, id);
    fake_u64(fake, address, fake->layout.interpreter_next, next);
    return address;
}

void fake_set_threads(struct fake *fake, uint64_t interpreter, uint64_t head, uint64_t main)
{
    fake_u64(fake, interpreter, fake->layout.interpreter_threads_head, head);
    fake_u64(fake, interpreter, fake->layout.interpreter_threads_main, main);
}

uint64_t fake_runtime(struct fake *fake, uint64_t head, uint64_t main)
{
    const struct pyr_layout *layout = &fake->layout;
    uint64_t runtime = fake_alloc(fake, 8192);
    bool none = layout->runtime_interpreters_head == PYR_LAYOUT_NONE;
    fake_u64(fake, runtime, none ? 0 : layout->runtime_interpreters_head, head);
    fake_u64(fake, runtime, layout->runtime_interpreters_main, main);
    return runtime;
}

void fake_set_gil(struct fake *fake, struct pyr_target *target, uint64_t interpreter,
                  uint64_t holder)
{
    const struct pyr_layout *layout = &fake->layout;
    if (minor_of(fake) == 6) {
        target->current_thread = fake_alloc(fake, 8);
        fake_u64(fake, target->current_thread, 0, holder);
        return;
    }
    uint64_t gil = target->runtime + layout->runtime_gil;
    if (layout->runtime_gil == PYR_LAYOUT_NONE) {
        gil = fake_alloc(fake, 64);
        fake_u64(fake, interpreter, layout->interpreter_gil, gil);
    }
    fake_u64(fake, gil, layout->gil_last_holder, holder);
    fake_u32(fake, gil, layout->gil_locked, holder != 0);
}

void fake_target(struct fake *fake, struct pyr_target *target, uint64_t runtime)
{
    *target = (struct pyr_target){.memory = fake->memory,
                                  .layout = fake->layout,
                                  .pid = (uint32_t)getpid(),
                                  .runtime = runtime};
}
