/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/pulse.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOT_YET (-1)
#define NEVER (-2)
#define STAT_FIELD_CPU 39 /* `processor`, see proc_pid_stat(5) */
#define TEXT_SIZE 512

void pyr_pulse_init(struct pyr_pulse *pulse, uint32_t pid, uint32_t tid)
{
    int begin = tid == 0 ? NEVER : NOT_YET;
    *pulse = (struct pyr_pulse){.pid = pid,
                                .tid = tid,
                                .stat = begin,
                                .schedstat = begin,
                                .syscall = begin,
                                .counter = begin};
}

static void close_one(int *file)
{
    if (*file >= 0) {
        (void)close(*file);
    }
    *file = NEVER;
}

void pyr_pulse_release(struct pyr_pulse *pulse)
{
    close_one(&pulse->stat);
    close_one(&pulse->schedstat);
    close_one(&pulse->syscall);
    close_one(&pulse->counter);
}

/* Out of descriptors, it is tried again at the next question. */
static bool read_text(const struct pyr_pulse *pulse, int *file, const char *name, char *text)
{
    if (*file == NEVER) {
        return false;
    }
    if (*file == NOT_YET) {
        char path[64];
        (void)snprintf(path, sizeof(path), "/proc/%u/task/%u/%s", pulse->pid, pulse->tid, name);
        *file = open(path, O_RDONLY | O_CLOEXEC);
        if (*file < 0) {
            *file = errno == EMFILE || errno == ENFILE ? NOT_YET : NEVER;
            return false;
        }
    }
    ssize_t size = pread(*file, text, TEXT_SIZE - 1, 0);
    if (size <= 0) {
        close_one(file); /* the thread has ended, or we may not */
        return false;
    }
    text[size] = '\0';
    return true;
}

bool pyr_pulse_parse_cpu(const char *stat, uint32_t *cpu)
{
    /* The name of the program is in brackets, and may itself hold brackets and blanks. */
    const char *at = strrchr(stat, ')');
    if (at == NULL) {
        return false;
    }
    at++;
    for (int field = 2; field < STAT_FIELD_CPU; field++) {
        at = strchr(at, ' ');
        if (at == NULL) {
            return false;
        }
        at++;
    }
    char *end = NULL;
    unsigned long value = strtoul(at, &end, 10);
    *cpu = (uint32_t)value;
    return end != at && value < UINT32_MAX;
}

bool pyr_pulse_parse_schedstat(const char *schedstat, uint64_t *ns, uint64_t *runs)
{
    char *end = NULL;
    *ns = strtoull(schedstat, &end, 10);
    if (end == schedstat) {
        return false;
    }
    (void)strtoull(end, &end, 10); /* time spent ready but waiting for a CPU */
    *runs = strtoull(end, &end, 10);
    return *runs != 0; /* a kernel that does not count says 0 0 0 */
}

enum pyr_pulse_doing pyr_pulse_parse_syscall(const char *syscall, uint64_t *futex)
{
    *futex = 0;
    if (strncmp(syscall, "running", 7) == 0) {
        return PYR_PULSE_RUNS;
    }
    char *end = NULL;
    long number = strtol(syscall, &end, 10);
    if (end == syscall) {
        return PYR_PULSE_UNKNOWN;
    }
    if (number == SYS_futex) {
        *futex = strtoull(end, NULL, 16);
    }
    return PYR_PULSE_WAITS;
}

bool pyr_pulse_runs(struct pyr_pulse *pulse, uint64_t *runs)
{
    char text[TEXT_SIZE];
    uint64_t ns = 0;
    return read_text(pulse, &pulse->schedstat, "schedstat", text) &&
           pyr_pulse_parse_schedstat(text, &ns, runs);
}

bool pyr_pulse_place(struct pyr_pulse *pulse, uint32_t *cpu, uint64_t *runs)
{
    char text[TEXT_SIZE];
    return pyr_pulse_runs(pulse, runs) && read_text(pulse, &pulse->stat, "stat", text) &&
           pyr_pulse_parse_cpu(text, cpu);
}

static int open_counter(uint32_t tid)
{
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                   .size = sizeof(attr),
                                   .config = PERF_COUNT_SW_TASK_CLOCK,
                                   .exclude_kernel = 0};
    long file = syscall(SYS_perf_event_open, &attr, (pid_t)tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (file < 0 && (errno == EACCES || errno == EPERM)) {
        /* The clock of a task counts the kernel's part in any case. */
        attr.exclude_kernel = 1;
        file = syscall(SYS_perf_event_open, &attr, (pid_t)tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    }
    return file < 0 ? NEVER : (int)file;
}

bool pyr_pulse_time(struct pyr_pulse *pulse, uint64_t *ns)
{
    if (pulse->counter == NOT_YET) {
        pulse->counter = open_counter(pulse->tid);
    }
    if (pulse->counter >= 0 && read(pulse->counter, ns, sizeof(*ns)) == (ssize_t)sizeof(*ns)) {
        return true;
    }
    char text[TEXT_SIZE];
    uint64_t runs = 0;
    return read_text(pulse, &pulse->schedstat, "schedstat", text) &&
           pyr_pulse_parse_schedstat(text, ns, &runs);
}

enum pyr_pulse_doing pyr_pulse_doing(struct pyr_pulse *pulse, uint64_t *futex)
{
    char text[TEXT_SIZE];
    *futex = 0;
    return read_text(pulse, &pulse->syscall, "syscall", text) ? pyr_pulse_parse_syscall(text, futex)
                                                              : PYR_PULSE_UNKNOWN;
}
