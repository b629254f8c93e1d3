/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/header.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "reports/printable.h"

#define LABEL_WIDTH 11
#define MAX_UNKNOWN 8 /* keys that we know nothing of, shown as they are */

static void begin_line(const struct pyr_view *view, const char *label, struct pyr_buf *out)
{
    pyr_buf_add_text(out, "  ");
    pyr_style_add(out, PYR_STYLE_DIM, view->options->color, label);
    pyr_buf_add_repeated(out, ' ', LABEL_WIDTH - strlen(label));
}

/* Safe text, cut to what is left of a line that has used `used` columns. */
static void add_fitting(const struct pyr_view *view, const char *text, size_t used,
                        struct pyr_buf *out)
{
    const uint32_t width = view->options->width;
    struct pyr_buf safe = {0};
    pyr_printable_add(&safe, text, strlen(text));
    if (safe.len > 0 && width > used + 8) {
        pyr_printable_add_cut(out, safe.data, safe.len, width - used, PYR_CUT_END,
                              view->options->ascii);
    } else {
        pyr_buf_add(out, safe.data == NULL ? "" : safe.data, safe.len);
    }
    out->failed = out->failed || safe.failed;
    pyr_buf_release(&safe);
}

static void add_command(const struct pyr_view *view, struct pyr_buf *out)
{
    const struct pyr_meta *meta = view->profile->meta;
    const char *command = pyr_meta_text(meta, PYR_META_COMMAND);
    const char *collector = pyr_meta_text(meta, PYR_META_COLLECTOR);
    if (command[0] != '\0') {
        begin_line(view, "Command", out);
        pyr_style_begin(out, PYR_STYLE_STRONG, view->options->color);
        add_fitting(view, command, 2 + LABEL_WIDTH, out);
        pyr_style_end(out, PYR_STYLE_STRONG, view->options->color);
        pyr_buf_add_char(out, '\n');
    } else if (strncmp(collector, "import:", 7) == 0) {
        begin_line(view, "Source", out);
        pyr_buf_add_text(out, "a file in the format ");
        add_fitting(view, collector + 7, 0, out);
        pyr_buf_add_char(out, '\n');
    }
}

static void add_start(const struct pyr_meta *meta, struct pyr_buf *out)
{
    const int64_t start_ns = pyr_meta_number(meta, PYR_META_START_NS, 0);
    const time_t seconds = (time_t)(start_ns / 1000000000);
    struct tm when;
    char text[64];
    if (start_ns > 0 && gmtime_r(&seconds, &when) != NULL &&
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &when) > 0) {
        pyr_buf_addf(out, ", started %s", text);
    }
}

static void add_time(const struct pyr_view *view, struct pyr_buf *out)
{
    const struct pyr_meta *meta = view->profile->meta;
    const bool is_time = strcmp(view->unit, PYR_UNIT_NS) == 0;
    const int64_t duration = pyr_meta_number(meta, PYR_META_DURATION_NS, is_time ? view->whole : 0);
    const int64_t status = pyr_meta_number(meta, PYR_META_EXIT_STATUS, 0);
    if (duration <= 0) {
        return;
    }
    begin_line(view, "Time", out);
    pyr_style_add(out, PYR_STYLE_STRONG, view->options->color, pyr_figure_duration(duration).text);
    add_start(meta, out);
    if (status != 0) {
        pyr_buf_addf(out, ", exit status %lld", (long long)status);
    }
    pyr_buf_add_char(out, '\n');
}

