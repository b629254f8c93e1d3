/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/printable.h"

static bool compile(regex_t *regex, const char *pattern, bool *done, struct pyr_err *err)
{
    char why[128];
    const int status = regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);
    if (status != 0) {
        regerror(status, regex, why, sizeof why);
        return pyr_err_set(err, PYR_ERR_USAGE, "'%s' is not an extended regular expression: %s",
                           pattern, why);
    }
    *done = true;
    return true;
}

static int find_metric(const struct pyr_view *view, const char *name)
{
    return pyr_metrics_find(&view->profile->metrics, view->profile->strings, name);
}

static bool is_time(const struct pyr_view *view, int metric)
{
    const struct pyr_profile *profile = view->profile;
    return metric >= 0 &&
           strcmp(pyr_strtab_text(profile->strings, profile->metrics.items[metric].unit),
                  PYR_UNIT_NS) == 0;
}

/* Wall time if there is any, else CPU time, else what the profile has first. */
static int find_main(const struct pyr_view *view)
{
    const int wall = find_metric(view, PYR_METRIC_WALL);
    const int cpu = find_metric(view, PYR_METRIC_CPU);
    if (is_time(view, wall)) {
        return wall;
    }
    return is_time(view, cpu) ? cpu
                              : pyr_metrics_main(&view->profile->metrics, view->profile->strings);
}

static bool find_columns(struct pyr_view *view, struct pyr_err *err)
{
    view->calls = find_metric(view, PYR_METRIC_CALLS);
    view->resumes = find_metric(view, PYR_METRIC_RESUMES);
    view->awaited = find_metric(view, PYR_METRIC_AWAITED);
    view->starved = find_metric(view, PYR_METRIC_STARVED);
    view->main = find_main(view);
    view->raw = -1;
    if (view->main < 0) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "the profile holds no figures at all");
    }
    view->wall = view->main == find_metric(view, PYR_METRIC_WALL) ? view->main : -1;
    view->cpu = find_metric(view, PYR_METRIC_CPU);
    if (!is_time(view, view->cpu) || view->wall < 0) {
        view->cpu = -1;
    }
    view->cpu_raw = view->cpu;
    const int wall_corrected = find_metric(view, PYR_METRIC_WALL_CORRECTED);
    const int cpu_corrected = find_metric(view, PYR_METRIC_CPU_CORRECTED);
    const int corrected = view->wall >= 0 ? wall_corrected : cpu_corrected;
    if (view->options->compensated && corrected >= 0) {
        view->raw = view->main;
        view->main = corrected;
        view->cpu = view->cpu >= 0 && cpu_corrected >= 0 ? cpu_corrected : view->cpu;
    }
    view->unit =
        pyr_strtab_text(view->profile->strings, view->profile->metrics.items[view->main].unit);
    return true;
}

/* Is it "add", "Index.add" or "shop.index.Index.add" that is asked for? */
static bool has_wanted_name(const struct pyr_view *view, pyr_func func)
{
    const struct pyr_profile *profile = view->profile;
    const struct pyr_function *f = pyr_functions_get(profile->functions, func);
    const char *wanted = view->options->function;
    const char *name = pyr_strtab_text(profile->strings, f->qualname);
    const char *module = pyr_strtab_text(profile->strings, f->module);
    const size_t wanted_len = strlen(wanted);
    const size_t name_len = strlen(name);
    const size_t module_len = strlen(module);
    if (wanted_len < name_len) {
        return strcmp(name + name_len - wanted_len, wanted) == 0 &&
               name[name_len - wanted_len - 1] == '.' && wanted_len > 0;
    }
    if (wanted_len == name_len) {
        return strcmp(name, wanted) == 0;
    }
    return wanted_len == module_len + 1 + name_len && wanted[module_len] == '.' &&
           strncmp(wanted, module, module_len) == 0 && strcmp(wanted + module_len + 1, name) == 0;
}

static bool any_has_wanted_name(const struct pyr_view *view)
{
    const uint32_t count = pyr_functions_count(view->profile->functions);
    for (uint32_t f = 1; f <= count; f++) {
        if (has_wanted_name(view, (pyr_func){f})) {
            return true;
        }
    }
    return false;
}

/* Everything but which threads are in view, which is known by now. */
static bool init(struct pyr_view *view, struct pyr_err *err)
{
    const struct pyr_report_options *options = view->options;
    if (!find_columns(view, err)) {
        return false;
    }
    if (options->match != NULL && !compile(&view->match, options->match, &view->has_match, err)) {
        return false;
    }
    if (options->function != NULL &&
        !compile(&view->function, options->function, &view->has_function, err)) {
        return false;
    }
    view->exact = options->function != NULL && any_has_wanted_name(view);
    const bool ok =
        view->group_of == NULL
            ? pyr_totals_new(view->profile, (pyr_thread){0}, &view->totals, err)
            : pyr_totals_new_group(view->profile, view->group_of, view->group, &view->totals, err);
    if (ok) {
        view->whole = pyr_totals_stack_inclusive(view->totals, (pyr_stack){0})[view->main];
    }
    return ok;
}

