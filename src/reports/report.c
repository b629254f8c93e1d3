/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/report.h"

#include <string.h>

#include "reports/callees.h"
#include "reports/callers.h"
#include "reports/coroutines_report.h"
#include "reports/flat.h"
#include "reports/greenlets_report.h"
#include "reports/lines_report.h"
#include "reports/summary.h"
#include "reports/tags_report.h"
#include "reports/tasks_report.h"
#include "reports/threads_report.h"
#include "reports/tree.h"

const struct pyr_report *const pyr_reports[] = {
    &pyr_report_summary,    &pyr_report_flat,      &pyr_report_tree,    &pyr_report_lines,
    &pyr_report_callers,    &pyr_report_callees,   &pyr_report_threads, &pyr_report_tasks,
    &pyr_report_coroutines, &pyr_report_greenlets, &pyr_report_tags,    NULL,
};

const struct pyr_report *pyr_report_find(const char *name, struct pyr_err *err)
{
    struct pyr_buf names = {0};
    for (size_t i = 0; pyr_reports[i] != NULL; i++) {
        if (strcmp(pyr_reports[i]->name, name) == 0) {
            pyr_buf_release(&names);
            return pyr_reports[i];
        }
        pyr_buf_addf(&names, "%s%s", i == 0 ? "" : ", ", pyr_reports[i]->name);
    }
    (void)pyr_err_set(err, PYR_ERR_USAGE, "no report '%s'; choose one of %s", name,
                      names.data == NULL ? "those in the help" : names.data);
    pyr_buf_release(&names);
    return NULL;
}
