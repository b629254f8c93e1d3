/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/summary.h"

#include "reports/flat.h"
#include "reports/header.h"
#include "reports/tree.h"

#define DEFAULT_FUNCTIONS 10
#define TREE_ROWS 24

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_view view = {0};
    const uint32_t rows = options->limit == 0 ? DEFAULT_FUNCTIONS : options->limit;
    bool ok = pyr_view_init(&view, profile, options, err);
    if (ok) {
        pyr_header_add(&view, out);
        pyr_header_add_title(&view, "Hottest functions", out);
        ok = pyr_flat_add(&view, rows, out, err);
    }
    if (ok) {
        pyr_header_add_title(&view, "Call tree", out);
        ok = pyr_tree_add(&view, options->limit == 0 ? TREE_ROWS : options->limit, out, err);
    }
    pyr_buf_add_char(out, '\n');
    pyr_view_release(&view);
    return ok && pyr_buf_check(out, err);
}

const struct pyr_report pyr_report_summary = {
    .name = "summary",
    .summary = "the hottest functions and the main branches of the tree",
    .render = render,
};
