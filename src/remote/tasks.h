/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Tasks: the asyncio tasks of a target, what each awaits, and who awaits it. Through the
 * interpreter's own tables from 3.14 on; through the objects before. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/codes.h"
#include "remote/interpreters.h"
#include "remote/stack.h"
#include "remote/target.h"

#define PYR_MAX_REMOTE_TASKS 100000

struct pyr_remote_task {
    uint64_t address;
    char *name; /* owned by the list */
    uint64_t loop;
    uint32_t thread;                 /* index into the threads; UINT32_MAX: not known */
    bool running;                    /* the one its loop is at now */
    struct pyr_raw_stack coroutines; /* innermost await first; owned by the list */
    uint32_t *awaited_by; /* indexes into the list: tasks that wait for this one; owned */
    uint32_t awaited_by_count;
};

struct pyr_remote_tasks {
    struct pyr_remote_task *items;
    uint32_t count;
    uint32_t cap;
    bool torn; /* changed while it was read, or more than the limit */
};

void pyr_remote_tasks_release(struct pyr_remote_tasks *tasks);
/* Empty when the program uses no asyncio. Fails with PYR_ERR_UNSUPPORTED where it can't be read. */
PYR_MUST_USE bool pyr_remote_tasks_list(struct pyr_target *target,
                                        const struct pyr_remote_threads *threads,
                                        struct pyr_remote_tasks *tasks, struct pyr_err *err);
