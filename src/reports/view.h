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
#include "reports/style.h"

struct pyr_view {
    const struct pyr_profile *profile;
    const struct pyr_report_options *options;
    struct pyr_totals *totals; /* owned */
    pyr_thread thread;         /* id 0: all */
    /* Columns of the profile's metrics, -1 where there is none. */
    int main; /* what is sorted by, shared out and drawn: the corrected time if shown */
    int raw;  /* the time as measured, when `main` is the corrected one */
    int calls;
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
/* The same of one thread (id 0: all), whatever options->thread says. */
PYR_MUST_USE bool pyr_view_init_thread(struct pyr_view *view, const struct pyr_profile *profile,
                                       const struct pyr_report_options *options, pyr_thread thread,
                                       struct pyr_err *err);
void pyr_view_release(struct pyr_view *view);

/* Finds the thread by its name, kernel id or number; NULL gives id 0, all of them. */
PYR_MUST_USE bool pyr_view_find_thread(const struct pyr_profile *profile, const char *wanted,
                                       pyr_thread *thread, struct pyr_err *err);

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
/* A thread's name and kernel id, safe for a terminal. */
void pyr_view_add_thread(const struct pyr_profile *profile, pyr_thread thread, struct pyr_buf *out);
