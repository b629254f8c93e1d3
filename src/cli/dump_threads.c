/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump_threads.h"

#include <string.h>

#include "base/mem.h"
#include "remote/names.h"
#include "remote/sampler.h"
#include "remote/walk.h"

#define MAX_TRIES 8   /* to read a stack that stands still meanwhile */
#define MAX_ROUNDS 20 /* of the sampler, until each thread was seen */
#define MAX_STOPS 4   /* threads may begin others until all are stopped */
#define STOP_AT_ONCE 256

/* Are the frames of `a` those of `b`, which may have marks among them? */
static bool same_stack(const struct pyr_raw_stack *a, const struct pyr_raw_stack *b)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        const struct pyr_raw_frame *x = &a->frames[i];
        if (x->kind != PYR_RAW_PYTHON) {
            continue;
        }
        while (k < b->count && b->frames[k].kind != PYR_RAW_PYTHON) {
            k++;
        }
        if (k == b->count || x->code != b->frames[k].code || x->address != b->frames[k].address ||
            x->offset != b->frames[k].offset) {
            return false;
        }
        k++;
    }
    while (k < b->count && b->frames[k].kind != PYR_RAW_PYTHON) {
        k++;
    }
    return k == b->count;
}

static enum pyr_walk_result walk(const struct pyr_dump_reading *reading, uint64_t thread,
                                 struct pyr_raw_stack *stack)
{
    stack->count = 0;
    stack->torn = false;
    stack->truncated = false;
    return pyr_walk(reading->target->memory, &reading->target->layout, thread,
                    PYR_STACK_DEFAULT_DEPTH, stack);
}

/* Reads stack, names and variables, and the stack again, until both stacks are the same. */
static bool read_moving(struct pyr_dump_reading *reading, struct pyr_dump_thread *thread,
                        struct pyr_err *err)
{
    struct pyr_raw_stack stack = {0};
    struct pyr_raw_stack again = {0};
    bool ok = true;
    for (int i = 0; ok && i < MAX_TRIES; i++) {
        const enum pyr_walk_result result = walk(reading, thread->is.address, &stack);
        thread->gone = result == PYR_WALK_FAILED;
        thread->torn = true;
        thread->truncated = stack.truncated;
        if (thread->gone) {
            continue;
        }
        ok = pyr_dump_add_stack(reading, &stack, reading->options->locals > 0, &thread->stack, err);
        (void)walk(reading, thread->is.address, &again);
        if (result != PYR_WALK_TORN && same_stack(&stack, &again)) {
            thread->torn = false;
            break;
        }
    }
    pyr_raw_stack_release(&stack);
    pyr_raw_stack_release(&again);
    return ok;
}

/* Of memory that stands still. */
static bool read_still(struct pyr_dump_reading *reading, uint32_t index,
                       struct pyr_dump_thread *thread, struct pyr_err *err)
{
    struct pyr_raw_stack own = {0};
    struct pyr_raw_stack *stack = reading->stacks == NULL ? &own : &reading->stacks[index];
    const enum pyr_walk_result result = walk(reading, thread->is.address, stack);
    thread->gone = result == PYR_WALK_FAILED;
    thread->torn = result == PYR_WALK_TORN ||
                   (reading->stopped && !pyr_stopper_has(&reading->stopper, thread->is.tid));
    thread->truncated = stack->truncated;
    const bool ok =
        pyr_dump_add_stack(reading, stack, reading->options->locals > 0, &thread->stack, err);
    pyr_raw_stack_release(&own);
    return ok;
}

/* What the sampler's rounds fill. */
struct seeing {
    struct pyr_dump_reading *reading;
    struct pyr_dump_process *process;
    bool *seen; /* by thread */
    uint32_t left;
    struct pyr_err *err;
    bool ok;
};

