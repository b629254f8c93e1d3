/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Dump: what a process (or a core file of one) is at: its threads with their stacks, local
 * variables and asyncio tasks, taken at one moment and then only shown.
 *
 * All that a dump points to is its own, and lives as long as it. Threads: one. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/dump_options.h"
#include "remote/codes.h"
#include "remote/interpreters.h"
#include "remote/lines.h"
#include "remote/stack.h"

#define PYR_DUMP_MAX_PROCESSES 1024

struct pyr_dump_local {
    const char *name;
    const char *value; /* in words, see remote/inspect.h */
    bool is_argument;
};

struct pyr_dump_frame {
    enum pyr_raw_kind kind;
    uint64_t address; /* of the frame; 0: native */
    const char *name;
    const char *file;
    const char *module; /* of a native frame: the library's name; else NULL */
    struct pyr_position at;
    struct pyr_dump_local *locals;
    uint32_t local_count;
};

/* Innermost first. */
struct pyr_dump_stack {
    struct pyr_dump_frame *frames;
    uint32_t count;
};

struct pyr_dump_thread {
    struct pyr_remote_thread is;
    const char *name; /* "" when it has none */
    bool active;      /* on a CPU or ready for one, or waiting for a disk */
    bool waits_for_gil;
    bool gone; /* nothing of it could be read */
    bool torn;
    bool truncated;
    struct pyr_dump_stack stack;
};

struct pyr_dump_task {
    uint64_t address;
    const char *name;
    uint32_t thread; /* index; UINT32_MAX: not known */
    bool running;
    struct pyr_dump_stack stack;
    const uint32_t *awaited_by; /* indexes of tasks */
    uint32_t awaited_by_count;
};

struct pyr_dump_process {
    uint32_t pid;
    uint32_t parent;        /* that we came by; 0: none */
    char python[32];        /* version */
    const char *command;    /* "" for a core file that does not say */
    const char *executable; /* the interpreter's file */
    const char *folder;     /* it works in; NULL: not known */
    const char *core;       /* the core file; NULL: a live process */
    const char *problem;    /* why it could not be read; else NULL */
    const char *task_problem;
    const char *mode; /* how it was read: "frozen", "compared", "stopped", "core" */
    bool threads_missed;
    bool tasks_missed;
    bool has_tasks; /* tasks were asked for */
    struct pyr_dump_thread *threads;
    uint32_t thread_count;
    uint32_t interpreters;
    struct pyr_dump_task *tasks;
    uint32_t task_count;
};

struct pyr_dump {
    struct pyr_arena *arena;
    struct pyr_codes *codes;            /* owned; has the names and files of frames */
    struct pyr_dump_process *processes; /* owned; the one asked for first */
    uint32_t count;
    uint32_t cap;
};

/* Takes the dump. Fails when the process that was asked for can't be read; children that can't are
 * in the dump with their problem. */
PYR_MUST_USE bool pyr_dump_take(struct pyr_dump *dump, const struct pyr_dump_options *options,
                                struct pyr_err *err);
void pyr_dump_release(struct pyr_dump *dump); /* zeroed is allowed */
