/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/sampler.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "remote/sampler_state.h"

#define NS_PER_S 1000000000ull
#define DEFAULT_RATE 100
#define EPOCH_NS 100000000u   /* before 3.14 nothing tells that code objects were freed */
#define CHECK_NS 900000u      /* so the codes of new frames are looked at, at most so often */
#define MAX_CHECKED 64u       /* codes at a time, the innermost first */
#define RELIST_NS 1000000000u /* for what the rounds can't see: new interpreters */
#define DOING_NS                                                                                   \
    2000000u /* what a thread waits for is asked again when its stack has changed, or              \
                after so long */
#define GIL_LOCK_SIZE 256u /* the locks of a GIL are within so many bytes of its words */
#define MAX_LISTINGS 3     /* in one round, of a program that makes threads faster than we look */

const char *pyr_sampler_mode_name(enum pyr_sampler_mode mode)
{
    switch (mode) {
    case PYR_SAMPLER_FROZEN:
        return "frozen";
    case PYR_SAMPLER_COMPARED:
        return "compared";
    case PYR_SAMPLER_STOPPED:
        return "stopped";
    case PYR_SAMPLER_AUTO:
    default:
        return "auto";
    }
}

/* Can the kernel say where a thread is and how often it ran? It is the witness that any other has
 * to agree with first. */
static bool kernel_tells(uint32_t pid)
{
    struct pyr_pulse pulse;
    uint32_t cpu = 0;
    uint64_t runs = 0;
    pyr_pulse_init(&pulse, pid, pid);
    bool tells = pyr_pulse_place(&pulse, &cpu, &runs);
    pyr_pulse_release(&pulse);
    return tells;
}

static void choose_mode(struct pyr_sampler *sampler)
{
    const struct pyr_sampler_options *options = &sampler->options;
    sampler->mode = options->mode;
    sampler->why = "";
    if (options->native) {
        sampler->why = options->mode == PYR_SAMPLER_STOPPED || options->mode == PYR_SAMPLER_AUTO
                           ? ""
                           : "stacks of machine code need the threads stopped";
        sampler->mode = PYR_SAMPLER_STOPPED;
        return;
    }
    if (sampler->mode == PYR_SAMPLER_AUTO) {
        sampler->mode =
            options->rate > PYR_SAMPLER_FROZEN_MAX_RATE ? PYR_SAMPLER_COMPARED : PYR_SAMPLER_FROZEN;
    }
    sampler->can_freeze = kernel_tells(sampler->target->pid);
    if (sampler->mode == PYR_SAMPLER_FROZEN && !sampler->can_freeze) {
        sampler->mode = PYR_SAMPLER_COMPARED;
        sampler->why = "the kernel does not say on which CPU a thread runs";
    }
}

struct pyr_sampler *pyr_sampler_open(struct pyr_target *target, struct pyr_codes *codes,
                                     const struct pyr_sampler_options *options, struct pyr_err *err)
{
    struct pyr_sampler *sampler = pyr_mem_zalloc(1, sizeof(*sampler));
    if (sampler == NULL) {
        (void)pyr_err_nomem(err);
        return NULL;
    }
    if (target->is_core) {
        pyr_mem_free(sampler);
        (void)pyr_err_set(err, PYR_ERR_USAGE,
                          "a core file stands still: there is nothing to sample");
        return NULL;
    }
    sampler->target = target;
    sampler->codes = codes;
    sampler->options = *options;
    if (sampler->options.max_depth == 0) {
        sampler->options.max_depth = PYR_STACK_DEFAULT_DEPTH;
    }
    if (sampler->options.max_depth >= PYR_STACK_MAX_DEPTH) {
        sampler->options.max_depth = PYR_STACK_MAX_DEPTH - 1; /* the marker needs room, too */
    }
    sampler->step_ns = NS_PER_S / (options->rate == 0 ? DEFAULT_RATE : options->rate);
    choose_mode(sampler);
    pyr_freeze_open(&sampler->freeze, target, options->home);
    if (sampler->mode == PYR_SAMPLER_COMPARED) {
        pyr_priority_begin(&sampler->priority);
    }
    pyr_stopper_init(&sampler->stopper, target->pid);
    if (options->native && !sampler_open_native(sampler, err)) {
        pyr_sampler_close(sampler);
        return NULL;
    }
    return sampler;
}

