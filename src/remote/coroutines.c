/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/coroutines.h"

#include <string.h>

#include "remote/fields.h"
#include "remote/objects.h"
#include "remote/walk.h"

#define MAX_FRAME_SIZE 1024u
#define BEFORE_VALUES 48u /* from the size of a frame object to where its value stack begins */
#define MAX_STACK_VALUES 100000
#define MAX_WRAPPERS 8     /* between a coroutine and the one it awaits */
#define OLDEST_INLINE 11   /* since when frames are within their generators */
#define OLDEST_AWAITING 13 /* since when the state says that another is awaited */
#define OLDEST_RENUMBERED 15
#define OLDEST_TAGS 14
#define TAGS ((uint64_t)3)
#define TAGGED_INT ((uint64_t)3)
#define OPCODE_YIELD_FROM 72 /* 3.6 to 3.10 */
#define RESUME_KIND 3u       /* bits of what RESUME has beside it, 3.11 and 3.12 */
#define RESUME_AFTER_YIELD_FROM 2u

enum kind {
    KIND_OTHER = 0,
    KIND_COROUTINE, /* awaits whenever it is suspended */
    KIND_GENERATOR, /* may have yielded instead */
    KIND_WRAPPER,   /* stands for the coroutine that its first field is */
};

struct chain {
    struct pyr_memory *memory;
    const struct pyr_layout *layout;
    uint32_t minor;
};

static enum kind kind_of(const struct chain *in, uint64_t object)
{
    static const struct {
        const char *name;
        enum kind kind;
    } types[] = {
        {"coroutine", KIND_COROUTINE},           {"generator", KIND_GENERATOR},
        {"async_generator", KIND_GENERATOR},     {"coroutine_wrapper", KIND_WRAPPER},
        {"async_generator_asend", KIND_WRAPPER}, {"async_generator_athrow", KIND_WRAPPER},
        {"anext_awaitable", KIND_WRAPPER},
    };
    char name[32];
    if (object == 0 || !pyr_object_type_name(in->memory, in->layout, object, name, sizeof(name))) {
        return KIND_OTHER;
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(name, types[i].name) == 0) {
            return types[i].kind;
        }
    }
    return KIND_OTHER;
}

/* 3.11 to 3.14: negative before the end, 0 while it runs. In 3.13 a second one for awaiting came
 * between, and 3.15 counts from 0. */
static enum pyr_coroutine_state decode_state(const struct chain *in, int8_t state, bool *awaits)
{
    *awaits = true; /* where only the code tells */
    if (in->minor >= OLDEST_RENUMBERED) {
        static const enum pyr_coroutine_state states[] = {
            PYR_COROUTINE_CREATED,   PYR_COROUTINE_SUSPENDED, PYR_COROUTINE_SUSPENDED,
            PYR_COROUTINE_SUSPENDED, PYR_COROUTINE_RUNNING,   PYR_COROUTINE_FINISHED};
        *awaits = state == 2 || state == 3;
        return state >= 0 && state < 6 ? states[state] : PYR_COROUTINE_NONE;
    }
    if (state >= 0) {
        return state == 0 ? PYR_COROUTINE_RUNNING : PYR_COROUTINE_FINISHED;
    }
    if (in->minor >= OLDEST_AWAITING) {
        *awaits = state == -1;
        return state == -3 ? PYR_COROUTINE_CREATED : PYR_COROUTINE_SUSPENDED;
    }
    return state == -2 ? PYR_COROUTINE_CREATED : PYR_COROUTINE_SUSPENDED;
}

/* The top of the value stack up to 3.10; 0 while the frame runs, which keeps it to itself. */
static uint64_t old_stack_top(const struct chain *in, uint64_t frame)
{
    /* Behind the size: the caller, the code, builtins, globals, locals; then where the value stack
     * begins, and up to 3.9 where it ends. */
    const uint64_t begin_at = frame + in->layout->var_size + BEFORE_VALUES;
    uint64_t begin = 0;
    uint64_t end = 0;
    uint32_t depth = 0;
    if (in->minor < 10) {
        return pyr_memory_read_u64(in->memory, begin_at + 8, &end) ? end : 0;
    }
    if (!pyr_memory_read_u64(in->memory, begin_at, &begin) ||
        !pyr_memory_read_u32(in->memory, frame + in->layout->frame_stack_top, &depth) ||
        depth > MAX_STACK_VALUES) {
        return 0;
    }
    return begin + (uint64_t)depth * 8;
}

