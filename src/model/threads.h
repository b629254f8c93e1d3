/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Threads: where a stack ran. Ids are dense and start at 1; id 0 is no thread.
 *
 * A thread here is any context that has a stack of its own or a share of one: a native thread, an
 * asyncio task, a greenlet. What ran under a tag has an entry of its own beside the untagged one,
 * which is its parent. Unlike functions, two threads with equal fields stay two: each add makes a
 * new one. Threads: one writer, readers after it. */
#pragma once

#include <stdbool.h>
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
    PYR_THREAD_CONTEXT = 3, /* told apart by a callback of the program's */
};
#define PYR_THREAD_KIND_COUNT 4

struct pyr_thread_info {
    uint32_t pid; /* 0 when not known */
    uint32_t tid; /* the kernel's id; 0 when not known */
    pyr_str name;
    enum pyr_thread_kind kind;
    /* What it ran in: of a tagged entry the untagged one, of a task or greenlet the native thread;
     * id 0 when there is none or it is not known. Smaller than its own id. */
    pyr_thread parent;
    pyr_str tag;   /* "" for an untagged entry */
    pyr_str entry; /* qualified name of the function it began with; "" when not known */
    /* Of the whole context, so 0 in tagged entries; since the start of the profile. */
    uint64_t start_ns;
    uint64_t end_ns;   /* when it ended or collecting did; 0: not known */
    uint64_t switches; /* how often it was given the processor, its loop or its hub; 0: not known */
    uint64_t starved_ns; /* of a task: ready to go on, but its loop was busy */
    bool starved_known;  /* loops not written in Python do not tell */
};

/* Files with longer chains of parents are refused, so that going up them takes no time. */
#define PYR_THREAD_MAX_ANCESTORS 15

struct pyr_threads;

struct pyr_threads *pyr_threads_new(void); /* NULL when out of memory */
void pyr_threads_free(struct pyr_threads *tab);
/* `info->parent` is in the table already, or id 0. */
PYR_MUST_USE bool pyr_threads_add(struct pyr_threads *tab, const struct pyr_thread_info *info,
                                  pyr_thread *id, struct pyr_err *err);
/* A thread is known better as time goes by. Marks the thread as changed where it is, see
 * pyr_threads_stamp(). Its parent stays what it was. */
void pyr_threads_update(struct pyr_threads *tab, pyr_thread id, const struct pyr_thread_info *info);
struct pyr_thread_info pyr_threads_get(const struct pyr_threads *tab, pyr_thread id);
uint32_t pyr_threads_count(const struct pyr_threads *tab);
/* The untagged entry that `id` belongs to: itself, or an ancestor. */
pyr_thread pyr_threads_untagged(const struct pyr_threads *tab, pyr_thread id);
/* The native thread that `id` ran in: itself, an ancestor, or the outermost one that is known. */
pyr_thread pyr_threads_native(const struct pyr_threads *tab, pyr_thread id);
/* Rises with every add, and every update that changes something. */
uint64_t pyr_threads_stamp(const struct pyr_threads *tab);
/* What the table's stamp became when `id` was added or last changed, so that a writer can append
 * only what changed since it last wrote. */
uint64_t pyr_threads_stamp_of(const struct pyr_threads *tab, pyr_thread id);
