/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/recorded.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "remote/children.h"
#include "remote/program.h"

#define FIRST_WAIT_NS 2000000u  /* an interpreter takes some 10 ms to come up */
#define LAST_WAIT_NS 500000000u /* what is none is asked now and then */
#define WAIT_TIMES_COST 10u     /* waiting for it takes at most so much of our time */
#define CHECK_NS 20000000u      /* between two looks for another program */
#define RELIST_NS 20000000u     /* threads are listed for their names at most so often, … */
#define RELIST_TIMES_COST 50u   /* … or less where that takes long */
#define TASK_TABLES_MINOR 14    /* from 3.14 on asyncio says where its tasks are */
#define TASKS_TIMES_COST 10u    /* listing tasks takes at most so much of our time */

void pyr_recorded_init(struct pyr_recorded *recorded, uint32_t pid)
{
    *recorded = (struct pyr_recorded){.pid = pid, .wait_ns = FIRST_WAIT_NS};
}

static bool find_executable(uint32_t pid, struct stat *status)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%u/exe", (unsigned)pid);
    return stat(path, status) == 0;
}

static uint32_t code_id(void *context, uint64_t address)
{
    struct pyr_recorded *recorded = context;
    return pyr_codes_id(recorded->codes, recorded->target.memory, &recorded->target.layout,
                        address);
}

static const struct pyr_code *code(void *context, uint32_t id)
{
    const struct pyr_recorded *recorded = context;
    return pyr_codes_get(recorded->codes, id);
}

/* Lists the threads again when one turns up whose name is not known, but not at every one. */
static const char *thread_name(void *context, const struct pyr_remote_thread *thread)
{
    struct pyr_recorded *recorded = context;
    struct pyr_err ignored = {0};
    const char *name = pyr_thread_names_get(recorded->names, thread);
    const uint64_t now = pyr_clock_monotonic_ns();
    if (name[0] != '\0' || now < recorded->relist_ns) {
        return name;
    }
    if (pyr_remote_threads_list(&recorded->target, &recorded->threads, &ignored)) {
        pyr_thread_names_update(recorded->names, &recorded->target, &recorded->threads);
    }
    const uint64_t cost = (pyr_clock_monotonic_ns() - now) * RELIST_TIMES_COST;
    recorded->relist_ns = now + (cost > RELIST_NS ? cost : RELIST_NS);
    return pyr_thread_names_get(recorded->names, thread);
}

static const struct pyr_native_symbol *symbol(void *context, uint64_t pc)
{
    const struct pyr_recorded *recorded = context;
    struct pyr_native *native = pyr_sampler_native(recorded->sampler);
    return native == NULL ? NULL : pyr_native_symbol(native, pc);
}

/* Lists the tasks anew. What can't be listed has no names; that is no reason to end a recording. */
static void list_tasks(struct pyr_recorded *recorded)
{
    struct pyr_err ignored = {0};
    pyr_map_clear(&recorded->tasks_by_frame);
    pyr_remote_tasks_release(&recorded->tasks);
    if (pyr_layout_minor(&recorded->target.layout) >= TASK_TABLES_MINOR) {
        pyr_target_find_asyncio(&recorded->target); /* it may have been imported since */
    }
    if (!pyr_remote_threads_list(&recorded->target, &recorded->threads, &ignored) ||
        !pyr_remote_tasks_list(&recorded->target, &recorded->threads, &recorded->tasks, &ignored)) {
        return;
    }
    for (uint32_t i = 0; i < recorded->tasks.count; i++) {
        const struct pyr_raw_stack *stack = &recorded->tasks.items[i].coroutines;
        if (stack->count > 0) {
            (void)!pyr_map_put(&recorded->tasks_by_frame, stack->frames[stack->count - 1].address,
                               i + 1, &ignored);
        }
    }
}

static const char *task_name(void *context, uint64_t frame)
{
    struct pyr_recorded *recorded = context;
    const uint64_t now = pyr_clock_monotonic_ns();
    if (now >= recorded->tasks_ns) {
        list_tasks(recorded);
        const uint64_t end = pyr_clock_monotonic_ns();
        recorded->tasks_ns = end + (end - now) * TASKS_TIMES_COST;
    }
    const uint32_t place = pyr_map_get(&recorded->tasks_by_frame, frame);
    return place == 0 ? "" : recorded->tasks.items[place - 1].name;
}