/* Where the value stack ends: behind its last value. 0 when that can't be told. */
static uint64_t stack_top(const struct chain *in, uint64_t frame, const uint8_t *bytes)
{
    const struct pyr_layout *layout = in->layout;
    if (in->minor < OLDEST_INLINE) {
        return old_stack_top(in, frame);
    }
    if (in->minor >= OLDEST_TAGS) {
        return pyr_field_u64(bytes, layout->frame_size, layout->frame_stack_top);
    }
    const uint32_t count = pyr_field_u32(bytes, layout->frame_size, layout->frame_stack_top);
    return count == 0 || count > MAX_STACK_VALUES
               ? 0
               : frame + layout->frame_locals + (uint64_t)count * 8;
}

/* The object on top of the stack. Since 3.15 a number, or nothing, may lie upon it. */
static uint64_t top_object(const struct chain *in, uint64_t top)
{
    for (int i = 1; top != 0 && i <= 2; i++) {
        uint64_t value = 0;
        if (!pyr_memory_read_u64(in->memory, top - (uint64_t)i * 8, &value)) {
            return 0;
        }
        if (in->minor < OLDEST_TAGS) {
            return value;
        }
        if (value >> 2 != 0 && (value & TAGS) != TAGGED_INT) {
            return value & ~TAGS;
        }
    }
    return 0;
}

/* Up to 3.12 only the code tells whether a suspended generator delegates. */
static bool code_delegates(const struct chain *in, const struct pyr_raw_frame *frame)
{
    const struct pyr_layout *layout = in->layout;
    const uint64_t offset = (uint64_t)(int64_t)frame->offset;
    uint64_t bytes = 0;
    uint8_t next[2] = {0}; /* the instruction after the one that yielded */
    if (frame->offset < 0) {
        return false;
    }
    if (in->minor >= OLDEST_INLINE) {
        return pyr_memory_read(in->memory, frame->code + layout->code_instructions + offset + 2,
                               next, sizeof(next)) &&
               (next[1] & RESUME_KIND) >= RESUME_AFTER_YIELD_FROM;
    }
    return pyr_memory_read_u64(in->memory, frame->code + layout->code_instructions, &bytes) &&
           pyr_memory_read(in->memory, bytes + layout->bytes_data + offset + 2, next,
                           sizeof(next)) &&
           next[0] == OPCODE_YIELD_FROM;
}

static bool read_frame(const struct chain *in, uint64_t address, uint8_t *bytes,
                       struct pyr_raw_frame *frame)
{
    uint64_t back = 0;
    bool shim = false;
    return address != 0 && in->layout->frame_size <= MAX_FRAME_SIZE &&
           pyr_memory_read(in->memory, address, bytes, in->layout->frame_size) &&
           pyr_walk_decode(in->layout, bytes, address, frame, &back, &shim) && !shim;
}

static enum pyr_coroutine_state look(const struct chain *in, uint64_t coroutine, uint64_t *frame,
                                     bool *awaits)
{
    int8_t state = 0;
    uint8_t bytes[MAX_FRAME_SIZE];
    struct pyr_raw_frame raw;
    *frame = 0;
    *awaits = true;
    if (in->minor >= OLDEST_INLINE) {
        if (!pyr_memory_read(in->memory, coroutine + in->layout->generator_state, &state, 1)) {
            return PYR_COROUTINE_NONE;
        }
        *frame = coroutine + in->layout->generator_frame;
        return decode_state(in, state, awaits);
    }
    if (!pyr_memory_read_u64(in->memory, coroutine + in->layout->generator_frame, frame)) {
        return PYR_COROUTINE_NONE;
    }
    if (*frame == 0) {
        return PYR_COROUTINE_FINISHED;
    }
    if (!read_frame(in, *frame, bytes, &raw)) {
        return PYR_COROUTINE_NONE;
    }
    if (raw.offset < 0) {
        return PYR_COROUTINE_CREATED;
    }
    const uint64_t top = old_stack_top(in, *frame);
    return top == 0 ? PYR_COROUTINE_RUNNING : PYR_COROUTINE_SUSPENDED;
}

