/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/recorder.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "remote/children.h"
#include "remote/history.h"
#include "remote/pace.h"
#include "remote/priority.h"
#include "remote/recorded.h"
#include "remote/recorder_meta.h"
#include "remote/weigh.h"

#define NAP_NS 20000000u       /* the longest sleep without a look at what else is to be done */
#define CHILDREN_NS 10000000u  /* children are looked for so often, … */
#define CHILDREN_TIMES_COST 50 /* … or less where that takes long */
#define WINDOW_NS 1000000000u  /* of the progress */

/* What happened in the last second, or since it began. */
struct window {
    uint64_t start_ns;
    uint64_t rounds;
    uint64_t gil; /* rounds in which some thread had it */
    uint64_t gc;
    uint64_t cpu_ns;
    uint32_t threads; /* of the last round */
};

struct pyr_recorder {
    struct pyr_recorder_options options;
    struct pyr_collector *collector; /* owned, like all below */
    struct pyr_history *history;     /* NULL: none is kept */
    struct pyr_children *children;   /* NULL: they are not looked for */
    struct pyr_recorded *processes[PYR_RECORDER_MAX_PROCESSES];
    uint32_t process_count;
    struct pyr_home home; /* CPUs that the reader may use: it goes where the programs are */
    struct pyr_pace pace;
    bool paced;                      /* since the first process was opened */
    uint64_t next_ns;                /* when the next round is due */
    uint64_t children_ns;            /* when to look for children again */
    uint64_t first_ns;               /* of the whole recording */
    uint64_t start_ns;               /* of the profile, CLOCK_MONOTONIC */
    struct pyr_sampler_counts ended; /* of samplers that were closed */
    struct pyr_sampler_counts taken; /* when the last profile was taken */
    uint64_t rounds;                 /* of the whole recording */
    uint64_t late;
    struct pyr_recorder_facts facts;
    struct window now;
    struct window last;
    struct pyr_recorded *current; /* whose round it is */
    bool round_gil;
    bool round_gc;
    bool full;              /* there are more processes than can be recorded */
    struct pyr_err refused; /* why the first may not be looked into any more */
    struct pyr_err err;     /* of a callback, which can't say it */
    pthread_mutex_t lock;   /* guards all of it while a run may change it */
};

static bool add_process(struct pyr_recorder *recorder, uint32_t pid, struct pyr_err *err)
{
    if (recorder->process_count == PYR_RECORDER_MAX_PROCESSES) {
        recorder->full = true;
        return true;
    }
    struct pyr_recorded *recorded = pyr_mem_zalloc(1, sizeof *recorded);
    if (recorded == NULL) {
        return pyr_err_nomem(err);
    }
    pyr_recorded_init(recorded, pid);
    recorder->processes[recorder->process_count++] = recorded;
    return true;
}

static void close_process(struct pyr_recorder *recorder, struct pyr_recorded *recorded)
{
    pyr_recorded_close(recorded, recorder->collector, &recorder->ended);
}

static void start_profile(struct pyr_recorder *recorder)
{
    recorder->start_ns = pyr_clock_monotonic_ns();
    recorder->facts.start_unix_ns = pyr_clock_realtime_ns();
}

/* What the profile says of the process it began with. */
static void note_facts(struct pyr_recorder *recorder, const struct pyr_recorded *recorded)
{
    const char *why = NULL;
    const enum pyr_sampler_mode mode = pyr_sampler_mode(recorded->sampler, &why);
    recorder->facts.mode = pyr_sampler_mode_name(mode);
    if (recorder->facts.python[0] != '\0') {
        return;
    }
    start_profile(recorder); /* not when there was no Python yet */
    pyr_layout_version_text(recorded->target.layout.version, recorded->target.layout.free_threaded,
                            recorder->facts.python);
    pyr_process_command(recorded->pid, recorder->facts.command, sizeof recorder->facts.command);
}

static bool open_process(struct pyr_recorder *recorder, struct pyr_recorded *recorded,
                         struct pyr_err *err)
{
    struct pyr_sampler_options options = recorder->options.sampler;
    options.home = &recorder->home;
    options.cpu = options.cpu || recorder->options.collect.cpu;
    options.only_gil = options.only_gil || recorder->options.collect.gil;
    if (!pyr_recorded_open(recorded, &options, recorder->collector, err)) {
        return false;
    }
    note_facts(recorder, recorded);
    return true;
}