void pyr_sampler_close(struct pyr_sampler *sampler)
{
    if (sampler == NULL) {
        return;
    }
    pyr_stopper_release(&sampler->stopper);
    sampler_close_native(sampler);
    pyr_priority_end(&sampler->priority);
    pyr_freeze_close(&sampler->freeze);
    sampler_forget_threads(sampler);
    pyr_map_release(&sampler->by_address);
    pyr_batch_release(&sampler->batch);
    pyr_raw_stack_release(&sampler->second);
    pyr_edges_release(&sampler->edges);
    pyr_mem_free(sampler->islands);
    pyr_mem_free(sampler);
}

/* Is it there at all? Only then is it worth while to try again. */
static bool still_there(struct pyr_sampler *sampler, struct pyr_err *err)
{
    uint32_t pid = sampler->target->pid;
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH) {
        return pyr_err_set(err, PYR_ERR_GONE, "process %u has ended", pid);
    }
    if (pyr_target_replaced(sampler->target)) {
        return pyr_err_set(err, PYR_ERR_GONE, "process %u has become another program", pid);
    }
    switch (sampler->target->memory->failure) {
    case PYR_MEMORY_GONE:
        return pyr_err_set(err, PYR_ERR_GONE, "process %u has ended", pid);
    case PYR_MEMORY_DENIED:
        return pyr_err_set(err, PYR_ERR_PERMISSION, "process %u may not be read any more", pid);
    default:
        return true;
    }
}

/* Lists the threads. `*ready`: there are some; there are none while the interpreter shuts down. */
static bool list(struct pyr_sampler *sampler, uint64_t now_ns, bool *ready, struct pyr_err *err)
{
    struct pyr_err failure = {0};
    *ready = sampler_list(sampler, &failure);
    sampler->listed = *ready;
    sampler->listed_ns = now_ns;
    if (*ready) {
        return true;
    }
    if (failure.code == PYR_ERR_NOMEM) {
        *err = failure;
        return false;
    }
    return still_there(sampler, err);
}

static enum island_result read_island(struct pyr_sampler *sampler, uint32_t island)
{
    if (sampler->mode == PYR_SAMPLER_STOPPED) {
        return sampler_read_stopped(sampler, island);
    }
    if (sampler->mode == PYR_SAMPLER_COMPARED) {
        return sampler_read_beside(sampler, island, true);
    }
    enum island_result result = sampler_read_frozen(sampler, island);
    if (result == ISLAND_BARRED) {
        (void)pyr_freeze_leave(&sampler->freeze); /* nothing holds us there any more */
        sampler->mode = PYR_SAMPLER_COMPARED;
        sampler->can_freeze = false;
        sampler->why = "the program runs on a CPU that this process may not use";
    }
    /* Where the GIL changes hands faster than all threads are read, most can be read one by one. */
    return result == ISLAND_LOST || result == ISLAND_BARRED
               ? sampler_read_beside(sampler, island, false)
               : result;
}

static void count_lost(struct pyr_sampler *sampler, uint32_t island)
{
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        const struct tracked *thread = &sampler->tracked[i];
        sampler->counts.lost += thread->island == island && !thread->sampled;
    }
}

/* Has code been replaced where threads are now and were not before? Looked at often enough for
 * programs that make code as they go, and not so often that fast sampling would feel it. */
static bool codes_replaced(struct pyr_sampler *sampler, uint64_t now_ns)
{
    uint64_t addresses[MAX_CHECKED];
    uint32_t count = 0;
    if (now_ns - sampler->checked_ns < CHECK_NS) {
        return false;
    }
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        const struct tracked *thread = &sampler->tracked[i];
        const struct pyr_raw_stack *stack = &thread->stacks[thread->now];
        bool moved = thread->sampled && thread->same_outermost < stack->count;
        uint32_t fresh = moved ? stack->count - thread->same_outermost : 0;
        for (uint32_t k = 0; k < fresh && count < MAX_CHECKED; k++) {
            if (stack->frames[k].kind == PYR_RAW_PYTHON) {
                addresses[count++] = stack->frames[k].code;
            }
        }
    }
    sampler->checked_ns = now_ns;
    return count > 0 && !pyr_codes_check(sampler->codes, sampler->target->memory,
                                         &sampler->target->layout, addresses, count);
}

