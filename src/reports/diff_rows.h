/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Diff rows: the functions of two profiles joined by what they are called, in the order of how
 * much they changed. Start zeroed. Threads: one owner. */
#pragma once

#include "base/err.h"
#include "reports/view.h"

struct pyr_diff_row {
    pyr_func before; /* id 0: new */
    pyr_func after;  /* id 0: gone */
    int64_t self_before;
    int64_t self_after;
    int64_t total_before;
    int64_t total_after;
    int64_t calls_before;
    int64_t calls_after;
};

struct pyr_diff {
    struct pyr_view before;
    struct pyr_view after;
    struct pyr_diff_row *rows; /* owned */
    uint32_t count;
    uint32_t cap;
};

/* Fills and orders the rows; both views must have been initialised with the same options. */
PYR_MUST_USE bool pyr_diff_join(struct pyr_diff *diff, struct pyr_err *err);
/* The views too. */
void pyr_diff_release(struct pyr_diff *diff);
