/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* View: a profile as the report options ask to see it: which metric is the measure, which thread,
 * which functions; and how functions are called on screen. Every report starts with one.
 *
 * Borrows the profile and the options. Start zeroed. Threads: one owner. */
#pragma once

#include <regex.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/profile.h"
#include "model/totals.h"
#include "reports/figure.h"
#include "reports/report.h"
#include "reports/scope.h"
#include "reports/style.h"

struct pyr_view {
    const struct pyr_profile *profile;
    const struct pyr_report_options *options;
    struct pyr_totals *totals; /* owned */
    struct pyr_scope scope;    /* owned; what the options choose */
    const uint32_t *group_of;  /* borrowed; per thread from id 0 up; NULL: all are in view, … */
    uint32_t group;            /* … else those whose entry is this */
    /* Columns of the profile's metrics, -1 where there is none. */
    int main; /* what is sorted by, shared out and drawn: the corrected time if shown */
    int raw;  /* the time as measured, when `main` is the corrected one */
    int calls;
    int resumes;
    int wall;    /* as measured */
    int cpu;     /* beside the wall time; -1 too when it is the main metric itself */
    int cpu_raw; /* as measured, when `cpu` is the corrected one; else the same */
    int awaited;
    int starved;
    const char *unit; /* of `main`; borrowed */
    int64_t whole;    /* all of `main` */
    regex_t match;    /* compiled when options->match is given */
    bool has_match;
    regex_t function; /* compiled when options->function is given */
    bool has_function;
    bool exact; /* options->function is the name of a function: no other is meant */
};

PYR_MUST_USE bool pyr_view_init(struct pyr_view *view, const struct pyr_profile *profile,
                                const struct pyr_report_options *options, struct pyr_err *err);
/* The same profile and options, but only the threads whose entry in `group_of` (borrowed, one per
 * thread from id 0 up) is `group`. */
PYR_MUST_USE bool pyr_view_init_group(struct pyr_view *view, const struct pyr_view *all,
                                      const uint32_t *group_of, uint32_t group,
                                      struct pyr_err *err);
void pyr_view_release(struct pyr_view *view);

/* Is this thread in view? */
bool pyr_view_has_thread(const struct pyr_view *view, pyr_thread thread);

/* Do the module and match options keep this function? */
bool pyr_view_keeps(const struct pyr_view *view, pyr_func func);
/* Is it what the function option asks for? True for all without that option. */
bool pyr_view_is_asked_for(const struct pyr_view *view, pyr_func func);

/* Is its file in a library's folder, or is it written in C? */
bool pyr_view_is_library(const struct pyr_view *view, pyr_func func);

int64_t pyr_view_self(const struct pyr_view *view, const struct pyr_total *total);
int64_t pyr_view_inclusive(const struct pyr_view *view, const struct pyr_total *total);
/* 0 when the profile does not count calls. */
int64_t pyr_view_calls(const struct pyr_view *view, const struct pyr_total *total);
int64_t pyr_view_primitive_calls(const struct pyr_view *view, const struct pyr_total *total);

/* Wall time that was not CPU time; never below 0 unless the wall time is: of what never waits, two
 * clocks may give the CPU time a little more. */
int64_t pyr_view_rest(int64_t wall, int64_t cpu);
/* The same from `values`, one per metric, as measured: measuring never waits. 0 when there is no
 * CPU time beside the wall time. */
int64_t pyr_view_waiting(const struct pyr_view *view, const int64_t *values);
/* Of a coroutine function: the time its activations were suspended, until they could go on and
 * from then until they did; and from their first entries to their last exits. */
int64_t pyr_view_awaited(const struct pyr_view *view, const struct pyr_total *total);
int64_t pyr_view_starved(const struct pyr_view *view, const struct pyr_total *total);
int64_t pyr_view_elapsed(const struct pyr_view *view, const struct pyr_total *total);

/* Cells of a table: a value of a unit (seconds padded, so that units line up), and calls as
 * pstats shows them: "23/3" when 20 of the 23 were recursive. */
struct pyr_figure pyr_view_cell(const char *unit, int64_t value);
struct pyr_figure pyr_view_cell_change(const char *unit, int64_t change);
struct pyr_figure pyr_view_calls_cell(const struct pyr_view *view, const struct pyr_total *total);

/* The name ("Basket.add"; of a module's own code "<module> shop.basket") and the place
 * ("shop/basket.py:12", "[builtins]"), safe for a terminal. Paths are shortened to what follows the
 * library's folder unless full_paths is set. */
void pyr_view_add_name(const struct pyr_view *view, pyr_func func, struct pyr_buf *out);
void pyr_view_add_place(const struct pyr_view *view, pyr_func func, struct pyr_buf *out);
/* The same with a line of its own, 0 for none. */
void pyr_view_add_place_at(const struct pyr_view *view, pyr_func func, uint32_t line,
                           struct pyr_buf *out);
