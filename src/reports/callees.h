/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Callees: whom a function called, and what each callee cost it. */
#pragma once

#include "reports/report.h"

extern const struct pyr_report pyr_report_callees;
