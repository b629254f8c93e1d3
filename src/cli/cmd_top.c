/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_top.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/launch.h"
#include "cli/record_words.h"
#include "cli/top_options.h"
#include "tui/screen.h"

#define WAIT_NS 50000000 /* between two looks whether the program has ended, … */
#define LOOKS 60         /* … and how many there are */

/* Lets standard input and output, and standard error if it is the terminal, lead nowhere, or back
 * to where they led. The screen is ours: a program must neither write on it nor read our keys. */
static void turn_away(int saved[3], bool back)
{
    for (int fd = 0; fd < 3; fd++) {
        if (back) {
            if (saved[fd] >= 0) {
                (void)dup2(saved[fd], fd);
                close(saved[fd]);
            }
            continue;
        }
        saved[fd] = fd == STDERR_FILENO && !isatty(fd) ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
        const int nowhere = saved[fd] < 0 ? -1 : open("/dev/null", O_RDWR | O_CLOEXEC);
        if (nowhere >= 0) {
            (void)dup2(nowhere, fd);
            close(nowhere);
        }
    }
}

static bool start_program(const struct pyr_record_options *program, uint32_t *pid,
                          struct pyr_err *err)
{
    char *path = NULL;
    char **words = NULL;
    int saved[3] = {-1, -1, -1};
    sigset_t mask;
    bool ok = pyr_screen_check(err) && pyr_record_words_make(program, &path, &words, err);
    if (ok) {
        sigprocmask(SIG_SETMASK, NULL, &mask);
        turn_away(saved, false);
        ok = pyr_launch_start(path, words, &mask, pid, err);
        turn_away(saved, true);
    }
    pyr_record_words_free(program, path, words);
    return ok;
}

/* Nobody sees any more what it does, so it is asked to end. */
static void end_program(uint32_t pid)
{
    const struct timespec wait = {0, WAIT_NS};
    struct pyr_launch_end end = {0};
    struct pyr_err ignored = {0};
    bool ended = false;
    if (!pyr_launch_has_ended(pid, false, &ended, &end, &ignored) || ended) {
        return;
    }
    kill((pid_t)pid, SIGTERM);
    for (int i = 0; i < LOOKS && !ended; i++) {
        (void)nanosleep(&wait, NULL);
        if (!pyr_launch_has_ended(pid, false, &ended, &end, &ignored)) {
            return;
        }
    }
    if (!ended) {
        pyr_output_say("the program was asked to end, and goes on: process %u", (unsigned)pid);
    }
}

static int run(int argc, char **argv, struct pyr_err *err)
{
    struct pyr_top_settings settings = {0};
    struct pyr_report_options terminal = {0};
    uint32_t child = 0;
    int signal = 0;
    if (!pyr_top_options_read(&settings, argc, argv, err)) {
        return -1;
    }
    if (settings.help) {
        return pyr_help_print(&pyr_command_top, err);
    }
    pyr_output_describe(STDOUT_FILENO, settings.color, &terminal);
    settings.top.color = terminal.color;
    if (settings.program.target != PYR_RECORD_PID) {
        if (!start_program(&settings.program, &child, err)) {
            return -1;
        }
        settings.top.pid = child;
    }
    const bool ok = pyr_top_run(&settings.top, &signal, err);
    if (child != 0) {
        end_program(child);
    }
    if (ok && signal != 0) {
        pyr_launch_die(signal);
    }
    return ok ? 0 : -1;
}

const struct pyr_command pyr_command_top = {
    .name = "top",
    .summary = "show live what a running program does",
    .usage = "[options] PID\n"
             "[options] SCRIPT [ARGUMENTS …]\n"
             "[options] -m MODULE [ARGUMENTS …]\n"
             "[options] -c CODE [ARGUMENTS …]\n"
             "[options] -- COMMAND [ARGUMENTS …]",
    .details = "The key ? lists the keys, q quits. A process is not stopped, and goes on when the\n"
               "view is closed. A program that was started for the view ends with it; what it\n"
               "prints is not shown, but its errors can go to a file: 2>FILE.\n",
    .options = pyr_top_option_tables,
    .run = run,
};
