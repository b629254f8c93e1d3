/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Clocks: the time stamp counter where it may be trusted, CLOCK_MONOTONIC otherwise. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum pyr_clock_kind {
    PYR_CLOCK_TSC,       /* ticks are cycles of an invariant counter */
    PYR_CLOCK_MONOTONIC, /* ticks are nanoseconds */
};

uint64_t pyr_clock_monotonic_ns(void);
uint64_t pyr_clock_realtime_ns(void); /* since 1970, UTC */

/* PYR_CLOCK_TSC when the processor says its counter is invariant and the kernel itself uses it
 * as its clock source; PYROMETER_CLOCK=monotonic in the environment overrules. */
enum pyr_clock_kind pyr_clock_best(void);
const char *pyr_clock_name(enum pyr_clock_kind kind); /* "tsc" or "monotonic" */

#if defined(__x86_64__)
static inline uint64_t pyr_clock_tsc(void)
{
    return __builtin_ia32_rdtsc();
}
#elif defined(__aarch64__)
static inline uint64_t pyr_clock_tsc(void)
{
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
}
#else
static inline uint64_t pyr_clock_tsc(void)
{
    return pyr_clock_monotonic_ns();
}
#endif

static inline uint64_t pyr_clock_ticks(enum pyr_clock_kind kind)
{
    return kind == PYR_CLOCK_TSC ? pyr_clock_tsc() : pyr_clock_monotonic_ns();
}

/* A pair of readings of both clocks, taken as close together as the machine allows. */
struct pyr_clock_mark {
    uint64_t ticks;
    uint64_t ns;
};
struct pyr_clock_mark pyr_clock_mark(enum pyr_clock_kind kind);
/* Nanoseconds per tick between two marks (1.0 for PYR_CLOCK_MONOTONIC). The further apart the
 * marks, the better; under 1 ms apart, the rate is measured anew by waiting 2 ms. */
double pyr_clock_rate(enum pyr_clock_kind kind, struct pyr_clock_mark from,
                      struct pyr_clock_mark to);
