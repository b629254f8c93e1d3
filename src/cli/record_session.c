/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_session.h"

#include <unistd.h>

#include "base/clock.h"

#define SLICE_NS 50000000u  /* between two looks at signals and the like */
#define FLUSH_NS 900000000u /* so that with a slice it is a second at most */
#define CPU_NS 1000000000u  /* over which the target's CPU use is taken */

static const char *path_of(const struct pyr_record_session *session)
{
    const struct pyr_trace_files *files = session->files;
    return files->converted != NULL ? files->converted : files->collected;
}

/* A name with a number that no file has yet: those of another recording are kept. */
static void choose_name(struct pyr_record_session *session, struct pyr_buf *name)
{
    do {
        pyr_buf_clear(name);
        pyr_record_output_name(path_of(session), ++session->written, name);
    } while (!name->failed && session->written < UINT32_MAX && access(name->data, F_OK) == 0);
}

bool pyr_record_session_write(struct pyr_record_session *session, struct pyr_profile *profile,
                              struct pyr_err *err)
{
    struct pyr_buf name = {0};
    choose_name(session, &name);
    const bool ok = pyr_buf_check(&name, err) &&
                    pyr_meta_set_number(profile->meta, PYR_META_FINISHED, 1, err) &&
                    pyr_format_save(profile, name.data, session->options->show.format,
                                    &session->options->show.writing, err);
    pyr_record_progress_wipe(&session->progress);
    if (ok && !session->options->quiet) {
        pyr_output_say("wrote %s", name.data);
    }
    pyr_buf_release(&name);
    return ok;
}

/* A moment's file can't be written: that is told, and the recording goes on for the next one. */
static void write_recent(struct pyr_record_session *session)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    if (!pyr_recorder_recent(session->recorder, 0, &profile, &err) ||
        !pyr_record_session_write(session, profile, &err)) {
        pyr_record_progress_wipe(&session->progress);
        pyr_output_say("%s", err.message);
    }
    pyr_profile_free(profile);
}

static bool end_period(struct pyr_record_session *session, uint64_t now, struct pyr_err *err)
{
    struct pyr_profile *profile = NULL;
    if (session->options->every_ns == 0 || now < session->period_ns) {
        return true;
    }
    /* After a pause, of the whole machine maybe, the periods that were missed are one. */
    const uint64_t missed = (now - session->period_ns) / session->options->every_ns;
    session->period_ns += (missed + 1) * session->options->every_ns;
    if (!pyr_recorder_take(session->recorder, &profile, err)) {
        return false;
    }
    const bool ok = pyr_record_session_write(session, profile, err);
    pyr_profile_free(profile);
    return ok;
}

/* Has the target come to use as much CPU as was said? Once it has, it must have been calm before
 * it counts again. */
static bool is_triggered(struct pyr_record_session *session, uint64_t now)
{
    if (session->options->trigger_cpu <= 0 || now < session->cpu_at_ns + CPU_NS) {
        return false;
    }
    const uint64_t cpu = pyr_recorder_cpu_ns(session->recorder);
    const double share = cpu <= session->cpu_ns
                             ? 0
                             : (double)(cpu - session->cpu_ns) / (double)(now - session->cpu_at_ns);
    const bool first = session->cpu_at_ns == 0;
    const bool was_busy = session->was_busy;
    session->cpu_ns = cpu;
    session->cpu_at_ns = now;
    session->was_busy = !first && share >= session->options->trigger_cpu;
    return session->was_busy && !was_busy;
}

static void serve_triggers(struct pyr_record_session *session, uint64_t now)
{
    const bool asked = session->triggers != session->signals.triggers;
    session->triggers = session->signals.triggers;
    if (session->options->recorder.keep_last_ns > 0 && (is_triggered(session, now) || asked)) {
        write_recent(session);
    }
}

static bool flush(struct pyr_record_session *session, uint64_t now, struct pyr_err *err)
{
    struct pyr_profile *profile = NULL;
    const struct pyr_record_options *options = session->options;
    if (now < session->flush_ns || options->every_ns > 0 || options->recorder.keep_last_ns > 0) {
        return true;
    }
    session->flush_ns = now + FLUSH_NS;
    return pyr_recorder_writable(session->recorder, &profile, err) &&
           pyr_record_output_flush(&session->output, profile, err);
}

static bool check_child(struct pyr_record_session *session, struct pyr_err *err)
{
    return session->child == 0 || session->child_ended ||
           pyr_launch_has_ended(session->child, false, &session->child_ended, &session->end, err);
}

/* Is everything over that could be recorded? */
static bool is_over(const struct pyr_record_session *session, uint64_t now)
{
    struct pyr_recorder_progress state;
    pyr_recorder_progress(session->recorder, &state);
    return state.ended || session->signals.stop != 0 || now >= session->stop_ns ||
           (session->child_ended && !session->options->recorder.subprocesses);
}

bool pyr_record_session_run(struct pyr_record_session *session, struct pyr_err *err)
{
    const struct pyr_record_options *options = session->options;
    const uint64_t start = pyr_clock_monotonic_ns();
    bool ok = true;
    session->stop_ns = options->duration_ns == 0 ? UINT64_MAX : start + options->duration_ns;
    session->period_ns = start + options->every_ns;
    session->flush_ns = start + FLUSH_NS;
    for (uint64_t now = start; ok && !is_over(session, now); now = pyr_clock_monotonic_ns()) {
        uint64_t until = now + SLICE_NS;
        until = until < session->stop_ns ? until : session->stop_ns;
        if (options->every_ns > 0) {
            until = until < session->period_ns ? until : session->period_ns;
        }
        ok = pyr_recorder_run(session->recorder, until, NULL, err);
        now = pyr_clock_monotonic_ns();
        pyr_signals_poll(&session->signals, 0);
        ok = ok && check_child(session, err) && flush(session, now, err) &&
             end_period(session, now, err);
        serve_triggers(session, now);
        pyr_record_progress_draw(&session->progress, session->recorder);
    }
    pyr_record_progress_wipe(&session->progress);
    return ok;
}
