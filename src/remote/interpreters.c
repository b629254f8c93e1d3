/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/interpreters.h"

#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "remote/cycle.h"
#include "remote/fields.h"
#include "remote/kernel_threads.h"

#define MAX_THREAD_SIZE 4096u

/* Who has the GIL of an interpreter; from 3.12 on each may have its own. */
struct gil {
    uint64_t holder; /* a thread state; 0: nobody, or not known */
};

/* One listing. */
struct listing {
    struct pyr_target *target;
    struct pyr_memory *memory;
    const struct pyr_layout *layout;
    struct pyr_remote_threads *threads;
    struct pyr_err *err;
    uint64_t main_interpreter;
    uint32_t thread_size; /* of what is read of a thread state */
    bool ok;              /* false: out of memory */
};

void pyr_remote_threads_release(struct pyr_remote_threads *threads)
{
    pyr_mem_free(threads->items);
    *threads = (struct pyr_remote_threads){0};
}

/* The value of a pointer in the target; 0 where this version has no such field. */
static uint64_t pointer_at(const struct listing *in, uint64_t address, uint32_t offset)
{
    uint64_t value = 0;
    bool ok =
        offset != PYR_LAYOUT_NONE && pyr_memory_read_u64(in->memory, address + offset, &value);
    return ok ? value : 0;
}

static uint32_t number_at(const struct listing *in, uint64_t address, uint32_t offset)
{
    uint32_t value = 0;
    bool ok =
        offset != PYR_LAYOUT_NONE && pyr_memory_read_u32(in->memory, address + offset, &value);
    return ok ? value : 0;
}

static struct gil read_gil(const struct listing *in, uint64_t interpreter)
{
    const struct pyr_layout *layout = in->layout;
    uint64_t gil = layout->runtime_gil == PYR_LAYOUT_NONE
                       ? pointer_at(in, interpreter, layout->interpreter_gil)
                       : in->target->runtime + layout->runtime_gil;
    if (gil == 0) { /* 3.6, whose GIL can't be found, but who has it can */
        uint64_t current = in->target->current_thread;
        return (struct gil){current == 0 ? 0 : pointer_at(in, current, 0)};
    }
    if ((int32_t)number_at(in, gil, layout->gil_locked) <= 0) { /* -1: not made yet */
        return (struct gil){0};
    }
    return (struct gil){pointer_at(in, gil, layout->gil_last_holder)};
}

static bool is_collecting(const struct listing *in, uint64_t interpreter)
{
    const struct pyr_layout *layout = in->layout;
    return number_at(in, interpreter, layout->interpreter_gc_collecting) != 0 ||
           number_at(in, in->target->runtime, layout->runtime_gc_collecting) != 0;
}

static uint32_t thread_size(const struct pyr_layout *layout)
{
    const uint32_t fields[] = {layout->thread_next, layout->thread_interpreter, layout->thread_id,
                               layout->thread_native_id, layout->thread_unique_id};
    uint32_t size = 0;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i] <= MAX_THREAD_SIZE - sizeof(uint64_t) &&
            fields[i] + sizeof(uint64_t) > size) {
            size = fields[i] + (uint32_t)sizeof(uint64_t);
        }
    }
    return size;
}

/* Reads one thread state. False when it is none, or not one of `interpreter`. */
static bool read_thread(const struct listing *in, uint64_t address, uint64_t interpreter,
                        struct pyr_remote_thread *thread, uint64_t *next)
{
    uint8_t bytes[MAX_THREAD_SIZE];
    const struct pyr_layout *layout = in->layout;
    uint32_t size = in->thread_size;
    if (!pyr_memory_read(in->memory, address, bytes, size) ||
        pyr_field_u64(bytes, size, layout->thread_interpreter) != interpreter) {
        return false;
    }
    *next = pyr_field_u64(bytes, size, layout->thread_next);
    *thread = (struct pyr_remote_thread){
        .address = address,
        .interpreter = interpreter,
        .unique_id = layout->thread_unique_id == PYR_LAYOUT_NONE
                         ? address
                         : pyr_field_u64(bytes, size, layout->thread_unique_id),
        .ident = pyr_field_u64(bytes, size, layout->thread_id),
        /* As the process itself says it, for now. */
        .tid = pyr_field_u32(bytes, size, layout->thread_native_id),
    };
    return true;
}

