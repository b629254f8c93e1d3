/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Target: a Python process (or what a core file kept of one), found and understood: its memory, its
 * version and layout, and where its runtime state is. Finding it takes milliseconds, and is done
 * again when the process has become another program by exec().
 * Threads: a target belongs to one thread at a time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/layout.h"
#include "remote/maps.h"
#include "remote/memory.h"

struct pyr_core;

struct pyr_target {
    struct pyr_memory *memory; /* owned */
    struct pyr_maps maps;      /* owned; as they were when it was found */
    struct pyr_layout layout;
    uint32_t pid;              /* as we see it, not as it sees itself */
    uint64_t runtime;          /* address of _PyRuntime; of interp_head up to 3.6 */
    uint64_t current_thread;   /* address of _PyThreadState_Current, 3.6 only */
    uint64_t asyncio_debug;    /* address of _AsyncioDebug, 3.14+; 0: none, or not loaded yet */
    uint64_t executable_inode; /* with the device: changes with exec() */
    uint64_t executable_device;
    uint64_t started;     /* when the process began, in ticks since the machine did */
    uint64_t stack_start; /* where its stack began: at random, anew with every exec() */
    bool is_core;
    struct pyr_core *core; /* owned; NULL for a process: see core.h for what else it has */
    char executable[256];  /* cut if longer */
};

/* Finds the interpreter in process `pid`. On failure `*target` is released and `err` names the
 * cause and the cure: no such process, a zombie, a kernel thread, not ours to read and how to be
 * allowed to, 32 bits, no Python in it, PyPy, a version we do not know, Python not up yet. */
PYR_MUST_USE bool pyr_target_open(struct pyr_target *target, uint32_t pid, struct pyr_err *err);
/* The same from a core file. `executable` is the program that made it; NULL: as the core says. */
PYR_MUST_USE bool pyr_target_open_core(struct pyr_target *target, const char *path,
                                       const char *executable, struct pyr_err *err);
void pyr_target_close(struct pyr_target *target); /* a zeroed one is allowed */

/* Has the process become another program since it was opened, or ended and given its number on? */
bool pyr_target_replaced(const struct pyr_target *target);
/* Looks for asyncio's table again, if it was not there: the module may have been loaded since. Sets
 * target->asyncio_debug, 0 when it is still not there. */
void pyr_target_find_asyncio(struct pyr_target *target);
