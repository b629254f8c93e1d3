/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump_json.h"

#include "base/json.h"

static void write_int_key(struct pyr_json_writer *json, const char *key, int64_t value)
{
    pyr_json_key(json, key);
    pyr_json_int(json, value);
}

static void write_bool_key(struct pyr_json_writer *json, const char *key, bool value)
{
    pyr_json_key(json, key);
    pyr_json_bool(json, value);
}

static void write_text_key(struct pyr_json_writer *json, const char *key, const char *value)
{
    pyr_json_key(json, key);
    pyr_json_text(json, value);
}

static void write_locals(struct pyr_json_writer *json, const struct pyr_dump_frame *frame)
{
    pyr_json_key(json, "locals");
    pyr_json_array_begin(json);
    for (uint32_t i = 0; i < frame->local_count; i++) {
        const struct pyr_dump_local *local = &frame->locals[i];
        pyr_json_object_begin(json);
        write_text_key(json, "name", local->name);
        write_text_key(json, "value", local->value);
        write_bool_key(json, "argument", local->is_argument);
        pyr_json_object_end(json);
    }
    pyr_json_array_end(json);
}

static void write_frame(struct pyr_json_writer *json, const struct pyr_dump_frame *frame)
{
    pyr_json_object_begin(json);
    write_text_key(json, "name", frame->name);
    write_text_key(json, "file", frame->file);
    write_int_key(json, "line", frame->at.line);
    write_int_key(json, "end_line", frame->at.end_line);
    write_int_key(json, "column", frame->at.column);
    write_int_key(json, "end_column", frame->at.end_column);
    if (frame->module != NULL) {
        write_text_key(json, "module", frame->module);
    }
    if (frame->locals != NULL) {
        write_locals(json, frame);
    }
    pyr_json_object_end(json);
}

static void write_stack(struct pyr_json_writer *json, const struct pyr_dump_stack *stack)
{
    pyr_json_key(json, "frames");
    pyr_json_array_begin(json);
    for (uint32_t i = 0; i < stack->count; i++) {
        write_frame(json, &stack->frames[i]);
    }
    pyr_json_array_end(json);
}

static void write_thread(struct pyr_json_writer *json, const struct pyr_dump_thread *thread)
{
    pyr_json_object_begin(json);
    write_int_key(json, "tid", thread->is.tid);
    write_int_key(json, "ident", (int64_t)thread->is.ident);
    write_text_key(json, "name", thread->name);
    write_int_key(json, "interpreter", (int64_t)thread->is.interpreter_id);
    write_text_key(json, "state", thread->active ? "active" : "idle");
    write_bool_key(json, "gil", thread->is.holds_gil);
    write_bool_key(json, "waits_for_gil", thread->waits_for_gil);
    write_bool_key(json, "gc", thread->is.collecting);
    write_bool_key(json, "main", thread->is.is_main);
    write_bool_key(json, "truncated", thread->truncated);
    write_bool_key(json, "torn", thread->torn);
    write_stack(json, &thread->stack);
    pyr_json_object_end(json);
}

static void write_task(struct pyr_json_writer *json, const struct pyr_dump_process *process,
                       uint32_t index)
{
    const struct pyr_dump_task *task = &process->tasks[index];
    const bool known = task->thread < process->thread_count;
    pyr_json_object_begin(json);
    write_int_key(json, "id", index);
    write_text_key(json, "name", task->name);
    pyr_json_key(json, "tid");
    pyr_json_int(json, known ? process->threads[task->thread].is.tid : 0);
    write_bool_key(json, "running", task->running);
    pyr_json_key(json, "awaited_by");
    pyr_json_array_begin(json);
    for (uint32_t i = 0; i < task->awaited_by_count; i++) {
        pyr_json_int(json, task->awaited_by[i]);
    }
    pyr_json_array_end(json);
    write_stack(json, &task->stack);
    pyr_json_object_end(json);
}

static void write_tasks(struct pyr_json_writer *json, const struct pyr_dump_process *process)
{
    pyr_json_key(json, "tasks");
    pyr_json_array_begin(json);
    for (uint32_t i = 0; i < process->task_count; i++) {
        write_task(json, process, i);
    }
    pyr_json_array_end(json);
    write_bool_key(json, "tasks_missed", process->tasks_missed);
    if (process->task_problem != NULL) {
        write_text_key(json, "tasks_problem", process->task_problem);
    }
}

/* The members of one process, without the brackets. */
static void write_members(struct pyr_json_writer *json, const struct pyr_dump_process *process)
{
    write_int_key(json, "pid", process->pid);
    if (process->parent != 0) {
        write_int_key(json, "parent", process->parent);
    }
    write_text_key(json, "command", process->command);
    if (process->problem != NULL) {
        write_text_key(json, "problem", process->problem);
        return;
    }
    write_text_key(json, "python", process->python);
    write_text_key(json, "executable", process->executable);
    if (process->core != NULL) {
        write_text_key(json, "core", process->core);
    }
    write_text_key(json, "mode", process->mode);
    write_bool_key(json, "threads_missed", process->threads_missed);
    pyr_json_key(json, "threads");
    pyr_json_array_begin(json);
    for (uint32_t i = 0; i < process->thread_count; i++) {
        write_thread(json, &process->threads[i]);
    }
    pyr_json_array_end(json);
    if (process->has_tasks) {
        write_tasks(json, process);
    }
}

void pyr_dump_json(const struct pyr_dump *dump, struct pyr_buf *out)
{
    struct pyr_json_writer json = {.out = out};
    pyr_json_object_begin(&json);
    if (dump->count > 0) {
        write_members(&json, &dump->processes[0]);
    }
    if (dump->count > 1) {
        pyr_json_key(&json, "subprocesses");
        pyr_json_array_begin(&json);
        for (uint32_t i = 1; i < dump->count; i++) {
            pyr_json_object_begin(&json);
            write_members(&json, &dump->processes[i]);
            pyr_json_object_end(&json);
        }
        pyr_json_array_end(&json);
    }
    pyr_json_object_end(&json);
    pyr_buf_add_char(out, '\n');
}
