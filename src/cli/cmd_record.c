/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/help.h"
#include "cli/record_session.h"
#include "cli/record_words.h"
#include "remote/program.h"

#define WAIT_NS 100000000u /* between two looks whether the program has ended */

/* What a process runs is what its file is called after, with its number: "serve-1234". */
static void name_process(uint32_t pid, char *name, size_t size)
{
    struct pyr_program program;
    pyr_program_find(pid, &program);
    const char *text = program.name;
    const char *slash = strrchr(text, '/');
    text = program.is == PYR_PROGRAM_IS_SCRIPT && slash != NULL ? slash + 1 : text;
    if (text[0] == '\0') {
        text = program.python[0] == '\0' ? "python" : program.python;
    }
    size_t len = strlen(text);
    len -= len > 3 && strcmp(text + len - 3, ".py") == 0 ? 3 : 0;
    snprintf(name, size, "%.*s-%u", (int)(len < 200 ? len : 200), text, (unsigned)pid);
}

static bool choose_files(const struct pyr_record_options *options, struct pyr_trace_files *files,
                         struct pyr_err *err)
{
    static const enum pyr_program_kind kinds[] = {
        [PYR_RECORD_PID] = PYR_PROGRAM_MODULE,     [PYR_RECORD_SCRIPT] = PYR_PROGRAM_SCRIPT,
        [PYR_RECORD_MODULE] = PYR_PROGRAM_MODULE,  [PYR_RECORD_CODE] = PYR_PROGRAM_CODE,
        [PYR_RECORD_COMMAND] = PYR_PROGRAM_MODULE,
    };
    char name[256];
    const char *program = options->program;
    if (options->target == PYR_RECORD_PID) {
        name_process(options->pid, name, sizeof name);
        program = name;
    }
    return pyr_trace_files_choose(files, options->show.output, options->show.format,
                                  kinds[options->target], program, err);
}

static bool start_child(struct pyr_record_session *session, struct pyr_err *err)
{
    char *path = NULL;
    char **words = NULL;
    const bool ok = pyr_record_words_make(session->options, &path, &words, err) &&
                    pyr_launch_start(path, words, &session->signals.before, &session->child, err);
    pyr_record_words_free(session->options, path, words);
    session->signals.child = session->child;
    return ok;
}

/* Lets the program go on to its end, which need not be now. */
static bool wait_for_child(struct pyr_record_session *session, struct pyr_err *err)
{
    if (session->child != 0 && !session->child_ended && !session->options->quiet) {
        pyr_output_say("the program goes on; what it does from here on is not recorded");
    }
    while (session->child != 0 && !session->child_ended) {
        if (!pyr_launch_has_ended(session->child, false, &session->child_ended, &session->end,
                                  err)) {
            return false;
        }
        if (!session->child_ended) {
            pyr_signals_poll(&session->signals, WAIT_NS);
        }
    }
    return true;
}

/* The profile of the whole recording, of its last moments, or of its last period; `*own` when the
 * caller has to free it. */
static bool get_profile(struct pyr_record_session *session, struct pyr_profile **profile, bool *own,
                        struct pyr_err *err)
{
    const struct pyr_record_options *options = session->options;
    bool ok = false;
    *own = options->every_ns > 0 || options->recorder.keep_last_ns > 0;
    if (options->recorder.keep_last_ns > 0) {
        ok = pyr_recorder_recent(session->recorder, 0, profile, err) &&
             pyr_meta_set_number((*profile)->meta, PYR_META_FINISHED, 1, err);
    } else {
        ok = pyr_recorder_finish(session->recorder, profile, err) &&
             (options->every_ns == 0 || pyr_recorder_take(session->recorder, profile, err));
    }
    return ok &&
           (!session->child_ended ||
            pyr_meta_set_number((*profile)->meta, PYR_META_EXIT_STATUS, session->end.status, err));
}

static bool write_files(struct pyr_record_session *session, struct pyr_trace_files *files,
                        struct pyr_profile *profile, struct pyr_err *err)
{
    const struct pyr_show *show = &session->options->show;
    if (session->options->every_ns > 0) {
        return pyr_record_session_write(session, profile, err);
    }
    if (!pyr_record_output_close(&session->output, profile, err)) {
        return false;
    }
    if (files->converted != NULL &&
        !pyr_format_save(profile, files->converted, show->format, &show->writing, err)) {
        return pyr_err_prefix(err, "the profile is in %s", files->collected);
    }
    if (files->temporary) {
        unlink(files->collected);
    }
    return true;
}

static void say_where(const struct pyr_record_session *session, const struct pyr_trace_files *files)
{
    const char *us =
        strchr(program_invocation_name, '/') == NULL ? "pyrometer" : program_invocation_name;
    if (session->options->every_ns > 0) {
        return; /* each file was told of when it was written */
    }
    if (files->temporary) {
        pyr_output_say("wrote %s", files->converted);
        return;
    }
    pyr_output_say("wrote %s%s%s; look again with: %s report %s --tree", files->collected,
                   files->converted != NULL ? " and " : "",
                   files->converted != NULL ? files->converted : "", us, files->collected);
}

/* As `trace` does: on the terminal; where standard output is none it may be the program's. */
static void show(const struct pyr_record_session *session, const struct pyr_profile *profile)
{
    const struct pyr_record_options *options = session->options;
    const int fd = isatty(STDOUT_FILENO) ? STDOUT_FILENO : STDERR_FILENO;
    struct pyr_err err = {0};
    if (options->quiet || options->no_report) {
        return;
    }
    if (!pyr_show_report(&options->show, profile, fd, &err)) {
        pyr_output_say("%s", err.message);
    }
    if (pyr_values_count(profile->values) == 0 && !options->recorder.collect.idle) {
        pyr_output_say("no thread was seen %s; --idle records threads that wait, too",
                       options->recorder.collect.gil ? "with the GIL" : "at work");
    }
}

