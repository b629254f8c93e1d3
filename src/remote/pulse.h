/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Pulse: what the kernel says of one thread: where it runs, for how long it has, what it waits for.
 *
 * Its files in /proc are opened at the first question and kept: asking again is one system call, a
 * tenth of what opening costs. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pyr_pulse {
    uint32_t pid;
    uint32_t tid;
    int stat;      /* -1: not opened yet; -2: can't be */
    int schedstat; /* likewise, and so on */
    int syscall;
    int counter;
};

/* Opens nothing yet. `tid` 0: nothing will be known. */
void pyr_pulse_init(struct pyr_pulse *pulse, uint32_t pid, uint32_t tid);
void pyr_pulse_release(struct pyr_pulse *pulse);

/* How many times it was given a CPU. False when that is not to be had. */
bool pyr_pulse_runs(struct pyr_pulse *pulse, uint64_t *runs);

/* The CPU on which it is or was last, and how many times it was given one. While the second has not
 * changed and the first is ours, the thread has not run. False when that is not to be had. */
bool pyr_pulse_place(struct pyr_pulse *pulse, uint32_t *cpu, uint64_t *runs);

/* CPU time since the thread began, or since the first time it was asked for: differences count. By
 * a counter of perf_event_open(2), exact at any moment; where that is not permitted by schedstat,
 * which for a thread that runs on another CPU may be a tick behind. */
bool pyr_pulse_time(struct pyr_pulse *pulse, uint64_t *ns);

enum pyr_pulse_doing {
    PYR_PULSE_UNKNOWN = 0,
    PYR_PULSE_RUNS,  /* on a CPU, or ready for one */
    PYR_PULSE_WAITS, /* in a system call, or in the kernel for another reason */
};
/* `*futex`: the address it waits at, if that is what it does; else 0. */
enum pyr_pulse_doing pyr_pulse_doing(struct pyr_pulse *pulse, uint64_t *futex);

/* The parts that read text, of any content; for tests. */
bool pyr_pulse_parse_cpu(const char *stat, uint32_t *cpu);
bool pyr_pulse_parse_schedstat(const char *schedstat, uint64_t *ns, uint64_t *runs);
enum pyr_pulse_doing pyr_pulse_parse_syscall(const char *syscall, uint64_t *futex);
