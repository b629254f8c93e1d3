/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/scope.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "reports/figure.h"
#include "reports/printable.h"

/* What one option asks for: a text, which may be a number too. */
struct wanted {
    const char *text;
    uint32_t number; /* 0: it is none */
};

static struct wanted read_wanted(const char *text)
{
    char *end = NULL;
    const unsigned long number = strtoul(text, &end, 10);
    const bool ok = text[0] >= '0' && text[0] <= '9' && *end == '\0' && number <= UINT32_MAX;
    return (struct wanted){text, ok ? (uint32_t)number : 0};
}

static bool is_text(const struct pyr_profile *profile, pyr_str id, const char *text)
{
    return strcmp(pyr_strtab_text(profile->strings, id), text) == 0;
}

static bool is_wanted(const struct pyr_profile *profile, const struct pyr_thread_info *info,
                      const struct wanted *wanted, bool task)
{
    if (info->tag.i != 0 || (task && info->kind != PYR_THREAD_TASK)) {
        return false;
    }
    if (is_text(profile, info->name, wanted->text)) {
        return true;
    }
    if (task) {
        return wanted->text[0] != '\0' && is_text(profile, info->entry, wanted->text);
    }
    return info->kind == PYR_THREAD_NATIVE && wanted->number != 0 && info->tid == wanted->number;
}

/* Marks what ran in a marked one: a parent's id is smaller than its child's. */
static void mark_children(const struct pyr_profile *profile, uint8_t *marks)
{
    const uint32_t count = pyr_threads_count(profile->threads);
    for (uint32_t i = 1; i <= count; i++) {
        const pyr_thread parent = pyr_threads_get(profile->threads, (pyr_thread){i}).parent;
        marks[i] = marks[i] || (parent.i < i && marks[parent.i]);
    }
}

/* Marks the threads (or tasks) that `text` means, by name or kernel id; else by number. */
static uint32_t mark_wanted(const struct pyr_profile *profile, const char *text, bool task,
                            uint8_t *marks, pyr_thread *first)
{
    const uint32_t count = pyr_threads_count(profile->threads);
    const struct wanted wanted = read_wanted(text);
    uint32_t found = 0;
    memset(marks, 0, count + (size_t)1);
    for (uint32_t i = 1; i <= count; i++) {
        const struct pyr_thread_info info = pyr_threads_get(profile->threads, (pyr_thread){i});
        if (is_wanted(profile, &info, &wanted, task)) {
            marks[i] = 1;
            *first = found++ == 0 ? (pyr_thread){i} : *first;
        }
    }
    if (found == 0 && wanted.number >= 1 && wanted.number <= count) {
        const pyr_thread id = {wanted.number};
        if (!task || pyr_threads_get(profile->threads, id).kind == PYR_THREAD_TASK) {
            marks[id.i] = 1;
            *first = id;
            found = 1;
        }
    }
    mark_children(profile, marks);
    return found;
}

static uint32_t mark_tagged(const struct pyr_profile *profile, const char *tag, uint8_t *marks)
{
    const uint32_t count = pyr_threads_count(profile->threads);
    uint32_t found = 0;
    memset(marks, 0, count + (size_t)1);
    for (uint32_t i = 1; i <= count; i++) {
        const struct pyr_thread_info info = pyr_threads_get(profile->threads, (pyr_thread){i});
        if (info.tag.i != 0 && is_text(profile, info.tag, tag)) {
            marks[i] = 1;
            found++;
        }
    }
    return found;
}

static void keep_marked(const struct pyr_profile *profile, const uint8_t *marks,
                        struct pyr_scope *scope)
{
    const uint32_t count = pyr_threads_count(profile->threads);
    for (uint32_t i = 0; i <= count; i++) {
        scope->group_of[i] = scope->group_of[i] != 0 && marks[i] != 0;
    }
}

static bool find_thread(const struct pyr_profile *profile, const char *wanted, uint8_t *marks,
                        struct pyr_scope *scope, struct pyr_err *err)
{
    scope->thread_text = wanted;
    scope->thread_count = mark_wanted(profile, wanted, false, marks, &scope->thread);
    if (scope->thread_count == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "no thread '%s' in this profile; --by-thread lists the %u there are",
                           wanted, (unsigned)pyr_scope_count(profile, PYR_THREAD_NATIVE));
    }
    keep_marked(profile, marks, scope);
    return true;
}

static bool find_task(const struct pyr_profile *profile, const char *wanted, uint8_t *marks,
                      struct pyr_scope *scope, struct pyr_err *err)
{
    const uint32_t tasks = pyr_scope_count(profile, PYR_THREAD_TASK);
    scope->task_text = wanted;
    scope->task_count = mark_wanted(profile, wanted, true, marks, &scope->task);
    if (scope->task_count == 0 && tasks == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE, "no task '%s': this profile tells no tasks apart",
                           wanted);
    }
    if (scope->task_count == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "no task '%s' in this profile; --report tasks lists the %u there are",
                           wanted, (unsigned)tasks);
    }
    keep_marked(profile, marks, scope);
    return true;
}

static bool find_tag(const struct pyr_profile *profile, const char *wanted, uint8_t *marks,
                     struct pyr_scope *scope, struct pyr_err *err)
{
    scope->tag = wanted;
    if (mark_tagged(profile, wanted, marks) == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "no tag '%s' in this profile; --report tags lists those there are",
                           wanted);
    }
    keep_marked(profile, marks, scope);
    return true;
}

