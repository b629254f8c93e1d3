/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* A thread's CPU time, without a system call in the common case.
 *
 * The kernel's own clock, CLOCK_THREAD_CPUTIME_ID, is exact but costs a system call. While a
 * thread isn't switched out, though, its CPU time is what the time stamp counter says. So the
 * clock leaves a marker where the kernel erases it at every switch: in the field rseq_cs of the
 * thread's area for restartable sequences (rseq(2)), which names a critical section, and which
 * the kernel sets to NULL when it finds that the thread was not in that section. The marker is a
 * section of no instructions: no thread is ever in it. Marker intact: the CPU time is a
 * difference of the counter. Marker gone: the kernel's clock is read, once, and a new marker set.
 *
 * What is handed out adds up to the kernel's clock at each of its readings: an interval that saw
 * a switch is given what the kernel counted since its last reading, less what was handed out as
 * ticks. So neither a rate that is a little off nor time between the readings adds up.
 *
 * Kernels are bound to erase the marker only where a switch interrupts the program; whether a
 * switch within a system call does it, too, is proved at the start of a trace:
 * pyr_cpu_clock_prove(). Where the marker isn't to be had, every step is a system call.
 *
 * - The area must be the C library's (glibc 2.35 and later, and what distributions brought to
 *   older ones). We never register one ourselves: the kernel writes to a registered area until
 *   the thread is gone, a thread's own storage is given back before, and a destructor of ours that
 *   unregistered it in time would take it from whoever else in the program had come to use it.
 * - Other users of rseq (tcmalloc, librseq) may overwrite the marker: then it is gone, which costs
 *   one system call. We overwrite theirs only while no section of theirs can be running, where the
 *   kernel would have set it to NULL as well.
 * - A signal erases the marker, too: one system call, and its handler is CPU time of the thread.
 * - In a forked child a thread's clock begins at 0, and the counter goes on: there every clock in
 *   use must be begun again before its next step. exec leaves nothing of all this.
 * - The kernel reads the marker at a later switch, also after pyr_cpu_clock_end() of another
 *   thread. So the code that holds it must never be unloaded: CPython never unloads an extension.
 *
 * The counter goes on during interrupts and while a virtual machine is not running; the kernel's
 * clock may leave such time out. Then intervals without a switch are that much too long.
 *
 * Threads: a clock belongs to the thread that began it. Others may only call
 * pyr_cpu_clock_of_thread(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum pyr_cpu_clock_kind {
    PYR_CPU_CLOCK_SYSCALL, /* every step reads the kernel's clock */
    PYR_CPU_CLOCK_RSEQ,    /* only steps that saw a switch do */
};

const char *pyr_cpu_clock_name(enum pyr_cpu_clock_kind kind); /* "rseq" or "syscall" */

/* PYR_CPU_CLOCK_RSEQ when the calling thread has shown that its marker outlives a busy loop, is
 * erased by every voluntary switch of some naps, and that the counter and the kernel's clock agree
 * on a spin without a switch; and when the counter is the clock (see pyr_clock_best()). Takes
 * about a millisecond, more where the processors are busy. Not while a clock of the thread runs. */
enum pyr_cpu_clock_kind pyr_cpu_clock_prove(void);

/* Zeroed: not begun. */
struct pyr_cpu_clock {
    const uint64_t *watched; /* holds the marker's address while the thread is not switched */
    uint64_t start_ticks;    /* the marker is older than this; UINT64_MAX where there is none */
    uint64_t base_ns;        /* the kernel's clock: what was handed out before `start_ticks` */
    uint64_t *field;         /* rseq_cs of the thread; NULL for PYR_CPU_CLOCK_SYSCALL */
    double ns_per_tick;
    uint32_t version; /* odd while start_ticks and base_ns change */
    clockid_t id;     /* of the thread's clock, for others */
};

/* Begins `clock` on the calling thread, from now; also one that is begun, but not while another
 * thread may ask for it. The kind becomes PYR_CPU_CLOCK_SYSCALL where this thread has no area of
 * its own. `ns_per_tick` only serves to take back what was handed out as ticks. */
void pyr_cpu_clock_begin(struct pyr_cpu_clock *clock, enum pyr_cpu_clock_kind kind,
                         double ns_per_tick);
enum pyr_cpu_clock_kind pyr_cpu_clock_kind(const struct pyr_cpu_clock *clock);

/* Takes the calling thread's marker away, and zeroes `clock`, which may be zeroed already. On
 * another thread it only zeroes: then the thread must have ended, or the next switch will erase
 * its marker. */
void pyr_cpu_clock_end(struct pyr_cpu_clock *clock);

/* The CPU time, in nanoseconds, that the thread of `clock` has used since the step at `last_ticks`
 * (or since it was begun, with any older `last_ticks`). For any thread, at any time; while the
 * clock steps meanwhile, true to that step. False when the thread is no more, or the clock was
 * not begun. */
bool pyr_cpu_clock_of_thread(const struct pyr_cpu_clock *clock, uint64_t last_ticks,
                             uint64_t *pending_ns);

/* Only its address is used. */
extern const struct pyr_cpu_clock_marker pyr_cpu_clock_marker;

uint64_t pyr_cpu_clock_read(struct pyr_cpu_clock *clock, uint64_t last_ticks);

/* Is the marker still there, so that all from the last step to `now_ticks`, just read, was CPU
 * time? The look depends on the reading, for the compiler; see pyr_cpu_clock_step() for why it
 * comes after it. */
static inline __attribute__((always_inline)) bool
pyr_cpu_clock_is_marked(const struct pyr_cpu_clock *clock, uint64_t now_ticks)
{
    const volatile uint64_t *watched = clock->watched;
    __asm__("" : "+r"(watched) : "r"(now_ticks));
    return __builtin_expect(*watched == (uintptr_t)&pyr_cpu_clock_marker, 1);
}

/* The CPU time of the calling thread since the last step: as `*ticks`, with `*ns` 0; or as `*ns`,
 * with `*ticks` 0. `now_ticks` is a reading of pyr_clock_tsc() just taken, `last_ticks` that of the
 * last step (before the first: any older one). To leave out some time, make a step at its end and
 * drop the result.
 *
 * The marker is looked at AFTER the counter was read. It was set before `start_ticks`; found
 * intact, there was no switch from then until after `now_ticks`, so that all of the interval was
 * CPU time. A switch after the reading and before the look makes the step slow, and the kernel's
 * clock tells the truth. With the look first, a switch between the two would count as CPU time.
 * In the slow step the marker is set before `start_ticks` is read: a switch before it is set is
 * older than all ticks to come, one between the two erases it, and what the thread uses from the
 * kernel's reading to `start_ticks` is part of the next one. No fence is needed: only a switch of
 * this very thread matters, and an interrupt leaves instructions either done or to be done
 * again. */
static inline __attribute__((always_inline)) void pyr_cpu_clock_step(struct pyr_cpu_clock *clock,
                                                                     uint64_t last_ticks,
                                                                     uint64_t now_ticks,
                                                                     uint64_t *ticks, uint64_t *ns)
{
    if (pyr_cpu_clock_is_marked(clock, now_ticks)) {
        uint64_t from = last_ticks > clock->start_ticks ? last_ticks : clock->start_ticks;
        *ticks = now_ticks > from ? now_ticks - from : 0;
        *ns = 0;
        return;
    }
    *ticks = 0;
    *ns = pyr_cpu_clock_read(clock, last_ticks);
}
