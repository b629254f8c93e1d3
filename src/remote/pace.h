/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Pace: when the next round is due: at a random point of each step of a grid that does not drift.
 *
 * A round that takes longer than a step does not push the later ones back: what was due meanwhile
 * is left out and counted, so that a recording tells how far it kept its rate. Any point of a step
 * is as likely as any other. On the grid itself, or near it, a program with a beat of its own would
 * be met at the same points of it every time: parts of 5, 10 and 15 ms that follow one another get
 * a third each from rounds 10 ms apart. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pyr_pace {
    uint64_t step_ns; /* 0: no grid, each round is due at once */
    uint64_t grid_ns; /* the point of the grid of the round that was given last */
    uint64_t random;
};

/* The first step begins at `now_ns`, all of CLOCK_MONOTONIC. `rate` is in Hz; 0: no grid. */
void pyr_pace_start(struct pyr_pace *pace, uint32_t rate, uint64_t now_ns);
/* When the next round is to begin, which may be in the past by less than a step; `*late` is raised
 * by the rounds that are left out because their whole step has passed already. */
uint64_t pyr_pace_next(struct pyr_pace *pace, uint64_t now_ns, uint64_t *late);
/* Sleeps until then. False when a signal came before. */
bool pyr_pace_wait(uint64_t until_ns);
