/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/flush.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "formats/native.h"
#include "formats/rescue.h"
#include "probe/drain.h"

#define NS_PER_S 1000000000u
/* The first flush comes soon and each next one after twice the time, up to the usual: a process
 * that is killed young, as the workers of a pool are, leaves something too. */
#define FIRST_FLUSH_NS 50000000u

struct pyr_flush {
    struct pyr_trace *trace; /* borrowed */
    struct pyr_drain drain;
    struct pyr_native_writer *writer; /* owned; NULL while there is no file yet */
    char *path;                       /* owned */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* guards `ending`; the condition wakes the thread early */
    pthread_cond_t wake;
    bool ending;
};

static bool ensure_writer(struct pyr_flush *flush, struct pyr_err *err)
{
    return flush->writer != NULL || pyr_native_writer_open(flush->path, &flush->writer, err);
}

static bool flush_now(struct pyr_flush *flush, struct pyr_err *err)
{
    return pyr_drain_run(&flush->drain, flush->trace, err) && ensure_writer(flush, err) &&
           pyr_native_writer_flush(flush->writer, flush->drain.profile, err);
}

/* Sleeps until the next flush is due. False when the thread is to end. */
static bool sleep_until_due(struct pyr_flush *flush, uint64_t interval_ns)
{
    struct timespec due;
    int status = 0;
    uint64_t due_ns = pyr_clock_monotonic_ns() + interval_ns;
    due.tv_sec = (time_t)(due_ns / NS_PER_S);
    due.tv_nsec = (long)(due_ns % NS_PER_S);
    pthread_mutex_lock(&flush->lock);
    while (!flush->ending && status != ETIMEDOUT) {
        status = pthread_cond_timedwait(&flush->wake, &flush->lock, &due);
    }
    bool go_on = !flush->ending;
    pthread_mutex_unlock(&flush->lock);
    return go_on;
}

static void *flush_thread(void *arg)
{
    struct pyr_flush *flush = arg;
    uint64_t interval_ns = FIRST_FLUSH_NS;
    while (sleep_until_due(flush, interval_ns)) {
        /* A full disk may have room again in a second; the last attempt, at close, reports. */
        struct pyr_err err = {0};
        (void)flush_now(flush, &err);
        interval_ns = 2 * interval_ns < PYR_TRACE_FLUSH_NS ? 2 * interval_ns : PYR_TRACE_FLUSH_NS;
    }
    return NULL;
}

struct pyr_flush *pyr_flush_open_late(struct pyr_trace *trace, const char *path,
                                      struct pyr_err *err)
{
    struct pyr_flush *flush = pyr_mem_zalloc(1, sizeof *flush);
    pthread_condattr_t attr;
    if (flush == NULL) {
        pyr_err_nomem(err);
        return NULL;
    }
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&flush->wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&flush->lock, NULL);
    flush->trace = trace;
    flush->path = pyr_mem_strdup(path);
    if (flush->path == NULL || !pyr_drain_init(&flush->drain, err)) {
        pyr_err_nomem(err);
        pyr_flush_abandon(flush);
        return NULL;
    }
    return flush;
}

struct pyr_flush *pyr_flush_open(struct pyr_trace *trace, const char *path, struct pyr_err *err)
{
    struct pyr_flush *flush = pyr_flush_open_late(trace, path, err);
    if (flush != NULL && !ensure_writer(flush, err)) {
        pyr_flush_abandon(flush);
        return NULL;
    }
    return flush;
}

void pyr_flush_begin(struct pyr_flush *flush)
{
    sigset_t all;
    sigset_t before;
    if (flush->has_thread) {
        return;
    }
    flush->ending = false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    flush->has_thread = pthread_create(&flush->thread, NULL, flush_thread, flush) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (flush->has_thread) {
        pthread_setname_np(flush->thread, "pyrometer");
    }
}

void pyr_flush_end(struct pyr_flush *flush)
{
    if (!flush->has_thread) {
        return;
    }
    pthread_mutex_lock(&flush->lock);
    flush->ending = true;
    pthread_cond_signal(&flush->wake);
    pthread_mutex_unlock(&flush->lock);
    pthread_join(flush->thread, NULL);
    flush->has_thread = false;
}

static void free_flush(struct pyr_flush *flush)
{
    pyr_drain_release(&flush->drain);
    pthread_cond_destroy(&flush->wake);
    pthread_mutex_destroy(&flush->lock);
    pyr_mem_free(flush->path);
    pyr_mem_free(flush);
}

/* The file can't be written: the profile goes where there may be room, and `err` says so. */
static void rescue(struct pyr_flush *flush, struct pyr_err *err)
{
    struct pyr_buf place = {0};
    struct pyr_err ignored = {0};
    struct pyr_err before = *err;
    if (pyr_rescue_save(flush->drain.profile, flush->path, flush->trace->pid, &place, &ignored)) {
        pyr_err_set(err, before.code, "%s; what was collected is in %s", before.message,
                    place.data);
    }
    pyr_buf_release(&place);
}

bool pyr_flush_close(struct pyr_flush *flush, struct pyr_err *err)
{
    pyr_flush_end(flush);
    bool ok = pyr_drain_run(&flush->drain, flush->trace, err) &&
              pyr_drain_timeline(&flush->drain, flush->trace, err) && ensure_writer(flush, err);
    if (flush->writer != NULL) {
        struct pyr_err close_err = {0};
        bool closed = pyr_native_writer_close(flush->writer, flush->drain.profile, &close_err);
        if (ok && !closed) {
            *err = close_err;
        }
        ok = ok && closed;
    }
    if (!ok) {
        rescue(flush, err);
    }
    free_flush(flush);
    return ok;
}

void pyr_flush_abandon(struct pyr_flush *flush)
{
    if (flush != NULL) {
        pyr_flush_end(flush);
        pyr_native_writer_abandon(flush->writer);
        free_flush(flush);
    }
}