static bool prepare(struct pyr_recorder *recorder, uint32_t pid, struct pyr_err *err)
{
    recorder->collector = pyr_collector_new(&recorder->options.collect, err);
    if (recorder->collector == NULL) {
        return false;
    }
    if (recorder->options.keep_last_ns > 0) {
        recorder->history = pyr_history_new(recorder->options.keep_last_ns);
        if (recorder->history == NULL) {
            return pyr_err_nomem(err);
        }
    }
    if (recorder->options.subprocesses) {
        recorder->children = pyr_children_new(pid);
        if (recorder->children == NULL) {
            return pyr_err_nomem(err);
        }
    }
    return add_process(recorder, pid, err) &&
           (recorder->options.starting || open_process(recorder, recorder->processes[0], err));
}

struct pyr_recorder *pyr_recorder_open(uint32_t pid, const struct pyr_recorder_options *options,
                                       struct pyr_err *err)
{
    struct pyr_recorder *recorder = pyr_mem_zalloc(1, sizeof *recorder);
    if (recorder == NULL) {
        (void)pyr_err_nomem(err);
        return NULL;
    }
    recorder->options = *options;
    pyr_home_read(&recorder->home);
    recorder->facts.pid = pid;
    recorder->facts.mode = pyr_sampler_mode_name(options->sampler.mode);
    pthread_mutex_init(&recorder->lock, NULL);
    if (!prepare(recorder, pid, err)) {
        pyr_recorder_close(recorder);
        return NULL;
    }
    start_profile(recorder);
    recorder->first_ns = recorder->start_ns;
    recorder->now.start_ns = recorder->start_ns;
    return recorder;
}

void pyr_recorder_close(struct pyr_recorder *recorder)
{
    if (recorder == NULL) {
        return;
    }
    for (uint32_t i = 0; i < recorder->process_count; i++) {
        close_process(recorder, recorder->processes[i]);
        pyr_mem_free(recorder->processes[i]);
    }
    pyr_children_free(recorder->children);
    pyr_history_free(recorder->history);
    pyr_collector_free(recorder->collector);
    pthread_mutex_destroy(&recorder->lock);
    pyr_mem_free(recorder);
}

static void child_seen(void *context, uint32_t pid, uint32_t parent)
{
    struct pyr_recorder *recorder = context;
    (void)parent;
    (void)!add_process(recorder, pid, &recorder->err);
}

static void look_for_children(struct pyr_recorder *recorder, uint64_t now_ns)
{
    if (recorder->children == NULL || now_ns < recorder->children_ns) {
        return;
    }
    pyr_children_update(recorder->children, child_seen, recorder);
    const uint64_t cost = (pyr_clock_monotonic_ns() - now_ns) * CHILDREN_TIMES_COST;
    recorder->children_ns = now_ns + (cost > CHILDREN_NS ? cost : CHILDREN_NS);
}

static void drop_gone(struct pyr_recorder *recorder)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < recorder->process_count; i++) {
        struct pyr_recorded *recorded = recorder->processes[i];
        const bool is_root = recorded->pid == recorder->facts.pid && i == 0;
        if (recorded->is_gone && !is_root) {
            pyr_mem_free(recorded);
        } else {
            recorder->processes[kept++] = recorded; /* the root's fate is asked for at the end */
        }
    }
    recorder->process_count = kept;
}

/* Opens what has come up, and lets go of what has ended. */
static bool tend_waiting(struct pyr_recorder *recorder, struct pyr_err *err)
{
    bool any_gone = false;
    for (uint32_t i = 0; i < recorder->process_count; i++) {
        struct pyr_recorded *recorded = recorder->processes[i];
        const uint64_t now = pyr_clock_monotonic_ns();
        struct pyr_err why = {0};
        if (recorded->is_open || recorded->is_gone || !pyr_recorded_is_due(recorded, now)) {
            continue;
        }
        if (!pyr_process_is_alive(recorded->pid)) {
            recorded->is_gone = true;
            any_gone = true;
        } else if (!open_process(recorder, recorded, &why)) {
            if (why.code == PYR_ERR_NOMEM) {
                *err = why;
                return false;
            }
            pyr_recorded_wait(recorded, now, pyr_clock_monotonic_ns());
        }
    }
    if (any_gone) {
        drop_gone(recorder);
    }
    return true;
}

