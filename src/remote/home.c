/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/home.h"

#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BITS (8 * (uint32_t)sizeof(unsigned long))

void pyr_home_read(struct pyr_home *home)
{
    memset(home, 0, sizeof(*home));
    /* By hand: the C library's cpu_set_t has room for 1024 CPUs only. */
    if (syscall(SYS_sched_getaffinity, 0, sizeof(home->bits), home->bits) <= 0) {
        memset(home, 0, sizeof(*home));
        return;
    }
    for (uint32_t i = 0; i < sizeof(home->bits) / sizeof(home->bits[0]); i++) {
        home->count += (uint32_t)__builtin_popcountl(home->bits[i]);
    }
}

bool pyr_home_has(const struct pyr_home *home, uint32_t cpu)
{
    return cpu < PYR_HOME_MAX_CPUS && (home->bits[cpu / BITS] >> (cpu % BITS) & 1) != 0;
}

static bool set_affinity(const struct pyr_home *home)
{
    return syscall(SYS_sched_setaffinity, 0, sizeof(home->bits), home->bits) == 0;
}

bool pyr_home_go(const struct pyr_home *home, uint32_t cpu)
{
    if (!pyr_home_has(home, cpu)) {
        return false;
    }
    struct pyr_home one = {.count = 1};
    one.bits[cpu / BITS] = 1ul << (cpu % BITS);
    return set_affinity(&one);
}

bool pyr_home_avoid(const struct pyr_home *home, uint32_t cpu)
{
    if (home->count - (pyr_home_has(home, cpu) ? 1 : 0) == 0) {
        return false;
    }
    struct pyr_home others = *home;
    if (cpu < PYR_HOME_MAX_CPUS) {
        others.bits[cpu / BITS] &= ~(1ul << (cpu % BITS));
    }
    return set_affinity(&others);
}

void pyr_home_return(const struct pyr_home *home)
{
    if (home->count > 0) {
        (void)set_affinity(home);
    }
}

uint32_t pyr_home_cpu(void)
{
    int cpu = sched_getcpu();
    return cpu < 0 ? UINT32_MAX : (uint32_t)cpu;
}
