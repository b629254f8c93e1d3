/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/pace.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"

#define NS_PER_S 1000000000ull

void pyr_pace_start(struct pyr_pace *pace, uint32_t rate, uint64_t now_ns)
{
    *pace = (struct pyr_pace){
        .step_ns = rate == 0 ? 0 : NS_PER_S / rate,
        .random = now_ns | 1,
    };
    pace->grid_ns = now_ns - pace->step_ns;
}

/* xorshift: its state is never 0. */
static uint64_t next_random(struct pyr_pace *pace)
{
    pace->random ^= pace->random << 13;
    pace->random ^= pace->random >> 7;
    pace->random ^= pace->random << 17;
    return pace->random;
}

uint64_t pyr_pace_next(struct pyr_pace *pace, uint64_t now_ns, uint64_t *late)
{
    if (pace->step_ns == 0) {
        return now_ns;
    }
    pace->grid_ns += pace->step_ns;
    if (now_ns > pace->grid_ns) {
        uint64_t missed = (now_ns - pace->grid_ns) / pace->step_ns;
        pace->grid_ns += missed * pace->step_ns;
        *late += missed;
    }
    return pace->grid_ns + next_random(pace) % pace->step_ns;
}

bool pyr_pace_wait(uint64_t until_ns)
{
    if (pyr_clock_monotonic_ns() >= until_ns) {
        return true;
    }
    struct timespec until = {.tv_sec = (time_t)(until_ns / NS_PER_S),
                             .tv_nsec = (long)(until_ns % NS_PER_S)};
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != EINTR;
}
