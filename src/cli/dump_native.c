/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump_native.h"

#include <string.h>

bool pyr_dump_copy_native(struct pyr_dump_reading *reading, struct pyr_err *err)
{
    for (uint32_t i = 0; i < reading->threads.count; i++) {
        const uint32_t tid = reading->threads.items[i].tid;
        struct pyr_err own = {0};
        if (tid == 0 || !pyr_stopper_has(&reading->stopper, tid) ||
            pyr_native_copy(reading->native, &reading->stopper, tid, &reading->stacks[i], &own)) {
            continue;
        }
        if (own.code == PYR_ERR_NOMEM) {
            return pyr_err_nomem(err);
        }
    }
    return true;
}

static bool add_native(struct pyr_dump_reading *reading, const struct pyr_raw_frame *raw,
                       struct pyr_dump_frame *frame, struct pyr_err *err)
{
    struct pyr_arena *arena = reading->dump->arena;
    const struct pyr_native_symbol *symbol = pyr_native_symbol(reading->native, raw->code);
    if (symbol == NULL) {
        return pyr_err_nomem(err);
    }
    *frame = (struct pyr_dump_frame){.kind = PYR_RAW_NATIVE, .at = {-1, -1, -1, -1}};
    frame->name = pyr_arena_copy(arena, symbol->name, strlen(symbol->name));
    frame->file = pyr_arena_copy(arena, symbol->file, strlen(symbol->file));
    frame->module = pyr_arena_copy(arena, symbol->module, strlen(symbol->module));
    if (symbol->line > 0 && symbol->line <= INT32_MAX) {
        frame->at.line = (int32_t)symbol->line;
        frame->at.end_line = frame->at.line;
    }
    return (frame->name != NULL && frame->file != NULL && frame->module != NULL) ||
           pyr_err_nomem(err);
}

/* Makes one stack of the frames that the thread has, and of the native ones as `merged` has them
 * between. Both have the Python frames in the same order; some were not worth showing. */
static bool interleave(struct pyr_dump_reading *reading, const struct pyr_raw_stack *merged,
                       struct pyr_dump_stack *stack, struct pyr_err *err)
{
    const size_t room = (size_t)merged->count + stack->count + 1;
    struct pyr_dump_frame *frames = pyr_arena_alloc(reading->dump->arena, room * sizeof(*frames));
    uint32_t count = 0;
    uint32_t from = 0;
    if (frames == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t i = 0; i < merged->count; i++) {
        const struct pyr_raw_frame *raw = &merged->frames[i];
        if (raw->kind == PYR_RAW_NATIVE) {
            if (!add_native(reading, raw, &frames[count++], err)) {
                return false;
            }
        } else if (from < stack->count && stack->frames[from].address == raw->address) {
            frames[count++] = stack->frames[from++];
        }
    }
    while (from < stack->count) {
        frames[count++] = stack->frames[from++];
    }
    stack->frames = frames;
    stack->count = count;
    return true;
}

static bool add_to_thread(struct pyr_dump_reading *reading, uint32_t index,
                          struct pyr_dump_stack *stack, struct pyr_err *err)
{
    struct pyr_raw_stack machine = {0};
    struct pyr_raw_stack merged = {0};
    bool ok = true;
    struct pyr_err own = {0};
    const uint32_t tid = reading->threads.items[index].tid;
    if (tid != 0 && pyr_native_unwind(reading->native, tid, &machine, &own) && machine.count > 0) {
        ok = pyr_native_merge(reading->native, &reading->stacks[index], &machine, false, &merged,
                              err) &&
             interleave(reading, &merged, stack, err);
    } else if (own.code == PYR_ERR_NOMEM) {
        ok = pyr_err_nomem(err);
    }
    pyr_raw_stack_release(&machine);
    pyr_raw_stack_release(&merged);
    return ok;
}

bool pyr_dump_add_native(struct pyr_dump_reading *reading, struct pyr_dump_process *process,
                         struct pyr_err *err)
{
    for (uint32_t i = 0; i < process->thread_count; i++) {
        if (!add_to_thread(reading, i, &process->threads[i].stack, err)) {
            return false;
        }
    }
    return true;
}