static void add_amount(const struct pyr_view *view, struct pyr_buf *out)
{
    const struct pyr_profile *profile = view->profile;
    const int64_t *all = pyr_totals_stack_inclusive(view->totals, (pyr_stack){0});
    const uint32_t functions = pyr_totals_function_count(view->totals);
    if (view->calls >= 0) {
        begin_line(view, "Calls", out);
        pyr_style_add(out, PYR_STYLE_STRONG, view->options->color,
                      pyr_figure_count(all[view->calls]).text);
    } else {
        const char *name =
            pyr_strtab_text(profile->strings, profile->metrics.items[view->main].name);
        begin_line(view, "Total", out);
        pyr_style_add(out, PYR_STYLE_STRONG, view->options->color,
                      pyr_figure_value(view->unit, view->whole).text);
        pyr_buf_add_char(out, ' ');
        add_fitting(view, name, 0, out);
    }
    pyr_buf_addf(out, " %s %s function%s", view->calls >= 0 ? "of" : "in",
                 pyr_figure_count(functions).text, functions == 1 ? "" : "s");
    if (pyr_meta_number(profile->meta, PYR_META_BUILTINS, 1) == 0) {
        pyr_buf_add_text(out, " (no builtins)");
    }
    pyr_scope_add_words(profile, &view->scope, out);
    pyr_buf_add_char(out, '\n');
}

/* What measuring cost by the calibrated figures, in ns. */
static double measuring_cost_ns(const struct pyr_view *view)
{
    const struct pyr_meta *meta = view->profile->meta;
    const int resumes =
        pyr_metrics_find(&view->profile->metrics, view->profile->strings, PYR_METRIC_RESUMES);
    const int64_t python = pyr_meta_number(meta, PYR_META_COST_PYTHON_INSIDE, 0) +
                           pyr_meta_number(meta, PYR_META_COST_PYTHON_OUTSIDE, 0);
    const int64_t builtin = pyr_meta_number(meta, PYR_META_COST_BUILTIN_INSIDE, 0) +
                            pyr_meta_number(meta, PYR_META_COST_BUILTIN_OUTSIDE, 0);
    const int64_t resume = pyr_meta_number(meta, PYR_META_COST_RESUME_INSIDE, 0) +
                           pyr_meta_number(meta, PYR_META_COST_RESUME_OUTSIDE, 0);
    double picoseconds = 0;
    for (uint32_t i = 0; i < pyr_totals_function_count(view->totals); i++) {
        const struct pyr_total total = pyr_totals_function(view->totals, i);
        const struct pyr_function *f = pyr_functions_get(view->profile->functions, total.func);
        const int64_t cost = f->kind == PYR_FUNC_PYTHON ? python : builtin;
        picoseconds += (double)pyr_view_calls(view, &total) * (double)cost;
        if (resumes >= 0) {
            picoseconds += (double)total.self[resumes] * (double)resume;
        }
    }
    return picoseconds / 1000;
}

static void add_measuring(const struct pyr_view *view, struct pyr_buf *out)
{
    const struct pyr_meta *meta = view->profile->meta;
    const double cost = view->calls >= 0 ? measuring_cost_ns(view) : 0;
    const char *clock = pyr_meta_text(meta, PYR_META_CLOCK);
    const char *cpu_clock = pyr_meta_text(meta, PYR_META_CPU_CLOCK);
    const char *python = pyr_meta_text(meta, PYR_META_PYTHON);
    const int time = view->raw >= 0 ? view->raw : view->main;
    const int64_t whole = pyr_totals_stack_inclusive(view->totals, (pyr_stack){0})[time];
    const char *gap = "";
    if (cost <= 0 && clock[0] == '\0' && cpu_clock[0] == '\0' && python[0] == '\0') {
        return;
    }
    begin_line(view, "Measured", out);
    if (python[0] != '\0') {
        pyr_buf_add_text(out, "Python ");
        add_fitting(view, python, 0, out);
        gap = ", ";
    }
    if (clock[0] != '\0') {
        pyr_buf_addf(out, "%sclock ", gap);
        add_fitting(view, clock, 0, out);
        gap = ", ";
    }
    if (cpu_clock[0] != '\0') {
        pyr_buf_addf(out, "%sCPU by ", gap);
        add_fitting(view, cpu_clock, 0, out);
        gap = ", ";
    }
    if (cost > 0 && cost < 9e18) {
        pyr_buf_addf(out, "%scost about %s", gap, pyr_figure_duration((int64_t)cost).text);
        pyr_buf_addf(out, " (%s)", pyr_figure_share((int64_t)cost, whole).text);
        pyr_buf_add_text(out, view->raw >= 0 ? ", subtracted" : "");
    }
    pyr_buf_add_char(out, '\n');
}

