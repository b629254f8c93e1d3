/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Collecting from one process: what its code objects and threads are in the model, each worked out
 * once. Only for collect.c. Threads: one at a time. */
#pragma once

#include "base/map.h"
#include "remote/collect.h"

/* What is known of one thread of the process. */
struct pyr_collect_thread {
    uint64_t address; /* of its state; with the unique id, which of those that lived there */
    uint64_t unique_id;
    uint32_t tid;
    pyr_thread id;  /* in the model; 0: not there yet */
    pyr_stack root; /* the levels for process and thread; valid when `rooted` */
    bool rooted;
    char name[128];
    uint64_t named_ns; /* when the name was asked for */
    uint64_t first_ns; /* its first and last samples */
    uint64_t last_ns;
    pyr_stack *path; /* owned; the stack up to each frame of the last sample, outermost first, … */
    uint32_t path_cap;
    uint32_t valid; /* … as far as it still is that of the last sample */
};

struct pyr_collect_state {
    uint32_t pid;
    char command[256];
    char *main_file;   /* owned; NULL: not known */
    char *main_module; /* owned; NULL: none */
    struct pyr_collect_source source;
    const struct pyr_collect_options *options; /* borrowed */
    struct pyr_func_entry *functions;          /* owned; by code id */
    uint32_t function_cap;
    struct pyr_map frames;                     /* owned; (code id, offset) -> frame */
    struct pyr_map symbols;                    /* owned; program counter -> frame */
    pyr_frame_id marks[PYR_RAW_TRUNCATED + 1]; /* frames that stand for something else, by kind */
    struct pyr_map by_address;                 /* owned; thread's address -> place in the list */
    struct pyr_collect_thread *threads;        /* owned */
    uint32_t thread_cap;
    uint32_t thread_count;
};

struct pyr_collect_state *pyr_collect_state_new(const struct pyr_collect_process *process,
                                                const struct pyr_collect_options *options,
                                                struct pyr_err *err);
void pyr_collect_state_free(struct pyr_collect_state *state); /* NULL is allowed */
/* The profile has been taken: all ids mean nothing any more. */
void pyr_collect_state_forget_profile(struct pyr_collect_state *state);
void pyr_collect_state_note_ends(const struct pyr_collect_state *state, struct pyr_profile *profile,
                                 uint64_t origin_ns);

/* The thread of the sample, new if need be; NULL with `err` set. Valid until the next call. */
struct pyr_collect_thread *pyr_collect_find_thread(struct pyr_collect_state *state,
                                                   const struct pyr_sample *sample,
                                                   struct pyr_err *err);
/* Asks for the thread's name when it is new, and once a second. */
PYR_MUST_USE bool pyr_collect_thread_name(struct pyr_collect_state *state,
                                          struct pyr_collect_thread *thread,
                                          const struct pyr_sample *sample, bool *renamed,
                                          struct pyr_err *err);
PYR_MUST_USE bool pyr_collect_thread_room(struct pyr_collect_thread *thread, uint32_t depth,
                                          struct pyr_err *err);
/* The function and the name of the task that the sample shows at work, if it does: its outermost
 * coroutine is on the stack. Borrowed until the next call. */
bool pyr_collect_find_task(struct pyr_collect_state *state, const struct pyr_sample *sample,
                           const char **entry, const char **name);
/* The model's frame for a raw one; id 0 when it is not to be shown. */
PYR_MUST_USE bool pyr_collect_frame(struct pyr_collect_state *state, struct pyr_profile *profile,
                                    const struct pyr_raw_frame *raw, pyr_frame_id *frame,
                                    struct pyr_err *err);
