/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Signals: taken in hand while something is recorded, and asked for now and then, so that nothing
 * happens in a handler. Those that are meant for a program that we run are passed on to it. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/launch.h"

struct pyr_signals {
    sigset_t taken;
    sigset_t before;   /* the mask as it was */
    uint32_t child;    /* whom they are passed on to; 0: nobody, they are for us */
    bool keep_user1;   /* SIGUSR1 is for us in any case */
    int stop;          /* the signal that asked us to end; 0: none */
    uint32_t triggers; /* how many SIGUSR1 were for us */
};

/* Blocks them. */
void pyr_signals_take(struct pyr_signals *signals);
/* Looks at those that have come since; if none has, waits for one up to `wait_ns`. */
void pyr_signals_poll(struct pyr_signals *signals, uint64_t wait_ns);
/* As it was before; what came too late is dropped. */
void pyr_signals_give_back(struct pyr_signals *signals);
