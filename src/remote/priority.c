/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/priority.h"

#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLICE_NS 100000u /* the shortest there is */
#define RESET_ON_FORK 1u

/* As the kernel has it (sched_setattr(2)); the C library names it only since 2.41. */
struct scheduling {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t slice_ns;
    uint64_t deadline_ns;
    uint64_t period_ns;
};

static bool set(const struct scheduling *scheduling)
{
    return syscall(SYS_sched_setattr, 0, scheduling, 0) == 0;
}

static bool set_ordinary(const struct pyr_priority *priority, uint64_t slice_ns)
{
    const struct scheduling ordinary = {.size = sizeof(ordinary),
                                        .policy = SCHED_OTHER,
                                        .nice = priority->nice,
                                        .slice_ns = slice_ns};
    return set(&ordinary);
}

static bool set_real_time(void)
{
    const struct scheduling real_time = {
        .size = sizeof(real_time), .policy = SCHED_FIFO, .flags = RESET_ON_FORK, .priority = 1};
    return set(&real_time);
}

void pyr_priority_begin(struct pyr_priority *priority)
{
    struct scheduling now;
    memset(&now, 0, sizeof(now));
    *priority = (struct pyr_priority){0};
    if (syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0) != 0 || now.policy != SCHED_OTHER) {
        return;
    }
    priority->nice = now.nice;
    priority->is_ours = true;
    priority->may_rise = set_real_time();
    (void)set_ordinary(priority, SLICE_NS);
}

void pyr_priority_end(struct pyr_priority *priority)
{
    if (priority->is_ours) {
        (void)set_ordinary(priority, 0); /* the slice that is usual */
    }
    *priority = (struct pyr_priority){0};
}

void pyr_priority_raise(struct pyr_priority *priority)
{
    if (priority->may_rise && !priority->is_raised &&
        syscall(SYS_sched_getscheduler, 0) == SCHED_OTHER) {
        priority->is_raised = set_real_time();
    }
}

void pyr_priority_lower(struct pyr_priority *priority)
{
    if (priority->is_raised) {
        (void)set_ordinary(priority, SLICE_NS);
        priority->is_raised = false;
    }
}