bool pyr_view_init(struct pyr_view *view, const struct pyr_profile *profile,
                   const struct pyr_report_options *options, struct pyr_err *err)
{
    view->profile = profile;
    view->options = options;
    if (!pyr_scope_find(profile, options, &view->scope, err)) {
        return false;
    }
    view->group_of = view->scope.group_of;
    view->group = 1;
    return init(view, err);
}

bool pyr_view_init_group(struct pyr_view *view, const struct pyr_view *all,
                         const uint32_t *group_of, uint32_t group, struct pyr_err *err)
{
    view->profile = all->profile;
    view->options = all->options;
    view->group_of = group_of;
    view->group = group;
    return init(view, err);
}

void pyr_view_release(struct pyr_view *view)
{
    if (view->has_match) {
        regfree(&view->match);
    }
    if (view->has_function) {
        regfree(&view->function);
    }
    pyr_totals_free(view->totals);
    pyr_scope_release(&view->scope);
    *view = (struct pyr_view){0};
}

bool pyr_view_has_thread(const struct pyr_view *view, pyr_thread thread)
{
    return view->group_of == NULL || (thread.i <= pyr_threads_count(view->profile->threads) &&
                                      view->group_of[thread.i] == view->group);
}

static const char *text_of(const struct pyr_view *view, pyr_str id)
{
    return pyr_strtab_text(view->profile->strings, id);
}

static bool regex_finds(const struct pyr_view *view, const regex_t *regex, pyr_func func)
{
    const struct pyr_function *f = pyr_functions_get(view->profile->functions, func);
    const char *module = text_of(view, f->module);
    struct pyr_buf text = {0};
    pyr_buf_addf(&text, "%s%s%s %s:%u", module, module[0] == '\0' ? "" : ".",
                 text_of(view, f->qualname), text_of(view, f->file), (unsigned)f->first_line);
    /* Out of memory: the report that follows will fail too, and say so. */
    const bool found = !text.failed && regexec(regex, text.data, 0, NULL, 0) == 0;
    pyr_buf_release(&text);
    return found;
}

bool pyr_view_keeps(const struct pyr_view *view, pyr_func func)
{
    if (view->options->module != NULL) {
        const char *wanted = view->options->module;
        const char *module =
            text_of(view, pyr_functions_get(view->profile->functions, func)->module);
        const size_t len = strlen(wanted);
        if (strncmp(module, wanted, len) != 0 || (module[len] != '\0' && module[len] != '.')) {
            return false;
        }
    }
    return !view->has_match || regex_finds(view, &view->match, func);
}

bool pyr_view_is_asked_for(const struct pyr_view *view, pyr_func func)
{
    if (view->exact) {
        return has_wanted_name(view, func);
    }
    return !view->has_function || regex_finds(view, &view->function, func);
}

int64_t pyr_view_self(const struct pyr_view *view, const struct pyr_total *total)
{
    return total->self[view->main];
}

int64_t pyr_view_inclusive(const struct pyr_view *view, const struct pyr_total *total)
{
    return total->inclusive[view->main];
}

int64_t pyr_view_calls(const struct pyr_view *view, const struct pyr_total *total)
{
    return view->calls >= 0 ? total->self[view->calls] : 0;
}

int64_t pyr_view_primitive_calls(const struct pyr_view *view, const struct pyr_total *total)
{
    return view->calls >= 0 ? total->primitive[view->calls] : 0;
}

int64_t pyr_view_rest(int64_t wall, int64_t cpu)
{
    int64_t rest = 0;
    if (wall >= 0 && cpu > wall) {
        return 0;
    }
    if (__builtin_sub_overflow(wall, cpu, &rest)) {
        return cpu < 0 ? INT64_MAX : INT64_MIN;
    }
    return rest;
}

int64_t pyr_view_waiting(const struct pyr_view *view, const int64_t *values)
{
    return view->cpu < 0 ? 0 : pyr_view_rest(values[view->wall], values[view->cpu_raw]);
}

int64_t pyr_view_awaited(const struct pyr_view *view, const struct pyr_total *total)
{
    return view->awaited >= 0 ? total->primitive[view->awaited] : 0;
}

int64_t pyr_view_starved(const struct pyr_view *view, const struct pyr_total *total)
{
    return view->starved >= 0 ? total->primitive[view->starved] : 0;
}

