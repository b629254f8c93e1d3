/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/compensate.h"
#include "reports/groups.h"
#include "reports/sections.h"
#include "reports/sort.h"
#include "reports/view.h"

enum {
    SORT = PYR_SHOW_FIRST_ID,
    REVERSE,
    REPORT,
    MODULE,
    MATCH,
    THREAD,
    LIMIT,
    MIN_SHARE,
    COMPENSATE,
    FULL_PATHS,
    COLOR,
    FLAT,
    TREE,
    CALLERS,
    CALLEES,
    BY_THREAD,
    BY,
    TASK,
    TAG,
    MIN_DURATION,
    MAX_DEPTH,
};

const struct pyr_option pyr_show_report_options[] = {
    {"flat", 0, NULL, false, false, FLAT, PYR_VALUES_ANY, "the same as --report flat"},
    {"tree", 0, NULL, false, false, TREE, PYR_VALUES_ANY, "the same as --report tree"},
    {"callers", 0, "FUNCTION", true, false, CALLERS, PYR_VALUES_ANY,
     "who calls it; its name, or an expression as of --match"},
    {"callees", 0, "FUNCTION", true, false, CALLEES, PYR_VALUES_ANY, "whom it calls"},
    {"by-thread", 0, NULL, false, false, BY_THREAD, PYR_VALUES_ANY, "the same as --report threads"},
    {"report", 'r', "NAME", false, false, REPORT, PYR_VALUES_REPORT, "which report, see below"},
    {"min-share", 0, "PERCENT", false, false, MIN_SHARE, PYR_VALUES_ANY,
     "leave out branches of the tree below this share (default 1, or what fits)"},
    {"full-paths", 0, NULL, false, false, FULL_PATHS, PYR_VALUES_ANY,
     "whole file names, and the functions that the tree passes over"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

const struct pyr_option pyr_show_brief_options[] = {
    {"report", 0, "NAME", false, false, REPORT, PYR_VALUES_REPORT,
     "which report is printed at the end, see below"},
    {"sort", 0, "COLUMN", false, false, SORT, PYR_VALUES_SORT, "its order: self, total, name …"},
    {"limit", 0, "N", false, false, LIMIT, PYR_VALUES_ANY, "at most N rows in it; 0: all"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

const struct pyr_option pyr_show_diff_options[] = {
    {"sort", 's', "COLUMN", false, false, SORT, PYR_VALUES_SORT,
     "self, total, calls, percall, cpu, waiting, awaiting, starved, elapsed, name, file, line, "
     "module; cProfile's names work too"},
    {"reverse", 0, NULL, false, false, REVERSE, PYR_VALUES_ANY, "the other way round"},
    {"module", 0, "NAME", false, false, MODULE, PYR_VALUES_ANY,
     "only functions of this module or package"},
    {"match", 0, "REGEX", false, false, MATCH, PYR_VALUES_ANY,
     "only functions whose 'module.name file:line' the expression finds"},
    {"by", 0, "WHAT", false, false, BY, PYR_VALUES_BY,
     "split by thread, task, coroutine, greenlet, context or tag: the most expensive first"},
    {"thread", 0, "THREAD", false, false, THREAD, PYR_VALUES_ANY,
     "only this thread or greenlet and what ran in it: its name, id or number"},
    {"task", 0, "TASK", false, false, TASK, PYR_VALUES_ANY,
     "only this task: its name or number; or all tasks of a coroutine, by its name"},
    {"limit", 'l', "N", false, false, LIMIT, PYR_VALUES_ANY, "at most N rows; 0: all"},
    {"compensate", 0, NULL, false, false, COMPENSATE, PYR_VALUES_ANY,
     "subtract what measuring cost; show raw and corrected times side by side"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

const struct pyr_option pyr_show_tag_option[] = {
    {"tag", 0, "TAG", false, false, TAG, PYR_VALUES_ANY, "only work done under this tag"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

const struct pyr_option pyr_show_writing_options[] = {
    {"min-duration", 0, "TIME", false, false, MIN_DURATION, PYR_VALUES_ANY,
     "with --format chrome: leave out slices of a timeline shorter than this, such as 100us"},
    {"max-depth", 0, "N", false, false, MAX_DEPTH, PYR_VALUES_ANY,
     "with --format chrome: leave out slices with N others around them or more"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

const struct pyr_option pyr_show_color_option[] = {
    {"color", 0, "WHEN", false, false, COLOR, PYR_VALUES_COLOR,
     "auto (the default), always or never"},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};

void pyr_show_init(struct pyr_show *show)
{
    *show = (struct pyr_show){.report = pyr_reports[0]};
    show->options.min_share = -1;
    if (getcwd(show->folder, sizeof show->folder) != NULL) {
        show->options.folder = show->folder;
    }
}

static bool choose(struct pyr_show *show, const char *name, struct pyr_err *err)
{
    show->report = pyr_report_find(name, err);
    return show->report != NULL;
}

/* The options that choose a report. */
static bool set_report(struct pyr_show *show, int id, const char *value, struct pyr_err *err)
{
    switch (id) {
    case FLAT:
        return choose(show, "flat", err);
    case TREE:
        return choose(show, "tree", err);
    case CALLERS:
    case CALLEES:
        show->options.function = value;
        return choose(show, id == CALLERS ? "callers" : "callees", err);
    case BY_THREAD:
        return choose(show, "threads", err);
    default:
        return choose(show, value, err);
    }
}

/* The options that choose threads, tasks and tags. */
static bool set_scope(struct pyr_show *show, int id, const char *value, struct pyr_err *err)
{
    struct pyr_report_options *options = &show->options;
    enum pyr_by by;
    switch (id) {
    case THREAD:
        options->thread = value;
        return true;
    case TASK:
        options->task = value;
        return true;
    case TAG:
        options->tag = value;
        return true;
    default:
        options->by = value;
        return pyr_by_find(value, &by, err);
    }
}

bool pyr_show_set(struct pyr_show *show, int id, const char *value, struct pyr_err *err)
{
    struct pyr_report_options *options = &show->options;
    switch (id) {
    case SORT:
        options->sort = value;
        return true;
    case REVERSE:
        options->reverse = true;
        return true;
    case REPORT:
    case FLAT:
    case TREE:
    case CALLERS:
    case CALLEES:
    case BY_THREAD:
        return set_report(show, id, value, err);
    case MODULE:
        options->module = value;
        return true;
    case MATCH:
        options->match = value;
        return true;
    case THREAD:
    case TASK:
    case TAG:
    case BY:
        return set_scope(show, id, value, err);
    case MIN_DURATION:
        return pyr_option_duration("min-duration", value, &show->writing.min_duration_ns, err);
    case MAX_DEPTH:
        return pyr_option_number("max-depth", value, 1, &show->writing.max_depth, err);
    case LIMIT:
        if (!pyr_option_number("limit", value, 0, &options->limit, err)) {
            return false;
        }
        options->limit = options->limit == 0 ? UINT32_MAX : options->limit;
        return true;
    case MIN_SHARE:
        return pyr_option_percent("min-share", value, &options->min_share, err);
    case COMPENSATE:
        options->compensated = true;
        return true;
    case FULL_PATHS:
        options->full_paths = true;
        return true;
    default:
        return pyr_output_color_when(value, &show->color, err);
    }
}

/* An empty profile with the columns that tracing with these clocks gives. */
static bool add_columns(struct pyr_profile *profile, bool wall, bool cpu, bool compensated,
                        struct pyr_err *err)
{
    const struct {
        const char *name;
        bool there;
    } metrics[] = {{PYR_METRIC_WALL, wall},
                   {PYR_METRIC_CPU, cpu},
                   {PYR_METRIC_CALLS, true},
                   {PYR_METRIC_RESUMES, true},
                   {PYR_METRIC_AWAITED, true},
                   {PYR_METRIC_STARVED, true},
                   {PYR_METRIC_WALL_CORRECTED, compensated && wall},
                   {PYR_METRIC_CPU_CORRECTED, compensated && cpu}};
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        uint32_t column = 0;
        if (metrics[i].there && !pyr_metrics_add(&profile->metrics, profile->strings,
                                                 metrics[i].name, PYR_UNIT_NS, &column, err)) {
            return false;
        }
    }
    return true;
}

static bool check_scope(const struct pyr_show *show, struct pyr_err *err)
{
    const struct pyr_report_options *options = &show->options;
    if (options->thread != NULL && options->thread[0] == '\0') {
        return pyr_err_set(err, PYR_ERR_USAGE, "--thread takes a thread's name, id or number");
    }
    if (options->task != NULL && options->task[0] == '\0') {
        return pyr_err_set(err, PYR_ERR_USAGE, "--task takes the name of a task or a coroutine");
    }
    return show->report->splits || pyr_sections_refuse(options, show->report->name, err);
}

bool pyr_show_check(const struct pyr_show *show, bool wall, bool cpu, struct pyr_err *err)
{
    struct pyr_report_options options = show->options;
    struct pyr_profile *profile = pyr_profile_new(err);
    struct pyr_view view = {0};
    struct pyr_sort sort;
    options.thread = NULL; /* who knows which there will be */
    options.task = NULL;
    const bool ok = profile != NULL && add_columns(profile, wall, cpu, options.compensated, err) &&
                    pyr_view_init(&view, profile, &options, err) &&
                    pyr_sort_find(&view, PYR_SORT_SELF, &sort, err) && check_scope(show, err);
    pyr_view_release(&view);
    pyr_profile_free(profile);
    return ok;
}

bool pyr_show_check_writing(const struct pyr_show *show, const struct pyr_format *format,
                            struct pyr_err *err)
{
    const bool asked = show->writing.min_duration_ns != 0 || show->writing.max_depth != 0;
    return !asked || (format != NULL && strcmp(format->name, "chrome") == 0) ||
           pyr_err_set(err, PYR_ERR_USAGE, "--%s is for writing a timeline: with --format chrome",
                       show->writing.min_duration_ns != 0 ? "min-duration" : "max-depth");
}

const char *pyr_show_stray_function(const struct pyr_show *show)
{
    const bool arcs =
        strcmp(show->report->name, "callers") == 0 || strcmp(show->report->name, "callees") == 0;
    return arcs && show->options.function == NULL ? show->report->name : NULL;
}

bool pyr_show_load(const struct pyr_show *show, const char *path, struct pyr_profile **out,
                   struct pyr_err *err)
{
    if (!pyr_format_load(path, NULL, out, err)) {
        if (access(path, F_OK) != 0 && errno == ENOENT) {
            (void)pyr_err_set(err, PYR_ERR_GONE,
                              "no profile %s; 'pyrometer trace SCRIPT' writes SCRIPT.pyro", path);
        }
        return false;
    }
    bool ok = (*out)->metrics.count > 0;
    if (!ok) {
        (void)pyr_err_set(err, PYR_ERR_FORMAT, "nothing was recorded in this profile");
    }
    ok = ok && (!show->options.compensated || pyr_show_compensate(*out, err));
    if (!ok) {
        pyr_profile_free(*out);
        *out = NULL;
        return pyr_err_prefix(err, "%s", path);
    }
    return true;
}

bool pyr_show_compensate(struct pyr_profile *profile, struct pyr_err *err)
{
    return pyr_compensate(profile, err) || pyr_err_prefix(err, "--compensate");
}

bool pyr_show_report(const struct pyr_show *show, const struct pyr_profile *profile, int fd,
                     struct pyr_err *err)
{
    struct pyr_report_options options = show->options;
    struct pyr_buf out = {0};
    pyr_output_describe(fd, show->color, &options);
    const bool ok = show->report->render(profile, &options, &out, err) &&
                    pyr_output_print_to(
                        fd, fd == STDOUT_FILENO ? "standard output" : "standard error", &out, err);
    pyr_buf_release(&out);
    return ok;
}