static void tell(struct pyr_recorder *recorder, const struct pyr_sample *sample,
                 const struct pyr_collected *where)
{
    const struct pyr_recent recent = {
        .time_ns = sample->time_ns,
        .stack = where->stack,
        .thread = where->thread,
        .wall_ns = sample->wall_ns,
        .cpu_ns = sample->cpu_ns,
        .holds_gil = sample->holds_gil,
        .idle = sample->idle,
        .collecting = sample->thread->collecting,
        .torn = sample->quality == PYR_SAMPLE_TORN,
    };
    if (recorder->history != NULL) {
        (void)!pyr_history_add(recorder->history, &recent, &recorder->err);
    }
    if (recorder->options.seen != NULL) {
        recorder->options.seen(recorder->options.seen_context, &recent);
    }
}

/* Who has the GIL has it since the last round at most, however long ago that thread was seen. */
static uint64_t gil_weight(struct pyr_recorder *recorder, const struct pyr_sample *sample)
{
    const uint64_t last = recorder->current->sampled_ns;
    const uint64_t step = 1000000000u / recorder->options.sampler.rate;
    const uint64_t since = last == 0 || last >= sample->time_ns ? step : sample->time_ns - last;
    return since < sample->wall_ns ? since : sample->wall_ns;
}

static void sample_seen(void *context, const struct pyr_sample *seen)
{
    struct pyr_recorder *recorder = context;
    struct pyr_collected where;
    struct pyr_sample weighed = *seen;
    const struct pyr_sample *sample = &weighed;
    if (recorder->options.collect.gil) {
        weighed.wall_ns = gil_weight(recorder, seen);
        recorder->current->sampled_ns = seen->time_ns;
    }
    recorder->round_gil = recorder->round_gil || sample->holds_gil;
    recorder->round_gc = recorder->round_gc || sample->thread->collecting;
    recorder->now.cpu_ns += sample->cpu_ns;
    recorder->now.threads++;
    const uint32_t handle = recorder->current->handle;
    const uint64_t unseen =
        pyr_weigh_shorten(&weighed, recorder->options.sampler.rate, recorder->options.collect.cpu);
    if (recorder->err.code == PYR_OK &&
        pyr_collector_add(recorder->collector, handle, sample, &where, &recorder->err) &&
        where.kept) {
        tell(recorder, sample, &where);
        if (unseen > 0) {
            (void)!pyr_collector_add_unseen(recorder->collector, handle, sample, &where, unseen,
                                            &recorder->err);
        }
    }
}

static void roll_window(struct pyr_recorder *recorder, uint64_t now_ns)
{
    if (now_ns >= recorder->now.start_ns + WINDOW_NS) {
        recorder->last = recorder->now;
        recorder->last.cpu_ns = recorder->now.cpu_ns;
        recorder->now = (struct window){.start_ns = now_ns};
        /* From here on `last.start_ns` is the length of that window. */
        recorder->last.start_ns = now_ns - recorder->last.start_ns;
    }
}

static void sample_all(struct pyr_recorder *recorder)
{
    recorder->round_gil = false;
    recorder->round_gc = false;
    recorder->now.threads = 0;
    for (uint32_t i = 0; i < recorder->process_count; i++) {
        struct pyr_recorded *recorded = recorder->processes[i];
        struct pyr_err why = {0};
        recorder->current = recorded;
        if (recorded->is_open &&
            (pyr_recorded_is_replaced(recorded, pyr_clock_monotonic_ns()) ||
             !pyr_sampler_round(recorded->sampler, sample_seen, recorder, &why))) {
            /* It has ended, or is another program now: what follows is found out. */
            close_process(recorder, recorded);
            recorded->why = why;
            if (why.code == PYR_ERR_PERMISSION) { /* asking again would not change that */
                recorded->is_gone = true;
                recorder->refused = i == 0 ? why : recorder->refused;
            }
        }
    }
    recorder->rounds++;
    recorder->now.rounds++;
    recorder->now.gil += recorder->round_gil ? 1 : 0;
    recorder->now.gc += recorder->round_gc ? 1 : 0;
}

static uint32_t count_alive(const struct pyr_recorder *recorder, bool open)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < recorder->process_count; i++) {
        const struct pyr_recorded *recorded = recorder->processes[i];
        count += open ? recorded->is_open : !recorded->is_gone;
    }
    return count;
}

