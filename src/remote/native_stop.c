/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native_stop.h"

#include <elf.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

/* A thread on another CPU stops within microseconds; on ours it needs our place first. */
#define YIELDS_BEFORE_SLEEP 100
#define SLEEP_NS 20000
#define LOOK_AT_STATES 20 /* every so many sleeps */

/* What is known of a thread before it is tried, from /proc/PID/task/TID/status. */
struct thread_facts {
    bool exists;
    bool dead;
    bool stuck; /* in a wait that nothing interrupts */
    uint32_t tracer;
};

static void read_facts(uint32_t pid, uint32_t tid, struct thread_facts *facts)
{
    char path[64];
    char line[256];
    *facts = (struct thread_facts){0};
    snprintf(path, sizeof path, "/proc/%u/task/%u/status", pid, tid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return;
    }
    facts->exists = true;
    while (fgets(line, sizeof line, file) != NULL) {
        char state = 0;
        unsigned tracer = 0;
        if (sscanf(line, "State: %c", &state) == 1) {
            facts->dead = state == 'Z' || state == 'X' || state == 'x';
            facts->stuck = state == 'D';
        } else if (sscanf(line, "TracerPid: %u", &tracer) == 1) {
            facts->tracer = tracer;
        }
    }
    fclose(file);
}

void pyr_stopper_init(struct pyr_stopper *stopper, uint32_t pid)
{
    siginfo_t info;
    memset(stopper, 0, sizeof *stopper);
    stopper->pid = pid;
    stopper->is_child = waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Asks the kernel what has become of a thread of ours. False when it is no longer there. */
static bool look(struct pyr_stopper *stopper, struct pyr_held_thread *thread)
{
    siginfo_t info;
    /* The end of a child of ours must stay there to be waited for by who began it. */
    const int keep = stopper->is_child && thread->tid == stopper->pid ? WNOWAIT : 0;
    memset(&info, 0, sizeof info);
    if (waitid(P_PID, thread->tid, &info, WEXITED | WSTOPPED | WNOHANG | __WALL | keep) != 0) {
        return errno == EINTR;
    }
    if (info.si_pid == 0) {
        return true;
    }
    if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED) {
        return false;
    }
    thread->stopped = true;
    /* Above the signal's byte stands which event it is; none: it stopped to receive the signal. */
    thread->signal = (info.si_status >> 8) == 0 ? info.si_status : 0;
    return true;
}

static void forget(struct pyr_stopper *stopper, uint32_t index)
{
    stopper->threads[index] = stopper->threads[--stopper->count];
}

/* Gives the number of threads that still have to stop, among them `stuck` ones if asked for. */
static uint32_t look_at_all(struct pyr_stopper *stopper, bool stuck)
{
    uint32_t waiting = 0;
    for (uint32_t i = stopper->count; i-- > 0;) {
        struct pyr_held_thread *thread = &stopper->threads[i];
        if (thread->stopped) {
            continue;
        }
        if (!look(stopper, thread)) {
            forget(stopper, i);
        } else if (!thread->stopped && !thread->abandoned) {
            waiting += stuck || !thread->stuck;
        }
    }
    return waiting;
}

/* A thread that waits for a CPU will stop when it gets one; one in such a wait may not for long. */
static void look_for_stuck(struct pyr_stopper *stopper)
{
    for (uint32_t i = 0; i < stopper->count; i++) {
        struct thread_facts facts;
        if (!stopper->threads[i].stopped) {
            read_facts(stopper->pid, stopper->threads[i].tid, &facts);
            stopper->threads[i].stuck = facts.stuck;
        }
    }
}

static void wait_for_all(struct pyr_stopper *stopper, uint64_t limit_ns, bool stuck)
{
    const uint64_t start = pyr_clock_monotonic_ns();
    uint32_t waiting = look_at_all(stopper, stuck);
    for (uint32_t turn = 0; waiting != 0 && pyr_clock_monotonic_ns() - start < limit_ns; turn++) {
        if (turn < YIELDS_BEFORE_SLEEP) {
            sched_yield();
        } else {
            const struct timespec pause = {0, SLEEP_NS};
            nanosleep(&pause, NULL);
            if (turn % LOOK_AT_STATES == 0) {
                look_for_stuck(stopper);
            }
        }
        waiting = look_at_all(stopper, stuck);
    }
}

/* Those that were asked to stop and did not. */
static uint32_t count_missed(const struct pyr_stopper *stopper)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < stopper->count; i++) {
        count += !stopper->threads[i].stopped;
    }
    return count;
}

static bool let_go(struct pyr_held_thread *thread)
{
    /* The kernel takes the signal as a pointer. */
    const uintptr_t signal = (uintptr_t)thread->signal;
    return ptrace(PTRACE_DETACH, (pid_t)thread->tid, NULL, (void *)signal) == 0;
}

