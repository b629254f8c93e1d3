/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Task reading: what the parts of tasks.c share: the list as it grows, and what is known of its
 * tasks beside. */
#pragma once

#include "base/map.h"
#include "remote/tasks.h"

/* The fields of the accelerated (C) Future and Task, from the start of the object. */
struct pyr_task_layout {
    uint32_t loop;
    uint32_t callback;  /* the first */
    uint32_t callbacks; /* a list of the others */
    uint32_t waiter;
    uint32_t coroutine;
    uint32_t name; /* NONE up to 3.7 */
};

/* What is known of a task beside what the list tells. */
struct pyr_task_note {
    uint64_t coroutine;
    uint64_t frame; /* of the coroutine */
};

struct pyr_task_reading {
    struct pyr_target *target;
    struct pyr_memory *memory;
    const struct pyr_layout *layout;
    const struct pyr_remote_threads *threads;
    struct pyr_remote_tasks *tasks;
    struct pyr_task_layout fields;
    struct pyr_task_note *notes; /* as many as tasks->items; owned */
    uint32_t note_cap;
    struct pyr_map by_address; /* task -> index + 1 */
    struct pyr_err *err;
    bool failed; /* out of memory: err is set */
};

/* Offsets for a version. */
void pyr_task_layout_find(const struct pyr_layout *layout, struct pyr_task_layout *fields);
/* Is it a Task, or derived from it, that is implemented in C? */
bool pyr_task_is_accelerated(const struct pyr_task_reading *in, uint64_t object);
/* The field at `offset` of an accelerated task or future, else the attribute `name`. 0: none. */
uint64_t pyr_task_field(const struct pyr_task_reading *in, uint64_t object, uint32_t offset,
                        const char *name);

/* Adds a task that is not in the list yet, unless it is done. `index` (may be NULL) gets where it
 * is. False when it was not added. */
bool pyr_task_add(struct pyr_task_reading *in, uint64_t address, uint32_t *index);
/* Notes that the task `waiting` awaits the one at `index`. */
void pyr_task_add_awaiter(struct pyr_task_reading *in, uint32_t index, uint32_t waiting);

/* tasks_objects.c: the tasks in the modules' sets, and the running ones. */
void pyr_tasks_from_objects(struct pyr_task_reading *in, uint64_t interpreter);
/* tasks_tables.c: those in the interpreter's tables, 3.14+. */
void pyr_tasks_from_tables(struct pyr_task_reading *in);
/* Who awaits whom, as far as they say it. */
void pyr_tasks_link_by_tables(struct pyr_task_reading *in);
/* tasks_links.c: who awaits whom, found through what each waits on. */
void pyr_tasks_link(struct pyr_task_reading *in);