static bool add_thread(struct listing *in, const struct pyr_remote_thread *thread)
{
    struct pyr_remote_threads *threads = in->threads;
    in->ok = pyr_mem_grow(&threads->items, &threads->cap, (size_t)threads->count + 1,
                          sizeof(*threads->items), in->err);
    if (in->ok) {
        threads->items[threads->count++] = *thread;
    }
    return in->ok;
}

/* Adds the threads of one interpreter, the newest first. */
static void list_interpreter(struct listing *in, uint64_t interpreter)
{
    const struct pyr_layout *layout = in->layout;
    struct pyr_remote_threads *threads = in->threads;
    struct pyr_cycle cycle = {0};
    struct gil gil = read_gil(in, interpreter);
    bool collecting = is_collecting(in, interpreter);
    uint64_t main_thread = pointer_at(in, interpreter, layout->interpreter_threads_main);
    uint64_t id = pointer_at(in, interpreter, layout->interpreter_id);
    uint64_t address = pointer_at(in, interpreter, layout->interpreter_threads_head);
    uint32_t before = threads->count;
    while (address != 0) {
        struct pyr_remote_thread thread;
        uint64_t next = 0;
        if (threads->count >= PYR_MAX_REMOTE_THREADS || pyr_cycle_closed(&cycle, address) ||
            !read_thread(in, address, interpreter, &thread, &next)) {
            threads->torn = true;
            break;
        }
        thread.interpreter_id = id;
        thread.is_main = address == main_thread;
        thread.holds_gil = address == gil.holder;
        thread.collecting = collecting && thread.holds_gil;
        if (!add_thread(in, &thread)) {
            return;
        }
        address = next;
    }
    if (main_thread == 0 && threads->count > before && address == 0) {
        threads->items[threads->count - 1].is_main = true; /* the first that there was */
    }
}

static void list_interpreters(struct listing *in, uint64_t head)
{
    struct pyr_cycle cycle = {0};
    uint64_t last = 0;
    for (uint64_t it = head; it != 0 && in->ok;) {
        if (in->threads->interpreters >= PYR_MAX_INTERPRETERS || pyr_cycle_closed(&cycle, it)) {
            in->threads->torn = true;
            break;
        }
        in->threads->interpreters++;
        list_interpreter(in, it);
        last = it;
        it = pointer_at(in, it, in->layout->interpreter_next);
    }
    if (in->main_interpreter == 0) {
        in->main_interpreter = last; /* the first that there was */
    }
}

/* Oldest first, but before all the main thread of the main interpreter. */
static void put_in_order(struct pyr_remote_threads *threads, uint64_t main_interpreter)
{
    for (uint32_t i = 0, j = threads->count; i + 1 < j; i++) {
        struct pyr_remote_thread swapped = threads->items[i];
        threads->items[i] = threads->items[--j];
        threads->items[j] = swapped;
    }
    for (uint32_t i = 1; i < threads->count; i++) {
        struct pyr_remote_thread thread = threads->items[i];
        if (thread.is_main && thread.interpreter == main_interpreter) {
            memmove(threads->items + 1, threads->items, i * sizeof(thread));
            threads->items[0] = thread;
            break;
        }
    }
}

static uint64_t thread_key(const struct pyr_remote_thread *thread)
{
    return pyr_hash_u64(thread->address ^ pyr_hash_u64(thread->unique_id ^ thread->ident));
}

/* Which number the kernel has for a thread. `thread->tid` is what it says itself. */
static uint32_t kernel_number(const struct listing *in, const struct pyr_kernel_threads *kernel,
                              const struct pyr_remote_thread *thread)
{
    uint32_t tid = pyr_kernel_threads_find(kernel, thread->tid);
    if (tid == 0 && thread->ident != 0) {
        tid = pyr_kernel_threads_match(kernel, in->memory, thread->ident);
    }
    return tid == 0 && kernel->count == 1 && in->threads->count == 1 ? kernel->items[0].outer : tid;
}

