/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Summary: the hottest functions and the main branches of the tree, on one screen. */
#pragma once

#include "reports/report.h"

extern const struct pyr_report pyr_report_summary;
