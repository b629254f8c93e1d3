/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Interpreters: the interpreters and threads that a target has, and what each is at. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/target.h"

#define PYR_MAX_INTERPRETERS 1024
#define PYR_MAX_REMOTE_THREADS 65536

struct pyr_remote_thread {
    uint64_t address; /* of the thread state */
    uint64_t interpreter;
    uint64_t interpreter_id;
    uint64_t unique_id; /* never used twice in its interpreter */
    uint64_t ident;     /* threading.get_ident() */
    uint32_t tid;       /* the kernel's, as we see it; 0: not known */
    bool is_main;       /* of its interpreter */
    bool holds_gil;
    bool collecting; /* runs the garbage collector */
};

struct pyr_remote_threads {
    struct pyr_remote_thread *items; /* owned; main thread of the main interpreter first */
    uint32_t count;
    uint32_t cap;
    uint32_t interpreters;
    bool torn; /* the list changed while it was read: some may be missing */
};

void pyr_remote_threads_release(struct pyr_remote_threads *threads);

/* Lists them anew. Kernel ids before 3.11 come from matching the thread pointers (/proc/PID/task),
 * once per thread. Fails when nothing sensible is there: the interpreter is starting or shutting
 * down (PYR_ERR_GONE), or gone. */
PYR_MUST_USE bool pyr_remote_threads_list(struct pyr_target *target,
                                          struct pyr_remote_threads *threads, struct pyr_err *err);

/* What a thread is at, by the kernel. */
enum pyr_thread_state {
    PYR_THREAD_UNKNOWN = 0,
    PYR_THREAD_RUNNING, /* on a CPU, or ready for one */
    PYR_THREAD_SLEEPING,
    PYR_THREAD_BLOCKED, /* uninterruptible: the disk */
    PYR_THREAD_STOPPED,
    PYR_THREAD_DEAD,
};
/* From /proc/PID/task/TID/stat. */
enum pyr_thread_state pyr_thread_state(uint32_t pid, uint32_t tid);
