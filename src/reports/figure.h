/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Figures: numbers as people read them, with three significant digits and a unit.
 *
 * Each function gives a small text by value, so nothing is allocated and nothing can fail. */
#pragma once

#include <stdint.h>

struct pyr_figure {
    char text[40]; /* NUL-terminated */
};

/* "1.23 ms", "45.6 µs", "812 ns", "0 s"; negative times keep their sign. */
struct pyr_figure pyr_figure_duration(int64_t ns);
/* "4,211,030": all digits, in groups of three. */
struct pyr_figure pyr_figure_count(int64_t count);
/* "1.50 MiB", "812 B". */
struct pyr_figure pyr_figure_bytes(int64_t size);
/* `part` of `whole` as "12.3 %"; "–" when `whole` is 0. */
struct pyr_figure pyr_figure_share(int64_t part, int64_t whole);
/* One of the above, chosen by a metric's unit; an unknown unit is shown as a count. */
struct pyr_figure pyr_figure_value(const char *unit, int64_t value);
/* The same with "+" before what is greater than 0 and a true minus sign before what is less. */
struct pyr_figure pyr_figure_change(const char *unit, int64_t change);
/* How `after` compares with `before`: "+27.6 %", "−3.1 %", "×12.5" (from ×2 up),
 * "new", "gone". */
struct pyr_figure pyr_figure_ratio(int64_t before, int64_t after);