static void see(void *context, const struct pyr_sample *sample)
{
    struct seeing *seeing = context;
    struct pyr_dump_process *process = seeing->process;
    struct pyr_raw_stack again = {0};
    uint32_t i = 0;
    while (i < process->thread_count &&
           (process->threads[i].is.address != sample->thread->address ||
            process->threads[i].is.unique_id != sample->thread->unique_id)) {
        i++;
    }
    if (!seeing->ok || i == process->thread_count || seeing->seen[i]) {
        return;
    }
    struct pyr_dump_thread *thread = &process->threads[i];
    const bool locals = seeing->reading->options->locals > 0;
    thread->is.holds_gil = sample->holds_gil;
    thread->is.collecting = sample->thread->collecting;
    thread->active = !sample->idle;
    thread->waits_for_gil = sample->waits_for_gil;
    thread->torn = sample->quality != PYR_SAMPLE_EXACT;
    thread->truncated = sample->stack->truncated;
    thread->gone = false;
    seeing->ok =
        pyr_dump_add_stack(seeing->reading, sample->stack, locals, &thread->stack, seeing->err);
    if (locals && seeing->ok) { /* read after the proof: so they need their own */
        (void)walk(seeing->reading, thread->is.address, &again);
        thread->torn = thread->torn || !same_stack(sample->stack, &again);
        pyr_raw_stack_release(&again);
    }
    if (!thread->torn) {
        seeing->seen[i] = true;
        seeing->left--;
    }
}

/* Rounds of the sampler, until each thread was seen whole; the last look at others stays. */
static bool read_sampled(struct pyr_dump_reading *reading, struct pyr_dump_process *process,
                         struct pyr_sampler *sampler, struct pyr_err *err)
{
    struct seeing seeing = {reading, process, NULL, process->thread_count, err, true};
    seeing.seen = pyr_mem_zalloc((size_t)process->thread_count + 1, sizeof(bool));
    if (seeing.seen == NULL) {
        return pyr_err_nomem(err);
    }
    for (uint32_t i = 0; i < process->thread_count; i++) {
        process->threads[i].gone = true;
    }
    for (int i = 0; i < MAX_ROUNDS && seeing.left > 0 && seeing.ok; i++) {
        seeing.ok = pyr_sampler_round(sampler, see, &seeing, err) && seeing.ok;
    }
    for (uint32_t i = 0; seeing.ok && i < process->thread_count; i++) {
        if (!seeing.seen[i] && process->threads[i].gone) {
            seeing.ok = read_moving(reading, &process->threads[i], err);
        }
    }
    pyr_mem_free(seeing.seen);
    return seeing.ok;
}

static bool read_running(struct pyr_dump_reading *reading, struct pyr_dump_process *process,
                         struct pyr_err *err)
{
    static const struct pyr_sampler_options options = {.rate = 1};
    struct pyr_sampler *sampler =
        pyr_sampler_open(reading->target, reading->dump->codes, &options, err);
    if (sampler == NULL) {
        return false;
    }
    const bool ok = read_sampled(reading, process, sampler, err);
    const char *why = "";
    process->mode = pyr_sampler_mode_name(pyr_sampler_mode(sampler, &why));
    pyr_sampler_close(sampler);
    return ok;
}

/* What the kernel says; without it (a core file), who has the GIL is at work. */
static bool is_active(const struct pyr_target *target, const struct pyr_remote_thread *thread)
{
    if (target->is_core || thread->tid == 0) {
        return thread->holds_gil;
    }
    const enum pyr_thread_state state = pyr_thread_state(target->pid, thread->tid);
    return state == PYR_THREAD_RUNNING || state == PYR_THREAD_BLOCKED;
}

