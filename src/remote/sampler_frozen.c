/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Reading while the holder of the GIL can't run, because the reader is on its CPU; and reading
 * while all threads are stopped. */
#include <string.h>
#include <time.h>

#include "remote/sampler_state.h"

#define FEW_THREADS 2  /* with more, a look at the GIL first is cheaper than a wrong guess */
#define PAUSE_NS 30000 /* for a thread that is between two frames to get on */

/* A reading of an island, with what is known at both ends of it. */
struct reading {
    struct pyr_sampler *sampler;
    struct island *island;
    uint32_t index;
    uint32_t holder; /* that is expected; NO_THREAD */
    uint32_t own_cpu;
    struct pyr_bracket_end ends[2];
    uint32_t kernel_cpus[2]; /* where the kernel's files say the holder is */
    bool by_kernel;          /* they are the witness */
    bool distrusted;         /* the holder has no area of its own */
    bool doubtful;           /* the holder may be run by another thread than it says */
    bool looked;             /* `chosen` are the words that the threads were chosen by */
    struct pyr_gil_words chosen;
    bool still; /* nobody had the GIL, and all that are read waited in the kernel */
};

static uint64_t rseq_address(const struct reading *in, uint32_t thread)
{
    return thread == NO_THREAD ? 0
                               : pyr_rseq_address(&in->sampler->freeze.rseq,
                                                  in->sampler->threads.items[thread].ident);
}

static void add_end(struct reading *in, int end)
{
    struct pyr_sampler *sampler = in->sampler;
    uint64_t rseq = rseq_address(in, in->holder);
    if (end == 0) {
        sampler_add_island(sampler, in->island, 0);
    }
    if (rseq != 0) {
        struct tracked *holder = &sampler->tracked[in->holder];
        pyr_batch_add(&sampler->batch, rseq, &holder->rseq[end], sizeof(holder->rseq[end]),
                      &holder->rseq_read[end]);
    }
    if (end == 1) {
        sampler_add_island(sampler, in->island, 1);
    }
}

/* Asks the kernel where the holder is, where its own area can't be trusted to say. */
static void ask_kernel(struct reading *in, int end)
{
    struct pyr_sampler *sampler = in->sampler;
    in->kernel_cpus[end] = PYR_CPU_UNKNOWN;
    in->ends[end].runs = 0;
    if (in->by_kernel && in->holder != NO_THREAD) {
        uint32_t cpu = 0;
        if (pyr_pulse_place(&sampler->tracked[in->holder].pulse, &cpu, &in->ends[end].runs)) {
            in->kernel_cpus[end] = cpu;
        }
    }
}

/* What has been read at one end, as a bracket wants it. */
static void note_end(struct reading *in, int end)
{
    struct pyr_sampler *sampler = in->sampler;
    struct pyr_bracket_end *at = &in->ends[end];
    at->gil = sampler_words(sampler, in->island, end);
    at->cpu = in->kernel_cpus[end];
    if (!in->by_kernel && in->holder != NO_THREAD && sampler->tracked[in->holder].rseq_read[end]) {
        at->cpu = pyr_rseq_cpu(sampler->tracked[in->holder].rseq[end]);
    }
}

/* Looks who has the GIL and where, and goes there. */
static enum island_result approach(struct reading *in)
{
    struct pyr_sampler *sampler = in->sampler;
    for (int tries = 0; tries < MAX_TRIES; tries++) {
        pyr_batch_clear(&sampler->batch);
        ask_kernel(in, 0);
        add_end(in, 0);
        if (!pyr_batch_read(&sampler->batch, sampler->target->memory)) {
            return ISLAND_GONE;
        }
        if (!in->island->gil_read[0]) {
            return ISLAND_OUTDATED;
        }
        note_end(in, 0);
        uint32_t holder = sampler_find(sampler, in->ends[0].gil.holder);
        if (holder != in->holder) {
            in->holder = holder;
            continue;
        }
        uint32_t cpu = in->ends[0].cpu;
        if (cpu == PYR_CPU_UNKNOWN || cpu == pyr_home_cpu()) {
            return ISLAND_READ;
        }
        if (!pyr_freeze_follow(&sampler->freeze, cpu)) {
            return ISLAND_BARRED;
        }
    }
    return ISLAND_LOST;
}

/* Which threads have to be read: all that may have run Python since they were proved. */
static void choose(struct reading *in)
{
    struct pyr_sampler *sampler = in->sampler;
    bool known = in->looked && in->island->proved && in->island->gil != 0 && !in->island->swaps;
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        if (thread->island != in->index) {
            continue;
        }
        thread->wanted =
            !known || !thread->has_stack ||
            pyr_bracket_may_have_run(&in->island->words, &in->ends[0].gil, thread->lane.thread);
        if (sampler->options.only_gil && i != in->holder) {
            thread->wanted = false;
        }
    }
}

