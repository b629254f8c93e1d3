/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/tasks_report.h"

#include "reports/contexts.h"

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    return pyr_contexts_render(profile, options, true, out, err);
}

const struct pyr_report pyr_report_tasks = {
    .name = "tasks",
    .summary = "asyncio's tasks: running, awaiting, starved, one by one and by coroutine",
    .render = render,
};
