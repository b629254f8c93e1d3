/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Callers: who called a function, and what each caller's calls cost. */
#pragma once

#include "reports/report.h"

extern const struct pyr_report pyr_report_callers;
