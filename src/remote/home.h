/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Home: the CPUs that the reading thread may use. A frozen reader follows its target from one CPU
 * to another by narrowing its own affinity to one; what it was before is kept here, so that several
 * samplers of one thread agree on it and it can be set back. It is never widened: who confined the
 * reader (taskset, a cpuset) meant it. Threads: the reading one only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PYR_HOME_MAX_CPUS 8192

struct pyr_home {
    unsigned long bits[PYR_HOME_MAX_CPUS / (8 * sizeof(unsigned long))];
    uint32_t count; /* of CPUs; 0: not known, nothing is ever changed */
};

/* As the calling thread's affinity is now. */
void pyr_home_read(struct pyr_home *home);
bool pyr_home_has(const struct pyr_home *home, uint32_t cpu);
/* Goes to `cpu`, and stays there. False where that is not allowed; then nothing has changed. */
bool pyr_home_go(const struct pyr_home *home, uint32_t cpu);
/* Goes to any CPU but `cpu`. False when there is no other. */
bool pyr_home_avoid(const struct pyr_home *home, uint32_t cpu);
void pyr_home_return(const struct pyr_home *home); /* the affinity as it was */
/* The CPU that the calling thread is on; UINT32_MAX when not known. */
uint32_t pyr_home_cpu(void);