/* How true a sampled profile is: what was asked for, and what became of it. */
static void add_sampling(const struct pyr_view *view, struct pyr_buf *out)
{
    const struct pyr_meta *meta = view->profile->meta;
    const int64_t asked = pyr_meta_number(meta, PYR_META_RATE_ASKED, 0);
    const int64_t late = pyr_meta_number(meta, PYR_META_LOST_ROUNDS, 0);
    const int64_t rounds = pyr_meta_number(meta, PYR_META_ROUNDS, 0);
    const char *mode = pyr_meta_text(meta, PYR_META_MODE);
    if (asked <= 0) {
        return;
    }
    begin_line(view, "Sampled", out);
    pyr_buf_addf(out, "at %.1f of %lld Hz",
                 (double)pyr_meta_number(meta, PYR_META_RATE_REACHED, 0) / 1000, (long long)asked);
    if (mode[0] != '\0') {
        pyr_buf_add_text(out, ", ");
        add_fitting(view, mode, 40, out);
    }
    pyr_buf_addf(out, ": %s exact",
                 pyr_figure_count(pyr_meta_number(meta, PYR_META_SAMPLES_EXACT, 0)).text);
    pyr_buf_addf(out, ", %s torn",
                 pyr_figure_count(pyr_meta_number(meta, PYR_META_LOST_TORN, 0)).text);
    pyr_buf_addf(out, ", %s lost",
                 pyr_figure_count(pyr_meta_number(meta, PYR_META_LOST_SAMPLES, 0)).text);
    pyr_buf_addf(out, "; %s of ", pyr_figure_count(late).text);
    pyr_buf_addf(out, "%s rounds late\n", pyr_figure_count(pyr_values_sum(rounds, late)).text);
}

static void add_warning(const struct pyr_view *view, struct pyr_buf *out, const char *text)
{
    pyr_buf_add_text(out, "  ");
    pyr_style_begin(out, PYR_STYLE_WARN, view->options->color);
    pyr_buf_add_text(out, "Warning    ");
    pyr_buf_add_text(out, text);
    pyr_style_end(out, PYR_STYLE_WARN, view->options->color);
    pyr_buf_add_char(out, '\n');
}

struct honesty {
    const char *key;
    const char *one; /* around the number */
    const char *many;
};

static const struct honesty losses[] = {
    {PYR_META_LOST_UNMATCHED,
     "%s return came without a call that was seen; its time is its caller's",
     "%s returns came without a call that was seen; their time is their callers'"},
    {PYR_META_LOST_FOLDED,
     "folded into (folded) %s time, as the limit of call paths was reached (--node-limit)",
     "folded into (folded) %s times, as the limit of call paths was reached (--node-limit)"},
    {PYR_META_LOST_DEEP, "recursion went too deep %s time; calls below were not seen",
     "recursion went too deep %s times; calls below were not seen"},
    {PYR_META_LOST_MEMORY, "%s event was dropped because memory ran out",
     "%s events were dropped because memory ran out"},
    {PYR_META_LOST_RUNS,
     "%s event no longer fitted into the timeline, which begins later (--timeline=N keeps more)",
     "%s events no longer fitted into the timeline, which begins later (--timeline=N keeps more)"},
    {PYR_META_LOST_CONTEXTS,
     "%s task, greenlet or tag beyond the limit is not told apart (--context-limit N)",
     "%s tasks, greenlets or tags beyond the limit are not told apart (--context-limit N)"},
    {PYR_META_LOST_ROUNDS,
     "%s round was left out, as the one before took too long; its time is with the next sample",
     "%s rounds were left out, as those before took too long; their time is with the next samples"},
    {PYR_META_LOST_TORN, "%s stack has a tip that could not be proved: it is left out, see <torn>",
     "%s stacks have a tip that could not be proved: it is left out, see <torn>"},
    {PYR_META_LOST_SAMPLES, "%s sample could not be taken; its time is with the thread's next one",
     "%s samples could not be taken; their time is with the threads' next ones"},
    {PYR_META_LOST_THREADS, "%s sample is of a thread beyond those that are told apart",
     "%s samples are of threads beyond those that are told apart"},
    {PYR_META_LOST_CALLBACKS,
     "%s callback for tags or contexts failed and was given up; its error is in the program's "
     "standard error",
     "%s callbacks for tags or contexts failed and were given up; their errors are in the "
     "program's standard error"},
};

