/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/columns.h"

#include <string.h>

static int find(const struct pyr_profile *profile, const char *name)
{
    return pyr_metrics_find(&profile->metrics, profile->strings, name);
}

static bool has_unit(const struct pyr_profile *profile, int column, const char *unit)
{
    return column >= 0 &&
           strcmp(pyr_strtab_text(profile->strings, profile->metrics.items[column].unit), unit) ==
               0;
}

int pyr_columns_time(const struct pyr_profile *profile)
{
    int column = find(profile, PYR_METRIC_WALL);
    if (column < 0) {
        column = find(profile, PYR_METRIC_CPU);
    }
    return column >= 0 ? column : pyr_metrics_main(&profile->metrics, profile->strings);
}

int pyr_columns_count(const struct pyr_profile *profile)
{
    int column = find(profile, PYR_METRIC_CALLS);
    return column >= 0 ? column : find(profile, PYR_METRIC_SAMPLES);
}

bool pyr_columns_is_ns(const struct pyr_profile *profile, int column)
{
    return has_unit(profile, column, PYR_UNIT_NS);
}

bool pyr_columns_is_bytes(const struct pyr_profile *profile, int column)
{
    return has_unit(profile, column, PYR_UNIT_BYTES);
}

const char *pyr_columns_name(const struct pyr_profile *profile, int column)
{
    return pyr_strtab_text(profile->strings, profile->metrics.items[column].name);
}
