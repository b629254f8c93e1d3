/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The hot lines: which lines of which functions the time was spent at, of profiles that know. */
#pragma once

#include "reports/report.h"

extern const struct pyr_report pyr_report_lines;
