/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/dump_native.h"
#include "cli/dump_tasks.h"
#include "cli/dump_threads.h"
#include "remote/children.h"
#include "remote/core.h"
#include "remote/target.h"

#define MAX_COMMAND 4096

static const char *copy_text(struct pyr_dump *dump, const char *text)
{
    return pyr_arena_copy(dump->arena, text, strlen(text));
}

/* The folder that a process works in; NULL when it can't be told. */
static const char *working_folder(struct pyr_dump *dump, uint32_t pid)
{
    char link[64];
    char folder[MAX_COMMAND];
    snprintf(link, sizeof(link), "/proc/%u/cwd", pid);
    const ssize_t len = readlink(link, folder, sizeof(folder) - 1);
    return len <= 0 ? NULL : pyr_arena_copy(dump->arena, folder, (size_t)len);
}

static bool describe(struct pyr_dump *dump, const struct pyr_target *target,
                     struct pyr_dump_process *process, struct pyr_err *err)
{
    char command[MAX_COMMAND] = "";
    if (target->is_core) {
        snprintf(command, sizeof(command), "%s", target->core->command);
    } else {
        pyr_process_command(target->pid, command, sizeof(command));
        process->folder = working_folder(dump, target->pid);
    }
    pyr_layout_version_text(target->layout.version, target->layout.free_threaded, process->python);
    process->command = copy_text(dump, command);
    process->executable = copy_text(dump, target->executable);
    return (process->command != NULL && process->executable != NULL) || pyr_err_nomem(err);
}

static bool read_all(struct pyr_dump_reading *reading, struct pyr_dump_process *process,
                     struct pyr_err *err)
{
    const struct pyr_dump_options *options = reading->options;
    if (options->native) {
        reading->native = pyr_native_open(reading->target, err);
        if (reading->native == NULL) {
            return false;
        }
    }
    if (!pyr_dump_list_threads(reading, process, err) ||
        !pyr_dump_add_threads(reading, process, err) ||
        (options->tasks && !pyr_dump_add_tasks(reading, process, err)) ||
        (options->native && !pyr_dump_copy_native(reading, err))) {
        return false;
    }
    pyr_stopper_resume(&reading->stopper); /* what is left to do needs it no more */
    return !options->native || pyr_dump_add_native(reading, process, err);
}

static bool take_target(struct pyr_dump *dump, const struct pyr_dump_options *options,
                        struct pyr_target *target, struct pyr_dump_process *process,
                        struct pyr_err *err)
{
    struct pyr_dump_reading reading = {.dump = dump, .options = options, .target = target};
    pyr_stopper_init(&reading.stopper, target->pid);
    pyr_codes_forget_addresses(dump->codes);
    process->has_tasks = options->tasks;
    const bool ok = describe(dump, target, process, err) && read_all(&reading, process, err);
    pyr_stopper_release(&reading.stopper);
    pyr_native_close(reading.native);
    for (uint32_t i = 0; reading.stacks != NULL && i < process->thread_count; i++) {
        pyr_raw_stack_release(&reading.stacks[i]);
    }
    pyr_mem_free(reading.stacks);
    pyr_remote_threads_release(&reading.threads);
    return ok;
}

static bool take_process(struct pyr_dump *dump, const struct pyr_dump_options *options,
                         struct pyr_dump_process *process, struct pyr_err *err)
{
    struct pyr_target target = {0};
    bool ok = false;
    if (options->core != NULL) {
        ok = pyr_target_open_core(&target, options->core, options->executable, err);
        process->core = options->core;
        process->pid = target.pid;
    } else {
        ok = pyr_target_open(&target, process->pid, err);
    }
    ok = ok && take_target(dump, options, &target, process, err);
    pyr_target_close(&target);
    return ok;
}

/* What update of the children finds. */
struct family {
    struct pyr_dump *dump;
    struct pyr_err *err;
    bool ok;
};

static struct pyr_dump_process *add_process(struct pyr_dump *dump, uint32_t pid,
                                            struct pyr_err *err)
{
    if (!pyr_mem_grow(&dump->processes, &dump->cap, (size_t)dump->count + 1,
                      sizeof(*dump->processes), err)) {
        return NULL;
    }
    struct pyr_dump_process *process = &dump->processes[dump->count++];
    *process = (struct pyr_dump_process){.pid = pid, .command = "", .executable = "", .mode = ""};
    return process;
}

static void see_child(void *context, uint32_t pid, uint32_t parent)
{
    struct family *family = context;
    if (!family->ok || family->dump->count >= PYR_DUMP_MAX_PROCESSES) {
        return;
    }
    struct pyr_dump_process *child = add_process(family->dump, pid, family->err);
    if (child == NULL) {
        family->ok = false;
        return;
    }
    child->parent = parent;
}

/* A child that is no Python is none of ours; another that can't be read is shown with the cause. */
static bool take_child(struct pyr_dump *dump, const struct pyr_dump_options *options,
                       uint32_t index, bool *keep, struct pyr_err *err)
{
    struct pyr_dump_process process = dump->processes[index];
    struct pyr_err own = {0};
    char command[MAX_COMMAND] = "";
    pyr_process_command(process.pid, command, sizeof(command));
    *keep = true;
    if (!take_process(dump, options, &process, &own)) {
        if (own.code == PYR_ERR_NOMEM) {
            return pyr_err_nomem(err);
        }
        *keep = own.code != PYR_ERR_UNSUPPORTED && own.code != PYR_ERR_GONE &&
                own.code != PYR_ERR_FORMAT;
        process.problem = copy_text(dump, own.message);
        process.command = copy_text(dump, command);
        if (process.problem == NULL || process.command == NULL) {
            return pyr_err_nomem(err);
        }
    }
    dump->processes[index] = process;
    return true;
}

static bool take_children(struct pyr_dump *dump, const struct pyr_dump_options *options,
                          struct pyr_err *err)
{
    struct pyr_children *children = pyr_children_new(options->pid);
    struct family family = {dump, err, true};
    if (children == NULL) {
        return pyr_err_nomem(err);
    }
    pyr_children_update(children, see_child, &family);
    pyr_children_free(children);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < dump->count && family.ok; i++) {
        bool keep = false;
        family.ok = take_child(dump, options, i, &keep, err);
        if (keep) {
            dump->processes[kept++] = dump->processes[i];
        }
    }
    dump->count = kept;
    return family.ok;
}

bool pyr_dump_take(struct pyr_dump *dump, const struct pyr_dump_options *options,
                   struct pyr_err *err)
{
    dump->arena = pyr_arena_new();
    dump->codes = pyr_codes_new();
    if (dump->arena == NULL || dump->codes == NULL) {
        return pyr_err_nomem(err);
    }
    struct pyr_dump_process *process = add_process(dump, options->pid, err);
    if (process == NULL || !take_process(dump, options, process, err)) {
        return false;
    }
    return !options->subprocesses || take_children(dump, options, err);
}

void pyr_dump_release(struct pyr_dump *dump)
{
    pyr_mem_free(dump->processes);
    pyr_codes_free(dump->codes);
    pyr_arena_free(dump->arena);
    memset(dump, 0, sizeof(*dump));
}
