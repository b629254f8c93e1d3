/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/sections.h"

#include "reports/header.h"
#include "reports/printable.h"

static const char *detail(const struct pyr_groups *groups, const struct pyr_group *group,
                          struct pyr_buf *out)
{
    const struct pyr_view *view = groups->view;
    pyr_buf_clear(out);
    if (groups->by == PYR_BY_COROUTINE && !group->none && !group->rest) {
        pyr_buf_addf(out, "%s task%s, ", pyr_figure_count(group->tasks).text,
                     group->tasks == 1 ? "" : "s");
    }
    const struct pyr_profile *profile = view->profile;
    const pyr_str entry = pyr_threads_get(profile->threads, group->thread).entry;
    if (entry.i != 0 && !pyr_scope_is_rest(profile, group->thread)) {
        pyr_printable_add(out, pyr_strtab_text(profile->strings, entry),
                          pyr_strtab_len(profile->strings, entry));
        pyr_buf_add_text(out, ", ");
    }
    pyr_buf_add_text(out, pyr_figure_value(view->unit, group->value).text);
    pyr_buf_addf(out, ", %s", pyr_figure_share(group->value, view->whole).text);
    if (view->calls >= 0) {
        pyr_buf_addf(out, ", %s call%s", pyr_figure_count(group->calls).text,
                     group->calls == 1 ? "" : "s");
    }
    return out->data == NULL ? "" : out->data;
}

static bool add_section(const struct pyr_groups *groups, const struct pyr_group *group,
                        pyr_section_body *body, struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_view view = {0};
    struct pyr_buf label = {0};
    struct pyr_buf more = {0};
    bool ok = pyr_view_init_group(&view, groups->view, groups->group_of, group->id, err);
    if (ok) {
        pyr_groups_add_label(groups, group, &label);
        pyr_header_add_section(&view, label.data == NULL ? "" : label.data,
                               detail(groups, group, &more), out);
        ok = (!label.failed && !more.failed) || pyr_err_nomem(err);
    }
    ok = ok && body(&view, true, out, err);
    pyr_buf_release(&label);
    pyr_buf_release(&more);
    pyr_view_release(&view);
    return ok;
}

/* The report that lists the groups. */
static const char *table_of(enum pyr_by by)
{
    if (by == PYR_BY_CONTEXT) {
        return "threads";
    }
    return by == PYR_BY_COROUTINE ? "tasks" : pyr_by_word(by, true);
}

bool pyr_sections_add(const struct pyr_groups *groups, uint32_t max, pyr_section_body *body,
                      struct pyr_buf *out, struct pyr_err *err)
{
    const struct pyr_view *view = groups->view;
    uint32_t shown = 0;
    uint32_t more = 0;
    int64_t rest = 0;
    for (uint32_t i = 0; i < groups->count; i++) {
        const struct pyr_group *group = &groups->items[i];
        if (group->rows == 0) {
            continue;
        }
        if (shown == max) {
            rest = pyr_values_sum(rest, group->value);
            more++;
            continue;
        }
        if (!add_section(groups, group, body, out, err)) {
            return false;
        }
        shown++;
    }
    if (more > 0) {
        pyr_buf_add_char(out, '\n');
        pyr_header_add_note(view, out,
                            "%s and %s more %s, %s of the total; --report %s lists them, "
                            "--limit 0 shows all",
                            view->options->ascii ? "..." : "…", pyr_figure_count(more).text,
                            pyr_by_word(groups->by, more != 1),
                            pyr_figure_share(rest, view->whole).text, table_of(groups->by));
    }
    return true;
}

static bool has_tags(const struct pyr_profile *profile)
{
    const uint32_t count = pyr_threads_count(profile->threads);
    for (uint32_t i = 1; i <= count; i++) {
        if (pyr_threads_get(profile->threads, (pyr_thread){i}).tag.i != 0) {
            return true;
        }
    }
    return false;
}

const char *pyr_sections_cure(const struct pyr_profile *profile, enum pyr_by by)
{
    switch (by) {
    case PYR_BY_TASK:
    case PYR_BY_COROUTINE:
        return pyr_scope_count(profile, PYR_THREAD_TASK) > 0
                   ? ""
                   : "No task was seen; pyrometer trace tells those of asyncio apart unless told "
                     "--no-tasks.";
    case PYR_BY_GREENLET:
        return pyr_scope_count(profile, PYR_THREAD_GREENLET) > 0
                   ? ""
                   : "No greenlet was seen; pyrometer trace tells them apart unless told "
                     "--no-greenlets.";
    case PYR_BY_CONTEXT:
        return pyr_scope_count(profile, PYR_THREAD_CONTEXT) > 0
                   ? ""
                   : "No context was seen; pyrometer.trace(context=...) tells them apart in code.";
    case PYR_BY_TAG:
        return has_tags(profile) ? ""
                                 : "No tag was seen; pyrometer trace --tag MODULE:NAME takes those "
                                   "that a context variable holds.";
    case PYR_BY_THREAD:
        break;
    }
    return "";
}

bool pyr_sections_refuse(const struct pyr_report_options *options, const char *report,
                         struct pyr_err *err)
{
    return options->by == NULL ||
           pyr_err_set(err, PYR_ERR_USAGE, "--by splits the reports summary, flat and tree, not %s",
                       report);
}

static bool add_all(const struct pyr_view *view, pyr_section_body *body, struct pyr_buf *out,
                    struct pyr_err *err)
{
    const struct pyr_report_options *options = view->options;
    const uint32_t max = options->limit == UINT32_MAX ? UINT32_MAX : PYR_SECTIONS_MAX;
    struct pyr_groups groups = {0};
    enum pyr_by by;
    if (!pyr_by_find(options->by, &by, err)) {
        return false;
    }
    const char *cure = pyr_sections_cure(view->profile, by);
    if (cure[0] != '\0') {
        pyr_buf_add_char(out, '\n');
        pyr_header_add_note(view, out, "%s", cure);
        return true;
    }
    const bool ok =
        pyr_groups_fill(&groups, view, by, err) && pyr_sections_add(&groups, max, body, out, err);
    pyr_groups_release(&groups);
    return ok;
}

bool pyr_sections_render(const struct pyr_profile *profile,
                         const struct pyr_report_options *options, pyr_section_body *body,
                         struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_view view = {0};
    bool ok = pyr_view_init(&view, profile, options, err);
    if (ok) {
        pyr_header_add(&view, out);
        ok = options->by == NULL ? body(&view, false, out, err) : add_all(&view, body, out, err);
        pyr_buf_add_char(out, '\n');
    }
    pyr_view_release(&view);
    return ok && pyr_buf_check(out, err);
}