static void read_kernel(const struct listing *in, struct pyr_kernel_threads *kernel)
{
    struct pyr_err ignored = {0};
    const struct pyr_core *core = in->target->core;
    bool ok = core != NULL ? pyr_kernel_threads_of_core(kernel, core, &ignored)
                           : pyr_kernel_threads_read(kernel, in->target->pid, &ignored);
    if (!ok) {
        kernel->count = 0; /* then no number is known, but everything else is */
    }
}

/* Replaces the numbers that threads say of themselves by ours. A thread that `old` has keeps its,
 * also when it could not be found; but one that had not begun is looked for again. */
static bool find_numbers(struct listing *in, const struct pyr_remote_threads *old)
{
    struct pyr_remote_threads *threads = in->threads;
    struct pyr_kernel_threads kernel = {0};
    struct pyr_map known = {0};
    bool have_kernel = false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < old->count; i++) {
        ok = old->items[i].ident == 0 ||
             pyr_map_put(&known, thread_key(&old->items[i]), i + 1, in->err);
    }
    for (uint32_t i = 0; ok && i < threads->count; i++) {
        struct pyr_remote_thread *thread = &threads->items[i];
        uint32_t was = pyr_map_get(&known, thread_key(thread));
        if (was != 0 && old->items[was - 1].address == thread->address) {
            thread->tid = old->items[was - 1].tid;
            continue;
        }
        if (!have_kernel) {
            have_kernel = true;
            read_kernel(in, &kernel);
        }
        thread->tid = kernel_number(in, &kernel, thread);
    }
    pyr_map_release(&known);
    pyr_kernel_threads_release(&kernel);
    return ok;
}

static bool nothing_there(const struct listing *in, bool finalizing)
{
    switch (in->memory->failure) {
    case PYR_MEMORY_GONE:
        return pyr_err_set(in->err, PYR_ERR_GONE, "process %u has ended", in->target->pid);
    case PYR_MEMORY_DENIED:
        return pyr_err_set(in->err, PYR_ERR_PERMISSION, "process %u may not be read any more",
                           in->target->pid);
    default:
        return pyr_err_set(in->err, PYR_ERR_GONE, "the interpreter in process %u %s",
                           in->target->pid,
                           finalizing ? "is shutting down" : "has no threads (yet or any more)");
    }
}

bool pyr_remote_threads_list(struct pyr_target *target, struct pyr_remote_threads *threads,
                             struct pyr_err *err)
{
    const struct pyr_layout *layout = &target->layout;
    struct pyr_remote_threads old = *threads;
    struct listing in = {.target = target,
                         .memory = target->memory,
                         .layout = layout,
                         .threads = threads,
                         .err = err,
                         .thread_size = thread_size(layout),
                         .ok = true};
    *threads = (struct pyr_remote_threads){0};
    target->memory->failure = PYR_MEMORY_FINE;
    /* Up to 3.6 there is no runtime state, and `runtime` is where the first interpreter is said. */
    bool has_runtime = layout->runtime_interpreters_head != PYR_LAYOUT_NONE;
    uint64_t head =
        pointer_at(&in, target->runtime, has_runtime ? layout->runtime_interpreters_head : 0);
    in.main_interpreter = pointer_at(&in, target->runtime, layout->runtime_interpreters_main);
    list_interpreters(&in, head);
    bool ok = in.ok;
    if (ok && threads->count == 0) {
        bool finalizing = pointer_at(&in, target->runtime, layout->runtime_finalizing) != 0;
        ok = nothing_there(&in, finalizing);
    }
    if (ok) {
        put_in_order(threads, in.main_interpreter);
        ok = find_numbers(&in, &old);
    }
    if (!ok) {
        pyr_remote_threads_release(threads);
    }
    pyr_remote_threads_release(&old);
    return ok;
}