static bool begin_collecting(struct pyr_recorded *recorded, struct pyr_collector *collector,
                             struct pyr_err *err)
{
    char command[256];
    struct pyr_program program;
    pyr_process_command(recorded->pid, command, sizeof command);
    pyr_program_find(recorded->pid, &program);
    const struct pyr_collect_process process = {
        .pid = recorded->pid,
        .command = command,
        .main_file = program.is == PYR_PROGRAM_IS_SCRIPT ? program.name : NULL,
        .main_module = program.is == PYR_PROGRAM_IS_MODULE ? program.name : NULL,
        .source = {recorded, code_id, code, thread_name, symbol, task_name},
    };
    return pyr_collector_begin(collector, &process, &recorded->handle, err);
}

static void release(struct pyr_recorded *recorded)
{
    pyr_sampler_close(recorded->sampler);
    pyr_thread_names_free(recorded->names);
    pyr_codes_free(recorded->codes);
    pyr_remote_threads_release(&recorded->threads);
    pyr_remote_tasks_release(&recorded->tasks);
    pyr_map_release(&recorded->tasks_by_frame);
    pyr_target_close(&recorded->target);
    recorded->sampler = NULL;
    recorded->names = NULL;
    recorded->codes = NULL;
    recorded->relist_ns = 0;
    recorded->tasks_ns = 0;
}

bool pyr_recorded_open(struct pyr_recorded *recorded, const struct pyr_sampler_options *options,
                       struct pyr_collector *collector, struct pyr_err *err)
{
    struct stat status;
    if (find_executable(recorded->pid, &status)) {
        recorded->executable_inode = status.st_ino;
        recorded->executable_device = status.st_dev;
    }
    if (!pyr_target_open(&recorded->target, recorded->pid, err)) {
        recorded->why = *err;
        return false;
    }
    recorded->codes = pyr_codes_new();
    recorded->names = pyr_thread_names_new();
    if (recorded->codes == NULL || recorded->names == NULL) {
        (void)pyr_err_nomem(err);
        goto failed;
    }
    recorded->sampler = pyr_sampler_open(&recorded->target, recorded->codes, options, err);
    if (recorded->sampler == NULL || !begin_collecting(recorded, collector, err)) {
        goto failed;
    }
    recorded->is_open = true;
    recorded->was_open = true;
    recorded->wait_ns = FIRST_WAIT_NS;
    return true;
failed:
    release(recorded);
    recorded->why = *err;
    return false;
}

void pyr_recorded_close(struct pyr_recorded *recorded, struct pyr_collector *collector,
                        struct pyr_sampler_counts *counts)
{
    if (!recorded->is_open) {
        return;
    }
    pyr_sampler_counts_add(counts, pyr_sampler_counts(recorded->sampler));
    pyr_collector_end(collector, recorded->handle);
    release(recorded);
    recorded->is_open = false;
    recorded->retry_ns = 0;
}

bool pyr_recorded_is_replaced(struct pyr_recorded *recorded, uint64_t now_ns)
{
    if (now_ns < recorded->check_ns) {
        return false;
    }
    recorded->check_ns = now_ns + CHECK_NS;
    return pyr_target_replaced(&recorded->target);
}

bool pyr_recorded_is_due(struct pyr_recorded *recorded, uint64_t now_ns)
{
    struct stat status;
    if (now_ns >= recorded->retry_ns) {
        return true;
    }
    if (find_executable(recorded->pid, &status) && (status.st_ino != recorded->executable_inode ||
                                                    status.st_dev != recorded->executable_device)) {
        recorded->wait_ns = FIRST_WAIT_NS;
        return true;
    }
    return false;
}

void pyr_recorded_wait(struct pyr_recorded *recorded, uint64_t began_ns, uint64_t now_ns)
{
    const uint64_t least = (now_ns - began_ns) * WAIT_TIMES_COST;
    recorded->retry_ns = now_ns + (recorded->wait_ns > least ? recorded->wait_ns : least);
    recorded->wait_ns += recorded->wait_ns / 8; /* some 50 tries until the longest wait */
    if (recorded->wait_ns > LAST_WAIT_NS) {
        recorded->wait_ns = LAST_WAIT_NS;
    }
}

void pyr_sampler_counts_add(struct pyr_sampler_counts *sum, const struct pyr_sampler_counts *more)
{
    sum->rounds += more->rounds;
    sum->late += more->late;
    sum->samples += more->samples;
    sum->exact += more->exact;
    sum->torn += more->torn;
    sum->likely += more->likely;
    sum->lost += more->lost;
    sum->retries += more->retries;
    sum->migrations += more->migrations;
    sum->read_calls += more->read_calls;
    sum->threads_missed += more->threads_missed;
}
