/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Top model: all that `top` can show at one moment: from samples and names to rows, sorted and
 * filtered. Knows neither keys nor terminals, and has no clock of its own: time is what the samples
 * say. Start with pyr_top_model_init(). Threads: one owner. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "tui/mirror.h"
#include "tui/store.h"
#include "tui/sums.h"

/* What is known about the recording beside its samples. */
struct pyr_top_facts {
    uint32_t pid;
    char command[512]; /* as the process says: any bytes */
    char python[32];   /* "3.12.1"; "" when not known */
    char mode[16];     /* how samples are proved: "frozen" */
    uint32_t rate_asked;
    double rate_reached;
    uint64_t samples; /* since the start of the recording, like those below */
    uint64_t exact;
    uint64_t lost;
    uint64_t late;
    uint32_t processes; /* alive */
    uint64_t elapsed_ns;
    bool ended;    /* nothing is left to be sampled */
    char why[256]; /* it ended, or what went wrong */
};

/* Columns that the table can be sorted by, in the order in which they stand. */
enum pyr_top_sort {
    PYR_TOP_OWN_NOW,
    PYR_TOP_TOTAL_NOW,
    PYR_TOP_OWN_ALL,
    PYR_TOP_TOTAL_ALL,
    PYR_TOP_OWN_TIME,
    PYR_TOP_NAME,
    PYR_TOP_PLACE,
};
#define PYR_TOP_SORT_COUNT 7

struct pyr_top_row {
    uint32_t key; /* function or frame id */
    struct pyr_sum sum;
};

/* Time of one thread or process in the last moments. */
struct pyr_top_times {
    uint64_t active_ns;
    uint64_t idle_ns;
    uint64_t gil_ns;
    uint64_t collecting_ns;
    uint64_t cpu_ns;
};

struct pyr_top_thread {
    uint32_t thread; /* id */
    uint32_t pid;
    struct pyr_top_times now;
    struct pyr_store_thread all;
    bool gone; /* no sample of it in the last moments */
};

struct pyr_top_process {
    uint32_t pid;
    uint32_t threads; /* that are not gone */
    struct pyr_top_times now;
    uint64_t active_ns; /* since the start */
    uint64_t samples;
};

struct pyr_top_name {
    uint32_t pid;
    char *command; /* owned */
};

struct pyr_top_model {
    struct pyr_mirror mirror;
    struct pyr_store live;
    struct pyr_store frozen; /* what is shown while paused */
    struct pyr_sums_filter filter;
    enum pyr_top_sort sort;
    bool reverse;
    bool paused;
    struct pyr_buf search; /* text that is looked for; empty: none */
    struct pyr_top_facts facts;
    /* Built by pyr_top_model_build(); owned. */
    struct pyr_sums sums;
    struct pyr_top_row *rows;
    uint32_t row_count;
    uint32_t row_cap;
    struct pyr_top_thread *threads; /* ordered by process, then as they came */
    uint32_t thread_count;
    uint32_t thread_cap;
    struct pyr_top_process *processes;
    uint32_t process_count;
    uint32_t process_cap;
    struct pyr_top_times now; /* of all threads, whatever the filter */
    uint32_t alive;           /* threads that are not gone */
    struct pyr_top_name *names;
    uint32_t name_count;
    uint32_t name_cap;
};

void pyr_top_model_init(struct pyr_top_model *model);
void pyr_top_model_release(struct pyr_top_model *model);

/* Takes new samples, whose stacks and threads the mirror knows. */
PYR_MUST_USE bool pyr_top_model_add(struct pyr_top_model *model, const struct pyr_recent *samples,
                                    uint32_t count, struct pyr_err *err);
/* Makes rows, threads and processes anew. */
PYR_MUST_USE bool pyr_top_model_build(struct pyr_top_model *model, struct pyr_err *err);
/* Stops the picture or lets it go on; samples are taken all the while. */
PYR_MUST_USE bool pyr_top_model_pause(struct pyr_top_model *model, bool paused,
                                      struct pyr_err *err);
/* What is shown: the live samples, or those of the moment it was paused. */
const struct pyr_store *pyr_top_model_store(const struct pyr_top_model *model);
/* "Since the start" starts here. */
PYR_MUST_USE bool pyr_top_model_clear(struct pyr_top_model *model, struct pyr_err *err);

/* The command of a process, copied. */
PYR_MUST_USE bool pyr_top_model_name_process(struct pyr_top_model *model, uint32_t pid,
                                             const char *command, struct pyr_err *err);
/* NULL when it was not named. */
const char *pyr_top_model_command(const struct pyr_top_model *model, uint32_t pid);

/* -1 when there is none with this key. */
int64_t pyr_top_model_find(const struct pyr_top_model *model, uint32_t key);
/* Is the text that is looked for in the row's name or place? */
bool pyr_top_model_matches(const struct pyr_top_model *model, uint32_t key);
/* The next row after `from` (before it, if `back`) that matches, round the end; `from` itself
 * counts last, or first when `here`. -1 when none does. */
int64_t pyr_top_model_search(const struct pyr_top_model *model, uint32_t from, bool back,
                             bool here);

/* Text of a row, fit for a terminal: "Basket.add", "shop/basket.py:12". */
void pyr_top_model_add_name(const struct pyr_top_model *model, uint32_t key, struct pyr_buf *out);
void pyr_top_model_add_place(const struct pyr_top_model *model, uint32_t key, struct pyr_buf *out);
/* The same of a function, whatever the rows are. */
void pyr_top_model_add_function(const struct pyr_top_model *model, uint32_t func,
                                struct pyr_buf *out);
/* "MainThread", or "thread 1234" when it has no name. */
void pyr_top_model_add_thread(const struct pyr_top_model *model, uint32_t thread,
                              struct pyr_buf *out);
