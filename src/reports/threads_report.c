/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/threads_report.h"

#include "reports/flat.h"
#include "reports/group_table.h"
#include "reports/header.h"
#include "reports/sections.h"

#define FUNCTIONS_EACH 5
#define MAX_THREADS_EACH                                                                           \
    32 /* those beyond have their line in the table, but no table of theirs                        \
        */

static bool add_functions(const struct pyr_view *view, bool one_of_many, struct pyr_buf *out,
                          struct pyr_err *err)
{
    (void)one_of_many;
    const uint32_t limit = view->options->limit;
    return pyr_flat_add(view, limit == 0 ? FUNCTIONS_EACH : limit, out, err);
}

static bool add_threads(const struct pyr_view *view, struct pyr_buf *out, struct pyr_err *err)
{
    /* The limit is the functions'; only to enlarge this table too it is the threads'. */
    const uint32_t limit = view->options->limit;
    const uint32_t rows = limit > PYR_GROUP_TABLE_ROWS ? limit : PYR_GROUP_TABLE_ROWS;
    struct pyr_groups threads = {0};
    struct pyr_groups contexts = {0};
    const bool ok = pyr_groups_fill(&threads, view, PYR_BY_THREAD, err) &&
                    pyr_groups_fill(&contexts, view, PYR_BY_CONTEXT, err) &&
                    pyr_group_table_add(&threads, &contexts, rows, out, err) &&
                    pyr_sections_add(&threads, MAX_THREADS_EACH, add_functions, out, err);
    pyr_groups_release(&threads);
    pyr_groups_release(&contexts);
    return ok;
}

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_view view = {0};
    bool ok =
        pyr_sections_refuse(options, "threads", err) && pyr_view_init(&view, profile, options, err);
    if (ok) {
        pyr_header_add(&view, out);
        pyr_buf_add_char(out, '\n');
        ok = add_threads(&view, out, err);
        pyr_buf_add_char(out, '\n');
    }
    pyr_view_release(&view);
    return ok && pyr_buf_check(out, err);
}

const struct pyr_report pyr_report_threads = {
    .name = "threads",
    .summary = "what each thread spent, its tasks and greenlets included, and on what",
    .render = render,
};
