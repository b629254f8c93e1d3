/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Memory of another process: process_vm_readv(2), which takes many ranges in one call; where a
 * sandbox forbids that call or the kernel lacks it, /proc/PID/mem, one call per range. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"
#include "remote/access.h"
#include "remote/memory.h"

struct process_memory {
    struct pyr_memory head;
    pid_t pid;
    int file; /* of /proc/PID/mem; -1: process_vm_readv() is used */
};

static enum pyr_memory_failure failure_of(int errnum)
{
    switch (errnum) {
    case ESRCH:
        return PYR_MEMORY_GONE;
    case EPERM:
    case EACCES:
    case ENOSYS:
        return PYR_MEMORY_DENIED;
    default:
        return PYR_MEMORY_NOT_MAPPED;
    }
}

/* How many of the ranges `bytes` fill, from the first on. */
static uint32_t whole_ranges(const struct pyr_memory_range *ranges, uint32_t count, size_t bytes)
{
    uint32_t whole = 0;
    while (whole < count && bytes >= ranges[whole].size) {
        bytes -= ranges[whole].size;
        whole++;
    }
    return whole;
}

static uint32_t read_vm(struct process_memory *memory, const struct pyr_memory_range *ranges,
                        uint32_t count)
{
    struct iovec local[PYR_MEMORY_MAX_BATCH];
    struct iovec remote[PYR_MEMORY_MAX_BATCH];
    size_t asked = 0;
    for (uint32_t i = 0; i < count; i++) {
        local[i] = (struct iovec){ranges[i].into, ranges[i].size};
        remote[i].iov_base = (void *)(uintptr_t)ranges[i].address; // NOLINT: the target's address
        remote[i].iov_len = ranges[i].size;
        asked += ranges[i].size;
    }
    ssize_t got = process_vm_readv(memory->pid, local, count, remote, count, 0);
    if (got >= 0 && (size_t)got == asked) {
        return count;
    }
    memory->head.failure = got < 0 ? failure_of(errno) : PYR_MEMORY_NOT_MAPPED;
    return got < 0 ? 0 : whole_ranges(ranges, count, (size_t)got);
}

static bool read_file_range(struct process_memory *memory, const struct pyr_memory_range *range)
{
    size_t done = 0;
    while (done < range->size) {
        uint64_t address = range->address + done;
        if (address > INT64_MAX) {
            memory->head.failure = PYR_MEMORY_NOT_MAPPED;
            return false;
        }
        ssize_t got =
            pread(memory->file, (char *)range->into + done, range->size - done, (off_t)address);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) { /* an ended process gives no bytes and no error */
            memory->head.failure = got == 0 ? PYR_MEMORY_GONE : PYR_MEMORY_NOT_MAPPED;
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

static uint32_t read_process(struct pyr_memory *head, const struct pyr_memory_range *ranges,
                             uint32_t count)
{
    struct process_memory *memory = (struct process_memory *)head;
    if (memory->file < 0) {
        return read_vm(memory, ranges, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!read_file_range(memory, &ranges[i])) {
            return i;
        }
    }
    return count;
}

static void close_process(struct pyr_memory *head)
{
    struct process_memory *memory = (struct process_memory *)head;
    if (memory->file >= 0) {
        (void)close(memory->file);
    }
    pyr_mem_free(memory);
}

static const struct pyr_memory_source process_source = {read_process, close_process};

/* The file obeys the same rules as the call, but not a sandbox's list of system calls. */
static bool use_file(struct process_memory *memory)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)memory->pid);
    memory->file = open(path, O_RDONLY | O_CLOEXEC);
    return memory->file >= 0;
}

static bool prove(struct process_memory *memory, uint64_t address)
{
    uint8_t byte = 0;
    struct pyr_memory_range range = {.address = address, .size = 1, .into = &byte};
    if (read_process(&memory->head, &range, 1) == 1) {
        return true;
    }
    return memory->head.failure == PYR_MEMORY_DENIED && use_file(memory) &&
           read_process(&memory->head, &range, 1) == 1;
}

struct pyr_memory *pyr_memory_open_process(uint32_t pid, uint64_t probe_address,
                                           struct pyr_err *err)
{
    struct process_memory *memory = pyr_mem_zalloc(1, sizeof(*memory));
    if (memory == NULL) {
        (void)pyr_err_nomem(err);
        return NULL;
    }
    memory->head.source = &process_source;
    memory->pid = (pid_t)pid;
    memory->file = -1;
    if (probe_address != 0 && !prove(memory, probe_address)) {
        (void)pyr_access_explain(pid, err);
        close_process(&memory->head);
        return NULL;
    }
    return &memory->head;
}