/* What is due by now. */
static bool work(struct pyr_recorder *recorder, uint64_t now_ns, struct pyr_err *err)
{
    look_for_children(recorder, now_ns);
    if (!tend_waiting(recorder, err)) {
        return false;
    }
    if (!recorder->paced && count_alive(recorder, true) > 0) {
        pyr_pace_start(&recorder->pace, recorder->options.sampler.rate, pyr_clock_monotonic_ns());
        recorder->paced = true;
        recorder->next_ns = 0;
    }
    if (recorder->paced && now_ns >= recorder->next_ns) {
        sample_all(recorder);
        recorder->next_ns =
            pyr_pace_next(&recorder->pace, pyr_clock_monotonic_ns(), &recorder->late);
    }
    roll_window(recorder, pyr_clock_monotonic_ns());
    if (recorder->err.code != PYR_OK) {
        *err = recorder->err;
        return false;
    }
    return true;
}

/* When there is something to do next. */
static uint64_t next_work(const struct pyr_recorder *recorder, uint64_t now_ns, uint64_t until_ns)
{
    uint64_t next = now_ns + NAP_NS;
    if (recorder->paced && recorder->next_ns < next) {
        next = recorder->next_ns;
    }
    for (uint32_t i = 0; i < recorder->process_count; i++) {
        const struct pyr_recorded *recorded = recorder->processes[i];
        if (!recorded->is_open && !recorded->is_gone && recorded->retry_ns < next) {
            next = recorded->retry_ns;
        }
    }
    return next < until_ns ? next : until_ns;
}

bool pyr_recorder_run(struct pyr_recorder *recorder, uint64_t until_ns, const volatile int *stop,
                      struct pyr_err *err)
{
    struct pyr_priority priority = {0};
    bool ok = true;
    if (recorder->options.sampler.rate <= PYR_SAMPLER_FROZEN_MAX_RATE) {
        /* The reader shares a CPU with the program, and would have to wait for it. */
        pyr_priority_begin(&priority);
        pyr_priority_raise(&priority);
    }
    while (ok && (stop == NULL || *stop == 0)) {
        const uint64_t now = pyr_clock_monotonic_ns();
        if (now >= until_ns) {
            break;
        }
        pthread_mutex_lock(&recorder->lock);
        ok = work(recorder, now, err);
        const bool ended = count_alive(recorder, false) == 0;
        const uint64_t next = next_work(recorder, now, until_ns);
        pthread_mutex_unlock(&recorder->lock);
        if (ended) {
            if (ok && recorder->refused.code != PYR_OK) {
                *err = recorder->refused;
                ok = false;
            }
            break;
        }
        (void)!pyr_pace_wait(next); /* a signal is a reason to look at `stop` */
    }
    pyr_priority_end(&priority);
    return ok;
}

void pyr_recorder_set_rate(struct pyr_recorder *recorder, uint32_t rate)
{
    recorder->options.sampler.rate = rate;
    recorder->paced = false;
}

static void add_counts(const struct pyr_recorder *recorder, struct pyr_sampler_counts *counts)
{
    *counts = recorder->ended;
    for (uint32_t i = 0; i < recorder->process_count; i++) {
        if (recorder->processes[i]->is_open) {
            pyr_sampler_counts_add(counts, pyr_sampler_counts(recorder->processes[i]->sampler));
        }
    }
    /* Each process has its own; the recording's are those that were kept in step. */
    counts->rounds = recorder->rounds;
    counts->late = recorder->late;
}

void pyr_recorder_progress(const struct pyr_recorder *recorder,
                           struct pyr_recorder_progress *progress)
{
    const struct window *last = recorder->last.start_ns > 0 ? &recorder->last : &recorder->now;
    const uint64_t now = pyr_clock_monotonic_ns();
    const uint64_t length =
        recorder->last.start_ns > 0 ? last->start_ns : now - recorder->now.start_ns;
    const double seconds = length == 0 ? 1 : (double)length / 1e9;
    const double rounds = last->rounds == 0 ? 1 : (double)last->rounds;
    *progress = (struct pyr_recorder_progress){
        .elapsed_ns = now - recorder->first_ns,
        .processes = count_alive(recorder, true),
        .threads = last->threads,
        .started = recorder->facts.python[0] != '\0',
        .rate = (double)last->rounds / seconds,
        .gil = (double)last->gil / rounds,
        .gc = (double)last->gc / rounds,
        .busy = (double)last->cpu_ns / 1e9 / seconds,
        .ended = count_alive(recorder, false) == 0,
    };
    add_counts(recorder, &progress->counts);
    progress->rounds_due = progress->counts.rounds + progress->counts.late;
}