int64_t pyr_view_elapsed(const struct pyr_view *view, const struct pyr_total *total)
{
    const int64_t asleep =
        pyr_values_sum(pyr_view_awaited(view, total), pyr_view_starved(view, total));
    return pyr_values_sum(pyr_view_inclusive(view, total), asleep);
}

/* Seconds get a space, so that their unit is as wide as "ms". */
static struct pyr_figure padded(const char *unit, struct pyr_figure figure)
{
    const size_t len = strlen(figure.text);
    if (strcmp(unit, PYR_UNIT_NS) == 0 && len > 2 && figure.text[len - 2] == ' ') {
        memcpy(figure.text + len, " ", 2);
    }
    return figure;
}

struct pyr_figure pyr_view_cell(const char *unit, int64_t value)
{
    return padded(unit, pyr_figure_value(unit, value));
}

struct pyr_figure pyr_view_cell_change(const char *unit, int64_t change)
{
    return padded(unit, pyr_figure_change(unit, change));
}

struct pyr_figure pyr_view_calls_cell(const struct pyr_view *view, const struct pyr_total *total)
{
    const int64_t calls = pyr_view_calls(view, total);
    const int64_t primitive = pyr_view_primitive_calls(view, total);
    const struct pyr_figure all = pyr_figure_count(calls);
    if (calls == primitive) {
        return all;
    }
    struct pyr_figure both = {{0}};
    const struct pyr_figure outer = pyr_figure_count(primitive);
    snprintf(both.text, sizeof both.text, "%.24s/%.14s", all.text, outer.text);
    return both;
}

void pyr_view_add_name(const struct pyr_view *view, pyr_func func, struct pyr_buf *out)
{
    const struct pyr_function *f = pyr_functions_get(view->profile->functions, func);
    const size_t len = pyr_strtab_len(view->profile->strings, f->qualname);
    if (len == 0) {
        pyr_buf_add_text(out, "(no name)");
        return;
    }
    pyr_printable_add(out, text_of(view, f->qualname), len);
    /* All modules' code has the same name, and many are a file __init__.py. */
    const char *module = text_of(view, f->module);
    if (strcmp(text_of(view, f->qualname), "<module>") == 0 && module[0] != '\0' &&
        strcmp(module, "__main__") != 0) {
        pyr_buf_add_char(out, ' ');
        pyr_printable_add(out, module, strlen(module));
    }
}

/* What follows "…/lib/python3.12/" or "…-packages/" in a path; else the whole path. */
static const char *after_library(const char *path)
{
    static const char *const folders[] = {"/site-packages/", "/dist-packages/", "/lib/python"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        const char *found = strstr(path, folders[i]);
        if (found != NULL) {
            const char *rest = strchr(found + strlen(folders[i]) - 1, '/');
            return rest != NULL && rest[1] != '\0' ? rest + 1 : path;
        }
    }
    return path;
}

bool pyr_view_is_library(const struct pyr_view *view, pyr_func func)
{
    const struct pyr_function *f = pyr_functions_get(view->profile->functions, func);
    const char *path = text_of(view, f->file);
    return f->kind != PYR_FUNC_PYTHON || strncmp(path, "<frozen ", 8) == 0 ||
           after_library(path) != path;
}

/* What follows the options' folder in a path below it; else the whole path. */
static const char *below_folder(const struct pyr_view *view, const char *path)
{
    const char *folder = view->options->folder;
    const size_t len = folder == NULL || view->options->full_paths ? 0 : strlen(folder);
    return len > 1 && strncmp(path, folder, len) == 0 && path[len] == '/' && path[len + 1] != '\0'
               ? path + len + 1
               : path;
}

void pyr_view_add_place(const struct pyr_view *view, pyr_func func, struct pyr_buf *out)
{
    const struct pyr_function *f = pyr_functions_get(view->profile->functions, func);
    pyr_view_add_place_at(view, func, f->first_line, out);
}

void pyr_view_add_place_at(const struct pyr_view *view, pyr_func func, uint32_t line,
                           struct pyr_buf *out)
{
    const struct pyr_function *f = pyr_functions_get(view->profile->functions, func);
    const char *path = text_of(view, f->file);
    if (path[0] == '\0') {
        if (f->module.i != 0) {
            pyr_buf_add_char(out, '[');
            pyr_printable_add(out, text_of(view, f->module),
                              pyr_strtab_len(view->profile->strings, f->module));
            pyr_buf_add_char(out, ']');
        }
        return;
    }
    const char *shown = view->options->full_paths ? path : after_library(path);
    shown = shown == path ? below_folder(view, path) : shown;
    pyr_printable_add(out, shown, strlen(shown));
    if (line != 0) {
        pyr_buf_addf(out, ":%u", (unsigned)line);
    }
}