/* The line about sampling has told of these; few of them are nothing to worry about. */
static bool is_harmless(const struct pyr_meta *meta, const char *key, int64_t number)
{
    const int64_t samples = pyr_meta_number(meta, PYR_META_SAMPLES, 0);
    const int64_t rounds = pyr_meta_number(meta, PYR_META_ROUNDS, 0);
    if (strcmp(key, PYR_META_LOST_ROUNDS) == 0) {
        return number <= rounds / 10;
    }
    return (strcmp(key, PYR_META_LOST_TORN) == 0 || strcmp(key, PYR_META_LOST_SAMPLES) == 0) &&
           number <= samples / 100;
}

/* "lost: what" for what a newer version counts. */
static void add_loss(const char *key, int64_t number, struct pyr_buf *out)
{
    const struct pyr_figure count = pyr_figure_count(number);
    for (size_t k = 0; k < sizeof losses / sizeof losses[0]; k++) {
        if (strcmp(losses[k].key, key) == 0) {
            const char *words = number == 1 ? losses[k].one : losses[k].many;
            const char *gap = strstr(words, "%s");
            pyr_buf_add(out, words, (size_t)(gap - words));
            pyr_buf_add_text(out, count.text);
            pyr_buf_add_text(out, gap + 2);
            return;
        }
    }
    pyr_buf_addf(out, "%s lost: ", count.text);
    pyr_printable_add(out, key + 5, strlen(key + 5));
}

/* Of a program that was killed the timeline is missing as a whole. */
static const char *instead(const struct pyr_profile *profile, const char *key)
{
    return strcmp(key, PYR_META_LOST_RUNS) == 0 && pyr_timeline_count(profile->timeline) == 0 &&
                   pyr_meta_number(profile->meta, PYR_META_FINISHED, 1) != 1
               ? "the timeline is missing: it is written when the program ends"
               : NULL;
}

static void add_losses(const struct pyr_view *view, struct pyr_buf *out)
{
    const struct pyr_meta *meta = view->profile->meta;
    for (uint32_t i = 0; i < pyr_meta_count(meta); i++) {
        const struct pyr_meta_entry entry = pyr_meta_get(meta, i);
        const char *key = pyr_strtab_text(view->profile->strings, entry.key);
        if (strncmp(key, "lost_", 5) != 0 || !entry.is_number || entry.number == 0 ||
            is_harmless(meta, key, entry.number)) {
            continue;
        }
        struct pyr_buf text = {0};
        const char *other = instead(view->profile, key);
        if (other != NULL) {
            add_warning(view, out, other);
            continue;
        }
        add_loss(key, entry.number, &text);
        add_warning(view, out, text.data == NULL ? key : text.data);
        pyr_buf_release(&text);
    }
}

static void add_warnings(const struct pyr_view *view, struct pyr_buf *out)
{
    const struct pyr_meta *meta = view->profile->meta;
    const char *collector = pyr_meta_text(meta, PYR_META_COLLECTOR);
    const char *reason = pyr_meta_text(meta, PYR_META_STOP_REASON);
    const bool ours = collector[0] != '\0' && strncmp(collector, "import:", 7) != 0 &&
                      strcmp(collector, "diff") != 0;
    const bool unfinished = ours && pyr_meta_number(meta, PYR_META_FINISHED, 0) != 1;
    struct pyr_buf text = {0};
    if (unfinished) {
        pyr_buf_add_text(&text, "unfinished: the program was killed or still runs; up to a second "
                                "before its end is missing");
    }
    if (reason[0] != '\0') {
        pyr_buf_add_text(&text, unfinished ? " (" : "incomplete: ");
        pyr_printable_add(&text, reason, strlen(reason));
        pyr_buf_add_text(&text, unfinished ? ")" : "");
    }
    if (text.len > 0 && !text.failed) {
        add_warning(view, out, text.data);
    }
    out->failed = out->failed || text.failed;
    pyr_buf_release(&text);
    add_losses(view, out);
}

