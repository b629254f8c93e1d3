/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Threads: what each thread spent, and on what. */
#pragma once

#include "reports/report.h"

extern const struct pyr_report pyr_report_threads;