static bool finish(struct pyr_record_session *session, struct pyr_trace_files *files,
                   struct pyr_err *err)
{
    struct pyr_profile *profile = NULL;
    bool own = false;
    const bool ok =
        get_profile(session, &profile, &own, err) && write_files(session, files, profile, err);
    if (ok) {
        (void)pyr_trace_files_settle(files, (uint32_t)getpid());
        show(session, profile);
        if (!session->options->quiet) {
            say_where(session, files);
        }
    }
    if (own) {
        pyr_profile_free(profile);
    }
    return ok;
}

static bool has_started(const struct pyr_record_session *session)
{
    struct pyr_recorder_progress progress;
    pyr_recorder_progress(session->recorder, &progress);
    return progress.started;
}

/* No Python came up in what we ran, or not for long enough. */
static bool say_no_python(const struct pyr_record_session *session, struct pyr_err *err)
{
    const struct pyr_record_options *options = session->options;
    const char *why = pyr_recorder_why_not(session->recorder);
    if (options->target != PYR_RECORD_COMMAND) {
        return pyr_err_set(err, PYR_ERR_GONE,
                           "the program ended before it could be looked into%s%s",
                           why[0] == '\0' ? "" : ": ", why);
    }
    return pyr_err_set(
        err, PYR_ERR_GONE, "%s ended before a Python was seen in it%s%s%s", options->program,
        why[0] == '\0' ? "" : ": ", why,
        options->recorder.subprocesses ? "" : "; --subprocesses looks at what it starts, too");
}

/* Everything from the first round to the report. Signals are taken. */
static bool record(struct pyr_record_session *session, struct pyr_trace_files *files,
                   struct pyr_err *err)
{
    struct pyr_err late = {0};
    const struct pyr_record_options *options = session->options;
    if (options->target != PYR_RECORD_PID && !start_child(session, err)) {
        return false;
    }
    const uint32_t pid = session->child != 0 ? session->child : options->pid;
    session->recorder = pyr_recorder_open(pid, &options->recorder, err);
    if (session->recorder == NULL) {
        return false;
    }
    session->progress = (struct pyr_record_progress){
        .shown = session->child == 0 && !options->quiet && isatty(STDERR_FILENO),
        .pid = pid,
        .duration_ns = options->duration_ns,
    };
    session->output.path = files->collected;
    const bool ok = pyr_record_session_run(session, err);
    if (!has_started(session)) {
        return ok && say_no_python(session, err);
    }
    return ok ? finish(session, files, err) : (finish(session, files, &late), false);
}

static int run_session(const struct pyr_record_options *options, struct pyr_trace_files *files,
                       struct pyr_err *err)
{
    struct pyr_record_session session = {.options = options, .files = files};
    struct pyr_err waiting = {0};
    session.signals.keep_user1 = options->recorder.keep_last_ns > 0;
    pyr_signals_take(&session.signals);
    bool ok = record(&session, files, err);
    pyr_record_output_abandon(&session.output);
    pyr_recorder_close(session.recorder);
    if (!ok) {
        (void)pyr_trace_files_settle(files, (uint32_t)getpid());
    }
    if (!ok && session.child == 0) {
        pyr_signals_give_back(&session.signals);
        return -1;
    }
    if (!ok) {
        pyr_output_say("%s", err->message);
    }
    ok = wait_for_child(&session, &waiting) && ok;
    pyr_signals_give_back(&session.signals);
    if (session.end.signal != 0) {
        pyr_launch_die(session.end.signal);
    }
    /* Of a program that was too quick for us, too, the status is its own. */
    const bool is_quick = !ok && err->code == PYR_ERR_GONE && session.child_ended &&
                          options->target != PYR_RECORD_COMMAND;
    return session.end.status != 0 || ok || is_quick ? session.end.status : PYR_EXIT_ERROR;
}

static int run(int argc, char **argv, struct pyr_err *err)
{
    struct pyr_record_options options;
    struct pyr_trace_files files = {0};
    int status = -1;
    if (!pyr_record_options_read(&options, argc, argv, err)) {
        return -1;
    }
    if (options.help) {
        return pyr_help_print(&pyr_command_record, err);
    }
    if (choose_files(&options, &files, err) && pyr_trace_files_prepare(&files, err)) {
        /* Shortened names are for formats that show them; a .pyro file is shortened when shown. */
        options.recorder.collect.full_files =
            options.recorder.collect.full_files || !files.temporary;
        status = run_session(&options, &files, err);
    }
    pyr_trace_files_release(&files);
    return status;
}

const struct pyr_command pyr_command_record = {
    .name = "record",
    .summary = "sample a running process or a program, and leave it alone",
    .usage = "[options] PID\n"
             "[options] SCRIPT [ARGUMENTS …]\n"
             "[options] -m MODULE [ARGUMENTS …]\n"
             "[options] -- COMMAND [ARGUMENTS …]",
    .details =
        "A process that runs is only looked at: Ctrl-C ends the recording, not the process.\n"
        "A program that was started here gets Ctrl-C and other signals itself, and its exit\n"
        "status is ours. To look into processes that are not our children may take rights:\n"
        "what is missing is said.\n"
        "Examples:\n"
        "  pyrometer record 1234 -d 30\n"
        "  pyrometer record -r 1000 -o run.speedscope.json script.py\n"
        "  pyrometer record --subprocesses -- gunicorn app:api\n"
        "  pyrometer record 1234 --keep-last 30s --trigger-cpu 80%\n",
    .options = pyr_record_option_tables,
    .run = run,
};
