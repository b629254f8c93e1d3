/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/signals.h"

#include <time.h>

void pyr_signals_take(struct pyr_signals *signals)
{
    struct sigaction ordinary = {.sa_handler = SIG_DFL};
    /* Where it is ignored, the child's status would be thrown away. */
    sigaction(SIGCHLD, &ordinary, NULL);
    pyr_launch_signals(&signals->taken);
    sigprocmask(SIG_BLOCK, &signals->taken, &signals->before);
}

static void take_one(struct pyr_signals *signals, const siginfo_t *info)
{
    if (info->si_signo == SIGCHLD) {
        return; /* whoever waits for the child asks for it */
    }
    if (info->si_signo == SIGUSR1 && (signals->keep_user1 || signals->child == 0)) {
        signals->triggers++;
    } else if (signals->child == 0) {
        signals->stop = info->si_signo;
    } else if (!pyr_launch_is_from_terminal(info)) {
        kill((pid_t)signals->child, info->si_signo);
    }
}

void pyr_signals_poll(struct pyr_signals *signals, uint64_t wait_ns)
{
    struct timespec wait = {(time_t)(wait_ns / 1000000000u), (long)(wait_ns % 1000000000u)};
    siginfo_t info;
    while (sigtimedwait(&signals->taken, &info, &wait) > 0) {
        take_one(signals, &info);
        wait = (struct timespec){0, 0};
    }
}

void pyr_signals_give_back(struct pyr_signals *signals)
{
    const struct timespec now = {0, 0};
    while (sigtimedwait(&signals->taken, NULL, &now) > 0) {
        continue;
    }
    sigprocmask(SIG_SETMASK, &signals->before, NULL);
}
