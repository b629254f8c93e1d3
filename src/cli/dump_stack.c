/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump_stack.h"

#include <string.h>

#include "remote/inspect.h"

#define MAX_LOCALS 512                     /* of one frame */
#define MAX_VALUES_SIZE ((size_t)64 << 20) /* of all values of a dump; later ones are left out */
#define MAX_READS 5000000u                 /* of the target, until values are left out */

static const struct pyr_inspect_limits short_limits = {2, 10, 100, 256};
static const struct pyr_inspect_limits long_limits = {6, 100, 2048, 16384};

struct locals {
    struct pyr_dump_reading *reading;
    struct pyr_buf text; /* of one value */
    struct pyr_dump_local *items;
    uint32_t count;
    bool failed; /* out of memory */
};

static bool add_local(void *context, const struct pyr_local *local)
{
    struct locals *locals = context;
    struct pyr_dump_reading *reading = locals->reading;
    struct pyr_arena *arena = reading->dump->arena;
    if (local->value == 0) {
        return true;
    }
    if (locals->count == MAX_LOCALS) {
        return false;
    }
    pyr_buf_clear(&locals->text);
    if (pyr_arena_size(arena) > MAX_VALUES_SIZE || reading->target->memory->reads > MAX_READS) {
        pyr_buf_add_text(&locals->text, "…");
    } else {
        pyr_inspect_object(reading->target->memory, &reading->target->layout, local->value,
                           reading->options->locals > 1 ? &long_limits : &short_limits,
                           &locals->text);
    }
    struct pyr_dump_local *item = &locals->items[locals->count];
    item->name = pyr_arena_copy(arena, local->name, strlen(local->name));
    item->value =
        pyr_arena_copy(arena, locals->text.len == 0 ? "" : locals->text.data, locals->text.len);
    item->is_argument = local->is_argument;
    if (locals->text.failed || item->name == NULL || item->value == NULL) {
        locals->failed = true;
        return false;
    }
    locals->count++;
    return true;
}

/* Variables that can't be read are none: the frame was torn, and is marked as such elsewhere. */
static bool add_locals(struct pyr_dump_reading *reading, const struct pyr_raw_frame *raw,
                       struct pyr_dump_frame *frame, struct pyr_err *err)
{
    struct pyr_dump_local found[MAX_LOCALS] = {{0}};
    struct locals locals = {.reading = reading, .items = found};
    const bool readable = pyr_inspect_locals(reading->target->memory, &reading->target->layout, raw,
                                             add_local, &locals);
    const size_t size = locals.count * sizeof(*found);
    pyr_buf_release(&locals.text);
    frame->locals = pyr_arena_alloc(reading->dump->arena, size == 0 ? 1 : size);
    if (locals.failed || frame->locals == NULL) {
        return pyr_err_nomem(err);
    }
    frame->local_count = readable || locals.count > 0 ? locals.count : 0;
    memcpy(frame->locals, found, size);
    return true;
}

static void add_python(const struct pyr_code *code, const struct pyr_raw_frame *raw,
                       struct pyr_dump_frame *frame)
{
    if (code == NULL) {
        frame->name = "<unreadable>";
        return;
    }
    frame->name = code->qualname;
    frame->file = code->file;
    frame->at = pyr_line_find(&code->lines, raw->offset);
}

bool pyr_dump_add_stack(struct pyr_dump_reading *reading, const struct pyr_raw_stack *raw,
                        bool locals, struct pyr_dump_stack *stack, struct pyr_err *err)
{
    const struct pyr_target *target = reading->target;
    struct pyr_codes *codes = reading->dump->codes;
    const size_t size = ((size_t)raw->count + 1) * sizeof(*stack->frames);
    stack->count = 0;
    stack->frames = pyr_arena_alloc(reading->dump->arena, size);
    if (stack->frames == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t i = 0; i < raw->count; i++) {
        const struct pyr_raw_frame *from = &raw->frames[i];
        struct pyr_dump_frame *frame = &stack->frames[stack->count];
        *frame = (struct pyr_dump_frame){.kind = from->kind,
                                         .address = from->address,
                                         .name = "",
                                         .file = "",
                                         .at = {-1, -1, -1, -1}};
        if (from->kind == PYR_RAW_PYTHON) {
            const uint32_t id = pyr_codes_id(codes, target->memory, &target->layout, from->code);
            const struct pyr_code *code = id == 0 ? NULL : pyr_codes_get(codes, id);
            if (code != NULL && code->is_shim) {
                continue;
            }
            add_python(code, from, frame);
            if (locals && !add_locals(reading, from, frame, err)) {
                return false;
            }
        } else {
            continue; /* marks: said of the whole stack */
        }
        stack->count++;
    }
    return true;
}
