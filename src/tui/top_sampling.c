/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_sampling.h"

#include <signal.h>
#include <stdio.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "remote/children.h"

#define SLICE_NS 50000000ull /* between two looks at what is wanted: another rate, an end */

static void say_state(struct pyr_sampling *sampling, enum pyr_sampling_state state)
{
    pthread_mutex_lock(&sampling->lock);
    sampling->state = state;
    pthread_cond_broadcast(&sampling->changed);
    pthread_mutex_unlock(&sampling->lock);
}

static uint32_t wanted_rate(struct pyr_sampling *sampling)
{
    pthread_mutex_lock(&sampling->lock);
    const uint32_t rate = sampling->rate;
    pthread_mutex_unlock(&sampling->lock);
    return rate;
}

/* Until told to stop, or nothing is left. */
static void run(struct pyr_sampling *sampling, struct pyr_err *err)
{
    struct pyr_recorder_progress progress = {0};
    uint32_t rate = sampling->options.sampler.rate;
    while (!progress.ended && PYR_SHARED_GET(sampling->stop) == 0) {
        const uint32_t wanted = wanted_rate(sampling);
        if (wanted != rate) {
            pyr_recorder_lock(sampling->recorder);
            pyr_recorder_set_rate(sampling->recorder, wanted);
            pyr_recorder_unlock(sampling->recorder);
            rate = wanted;
        }
        if (!pyr_recorder_run(sampling->recorder, pyr_clock_monotonic_ns() + SLICE_NS, NULL, err)) {
            return;
        }
        pyr_recorder_lock(sampling->recorder);
        pyr_recorder_progress(sampling->recorder, &progress);
        pyr_recorder_unlock(sampling->recorder);
    }
}

static void wait_for_stop(struct pyr_sampling *sampling)
{
    pthread_mutex_lock(&sampling->lock);
    while (PYR_SHARED_GET(sampling->stop) == 0) {
        pthread_cond_wait(&sampling->changed, &sampling->lock);
    }
    pthread_mutex_unlock(&sampling->lock);
}

/* What was started may have ended, or have been no Python at all. */
static void say_if_no_python(const struct pyr_sampling *sampling, struct pyr_err *err)
{
    struct pyr_recorder_progress progress;
    pyr_recorder_progress(sampling->recorder, &progress);
    if (err->code == PYR_OK && !progress.started) {
        const char *why = pyr_recorder_why_not(sampling->recorder);
        (void)pyr_err_set(err, PYR_ERR_GONE, "it ended before a Python was seen in it%s%s",
                          why[0] == '\0' ? "" : ": ", why);
    }
}

static void *work(void *context)
{
    struct pyr_sampling *sampling = context;
    struct pyr_err err = {0};
    sampling->recorder = pyr_recorder_open(sampling->pid, &sampling->options, &err);
    if (sampling->recorder == NULL) {
        sampling->err = err;
        say_state(sampling, PYR_SAMPLING_FAILED);
        return NULL;
    }
    say_state(sampling, PYR_SAMPLING_RUNNING);
    run(sampling, &err);
    say_if_no_python(sampling, &err);
    pthread_mutex_lock(&sampling->lock);
    sampling->err = err;
    pthread_mutex_unlock(&sampling->lock);
    say_state(sampling, PYR_SAMPLING_ENDED);
    wait_for_stop(sampling);
    pyr_recorder_close(sampling->recorder);
    return NULL;
}

/* Signals are for the thread that shows. */
static int create_thread(struct pyr_sampling *sampling)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int status = pthread_create(&sampling->thread, NULL, work, sampling);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

bool pyr_sampling_start(struct pyr_sampling *sampling, uint32_t pid,
                        const struct pyr_recorder_options *options, struct pyr_err *err)
{
    sampling->options = *options;
    sampling->options.seen = pyr_feed_add;
    sampling->options.seen_context = &sampling->feed;
    sampling->pid = pid;
    sampling->rate = options->sampler.rate;
    pthread_mutex_init(&sampling->lock, NULL);
    pthread_cond_init(&sampling->changed, NULL);
    sampling->started = true;
    const int status = create_thread(sampling);
    if (status != 0) {
        sampling->started = false;
        return pyr_err_errno(err, status, "can't start a thread");
    }
    pthread_mutex_lock(&sampling->lock);
    while (sampling->state == PYR_SAMPLING_OPENING) {
        pthread_cond_wait(&sampling->changed, &sampling->lock);
    }
    const bool ok = sampling->state != PYR_SAMPLING_FAILED;
    pthread_mutex_unlock(&sampling->lock);
    if (!ok) {
        *err = sampling->err;
        pyr_sampling_stop(sampling);
    }
    return ok;
}

