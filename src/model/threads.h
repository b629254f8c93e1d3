/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Threads: where a stack ran. Ids are dense and start at 1; id 0 is no thread.
 * Unlike functions, two threads with equal fields stay two: each add makes a new one.
 * Threads: one writer, readers after it. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/strtab.h"

typedef struct {
    uint32_t i;
} pyr_thread;

/* The numbers are stored in files: add at the end, never change. */
enum pyr_thread_kind {
    PYR_THREAD_NATIVE = 0,
    PYR_THREAD_TASK = 1, /* an asyncio task */
    PYR_THREAD_GREENLET = 2,
};
#define PYR_THREAD_KIND_COUNT 3

struct pyr_thread_info {
    uint32_t pid; /* 0 when not known */
    uint32_t tid; /* the kernel's id; 0 when not known */
    pyr_str name;
    enum pyr_thread_kind kind;
};

struct pyr_threads;

struct pyr_threads *pyr_threads_new(void); /* NULL when out of memory */
void pyr_threads_free(struct pyr_threads *tab);
PYR_MUST_USE bool pyr_threads_add(struct pyr_threads *tab, const struct pyr_thread_info *info,
                                  pyr_thread *id, struct pyr_err *err);
/* A thread may learn its name late. Marks the thread as changed, see pyr_threads_stamp(). */
void pyr_threads_rename(struct pyr_threads *tab, pyr_thread id, pyr_str name);
struct pyr_thread_info pyr_threads_get(const struct pyr_threads *tab, pyr_thread id);
uint32_t pyr_threads_count(const struct pyr_threads *tab);
/* Rises with every add and rename. */
uint64_t pyr_threads_stamp(const struct pyr_threads *tab);
