/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump_text.h"

#include <string.h>

#include "base/mem.h"
#include "reports/printable.h"

#define STEP 4            /* columns of indentation */
#define MAX_TASK_DEPTH 32 /* tasks that wait for tasks: deeper ones are listed, not nested */

static void add_printable(struct pyr_buf *out, const char *text)
{
    pyr_printable_add(out, text, strlen(text));
}

/* What follows the last of `marks` in `path`; NULL when none is in it. */
static const char *after(const char *path, const char *mark)
{
    const char *found = NULL;
    for (const char *at = strstr(path, mark); at != NULL; at = strstr(at + 1, mark)) {
        found = at + strlen(mark);
    }
    return found;
}

const char *pyr_dump_short_file(const char *path, const char *folder)
{
    const char *rest = after(path, "/site-packages/");
    if (rest == NULL) {
        rest = after(path, "/dist-packages/");
    }
    if (rest != NULL) {
        return rest;
    }
    const char *library = after(path, "/lib/python");
    if (library != NULL && strncmp(library, "3", 1) == 0) {
        const char *slash = strchr(library, '/');
        if (slash != NULL && slash[1] != '\0') {
            return slash + 1;
        }
    }
    const size_t len = folder == NULL ? 0 : strlen(folder);
    if (len > 1 && strncmp(path, folder, len) == 0 && path[len] == '/' && path[len + 1] != '\0') {
        return path + len + 1;
    }
    return path;
}

static void add_locals(struct pyr_buf *out, const struct pyr_dump_frame *frame, size_t indent,
                       bool arguments)
{
    bool any = false;
    for (uint32_t i = 0; i < frame->local_count; i++) {
        const struct pyr_dump_local *local = &frame->locals[i];
        if (local->is_argument != arguments) {
            continue;
        }
        if (!any) {
            pyr_buf_add_repeated(out, ' ', indent);
            pyr_buf_add_text(out, arguments ? "Arguments:\n" : "Locals:\n");
            any = true;
        }
        pyr_buf_add_repeated(out, ' ', indent + STEP);
        add_printable(out, local->name);
        pyr_buf_add_text(out, ": ");
        add_printable(out, local->value);
        pyr_buf_add_char(out, '\n');
    }
}

struct view {
    const struct pyr_dump_process *process;
    const struct pyr_dump_options *options;
    struct pyr_buf *out;
};

static void add_frame(const struct view *view, const struct pyr_dump_frame *frame, size_t indent)
{
    struct pyr_buf *out = view->out;
    const char *file = view->options->full_files
                           ? frame->file
                           : pyr_dump_short_file(frame->file, view->process->folder);
    pyr_buf_add_repeated(out, ' ', indent);
    add_printable(out, frame->name);
    if (file[0] != '\0' || frame->module != NULL) {
        pyr_buf_add_text(out, " (");
        add_printable(out, file[0] != '\0' ? file : frame->module);
        if (file[0] != '\0' && frame->at.line > 0) {
            pyr_buf_addf(out, ":%d", frame->at.line);
        }
        pyr_buf_add_char(out, ')');
    }
    pyr_buf_add_char(out, '\n');
    add_locals(out, frame, indent + STEP, true);
    add_locals(out, frame, indent + STEP, false);
}

static void add_stack(const struct view *view, const struct pyr_dump_stack *stack, size_t indent)
{
    for (uint32_t i = 0; i < stack->count; i++) {
        add_frame(view, &stack->frames[i], indent);
    }
}

static void add_note(struct pyr_buf *out, size_t indent, const char *note)
{
    pyr_buf_add_repeated(out, ' ', indent);
    pyr_buf_addf(out, "<%s>\n", note);
}

static void add_thread(const struct view *view, const struct pyr_dump_thread *thread)
{
    struct pyr_buf *out = view->out;
    pyr_buf_add_text(out, "\nThread ");
    if (thread->is.tid != 0) {
        pyr_buf_addf(out, "%u", thread->is.tid);
    } else {
        pyr_buf_addf(out, "0x%llx", (unsigned long long)thread->is.ident);
    }
    pyr_buf_addf(out, " (%s%s%s)", thread->active ? "active" : "idle",
                 thread->is.holds_gil    ? "+gil"
                 : thread->waits_for_gil ? ", waits for the gil"
                                         : "",
                 thread->is.collecting ? "+gc" : "");
    if (thread->name[0] != '\0') {
        pyr_buf_add_text(out, ": \"");
        add_printable(out, thread->name);
        pyr_buf_add_char(out, '"');
    }
    if (view->process->interpreters > 1) {
        pyr_buf_addf(out, " in interpreter %llu", (unsigned long long)thread->is.interpreter_id);
    }
    pyr_buf_add_char(out, '\n');
    if (thread->gone) {
        add_note(out, STEP, "could not be read: the thread ended, or changes too fast");
        return;
    }
    if (thread->torn) {
        add_note(out, STEP,
                 view->process->core == NULL
                     ? "torn: this stack changed while it was read; --blocking holds it still"
                     : "torn: the core file does not have what led to these calls");
    }
    if (thread->stack.count == 0) {
        add_note(out, STEP, "no Python code");
    }
    add_stack(view, &thread->stack, STEP);
    if (thread->truncated) {
        add_note(out, STEP, "truncated: the calls that led here are left out");
    }
}

