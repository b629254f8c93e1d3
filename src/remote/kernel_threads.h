/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Kernel threads: the threads of a process by the kernel's numbers, as the process sees them and as
 * we do: in a container of its own they differ. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/memory.h"

#define PYR_MAX_KERNEL_THREADS 131072

struct pyr_kernel_thread {
    uint32_t inner; /* its number to itself */
    uint32_t outer; /* and to us */
};

struct pyr_kernel_threads {
    struct pyr_kernel_thread *items; /* owned; by inner number */
    uint32_t count;
    uint32_t cap;
};

/* Reads /proc/PID/task. */
PYR_MUST_USE bool pyr_kernel_threads_read(struct pyr_kernel_threads *threads, uint32_t pid,
                                          struct pyr_err *err);
struct pyr_core;
/* The same from a core file, whose numbers are those that the process saw. */
PYR_MUST_USE bool pyr_kernel_threads_of_core(struct pyr_kernel_threads *threads,
                                             const struct pyr_core *core, struct pyr_err *err);
void pyr_kernel_threads_release(struct pyr_kernel_threads *threads); /* zeroed is allowed */
/* Our number of the thread whose own is `inner`; 0 when the process has none such. */
uint32_t pyr_kernel_threads_find(const struct pyr_kernel_threads *threads, uint32_t inner);
/* Our number of the thread whose pthread_self() is `pointer`: the C library keeps the kernel's
 * number there. 0 when what stands there is no thread of the process. */
uint32_t pyr_kernel_threads_match(const struct pyr_kernel_threads *threads,
                                  struct pyr_memory *memory, uint64_t pointer);
/* The last number of a line `NSpid:` in the text of /proc/PID/status: the innermost; 0: none. */
uint32_t pyr_kernel_threads_inner(const char *status);
