/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/summary.h"

#include "reports/flat.h"
#include "reports/header.h"
#include "reports/sections.h"
#include "reports/tree.h"

#define DEFAULT_FUNCTIONS 10
#define TREE_ROWS 24
#define FUNCTIONS_EACH 5 /* of a report in sections */
#define TREE_ROWS_EACH 12

static bool add_body(const struct pyr_view *view, bool one_of_many, struct pyr_buf *out,
                     struct pyr_err *err)
{
    const uint32_t limit = view->options->limit;
    const uint32_t functions = one_of_many ? FUNCTIONS_EACH : DEFAULT_FUNCTIONS;
    const uint32_t rows = one_of_many ? TREE_ROWS_EACH : TREE_ROWS;
    if (!one_of_many) {
        pyr_header_add_title(view, "Hottest functions", out);
    }
    if (!pyr_flat_add(view, limit == 0 ? functions : limit, out, err)) {
        return false;
    }
    if (one_of_many) {
        pyr_buf_add_char(out, '\n');
    } else {
        pyr_header_add_title(view, "Call tree", out);
    }
    return pyr_tree_add(view, limit == 0 ? rows : limit, out, err);
}

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    return pyr_sections_render(profile, options, add_body, out, err);
}

const struct pyr_report pyr_report_summary = {
    .name = "summary",
    .summary = "the hottest functions and the main branches of the tree",
    .splits = true,
    .render = render,
};