/* Lets go of what is stopped; what is not, or has become something else by exec(), stays. */
static void let_go_of_stopped(struct pyr_stopper *stopper)
{
    for (uint32_t i = stopper->count; i-- > 0;) {
        struct pyr_held_thread *thread = &stopper->threads[i];
        if (!thread->stopped) {
            continue;
        }
        if (let_go(thread)) {
            forget(stopper, i);
        } else {
            thread->stopped = false;
            thread->signal = 0;
        }
    }
}

void pyr_stopper_resume(struct pyr_stopper *stopper)
{
    let_go_of_stopped(stopper);
    if (stopper->count != 0) {
        /* Whatever stops from now on would stay so until the next look. */
        wait_for_all(stopper, PYR_STOP_SETTLE_NS, true);
        let_go_of_stopped(stopper);
    }
    for (uint32_t i = 0; i < stopper->count; i++) {
        stopper->threads[i].abandoned = stopper->threads[i].stuck;
    }
}

void pyr_stopper_release(struct pyr_stopper *stopper)
{
    pyr_stopper_resume(stopper);
    pyr_mem_free(stopper->threads);
    memset(stopper, 0, sizeof *stopper);
}

static bool refuse(const struct pyr_stopper *stopper, uint32_t tid,
                   const struct thread_facts *facts, int errnum, struct pyr_err *err)
{
    if (errnum != EPERM) {
        return pyr_err_errno(err, errnum, "process %u: thread %u can't be stopped", stopper->pid,
                             tid);
    }
    if (facts->tracer != 0) {
        return pyr_err_set(err, PYR_ERR_PERMISSION,
                           "process %u is traced by process %u (a debugger, strace, another "
                           "profiler?), and only one can; leave out --blocking and --native, or "
                           "end that first",
                           stopper->pid, facts->tracer);
    }
    return pyr_err_set(err, PYR_ERR_PERMISSION,
                       "process %u may not be stopped by this user: that takes the same user or "
                       "root, and where /proc/sys/kernel/yama/ptrace_scope is not 0, the "
                       "capability SYS_PTRACE",
                       stopper->pid);
}

static struct pyr_held_thread *find(const struct pyr_stopper *stopper, uint32_t tid)
{
    for (uint32_t i = 0; i < stopper->count; i++) {
        if (stopper->threads[i].tid == tid) {
            return &stopper->threads[i];
        }
    }
    return NULL;
}

/* Makes sure that the thread is one of the process: its number may have been given anew. */
static bool is_ours(const struct pyr_stopper *stopper, uint32_t tid)
{
    return syscall(SYS_tgkill, stopper->pid, tid, 0) == 0 || errno == EPERM;
}

static bool seize(struct pyr_stopper *stopper, uint32_t tid, struct pyr_err *err)
{
    if (tid == 0 || !is_ours(stopper, tid) || find(stopper, tid) != NULL) {
        return true;
    }
    if (!pyr_mem_grow(&stopper->threads, &stopper->cap, (size_t)stopper->count + 1,
                      sizeof *stopper->threads, err)) {
        return false;
    }
    if (ptrace(PTRACE_SEIZE, (pid_t)tid, NULL, NULL) != 0) {
        const int errnum = errno;
        struct thread_facts facts;
        read_facts(stopper->pid, tid, &facts);
        if (errnum == ESRCH || !facts.exists || facts.dead) {
            return true;
        }
        return refuse(stopper, tid, &facts, errnum, err);
    }
    /* Fails only if the thread has ended since, which looking at it will tell. */
    ptrace(PTRACE_INTERRUPT, (pid_t)tid, NULL, NULL);
    stopper->threads[stopper->count++] = (struct pyr_held_thread){.tid = tid};
    return true;
}

bool pyr_stopper_stop(struct pyr_stopper *stopper, const uint32_t *tids, uint32_t count,
                      struct pyr_err *err)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!seize(stopper, tids[i], err)) {
            wait_for_all(stopper, PYR_STOP_LIMIT_NS, false);
            pyr_stopper_resume(stopper);
            return false;
        }
    }
    wait_for_all(stopper, PYR_STOP_LIMIT_NS, false);
    stopper->missed += count_missed(stopper);
    return true;
}

bool pyr_stopper_has(const struct pyr_stopper *stopper, uint32_t tid)
{
    const struct pyr_held_thread *thread = find(stopper, tid);
    return thread != NULL && thread->stopped;
}

bool pyr_stopper_registers(const struct pyr_stopper *stopper, uint32_t tid, void *into, size_t size,
                           struct pyr_err *err)
{
    struct iovec room = {into, size};
    const uintptr_t set = NT_PRSTATUS;
    if (!pyr_stopper_has(stopper, tid)) {
        return pyr_err_set(err, PYR_ERR_GONE, "thread %u of process %u is not stopped", tid,
                           stopper->pid);
    }
    if (ptrace(PTRACE_GETREGSET, (pid_t)tid, (void *)set, &room) != 0) {
        return pyr_err_errno(err, errno, "process %u: registers of thread %u", stopper->pid, tid);
    }
    return room.iov_len == size || pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                                               "process %u is not a 64-bit process", stopper->pid);
}
