/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/callers.h"

#include "reports/arcs.h"

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    return pyr_arcs_render(profile, options, true, out, err);
}

const struct pyr_report pyr_report_callers = {
    .name = "callers",
    .summary = "who called a function, and what each caller's calls cost",
    .render = render,
};
