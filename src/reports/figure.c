/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/figure.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "model/metrics.h"

struct unit {
    const char *name;
    double size;
};

/* The magnitude without overflow for the smallest integer. */
static uint64_t magnitude(int64_t value)
{
    return value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
}

static struct pyr_figure with_sign(const char *sign, const struct pyr_figure *figure)
{
    struct pyr_figure out;
    snprintf(out.text, sizeof out.text, "%s%.35s", sign, figure->text);
    return out;
}

/* Groups the digits of `value` by three. */
static struct pyr_figure grouped(uint64_t value, const char *end)
{
    char digits[24];
    const int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    struct pyr_figure out = {{0}};
    size_t at = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            out.text[at++] = ',';
        }
        out.text[at++] = digits[i];
    }
    snprintf(out.text + at, sizeof out.text - at, "%s", end);
    return out;
}

/* Three digits of `value` in `unit`. False when rounding would make it 1000 of that unit, which
 * the next unit should show as 1.00. */
static bool three_digits(double value, const struct unit *unit, bool last, struct pyr_figure *out)
{
    const double scaled = value / unit->size;
    int decimals = 2;
    if (scaled >= 99.95) {
        decimals = 0;
    } else if (scaled >= 9.995) {
        decimals = 1;
    }
    if (!last && scaled >= 999.5) {
        return false;
    }
    if (scaled >= 999.5) {
        char end[8];
        snprintf(end, sizeof end, " %s", unit->name);
        *out = grouped((uint64_t)(scaled + 0.5), end);
        return true;
    }
    snprintf(out->text, sizeof out->text, "%.*f %s", decimals, scaled, unit->name);
    return true;
}

static struct pyr_figure in_units(uint64_t value, const struct unit *units, size_t count)
{
    struct pyr_figure out = {{0}};
    if (value < (uint64_t)units[1].size) {
        snprintf(out.text, sizeof out.text, "%llu %s", (unsigned long long)value, units[0].name);
        return out;
    }
    for (size_t i = 1; i < count; i++) {
        if (three_digits((double)value, &units[i], i + 1 == count, &out)) {
            break;
        }
    }
    return out;
}

static struct pyr_figure unsigned_duration(uint64_t ns)
{
    static const struct unit units[] = {{"ns", 1}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    if (ns == 0) {
        return (struct pyr_figure){"0 s"};
    }
    return in_units(ns, units, sizeof units / sizeof units[0]);
}

static struct pyr_figure unsigned_bytes(uint64_t size)
{
    static const struct unit units[] = {{"B", 1},
                                        {"KiB", 1024.0},
                                        {"MiB", 1048576.0},
                                        {"GiB", 1073741824.0},
                                        {"TiB", 1099511627776.0}};
    return in_units(size, units, sizeof units / sizeof units[0]);
}

static struct pyr_figure unsigned_value(const char *unit, uint64_t value)
{
    if (strcmp(unit, PYR_UNIT_NS) == 0) {
        return unsigned_duration(value);
    }
    if (strcmp(unit, PYR_UNIT_BYTES) == 0) {
        return unsigned_bytes(value);
    }
    return grouped(value, "");
}

struct pyr_figure pyr_figure_value(const char *unit, int64_t value)
{
    const struct pyr_figure figure = unsigned_value(unit, magnitude(value));
    return value < 0 ? with_sign("−", &figure) : figure;
}

struct pyr_figure pyr_figure_duration(int64_t ns)
{
    return pyr_figure_value(PYR_UNIT_NS, ns);
}

struct pyr_figure pyr_figure_count(int64_t count)
{
    return pyr_figure_value(PYR_UNIT_COUNT, count);
}

struct pyr_figure pyr_figure_bytes(int64_t size)
{
    return pyr_figure_value(PYR_UNIT_BYTES, size);
}

struct pyr_figure pyr_figure_change(const char *unit, int64_t change)
{
    const struct pyr_figure figure = pyr_figure_value(unit, change);
    return change > 0 ? with_sign("+", &figure) : figure;
}

struct pyr_figure pyr_figure_share(int64_t part, int64_t whole)
{
    struct pyr_figure out = {{0}};
    if (whole == 0) {
        return (struct pyr_figure){"–"};
    }
    const double percent = 100.0 * (double)part / (double)whole;
    const char *sign = percent < 0 ? "−" : "";
    const double size = percent < 0 ? -percent : percent;
    if (size >= 99.95 && size < 10000) {
        snprintf(out.text, sizeof out.text, "%s%.0f %%", sign, size);
    } else if (size > 0 && size < 0.05) {
        snprintf(out.text, sizeof out.text, "%s<0.1 %%", sign);
    } else {
        snprintf(out.text, sizeof out.text, "%s%.1f %%", sign, size);
    }
    return out;
}

struct pyr_figure pyr_figure_ratio(int64_t before, int64_t after)
{
    struct pyr_figure out = {{0}};
    if (before == after) {
        return (struct pyr_figure){"="};
    }
    if (before == 0) {
        return (struct pyr_figure){"new"};
    }
    if (after == 0) {
        return (struct pyr_figure){"gone"};
    }
    const double ratio = (double)after / (double)before;
    if (ratio >= 2) {
        const int decimals = (ratio < 99.95 ? 1 : 0) + (ratio < 9.995 ? 1 : 0);
        snprintf(out.text, sizeof out.text, "×%.*f", decimals, ratio);
        return out;
    }
    const double percent = 100.0 * (ratio - 1.0);
    snprintf(out.text, sizeof out.text, "%s%.1f %%", percent < 0 ? "−" : "+",
             percent < 0 ? -percent : percent);
    return out;
}