bool pyr_scope_find(const struct pyr_profile *profile, const struct pyr_report_options *options,
                    struct pyr_scope *scope, struct pyr_err *err)
{
    const size_t count = (size_t)pyr_threads_count(profile->threads) + 1;
    if (options->thread == NULL && options->task == NULL && options->tag == NULL) {
        return true;
    }
    uint8_t *marks = pyr_mem_zalloc(count, sizeof *marks);
    scope->group_of = pyr_mem_zalloc(count, sizeof *scope->group_of);
    if (marks == NULL || scope->group_of == NULL) {
        pyr_mem_free(marks);
        return pyr_err_nomem(err);
    }
    for (size_t i = 0; i < count; i++) {
        scope->group_of[i] = 1;
    }
    bool ok = true;
    if (options->thread != NULL) {
        ok = find_thread(profile, options->thread, marks, scope, err);
    }
    if (ok && options->task != NULL) {
        ok = find_task(profile, options->task, marks, scope, err);
    }
    if (ok && options->tag != NULL) {
        ok = find_tag(profile, options->tag, marks, scope, err);
    }
    pyr_mem_free(marks);
    return ok;
}

void pyr_scope_release(struct pyr_scope *scope)
{
    pyr_mem_free(scope->group_of);
    *scope = (struct pyr_scope){0};
}

uint32_t pyr_scope_count(const struct pyr_profile *profile, enum pyr_thread_kind kind)
{
    const uint32_t count = pyr_threads_count(profile->threads);
    uint32_t found = 0;
    for (uint32_t i = 1; i <= count; i++) {
        const struct pyr_thread_info info = pyr_threads_get(profile->threads, (pyr_thread){i});
        found += info.kind == kind && info.tag.i == 0;
    }
    return found;
}

const char *pyr_scope_kind(enum pyr_thread_kind kind, bool plural)
{
    switch (kind) {
    case PYR_THREAD_TASK:
        return plural ? "tasks" : "task";
    case PYR_THREAD_GREENLET:
        return plural ? "greenlets" : "greenlet";
    case PYR_THREAD_CONTEXT:
        return plural ? "contexts" : "context";
    case PYR_THREAD_NATIVE:
        break;
    }
    return plural ? "threads" : "thread";
}

void pyr_scope_add_thread(const struct pyr_profile *profile, pyr_thread thread, struct pyr_buf *out)
{
    if (thread.i == 0) {
        pyr_buf_add_text(out, "(threads not told apart)");
        return;
    }
    const struct pyr_thread_info info = pyr_threads_get(profile->threads, thread);
    const size_t len = pyr_strtab_len(profile->strings, info.name);
    if (len == 0) {
        pyr_buf_addf(out, "%s %u", pyr_scope_kind(info.kind, false), (unsigned)thread.i);
    } else {
        pyr_printable_add(out, pyr_strtab_text(profile->strings, info.name), len);
    }
}

bool pyr_scope_is_rest(const struct pyr_profile *profile, pyr_thread thread)
{
    if (thread.i == 0) {
        return false;
    }
    const struct pyr_thread_info info = pyr_threads_get(profile->threads, thread);
    const char *name = pyr_strtab_text(profile->strings, info.name);
    return (info.kind == PYR_THREAD_TASK && strcmp(name, "(other tasks)") == 0) ||
           (info.kind == PYR_THREAD_GREENLET && strcmp(name, "(other greenlets)") == 0);
}

static void add_chosen(const struct pyr_profile *profile, pyr_thread first, uint32_t count,
                       const char *wanted, struct pyr_buf *out)
{
    const enum pyr_thread_kind kind = pyr_threads_get(profile->threads, first).kind;
    if (count > 1) {
        pyr_buf_addf(out, "%s %s called ", pyr_figure_count(count).text,
                     pyr_scope_kind(kind, true));
        pyr_printable_add(out, wanted, strlen(wanted));
    } else {
        pyr_buf_addf(out, "%s ", pyr_scope_kind(kind, false));
        pyr_scope_add_thread(profile, first, out);
    }
}

void pyr_scope_add_words(const struct pyr_profile *profile, const struct pyr_scope *scope,
                         struct pyr_buf *out)
{
    const char *gap = " on ";
    if (scope->thread.i != 0) {
        pyr_buf_add_text(out, gap);
        add_chosen(profile, scope->thread, scope->thread_count, scope->thread_text, out);
        gap = ", ";
    }
    if (scope->task.i != 0) {
        pyr_buf_add_text(out, gap);
        add_chosen(profile, scope->task, scope->task_count, scope->task_text, out);
        gap = ", ";
    }
    if (scope->tag != NULL) {
        pyr_buf_addf(out, "%sunder tag ", gap[0] == ',' ? gap : " ");
        pyr_printable_add(out, scope->tag, strlen(scope->tag));
    }
    for (int k = 0; k < PYR_THREAD_KIND_COUNT && scope->group_of == NULL; k++) {
        const enum pyr_thread_kind kind = (enum pyr_thread_kind)k;
        const uint32_t count = pyr_scope_count(profile, kind);
        if (count > 0) {
            pyr_buf_addf(out, "%s%s %s", gap, pyr_figure_count(count).text,
                         pyr_scope_kind(kind, count != 1));
            gap = ", ";
        }
    }
}