/* What the lines above have shown, or is of no use on a screen. */
static bool is_known(const char *key)
{
    static const char *const known[] = {
        PYR_META_COLLECTOR, PYR_META_COMMAND,       PYR_META_HOST,        PYR_META_PYTHON,
        PYR_META_PYROMETER, PYR_META_CLOCK,         PYR_META_STOP_REASON, PYR_META_PID,
        PYR_META_START_NS,  PYR_META_DURATION_NS,   PYR_META_EXIT_STATUS, PYR_META_BUILTINS,
        PYR_META_FINISHED,  PYR_META_EVENTS,        PYR_META_NODE_LIMIT,  PYR_META_NODES,
        PYR_META_CPU_CLOCK, PYR_META_CONTEXT_LIMIT, PYR_META_MODE,        PYR_META_RATE_ASKED,
        PYR_META_ROUNDS,    PYR_META_RATE_REACHED,  PYR_META_SAMPLES,     PYR_META_SAMPLES_EXACT,
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i], key) == 0) {
            return true;
        }
    }
    return strncmp(key, "lost_", 5) == 0 || strncmp(key, "cost_", 5) == 0;
}

/* What a newer or another program said about the profile. */
static void add_unknown(const struct pyr_view *view, struct pyr_buf *out)
{
    const struct pyr_meta *meta = view->profile->meta;
    uint32_t shown = 0;
    for (uint32_t i = 0; i < pyr_meta_count(meta) && shown < MAX_UNKNOWN; i++) {
        const struct pyr_meta_entry entry = pyr_meta_get(meta, i);
        const char *key = pyr_strtab_text(view->profile->strings, entry.key);
        if (is_known(key)) {
            continue;
        }
        shown++;
        begin_line(view, "Also", out);
        add_fitting(view, key, 0, out);
        pyr_buf_add_text(out, ": ");
        if (entry.is_number) {
            pyr_buf_add_text(out, pyr_figure_count(entry.number).text);
        } else {
            add_fitting(view, pyr_strtab_text(view->profile->strings, entry.text), 40, out);
        }
        pyr_buf_add_char(out, '\n');
    }
}

void pyr_header_add(const struct pyr_view *view, struct pyr_buf *out)
{
    pyr_buf_add_char(out, '\n');
    add_command(view, out);
    add_time(view, out);
    add_amount(view, out);
    add_measuring(view, out);
    add_sampling(view, out);
    add_unknown(view, out);
    add_warnings(view, out);
}

void pyr_header_add_section(const struct pyr_view *view, const char *title, const char *detail,
                            struct pyr_buf *out)
{
    pyr_buf_add_text(out, "\n  ");
    pyr_style_add(out, PYR_STYLE_STRONG, view->options->color, title);
    pyr_buf_add_text(out, "  ");
    pyr_style_add(out, PYR_STYLE_DIM, view->options->color, detail);
    pyr_buf_add_text(out, "\n\n");
}

void pyr_header_add_title(const struct pyr_view *view, const char *title, struct pyr_buf *out)
{
    pyr_buf_add_text(out, "\n  ");
    pyr_style_add(out, PYR_STYLE_STRONG, view->options->color, title);
    pyr_buf_add_text(out, "\n\n");
}

void pyr_header_add_note(const struct pyr_view *view, struct pyr_buf *out, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    pyr_buf_add_text(out, "  ");
    pyr_style_add(out, PYR_STYLE_DIM, view->options->color, text);
    pyr_buf_add_char(out, '\n');
}
