/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Priority: lets the reading thread run when its sleep is over, although the thread that it samples
 * keeps the CPU that both are on: else it may have to wait for a slice of the other's, and the
 * sample would come when the scheduler likes, not when it was due.
 *
 * Two means: a shorter slice, which the kernel (6.12 and later) takes for the wish to be served
 * sooner and asks no privilege for; and where it is permitted, the lowest real-time priority while
 * rounds are taken, each of which sleeps most of its time. Files are written and reports made
 * without it, and no child inherits it. Who started the program with another policy (chrt) meant
 * it: then nothing is changed. Threads: the reading one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pyr_priority {
    int32_t nice;
    bool is_ours;  /* the policy is the ordinary one, so that it may be changed */
    bool may_rise; /* real time is permitted */
    bool is_raised;
};

void pyr_priority_begin(struct pyr_priority *priority);
void pyr_priority_end(struct pyr_priority *priority); /* as it was; zeroed is allowed */
/* Before the first of a run of rounds, and after the last. In between is no way back: a thread that
 * gives real time up has to wait for its turn, which is what this is there to avoid. */
void pyr_priority_raise(struct pyr_priority *priority);
void pyr_priority_lower(struct pyr_priority *priority);