static bool add_names(struct pyr_dump_reading *reading, struct pyr_dump_process *process,
                      struct pyr_err *err)
{
    const struct pyr_remote_threads *threads = &reading->threads;
    struct pyr_thread_names *names = pyr_thread_names_new();
    if (names == NULL) {
        return pyr_err_nomem(err);
    }
    pyr_thread_names_update(names, reading->target, threads);
    bool ok = true;
    for (uint32_t i = 0; ok && i < threads->count; i++) {
        const char *name = pyr_thread_names_get(names, &threads->items[i]);
        process->threads[i].name = pyr_arena_copy(reading->dump->arena, name, strlen(name));
        ok = process->threads[i].name != NULL || pyr_err_nomem(err);
    }
    pyr_thread_names_free(names);
    return ok;
}

/* Stops those of the listed threads that are not stopped yet; `*any` when there were some. */
static bool stop_listed(struct pyr_dump_reading *reading, bool *any, struct pyr_err *err)
{
    uint32_t tids[STOP_AT_ONCE];
    uint32_t count = 0;
    *any = false;
    for (uint32_t i = 0; i < reading->threads.count; i++) {
        const uint32_t tid = reading->threads.items[i].tid;
        if (tid != 0 && !pyr_stopper_has(&reading->stopper, tid)) {
            tids[count++] = tid;
            *any = true;
        }
        if (count == STOP_AT_ONCE || (count > 0 && i + 1 == reading->threads.count)) {
            if (!pyr_stopper_stop(&reading->stopper, tids, count, err)) {
                return false;
            }
            count = 0;
        }
    }
    return true;
}

/* Notes what each thread does before it is stopped, for afterwards that can't be told. */
static bool list_and_note(struct pyr_dump_reading *reading, struct pyr_dump_process *process,
                          struct pyr_err *err)
{
    const struct pyr_dump_thread *before = process->threads;
    const uint32_t count_before = process->thread_count;
    if (!pyr_remote_threads_list(reading->target, &reading->threads, err)) {
        return false;
    }
    const struct pyr_remote_threads *threads = &reading->threads;
    const size_t size = ((size_t)threads->count + 1) * sizeof(*process->threads);
    process->threads = pyr_arena_alloc(reading->dump->arena, size);
    if (process->threads == NULL) {
        return pyr_err_nomem(err);
    }
    memset(process->threads, 0, size);
    for (uint32_t i = 0; i < threads->count; i++) {
        struct pyr_dump_thread *thread = &process->threads[i];
        bool noted = false;
        thread->is = threads->items[i];
        thread->name = "";
        for (uint32_t k = 0; k < count_before && !noted; k++) {
            noted = before[k].is.address == thread->is.address;
            thread->active = noted && before[k].active;
        }
        if (!noted) {
            thread->active = is_active(reading->target, &thread->is);
        }
    }
    process->thread_count = threads->count;
    process->interpreters = threads->interpreters;
    process->threads_missed = threads->torn;
    return true;
}

bool pyr_dump_list_threads(struct pyr_dump_reading *reading, struct pyr_dump_process *process,
                           struct pyr_err *err)
{
    const bool stop =
        !reading->target->is_core && (reading->options->blocking || reading->options->native);
    bool any = true;
    if (!list_and_note(reading, process, err)) {
        return false;
    }
    for (int i = 0; stop && any && i < MAX_STOPS; i++) {
        if (!stop_listed(reading, &any, err) || !list_and_note(reading, process, err)) {
            return false;
        }
    }
    reading->stopped = stop;
    if (reading->options->native) {
        reading->stacks =
            pyr_mem_zalloc((size_t)process->thread_count + 1, sizeof(*reading->stacks));
        return reading->stacks != NULL || pyr_err_nomem(err);
    }
    return true;
}

bool pyr_dump_add_threads(struct pyr_dump_reading *reading, struct pyr_dump_process *process,
                          struct pyr_err *err)
{
    bool ok = true;
    if (!reading->target->is_core && !reading->stopped) {
        ok = read_running(reading, process, err);
    } else {
        process->mode = reading->stopped ? "stopped" : "core";
        for (uint32_t i = 0; ok && i < process->thread_count; i++) {
            ok = read_still(reading, i, &process->threads[i], err);
        }
    }
    return ok && add_names(reading, process, err);
}
