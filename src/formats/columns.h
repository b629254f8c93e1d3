/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Columns: which of a profile's metrics a format with room for one time and one count shows. */
#pragma once

#include "model/profile.h"

/* Wall time, else CPU time, else the main metric; -1 when there are no metrics. */
int pyr_columns_time(const struct pyr_profile *profile);
/* Calls, else samples; -1 when there is neither. */
int pyr_columns_count(const struct pyr_profile *profile);
bool pyr_columns_is_ns(const struct pyr_profile *profile, int column);
bool pyr_columns_is_bytes(const struct pyr_profile *profile, int column);
/* Borrowed from the profile. */
const char *pyr_columns_name(const struct pyr_profile *profile, int column);
