/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/tags_report.h"

#include "reports/group_table.h"
#include "reports/header.h"
#include "reports/sections.h"

static bool add_tags(const struct pyr_view *view, struct pyr_buf *out, struct pyr_err *err)
{
    const uint32_t limit = view->options->limit;
    struct pyr_groups tags = {0};
    const char *cure = pyr_sections_cure(view->profile, PYR_BY_TAG);
    if (cure[0] != '\0') {
        pyr_header_add_note(view, out, "%s", cure);
        return true;
    }
    const bool ok =
        pyr_groups_fill(&tags, view, PYR_BY_TAG, err) &&
        pyr_group_table_add(&tags, NULL, limit == 0 ? PYR_GROUP_TABLE_ROWS : limit, out, err);
    pyr_groups_release(&tags);
    return ok;
}

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_view view = {0};
    bool ok =
        pyr_sections_refuse(options, "tags", err) && pyr_view_init(&view, profile, options, err);
    if (ok) {
        pyr_header_add(&view, out);
        pyr_buf_add_char(out, '\n');
        ok = add_tags(&view, out, err);
        pyr_buf_add_char(out, '\n');
    }
    pyr_view_release(&view);
    return ok && pyr_buf_check(out, err);
}

const struct pyr_report pyr_report_tags = {
    .name = "tags",
    .summary = "what was spent under each tag",
    .render = render,
};