static void note_progress(struct pyr_top_facts *facts, const struct pyr_recorder_progress *progress)
{
    facts->rate_reached = progress->rate;
    facts->samples = progress->counts.samples + progress->counts.lost;
    facts->exact = progress->counts.exact;
    facts->lost = progress->counts.lost;
    facts->late = progress->counts.late;
    facts->processes = progress->processes;
    facts->elapsed_ns = progress->elapsed_ns;
}

static void note_meta(struct pyr_top_facts *facts, const struct pyr_profile *profile)
{
    snprintf(facts->python, sizeof facts->python, "%s",
             pyr_meta_text(profile->meta, PYR_META_PYTHON));
    snprintf(facts->mode, sizeof facts->mode, "%s", pyr_meta_text(profile->meta, "mode"));
    if (facts->command[0] == '\0') {
        snprintf(facts->command, sizeof facts->command, "%s",
                 pyr_meta_text(profile->meta, PYR_META_COMMAND));
    }
}

static void note_state(struct pyr_sampling *sampling, struct pyr_top_facts *facts)
{
    pthread_mutex_lock(&sampling->lock);
    facts->rate_asked = sampling->rate;
    facts->ended = sampling->state == PYR_SAMPLING_ENDED;
    if (facts->ended) {
        snprintf(facts->why, sizeof facts->why, "%s",
                 sampling->err.code != PYR_OK ? sampling->err.message
                                              : "the process has ended: this is the last picture");
    }
    pthread_mutex_unlock(&sampling->lock);
}

/* Commands of processes that have none yet. */
static bool name_processes(struct pyr_top_model *model, struct pyr_err *err)
{
    const struct pyr_threads *threads = model->mirror.profile->threads;
    const uint32_t count = pyr_threads_count(threads);
    char command[sizeof model->facts.command];
    for (uint32_t i = 1; i <= count; i++) {
        const uint32_t pid = pyr_threads_get(threads, (pyr_thread){i}).pid;
        if (pid == 0 || pyr_top_model_command(model, pid) != NULL) {
            continue;
        }
        pyr_process_command(pid, command, sizeof command);
        if (!pyr_top_model_name_process(model, pid, command, err)) {
            return false;
        }
    }
    return true;
}

bool pyr_sampling_take(struct pyr_sampling *sampling, struct pyr_top_model *model,
                       struct pyr_err *err)
{
    struct pyr_recorder_progress progress = {0};
    const struct pyr_profile *profile = NULL;
    const uint32_t generation = model->mirror.generation;
    const bool was_ended = model->facts.ended;
    note_state(sampling, &model->facts);
    pyr_recorder_lock(sampling->recorder);
    const bool ok = pyr_recorder_profile(sampling->recorder, &profile, err) &&
                    pyr_mirror_update(&model->mirror, profile, err);
    if (ok) {
        note_meta(&model->facts, profile);
    }
    pyr_feed_take(&sampling->feed, &sampling->batch);
    pyr_recorder_progress(sampling->recorder, &progress);
    pyr_recorder_unlock(sampling->recorder);
    if (!ok) {
        return false;
    }
    if (!was_ended) {
        note_progress(&model->facts, &progress); /* the clock stands still with the last picture */
    }
    if (model->mirror.generation != generation) {
        pyr_store_release(&model->live); /* its ids meant something else */
        pyr_store_release(&model->frozen);
        model->paused = false;
    }
    model->live.dropped += sampling->batch.dropped;
    return pyr_mirror_settle(&model->mirror, err) && name_processes(model, err) &&
           pyr_top_model_add(model, sampling->batch.items, sampling->batch.count, err);
}

void pyr_sampling_set_rate(struct pyr_sampling *sampling, uint32_t rate)
{
    pthread_mutex_lock(&sampling->lock);
    sampling->rate = rate;
    pthread_mutex_unlock(&sampling->lock);
}

void pyr_sampling_stop(struct pyr_sampling *sampling)
{
    if (!sampling->started) {
        return;
    }
    pthread_mutex_lock(&sampling->lock);
    PYR_SHARED_SET(sampling->stop, 1);
    pthread_cond_broadcast(&sampling->changed);
    pthread_mutex_unlock(&sampling->lock);
    pthread_join(sampling->thread, NULL);
    pyr_feed_release(&sampling->feed);
    pyr_feed_batch_release(&sampling->batch);
    pthread_cond_destroy(&sampling->changed);
    pthread_mutex_destroy(&sampling->lock);
    sampling->started = false;
}