/* Notices that code objects may have been freed, and their addresses used again. */
static void watch_codes(struct pyr_sampler *sampler, uint64_t now_ns)
{
    uint64_t generation = 0;
    bool has = sampler->target->layout.interpreter_code_generation != PYR_LAYOUT_NONE;
    for (uint32_t i = 0; i < sampler->island_count; i++) {
        generation += sampler->islands[i].generation;
    }
    bool moved = has ? generation != sampler->generation
                     : now_ns - sampler->epoch_ns >= EPOCH_NS || codes_replaced(sampler, now_ns);
    if (moved) {
        sampler->generation = generation;
        sampler->epoch_ns = now_ns;
        sampler->epoch++;
        pyr_codes_new_epoch(sampler->codes);
    }
}

/* What a thread does, for the kernel and for the GIL. */
static void look_at_thread(struct pyr_sampler *sampler, uint32_t i, uint64_t now_ns)
{
    struct tracked *thread = &sampler->tracked[i];
    const struct island *island = &sampler->islands[thread->island];
    bool holds = island->words.locked && island->words.holder == thread->lane.thread;
    bool same = thread->same_outermost == thread->stacks[thread->now].count;
    if (same && thread->doing_ns != 0 && now_ns - thread->doing_ns < DOING_NS) {
        return;
    }
    if (holds && !same) { /* its stack has moved, and it is not waiting for the GIL to go on */
        thread->doing_ns = 0;
        thread->idle = thread->waits_for_gil = false;
        return;
    }
    uint64_t futex = thread->futex;
    const bool stopped = sampler->mode == PYR_SAMPLER_STOPPED;
    thread->doing_ns = now_ns;
    switch (stopped ? thread->doing : pyr_pulse_doing(&thread->pulse, &futex)) {
    case PYR_PULSE_RUNS:
        thread->idle = thread->waits_for_gil = false;
        return;
    case PYR_PULSE_WAITS:
        thread->idle = true;
        thread->waits_for_gil = !holds && island->gil != 0 && futex >= island->gil &&
                                futex - island->gil < GIL_LOCK_SIZE;
        return;
    case PYR_PULSE_UNKNOWN:
    default:
        thread->idle = !holds;
        thread->waits_for_gil = false;
        return;
    }
}

static void tell(struct pyr_sampler *sampler, uint32_t i, uint64_t now_ns, pyr_sample_seen *seen,
                 void *context)
{
    struct tracked *thread = &sampler->tracked[i];
    const struct island *island = &sampler->islands[thread->island];
    struct pyr_remote_thread *item = &sampler->threads.items[i];
    uint64_t cpu_ns = 0;
    look_at_thread(sampler, i, now_ns);
    item->holds_gil = island->words.locked && island->words.holder == item->address;
    item->collecting = item->holds_gil && island->gc != 0;
    struct pyr_sample sample = {
        .thread = item,
        .stack = &thread->stacks[thread->now],
        .same_outermost = thread->epoch == sampler->epoch ? thread->same_outermost : 0,
        .time_ns = now_ns,
        .wall_ns = thread->told_ns == 0 ? sampler->step_ns : now_ns - thread->told_ns,
        .holds_gil = item->holds_gil,
        .waits_for_gil = thread->waits_for_gil,
        .idle = thread->idle,
        .quality = thread->quality,
    };
    if (sampler->options.cpu && pyr_pulse_time(&thread->pulse, &cpu_ns)) {
        sample.cpu_ns =
            thread->told_ns == 0 || cpu_ns < thread->cpu_ns ? 0 : cpu_ns - thread->cpu_ns;
        thread->cpu_ns = cpu_ns;
    }
    if (sampler->native != NULL) {
        sample.stack = sampler_merge_native(sampler, i);
        sample.same_outermost = 0;
    }
    thread->told_ns = now_ns;
    thread->epoch = sampler->epoch;
    sampler->counts.samples++;
    sampler->counts.exact += thread->quality == PYR_SAMPLE_EXACT;
    sampler->counts.torn += thread->quality == PYR_SAMPLE_TORN;
    sampler->counts.likely += thread->quality == PYR_SAMPLE_LIKELY;
    seen(context, &sample);
}

