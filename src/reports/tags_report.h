/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The tags report: what was spent under each tag. */
#pragma once

#include "reports/report.h"

extern const struct pyr_report pyr_report_tags;