static bool set_meta(struct pyr_recorder *recorder, struct pyr_profile *profile,
                     struct pyr_err *err)
{
    struct pyr_recorder_facts facts = recorder->facts;
    const struct pyr_sampler_counts *before = &recorder->taken;
    add_counts(recorder, &facts.counts);
    facts.counts.rounds -= before->rounds;
    facts.counts.late -= before->late;
    facts.counts.samples -= before->samples;
    facts.counts.exact -= before->exact;
    facts.counts.torn -= before->torn;
    facts.counts.lost -= before->lost;
    facts.rate = recorder->options.sampler.rate;
    facts.duration_ns = pyr_clock_monotonic_ns() - recorder->start_ns;
    facts.folded = pyr_collector_folded(recorder->collector);
    facts.threads_folded = pyr_collector_threads_folded(recorder->collector);
    facts.node_limit = recorder->options.collect.node_limit == 0
                           ? PYR_COLLECT_NODE_LIMIT
                           : recorder->options.collect.node_limit;
    facts.finished = false;
    return pyr_recorder_set_meta(profile->meta, &facts, err);
}

bool pyr_recorder_profile(struct pyr_recorder *recorder, const struct pyr_profile **profile,
                          struct pyr_err *err)
{
    struct pyr_profile *ours = pyr_collector_profile(recorder->collector);
    *profile = ours;
    return set_meta(recorder, ours, err);
}

bool pyr_recorder_writable(struct pyr_recorder *recorder, struct pyr_profile **profile,
                           struct pyr_err *err)
{
    *profile = pyr_collector_profile(recorder->collector);
    return set_meta(recorder, *profile, err);
}

bool pyr_recorder_finish(struct pyr_recorder *recorder, struct pyr_profile **profile,
                         struct pyr_err *err)
{
    pyr_collector_note_ends(recorder->collector);
    return pyr_recorder_writable(recorder, profile, err) &&
           pyr_meta_set_number((*profile)->meta, PYR_META_FINISHED, 1, err);
}

bool pyr_recorder_take(struct pyr_recorder *recorder, struct pyr_profile **profile,
                       struct pyr_err *err)
{
    *profile = NULL;
    if (!set_meta(recorder, pyr_collector_profile(recorder->collector), err)) {
        return false;
    }
    *profile = pyr_collector_take(recorder->collector, err);
    if (*profile == NULL) {
        return false;
    }
    add_counts(recorder, &recorder->taken);
    start_profile(recorder);
    if (recorder->history != NULL) {
        pyr_history_clear(recorder->history); /* its stacks were the old profile's */
    }
    return true;
}

bool pyr_recorder_recent(struct pyr_recorder *recorder, uint64_t last_ns,
                         struct pyr_profile **profile, struct pyr_err *err)
{
    const uint64_t now = pyr_clock_monotonic_ns();
    const uint64_t kept = recorder->options.keep_last_ns;
    const uint64_t asked = last_ns == 0 || last_ns > kept ? kept : last_ns;
    const uint64_t since = asked > now ? 0 : now - asked;
    *profile = NULL;
    if (recorder->history == NULL) {
        return pyr_err_set(err, PYR_ERR_USAGE, "no samples are kept one by one");
    }
    if (!pyr_history_profile(recorder->history, pyr_collector_profile(recorder->collector), since,
                             profile, err)) {
        return false;
    }
    const uint64_t oldest = pyr_history_count(recorder->history) == 0
                                ? now
                                : pyr_history_get(recorder->history, 0)->time_ns;
    const uint64_t start = oldest > since ? oldest : since;
    const uint64_t duration = now > start ? now - start : 0;
    if (set_meta(recorder, *profile, err) &&
        pyr_meta_set_number((*profile)->meta, PYR_META_DURATION_NS, (int64_t)duration, err) &&
        pyr_meta_set_number((*profile)->meta, PYR_META_START_NS,
                            (int64_t)(pyr_clock_realtime_ns() - duration), err)) {
        return true;
    }
    pyr_profile_free(*profile);
    *profile = NULL;
    return false;
}

const char *pyr_recorder_why_not(const struct pyr_recorder *recorder)
{
    return recorder->facts.python[0] != '\0' || recorder->process_count == 0
               ? ""
               : recorder->processes[0]->why.message;
}

uint64_t pyr_recorder_cpu_ns(const struct pyr_recorder *recorder)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < recorder->process_count; i++) {
        if (!recorder->processes[i]->is_gone) {
            sum += pyr_process_cpu_ns(recorder->processes[i]->pid);
        }
    }
    return sum;
}

void pyr_recorder_lock(struct pyr_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
}

void pyr_recorder_unlock(struct pyr_recorder *recorder)
{
    pthread_mutex_unlock(&recorder->lock);
}