enum pyr_coroutine_state pyr_coroutine_look(struct pyr_memory *memory,
                                            const struct pyr_layout *layout, uint64_t coroutine,
                                            uint64_t *frame)
{
    const struct chain in = {memory, layout, pyr_layout_minor(layout)};
    const enum kind kind = kind_of(&in, coroutine);
    bool awaits = false;
    *frame = 0;
    if (kind != KIND_COROUTINE && kind != KIND_GENERATOR) {
        return PYR_COROUTINE_NONE;
    }
    return look(&in, coroutine, frame, &awaits);
}

/* Adds the coroutine's frame; `*awaited` gets what it awaits, 0 for nothing known. */
static bool add_frame(const struct chain *in, uint64_t coroutine, enum kind kind,
                      struct pyr_raw_stack *stack, uint64_t *awaited)
{
    uint8_t bytes[MAX_FRAME_SIZE];
    struct pyr_raw_frame frame;
    uint64_t address = 0;
    bool awaits = false;
    *awaited = 0;
    const enum pyr_coroutine_state state = look(in, coroutine, &address, &awaits);
    if (state == PYR_COROUTINE_NONE || state == PYR_COROUTINE_FINISHED ||
        !read_frame(in, address, bytes, &frame)) {
        return true;
    }
    if (!pyr_raw_stack_push(stack, frame)) {
        return false;
    }
    if (state == PYR_COROUTINE_SUSPENDED && awaits &&
        (kind == KIND_COROUTINE || in->minor >= OLDEST_AWAITING || code_delegates(in, &frame))) {
        *awaited = top_object(in, stack_top(in, address, bytes));
    }
    return true;
}

static void reverse(struct pyr_raw_frame *frames, uint32_t count)
{
    for (uint32_t i = 0; i < count / 2; i++) {
        const struct pyr_raw_frame kept = frames[i];
        frames[i] = frames[count - 1 - i];
        frames[count - 1 - i] = kept;
    }
}

bool pyr_coroutine_stack(struct pyr_memory *memory, const struct pyr_layout *layout,
                         uint64_t coroutine, struct pyr_raw_stack *stack)
{
    const struct chain in = {memory, layout, pyr_layout_minor(layout)};
    const uint32_t before = stack->count;
    uint32_t wrappers = 0;
    bool ok = true;
    while (ok && coroutine != 0 && wrappers < MAX_WRAPPERS) {
        const enum kind kind = kind_of(&in, coroutine);
        if (kind == KIND_OTHER) {
            break;
        }
        if (stack->count - before == PYR_MAX_COROUTINE_CHAIN) {
            stack->truncated = true; /* or they await each other in a circle */
            break;
        }
        if (kind == KIND_WRAPPER) {
            wrappers++;
            if (!pyr_memory_read_u64(memory, coroutine + layout->object_head, &coroutine)) {
                break;
            }
            continue;
        }
        wrappers = 0;
        ok = add_frame(&in, coroutine, kind, stack, &coroutine);
    }
    if (stack->count > before) {
        reverse(stack->frames + before, stack->count - before);
    }
    return ok;
}

uint32_t pyr_coroutine_name_offset(const struct pyr_layout *layout)
{
    /* Behind the head: up to 3.9 a frame, whether it runs, the code, weak references, the name; in
     * later ones fewer of them, one after the other. */
    const uint32_t minor = pyr_layout_minor(layout);
    const uint32_t words = minor < 10 ? 5 : minor == 10 ? 4 : minor == 11 ? 3 : 2;
    return layout->object_head + words * 8;
}
