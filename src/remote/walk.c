/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/walk.h"

#include "remote/cycle.h"
#include "remote/fields.h"

#define MAX_FRAME_SIZE 1024u
#define MAX_CODE_SIZE ((int64_t)1 << 30)
#define OLDEST_INLINE_CALLS 11   /* before 3.11 each Python call goes through C */
#define OLDEST_SHIM_FRAMES 12    /* in 3.11 a flag of the frame says what a shim frame says later */
#define OLDEST_TAGGED_CODE 13    /* frames point to an object, with tags in the two lowest bits */
#define OLDEST_FRAME_AT_FIRST 13 /* the instruction is the current one, not the one before */
#define POINTER_TAGS ((uint64_t)3)
#define OWNER_SHIM 3 /* and 4: the owner is C code */
#define MAX_OWNER 4

static bool decode_instruction(const struct pyr_layout *layout, const uint8_t *bytes,
                               struct pyr_raw_frame *frame)
{
    uint64_t at = pyr_field_u64(bytes, layout->frame_size, layout->frame_instruction);
    int64_t offset = (int64_t)(at - frame->code - layout->code_instructions);
    if (offset < -2 || offset > MAX_CODE_SIZE || (offset & 1) != 0) {
        return false;
    }
    frame->offset = offset < 0 ? -1 : (int32_t)offset;
    return true;
}

/* Frame objects, up to 3.10. */
static bool decode_object(const struct pyr_layout *layout, const uint8_t *bytes,
                          struct pyr_raw_frame *frame)
{
    int64_t last = (int32_t)pyr_field_u32(bytes, layout->frame_size, layout->frame_lasti);
    if (last < -1 || last > MAX_CODE_SIZE) {
        return false;
    }
    if (pyr_layout_minor(layout) == 10 && last > 0) {
        last *= 2; /* 3.10 counts in code units */
    }
    if (last > MAX_CODE_SIZE) {
        return false;
    }
    frame->offset = (int32_t)last;
    frame->is_entry = true;
    return true;
}

bool pyr_walk_decode(const struct pyr_layout *layout, const uint8_t *bytes, uint64_t address,
                     struct pyr_raw_frame *frame, uint64_t *back, bool *shim)
{
    uint32_t minor = pyr_layout_minor(layout);
    uint32_t size = layout->frame_size;
    *frame = (struct pyr_raw_frame){.address = address, .kind = PYR_RAW_PYTHON, .offset = -1};
    *shim = false;
    *back = pyr_field_u64(bytes, size, layout->frame_back);
    frame->code = pyr_field_u64(bytes, size, layout->frame_code);
    if (*back == address) {
        return false;
    }
    if (minor < OLDEST_INLINE_CALLS) {
        return frame->code != 0 && decode_object(layout, bytes, frame);
    }
    frame->owner = pyr_field_u8(bytes, size, layout->frame_owner);
    if (frame->owner > MAX_OWNER) {
        return false;
    }
    if (minor >= OLDEST_SHIM_FRAMES && frame->owner >= OWNER_SHIM) {
        *shim = true;
        return true;
    }
    if (minor >= OLDEST_TAGGED_CODE) {
        frame->code &= ~POINTER_TAGS;
    }
    if (minor < OLDEST_SHIM_FRAMES) {
        frame->is_entry = pyr_field_u8(bytes, size, layout->frame_is_entry) != 0;
    }
    return frame->code != 0 && decode_instruction(layout, bytes, frame);
}

bool pyr_walk_ends_well(const struct pyr_layout *layout, const struct pyr_raw_stack *stack)
{
    return stack->count == 0 || pyr_layout_minor(layout) < OLDEST_INLINE_CALLS ||
           stack->frames[stack->count - 1].is_entry;
}

/* The innermost frame of the thread, 0 if there is none. False when that can't be read. */
static bool first_frame(struct pyr_memory *memory, const struct pyr_layout *layout, uint64_t thread,
                        uint64_t *frame)
{
    if (layout->thread_cframe == PYR_LAYOUT_NONE) {
        return pyr_memory_read_u64(memory, thread + layout->thread_frame, frame);
    }
    uint64_t cframe = 0;
    *frame = 0;
    return pyr_memory_read_u64(memory, thread + layout->thread_cframe, &cframe) &&
           (cframe == 0 || pyr_memory_read_u64(memory, cframe + layout->cframe_frame, frame));
}

static enum pyr_walk_result truncate(struct pyr_raw_stack *stack)
{
    const struct pyr_raw_frame marker = {.kind = PYR_RAW_TRUNCATED, .offset = -1};
    stack->truncated = true;
    return pyr_raw_stack_push(stack, marker) ? PYR_WALK_OK : PYR_WALK_FAILED;
}

static enum pyr_walk_result torn(struct pyr_raw_stack *stack)
{
    stack->torn = true;
    return PYR_WALK_TORN;
}

enum pyr_walk_result pyr_walk(struct pyr_memory *memory, const struct pyr_layout *layout,
                              uint64_t thread, uint32_t max_depth, struct pyr_raw_stack *stack)
{
    uint8_t bytes[MAX_FRAME_SIZE];
    struct pyr_cycle cycle = {0};
    uint64_t address = 0;
    stack->count = 0;
    stack->truncated = stack->torn = false;
    if (layout->frame_size > sizeof(bytes) || !first_frame(memory, layout, thread, &address)) {
        return PYR_WALK_FAILED;
    }
    /* The marker needs room too. */
    uint32_t deepest = max_depth < PYR_STACK_MAX_DEPTH ? max_depth : PYR_STACK_MAX_DEPTH - 1;
    uint64_t shims = 0;
    while (address != 0) {
        struct pyr_raw_frame frame;
        uint64_t back = 0;
        bool shim = false;
        if (!pyr_memory_read(memory, address, bytes, layout->frame_size) ||
            !pyr_walk_decode(layout, bytes, address, &frame, &back, &shim) ||
            pyr_cycle_closed(&cycle, address)) {
            return torn(stack);
        }
        if (!shim && stack->count >= deepest) {
            return truncate(stack);
        }
        if (!shim && !pyr_raw_stack_push(stack, frame)) {
            return PYR_WALK_FAILED;
        }
        if (shim && stack->count > 0) {
            stack->frames[stack->count - 1].is_entry = true;
        }
        /* Each stands for a call into C: there are never more than two for a frame. */
        if (shim && ++shims > 2 * (uint64_t)deepest + 2) {
            return torn(stack);
        }
        address = back;
    }
    if (!pyr_walk_ends_well(layout, stack)) {
        return torn(stack);
    }
    return stack->count > 0 ? PYR_WALK_OK : PYR_WALK_EMPTY;
}