/* Where the GIL counts no switches, before 3.7, that it is free at both ends tells nothing of the
 * time between them. The kernel knows who waited at the first and was given no CPU until the
 * second. */
static bool stand_still(struct reading *in, int end)
{
    struct pyr_sampler *sampler = in->sampler;
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        uint64_t runs = 0, ignored = 0;
        if (thread->island != in->index || !thread->wanted) {
            continue;
        }
        if (!pyr_pulse_runs(&thread->pulse, &runs) || (end == 1 && runs != thread->runs) ||
            (end == 0 && pyr_pulse_doing(&thread->pulse, &ignored) != PYR_PULSE_WAITS)) {
            return false;
        }
        thread->runs = runs;
    }
    return true;
}

static bool read_all(struct reading *in)
{
    struct pyr_sampler *sampler = in->sampler;
    in->ends[0].own_switches = pyr_freeze_own_switches();
    in->own_cpu = pyr_home_cpu();
    ask_kernel(in, 0);
    in->still = in->island->gil == 0 && in->looked && !in->ends[0].gil.locked && stand_still(in, 0);
    pyr_batch_clear(&sampler->batch);
    add_end(in, 0);
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        if (thread->island == in->index && thread->wanted && !sampler_add_lane(sampler, thread)) {
            return false;
        }
    }
    add_end(in, 1);
    return pyr_batch_read(&sampler->batch, sampler->target->memory);
}

static bool read_end(struct reading *in)
{
    struct pyr_sampler *sampler = in->sampler;
    pyr_batch_clear(&sampler->batch);
    add_end(in, 1);
    return pyr_batch_read(&sampler->batch, sampler->target->memory) && in->island->gil_read[1];
}

/* Decodes all, and reads the end again if there was `further` reading; `*torn`: some were no chain
 * of frames. */
static bool decode_all(struct reading *in, bool further, bool *torn)
{
    struct pyr_sampler *sampler = in->sampler;
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        if (thread->island != in->index || !thread->wanted) {
            continue;
        }
        enum pyr_lane_result result = sampler_decode(sampler, thread, &further);
        *torn = *torn || (result != PYR_LANE_OK && result != PYR_LANE_EMPTY);
    }
    return !further || read_end(in);
}

/* Does the thread that the holder says it is not even want a CPU? Then one that has its state, but
 * not its number, may be what runs. */
static bool may_be_another(const struct reading *in)
{
    uint64_t futex = 0;
    struct tracked *holder = in->holder == NO_THREAD ? NULL : &in->sampler->tracked[in->holder];
    return holder != NULL && holder->is_shared &&
           pyr_pulse_doing(&holder->pulse, &futex) != PYR_PULSE_RUNS;
}

static enum pyr_bracket_result prove(struct reading *in)
{
    struct pyr_sampler *sampler = in->sampler;
    note_end(in, 0);
    note_end(in, 1);
    ask_kernel(in, 1);
    if (in->by_kernel) {
        in->ends[1].cpu = in->kernel_cpus[1];
    }
    in->ends[1].own_switches = pyr_freeze_own_switches();
    if (sampler_find(sampler, in->ends[0].gil.holder) != in->holder) {
        return PYR_BRACKET_ELSEWHERE; /* another has the GIL than was expected */
    }
    bool lost_sight = in->holder != NO_THREAD && in->ends[0].cpu == PYR_CPU_UNKNOWN;
    bool chose_well = !in->looked || in->chosen.switches == in->ends[0].gil.switches;
    bool untold = in->island->gil == 0 && !in->ends[0].gil.locked;
    in->distrusted = in->distrusted || (lost_sight && !in->by_kernel);
    if (lost_sight || !chose_well || (untold && !(in->still && stand_still(in, 1)))) {
        return PYR_BRACKET_BROKEN;
    }
    enum pyr_bracket_result result = pyr_bracket_check(&in->ends[0], &in->ends[1], in->own_cpu);
    in->doubtful = result == PYR_BRACKET_HELD && may_be_another(in);
    return in->doubtful && in->ends[1].gil.locked ? PYR_BRACKET_BROKEN : result;
}

static void learn_rseq(struct reading *in)
{
    struct pyr_sampler *sampler = in->sampler;
    if (in->holder != NO_THREAD && in->by_kernel && sampler->tracked[in->holder].rseq_read[1]) {
        pyr_rseq_learn(&sampler->freeze.rseq, sampler->tracked[in->holder].rseq[1],
                       in->kernel_cpus[1]);
    }
}

