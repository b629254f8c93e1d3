/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* A small profile whose every figure is known, for the tests of reports and commands:
 *
 *   <module>        1 call     10 ms
 *     main          1 call     40 ms
 *       price      10 calls   600 ms
 *         len      20 calls    50 ms   a builtin
 *       walk        1 call    100 ms
 *         walk      2 calls   150 ms   direct recursion
 *   work            1 call     50 ms   on the thread Worker; all else on MainThread
 *
 * All in all 36 calls and 1 s. */
#pragma once

#include "base/buf.h"
#include "model/profile.h"
#include "reports/report.h"

struct pyr_profile *report_fixture_new(void);
/* A sampled profile: one metric, samples, and lines: hot at lines 5 (3 samples) and 6 (1), called
 * by main. */
struct pyr_profile *report_fixture_sampled(void);

/* A concurrent one: wall and CPU ms, then ms awaited and starved by coroutines, and on which
 * thread:
 *
 *   <module>          10   10            MainThread
 *     main            40   20            MainThread
 *       loop         100   30            MainThread
 *       loop          20   20            MainThread, under the tag bob
 *         serve       50   50  700  20   Task-1, which lived 900 ms and starved 20
 *           parse    100   90            Task-1
 *         fetch       30   30  300  30   Task-2, which lived 500 ms and starved 30
 *         fetch       60   60            Task-2, under the tag alice
 *           read      70   20  250  10   Task-2
 *         fetch       20   20  400   0   Task-3, which lived 450 ms; what it starved is not known
 *   work             200  100            Worker
 *   handle           300  200            Greenlet-0 on Worker, which lived 800 ms
 *
 * All in all 1 s of wall time and 650 ms of CPU time, one half on each thread. */
struct pyr_profile *report_fixture_concurrent(void);

/* Adds one stack on top of `parent`; file "shop.py", module "shop", or builtins when line is 0. */
pyr_stack report_fixture_push(struct pyr_profile *profile, pyr_stack parent, const char *name,
                              uint32_t first_line);

/* Plain options: width unlimited, no colour, nothing chosen. */
struct pyr_report_options report_fixture_options(void);

/* Renders and gives the text, NUL-terminated; the caller releases `out`. Fails the test on error.
 */
const char *report_fixture_render(const struct pyr_report *report,
                                  const struct pyr_profile *profile,
                                  const struct pyr_report_options *options, struct pyr_buf *out);

/* What a test of one report on the concurrent profile has in hand; the state of a test between
 * report_fixture_open() and _close(). */
struct report_fixture {
    struct pyr_profile *profile;
    struct pyr_report_options options; /* plain, for the test to change */
    struct pyr_buf out;
};

int report_fixture_open(void **state);
int report_fixture_close(void **state);
/* What the report says with the options as they are; valid until the next one. */
const char *report_fixture_text(struct report_fixture *f, const struct pyr_report *report);

/* On the profile without tasks, tags and greenlets, does the report have this line? */
void report_fixture_assert_told(const struct pyr_report *report, const char *words);

/* Does `text` hold a line with all these words in this order? The words are separated by '|'. */
bool report_fixture_has_line(const char *text, const char *words);

/* Renders with every single allocation failing in turn; each failure must be told. */
void report_fixture_starve(const struct pyr_report *report,
                           const struct pyr_report_options *options);
/* The same with the concurrent profile. */
void report_fixture_starve_concurrent(const struct pyr_report *report,
                                      const struct pyr_report_options *options);
