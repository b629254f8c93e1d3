/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The tasks report: asyncio's tasks one by one, and together by the coroutine they ran. */
#pragma once

#include "reports/report.h"

extern const struct pyr_report pyr_report_tasks;