static void accept_all(struct reading *in)
{
    struct pyr_sampler *sampler = in->sampler;
    in->island->words = in->ends[1].gil;
    in->island->proved = true;
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        if (thread->island != in->index) {
            continue;
        }
        if (thread->wanted) {
            bool proved = !in->doubtful || i != in->holder;
            sampler_accept(sampler, thread, proved ? PYR_SAMPLE_EXACT : PYR_SAMPLE_LIKELY);
            if (proved) {
                pyr_edges_learn(&sampler->edges, &thread->stacks[thread->now],
                                thread->same_outermost);
            }
        } else if (thread->has_stack && !sampler->options.only_gil) {
            sampler_accept_unchanged(thread);
        } else {
            thread->has_stack = false;
        }
    }
}

static void pause_briefly(void)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    (void)nanosleep(&pause, NULL);
}

static uint32_t count_threads(const struct pyr_sampler *sampler, uint32_t island)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        count += sampler->tracked[i].island == island;
    }
    return count;
}

/* One attempt. ISLAND_LOST: try again. */
static enum island_result attempt(struct reading *in, bool look_first)
{
    struct pyr_sampler *sampler = in->sampler;
    bool torn = false;
    in->by_kernel = in->distrusted || sampler->freeze.rseq.state != PYR_RSEQ_PROVED;
    in->looked = look_first;
    if (look_first) {
        enum island_result result = approach(in);
        if (result != ISLAND_READ) {
            return result;
        }
    }
    in->chosen = in->ends[0].gil;
    choose(in);
    if (!read_all(in)) {
        return ISLAND_GONE;
    }
    if (!in->island->gil_read[0] || !in->island->gil_read[1]) {
        return ISLAND_OUTDATED;
    }
    bool further = false;
    if (!sampler_list_holds(sampler, in->index)) {
        if (sampler->listed_ns != sampler->now_ns) {
            return ISLAND_OUTDATED;
        }
        sampler_keep_members(sampler, in->index);
        further = true;
        if (in->holder != NO_THREAD && sampler->tracked[in->holder].is_member &&
            !sampler->tracked[in->holder].wanted) {
            return ISLAND_LOST; /* where it is was asked of a thread that it is not */
        }
    }
    if (!decode_all(in, further, &torn)) {
        return ISLAND_GONE;
    }
    if (prove(in) != PYR_BRACKET_HELD) {
        /* A thread that had not begun when it was listed has no number there yet. */
        bool nameless = in->holder != NO_THREAD && sampler->tracked[in->holder].pulse.tid == 0;
        return nameless && sampler->listed_ns != sampler->now_ns ? ISLAND_OUTDATED : ISLAND_LOST;
    }
    if (torn) {
        pause_briefly();
        return ISLAND_LOST;
    }
    learn_rseq(in);
    accept_all(in);
    return ISLAND_READ;
}

enum island_result sampler_read_frozen(struct pyr_sampler *sampler, uint32_t island)
{
    struct reading in = {.sampler = sampler,
                         .island = &sampler->islands[island],
                         .index = island,
                         .holder = sampler_find(sampler, sampler->islands[island].words.holder)};
    bool many = count_threads(sampler, island) > FEW_THREADS;
    for (int tries = 0; tries < MAX_TRIES; tries++) {
        bool look_first = many || tries > 0 || !in.island->proved;
        enum island_result result = attempt(&in, look_first);
        if (result != ISLAND_LOST) {
            return result;
        }
        sampler->counts.retries++;
    }
    return ISLAND_LOST;
}

/* A thread whose number is not known could not be stopped: had it the GIL, it may have run. */
static bool holder_runs(const struct reading *in, int end)
{
    const struct pyr_sampler *sampler = in->sampler;
    uint32_t holder = sampler_find(sampler, sampler_words(sampler, in->island, end).holder);
    return holder != NO_THREAD && sampler->threads.items[holder].tid == 0;
}

enum island_result sampler_read_stopped(struct pyr_sampler *sampler, uint32_t island)
{
    struct reading in = {.sampler = sampler,
                         .island = &sampler->islands[island],
                         .index = island,
                         .holder = NO_THREAD};
    bool torn = false;
    choose(&in);
    if (!read_all(&in)) {
        return ISLAND_GONE;
    }
    if (!in.island->gil_read[0] || !in.island->gil_read[1] ||
        !sampler_list_holds(sampler, island)) {
        return ISLAND_OUTDATED;
    }
    if (!decode_all(&in, false, &torn)) {
        return ISLAND_GONE;
    }
    if (torn || holder_runs(&in, 0) || holder_runs(&in, 1)) {
        return ISLAND_LOST;
    }
    in.ends[1].gil = sampler_words(sampler, in.island, 1);
    accept_all(&in);
    return ISLAND_READ;
}
