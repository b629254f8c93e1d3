/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define NS_PER_S 1000000000u
#define MIN_BASE_NS 1000000u
#define MEASURE_NS 2000000u
#define MARK_TRIES 8

static uint64_t read_clock(clockid_t id)
{
    struct timespec now = {0};
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t pyr_clock_monotonic_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t pyr_clock_realtime_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

#if defined(__x86_64__)

/* The kernel compares the counter with other clocks all the time, and leaves it when it drifts or
 * differs between processors. Where the kernel can't be asked, the processor's word must do. */
static bool kernel_trusts_tsc(void)
{
    int fd = open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
                  O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return true;
    }
    char name[16] = "";
    ssize_t len = read(fd, name, sizeof name - 1);
    close(fd);
    return len <= 0 || strcmp(name, "tsc\n") == 0 || strcmp(name, "tsc") == 0;
}

static bool tsc_is_trusted(void)
{
    const unsigned power_leaf = 0x80000007;
    const unsigned invariant_bit = 1u << 8;
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    return __get_cpuid(power_leaf, &a, &b, &c, &d) != 0 && (d & invariant_bit) != 0 &&
           kernel_trusts_tsc();
}

#elif defined(__aarch64__)

static bool tsc_is_trusted(void)
{
    return true; /* the architecture guarantees a counter of constant rate, equal on all cores */
}

#else

static bool tsc_is_trusted(void)
{
    return false;
}

#endif

enum pyr_clock_kind pyr_clock_best(void)
{
    const char *wish = getenv("PYROMETER_CLOCK");
    if (wish != NULL && strcmp(wish, "monotonic") == 0) {
        return PYR_CLOCK_MONOTONIC;
    }
    return tsc_is_trusted() ? PYR_CLOCK_TSC : PYR_CLOCK_MONOTONIC;
}

const char *pyr_clock_name(enum pyr_clock_kind kind)
{
    return kind == PYR_CLOCK_TSC ? "tsc" : "monotonic";
}

struct pyr_clock_mark pyr_clock_mark(enum pyr_clock_kind kind)
{
    if (kind == PYR_CLOCK_MONOTONIC) {
        uint64_t now = pyr_clock_monotonic_ns();
        return (struct pyr_clock_mark){now, now};
    }
    struct pyr_clock_mark best = {0};
    uint64_t best_gap = UINT64_MAX;
    /* An interrupt between the readings would put them apart: the closest of a few is kept. */
    for (int i = 0; i < MARK_TRIES; i++) {
        uint64_t before = pyr_clock_tsc();
        uint64_t ns = pyr_clock_monotonic_ns();
        uint64_t gap = pyr_clock_tsc() - before;
        if (gap < best_gap) {
            best_gap = gap;
            best = (struct pyr_clock_mark){before + gap / 2, ns};
        }
    }
    return best;
}

double pyr_clock_rate(enum pyr_clock_kind kind, struct pyr_clock_mark from,
                      struct pyr_clock_mark to)
{
    if (kind == PYR_CLOCK_MONOTONIC) {
        return 1.0;
    }
    if (to.ticks <= from.ticks || to.ns < from.ns || to.ns - from.ns < MIN_BASE_NS) {
        from = pyr_clock_mark(kind);
        while (pyr_clock_monotonic_ns() - from.ns < MEASURE_NS) {
            /* Awake, because a sleep may take far longer. */
        }
        to = pyr_clock_mark(kind);
    }
    return (double)(to.ns - from.ns) / (double)(to.ticks - from.ticks);
}
