/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "remote/access.h"
#include "remote/core.h"
#include "remote/locate.h"

#define MAX_STAT_SIZE 4096
/* Fields, counted from 1. */
#define STAT_START 22
#define STAT_STACK 28

static bool identify(uint32_t pid, uint64_t *device, uint64_t *inode)
{
    char path[64];
    struct stat info;
    (void)snprintf(path, sizeof(path), "/proc/%u/exe", pid);
    if (stat(path, &info) != 0) {
        return false;
    }
    *device = info.st_dev;
    *inode = info.st_ino;
    return true;
}

/* From /proc/PID/stat, whose second field, a name, may hold anything. */
static bool read_birth(uint32_t pid, uint64_t *started, uint64_t *stack_start)
{
    char path[64];
    struct pyr_file file = {0};
    struct pyr_err ignored = {0};
    (void)snprintf(path, sizeof(path), "/proc/%u/stat", pid);
    if (!pyr_file_read(&file, path, MAX_STAT_SIZE, &ignored)) {
        return false;
    }
    char text[MAX_STAT_SIZE + 1];
    memcpy(text, file.data, file.size);
    text[file.size] = '\0';
    pyr_file_release(&file);
    const char *field = strrchr(text, ')');
    for (uint32_t number = 3; field != NULL && number <= STAT_STACK; number++) {
        field = strchr(field + 1, ' ');
        if (field != NULL && number == STAT_START) {
            *started = strtoull(field, NULL, 10);
        }
    }
    *stack_start = field != NULL ? strtoull(field, NULL, 10) : 0;
    return field != NULL;
}

static void name_executable(struct pyr_target *target)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%u/exe", target->pid);
    ssize_t len = readlink(path, target->executable, sizeof(target->executable) - 1);
    target->executable[len > 0 ? len : 0] = '\0';
}

static int open_mapped(void *context, const struct pyr_map_entry *entry)
{
    const struct pyr_target *target = context;
    return pyr_maps_open(entry, target->pid);
}

/* The first page of a program is readable in every one. */
static uint64_t probe_address(const struct pyr_maps *maps)
{
    for (uint32_t i = 0; i < maps->count; i++) {
        if (maps->entries[i].readable && maps->entries[i].inode != 0) {
            return maps->entries[i].start;
        }
    }
    return 0;
}

static bool take_location(struct pyr_target *target, pyr_open_mapped *open_file,
                          struct pyr_err *err)
{
    struct pyr_location location = {0};
    struct pyr_locate in = {target->memory, &target->maps, open_file, target};
    if (!pyr_locate(&in, &location, err)) {
        return false;
    }
    target->runtime = location.runtime;
    target->current_thread = location.current_thread;
    target->asyncio_debug = location.asyncio_debug;
    target->layout = location.layout;
    return true;
}

static bool open_live(struct pyr_target *target, struct pyr_err *err)
{
    struct pyr_err failure = {0};
    if (!pyr_access_check(target->pid, err)) {
        return false;
    }
    if (!pyr_maps_read(&target->maps, target->pid, &failure)) {
        return failure.code == PYR_ERR_NOMEM ? pyr_err_nomem(err)
                                             : pyr_access_explain(target->pid, err);
    }
    if (target->maps.count == 0) {
        return pyr_access_explain(target->pid, err);
    }
    (void)identify(target->pid, &target->executable_device, &target->executable_inode);
    (void)read_birth(target->pid, &target->started, &target->stack_start);
    name_executable(target);
    target->memory = pyr_memory_open_process(target->pid, probe_address(&target->maps), err);
    if (target->memory == NULL) {
        return false;
    }
    return take_location(target, open_mapped, err) ||
           pyr_err_prefix(err, "process %u", target->pid);
}

bool pyr_target_open(struct pyr_target *target, uint32_t pid, struct pyr_err *err)
{
    *target = (struct pyr_target){.pid = pid};
    if (!open_live(target, err)) {
        pyr_target_close(target);
        return false;
    }
    return true;
}

static int open_of_core(void *context, const struct pyr_map_entry *entry)
{
    const struct pyr_target *target = context;
    return pyr_core_open_mapped(target->core, entry->start);
}

static void name_core(struct pyr_target *target, const char *executable)
{
    const struct pyr_map_entry *entry = pyr_maps_find(&target->maps, target->core->program);
    const char *name = executable;
    if (name == NULL && entry != NULL) {
        name = entry->path;
    }
    (void)snprintf(target->executable, sizeof(target->executable), "%s", name != NULL ? name : "");
}

static bool load_core(struct pyr_target *target, const char *path, const char *executable,
                      struct pyr_err *err)
{
    struct pyr_core *core = pyr_mem_zalloc(1, sizeof(*core));
    if (core == NULL) {
        return pyr_err_nomem(err);
    }
    if (!pyr_core_open(core, path, executable, err)) {
        pyr_mem_free(core);
        return false;
    }
    target->core = core;
    target->pid = core->pid;
    target->memory = pyr_memory_open_core(core);
    if (target->memory == NULL) {
        return pyr_err_nomem(err);
    }
    if (!pyr_core_maps(core, &target->maps, err)) {
        return false;
    }
    name_core(target, executable);
    return take_location(target, open_of_core, err) || pyr_err_prefix(err, "%s", path);
}

bool pyr_target_open_core(struct pyr_target *target, const char *path, const char *executable,
                          struct pyr_err *err)
{
    *target = (struct pyr_target){.is_core = true};
    if (!load_core(target, path, executable, err)) {
        pyr_target_close(target);
        return false;
    }
    return true;
}

void pyr_target_close(struct pyr_target *target)
{
    pyr_memory_close(target->memory);
    if (target->core != NULL) {
        pyr_core_release(target->core);
        pyr_mem_free(target->core);
    }
    pyr_maps_release(&target->maps);
    *target = (struct pyr_target){0};
}

bool pyr_target_replaced(const struct pyr_target *target)
{
    uint64_t device = 0;
    uint64_t inode = 0;
    uint64_t started = 0;
    uint64_t stack_start = 0;
    if (target->is_core || !identify(target->pid, &device, &inode) ||
        !read_birth(target->pid, &started, &stack_start)) {
        return false;
    }
    return device != target->executable_device || inode != target->executable_inode ||
           started != target->started || stack_start != target->stack_start;
}

void pyr_target_find_asyncio(struct pyr_target *target)
{
    struct pyr_maps maps = {0};
    struct pyr_err ignored = {0};
    if (target->asyncio_debug != 0 || target->is_core ||
        !pyr_maps_read(&maps, target->pid, &ignored)) {
        return;
    }
    struct pyr_locate in = {target->memory, &maps, open_mapped, target};
    (void)pyr_locate_asyncio(&in, &target->asyncio_debug);
    pyr_maps_release(&maps);
}