/* Reads all islands. False: gone, with `err` set, or `*again`: the threads are to be listed anew.
 */
static bool read_islands(struct pyr_sampler *sampler, bool *again, struct pyr_err *err)
{
    *again = false;
    for (uint32_t i = 0; i < sampler->island_count; i++) {
        switch (read_island(sampler, i)) {
        case ISLAND_READ:
            break;
        case ISLAND_OUTDATED:
            *again = true;
            return false;
        case ISLAND_GONE:
            *again = true;
            if (!still_there(sampler, err)) {
                *again = false;
            }
            return false;
        case ISLAND_LOST:
        case ISLAND_BARRED:
        default:
            count_lost(sampler, i);
        }
    }
    return true;
}

static bool stop_threads(struct pyr_sampler *sampler, struct pyr_err *err)
{
    uint32_t tids[256];
    uint32_t count = 0;
    for (uint32_t i = 0; i < sampler->threads.count; i++) {
        if (sampler->threads.items[i].tid != 0) {
            tids[count++] = sampler->threads.items[i].tid;
        }
        if (count == 256 || (i + 1 == sampler->threads.count && count > 0)) {
            if (!pyr_stopper_stop(&sampler->stopper, tids, count, err)) {
                return false;
            }
            count = 0;
        }
    }
    return true;
}

/* What threads do must be asked for before they are stopped: let go of, every one of them runs, if
 * only to go back to what it waits for. */
static void look_before_stop(struct pyr_sampler *sampler)
{
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        thread->doing = pyr_pulse_doing(&thread->pulse, &thread->futex);
    }
}

static bool read_round(struct pyr_sampler *sampler, bool *again, struct pyr_err *err)
{
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        sampler->tracked[i].sampled = false;
    }
    if (sampler->mode != PYR_SAMPLER_STOPPED) {
        return read_islands(sampler, again, err);
    }
    look_before_stop(sampler);
    if (!stop_threads(sampler, err)) {
        *again = false;
        return false;
    }
    bool ok = read_islands(sampler, again, err);
    if (ok && sampler->native != NULL) {
        sampler_copy_native(sampler);
    }
    pyr_stopper_resume(&sampler->stopper);
    return ok;
}

bool pyr_sampler_round(struct pyr_sampler *sampler, pyr_sample_seen *seen, void *context,
                       struct pyr_err *err)
{
    uint64_t now_ns = pyr_clock_monotonic_ns();
    bool ok = false;
    bool again = true;
    sampler->counts.rounds++;
    sampler->now_ns = now_ns;
    for (int tries = 0; again && tries < MAX_LISTINGS; tries++) {
        bool ready =
            sampler->listed && !sampler->outdated && now_ns - sampler->listed_ns < RELIST_NS;
        if (!ready && !list(sampler, now_ns, &ready, err)) {
            return false;
        }
        if (!ready) {
            return true;
        }
        ok = read_round(sampler, &again, err);
        sampler->listed = ok;
    }
    if (!ok && !again) {
        return false;
    }
    if (!ok) {
        sampler->counts.threads_missed++;
        count_lost(sampler, 0);
    }
    watch_codes(sampler, now_ns);
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        if (sampler->tracked[i].sampled) {
            tell(sampler, i, now_ns, seen, context);
        }
    }
    sampler->counts.migrations = sampler->freeze.migrations;
    sampler->counts.read_calls = sampler->target->memory->reads;
    return true;
}

void pyr_sampler_count_late(struct pyr_sampler *sampler, uint64_t rounds)
{
    sampler->counts.late += rounds;
}

const struct pyr_sampler_counts *pyr_sampler_counts(const struct pyr_sampler *sampler)
{
    return &sampler->counts;
}

enum pyr_sampler_mode pyr_sampler_mode(const struct pyr_sampler *sampler, const char **why)
{
    *why = sampler->why;
    return sampler->mode;
}