/* Tasks as a tree: below each those that it waits for. */
struct task_view {
    struct view view;
    bool *shown; /* by task */
};

static bool is_awaited_by(const struct pyr_dump_task *task, uint32_t index)
{
    for (uint32_t i = 0; i < task->awaited_by_count; i++) {
        if (task->awaited_by[i] == index) {
            return true;
        }
    }
    return false;
}

static void add_task_head(const struct view *view, uint32_t index, size_t indent)
{
    struct pyr_buf *out = view->out;
    const struct pyr_dump_task *task = &view->process->tasks[index];
    pyr_buf_add_repeated(out, ' ', indent);
    pyr_buf_add_text(out, "Task \"");
    add_printable(out, task->name);
    pyr_buf_addf(out, "\" (%s", task->running ? "running" : "waiting");
    if (task->thread < view->process->thread_count) {
        pyr_buf_addf(out, ", thread %u", view->process->threads[task->thread].is.tid);
    }
    pyr_buf_add_char(out, ')');
}

static void add_task(struct task_view *tasks, uint32_t index, uint32_t depth)
{
    const struct pyr_dump_process *process = tasks->view.process;
    const size_t indent = (size_t)depth * STEP;
    add_task_head(&tasks->view, index, indent);
    if (tasks->shown[index]) {
        pyr_buf_add_text(tasks->view.out, ", see above\n");
        return;
    }
    tasks->shown[index] = true;
    pyr_buf_add_char(tasks->view.out, '\n');
    add_stack(&tasks->view, &process->tasks[index].stack, indent + STEP);
    bool any = false;
    for (uint32_t i = 0; i < process->task_count && depth < MAX_TASK_DEPTH; i++) {
        if (!is_awaited_by(&process->tasks[i], index)) {
            continue;
        }
        if (!any) {
            pyr_buf_add_repeated(tasks->view.out, ' ', indent + STEP);
            pyr_buf_add_text(tasks->view.out, "waits for\n");
            any = true;
        }
        add_task(tasks, i, depth + 1);
    }
}

static void add_tasks(const struct view *view)
{
    const struct pyr_dump_process *process = view->process;
    struct pyr_buf *out = view->out;
    if (process->task_problem != NULL) {
        pyr_buf_add_text(out, "\nTasks: ");
        add_printable(out, process->task_problem);
        pyr_buf_add_char(out, '\n');
        return;
    }
    pyr_buf_addf(out, "\n%u asyncio task%s%s\n", process->task_count,
                 process->task_count == 1 ? "" : "s",
                 process->tasks_missed ? " (they changed while they were read)" : "");
    struct task_view tasks = {*view, pyr_mem_zalloc((size_t)process->task_count + 1, sizeof(bool))};
    if (tasks.shown == NULL) {
        out->failed = true;
        return;
    }
    for (uint32_t i = 0; i < process->task_count; i++) {
        if (process->tasks[i].awaited_by_count == 0) {
            add_task(&tasks, i, 0);
        }
    }
    for (uint32_t i = 0; i < process->task_count; i++) { /* those that wait in a circle */
        if (!tasks.shown[i]) {
            add_task(&tasks, i, 0);
        }
    }
    pyr_mem_free(tasks.shown);
}

static void add_process(const struct view *view)
{
    const struct pyr_dump_process *process = view->process;
    struct pyr_buf *out = view->out;
    pyr_buf_addf(out, "Process %u: ", process->pid);
    add_printable(out, process->command);
    if (process->parent != 0) {
        pyr_buf_addf(out, " (child of %u)", process->parent);
    }
    pyr_buf_add_char(out, '\n');
    if (process->problem != NULL) {
        pyr_buf_add_text(out, "    not shown: ");
        add_printable(out, process->problem);
        pyr_buf_add_char(out, '\n');
        return;
    }
    pyr_buf_addf(out, "Python v%s (", process->python);
    add_printable(out, process->executable);
    pyr_buf_addf(out, "), %u thread%s, innermost calls first\n", process->thread_count,
                 process->thread_count == 1 ? "" : "s");
    if (process->threads_missed) {
        pyr_buf_add_text(out,
                         "The list of threads changed while it was read: some may be missing.\n");
    }
    for (uint32_t i = 0; i < process->thread_count; i++) {
        add_thread(view, &process->threads[i]);
    }
    if (process->has_tasks) {
        add_tasks(view);
    }
}

void pyr_dump_text(const struct pyr_dump *dump, const struct pyr_dump_options *options,
                   struct pyr_buf *out)
{
    for (uint32_t i = 0; i < dump->count; i++) {
        const struct view view = {&dump->processes[i], options, out};
        if (i > 0) {
            pyr_buf_add_char(out, '\n');
        }
        add_process(&view);
    }
}
