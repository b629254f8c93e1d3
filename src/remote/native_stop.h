/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Stop: threads of another process held still with ptrace() for the time of one look.
 *
 * Threads are seized, interrupted, looked at, and let go of altogether: between two looks nobody
 * traces them, so signals, job control, debuggers and the program's own parent find all as ever. If
 * the profiler is killed meanwhile, the kernel lets go of them and they run on.
 * - A signal that arrives at a thread while it is held is given to it when it is let go of.
 * - A thread that job control has stopped (SIGSTOP, Ctrl-Z) stays stopped.
 * - Threads that have ended, or end meanwhile, are left out.
 * - A thread in an uninterruptible wait (of the disk, of vfork()) can't be stopped before that is
 *   over: it is left out, and let go of as soon as it stops.
 * A system call that waits is interrupted and restarted by the kernel; a few (epoll_wait) end with
 * EINTR instead, as they do for every debugger; Python tries again.
 * Threads: all calls from one, for the kernel ties what is traced to the thread that does it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PYR_STOP_LIMIT_NS 2000000000u /* how long threads are waited for that could stop */
#define PYR_STOP_SETTLE_NS 50000000u  /* and, when letting go, those that could not */

/* One that was seized and not let go of yet. */
struct pyr_held_thread {
    uint32_t tid;
    bool stopped;
    bool stuck;     /* in a wait that nothing interrupts: not waited for before it is over */
    bool abandoned; /* for so long that it is not waited for when letting go either */
    int signal;     /* that it stopped to receive; 0: none */
};

struct pyr_stopper {
    uint32_t pid;
    bool is_child; /* of ours: its end is for another part of this program to see */
    struct pyr_held_thread *threads; /* owned */
    uint32_t count;
    uint32_t cap;
    uint64_t missed; /* threads that could not be stopped in time, over all looks */
};

void pyr_stopper_init(struct pyr_stopper *stopper, uint32_t pid);
/* Lets go of all threads; of those that can't be stopped even now, the kernel does when the calling
 * thread ends. A zeroed one is allowed. */
void pyr_stopper_release(struct pyr_stopper *stopper);

/* Stops the threads named, beside those that are stopped already. Those that are gone, or can't be
 * stopped in time, are left out: see pyr_stopper_has(). Fails, with all threads let go of, when one
 * may not be traced: PYR_ERR_PERMISSION, `err` says by whose doing, or when memory runs out. */
PYR_MUST_USE bool pyr_stopper_stop(struct pyr_stopper *stopper, const uint32_t *tids,
                                   uint32_t count, struct pyr_err *err);
/* Is `tid` held still? */
bool pyr_stopper_has(const struct pyr_stopper *stopper, uint32_t tid);
/* The general registers of a thread that is held still, as struct user_regs_struct. */
PYR_MUST_USE bool pyr_stopper_registers(const struct pyr_stopper *stopper, uint32_t tid, void *into,
                                        size_t size, struct pyr_err *err);
/* Lets all threads run. */
void pyr_stopper_resume(struct pyr_stopper *stopper);
