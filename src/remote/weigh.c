/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/weigh.h"

#define NS_PER_S 1000000000ull

uint64_t pyr_weigh_shorten(struct pyr_sample *sample, uint32_t rate, bool cpu)
{
    const uint64_t steps_ns = PYR_WEIGH_LONGEST_STEPS * NS_PER_S / rate;
    const uint64_t longest = steps_ns < PYR_WEIGH_LONGEST_NS ? PYR_WEIGH_LONGEST_NS : steps_ns;
    if (sample->wall_ns <= longest) {
        return 0;
    }
    const uint64_t wall = sample->wall_ns - longest;
    const double share = (double)wall / (double)sample->wall_ns;
    const uint64_t cpu_rest = (uint64_t)((double)sample->cpu_ns * share);
    sample->wall_ns -= wall;
    sample->cpu_ns -= cpu_rest;
    return cpu ? cpu_rest : wall;
}
