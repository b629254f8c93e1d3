/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/kernel_threads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "remote/core.h"
#include "remote/interpreters.h"

#define MAX_PATH 64
#define MAX_TEXT 4096

/* Where the C library has the kernel's number in what pthread_self() points at: glibc on x86-64 and
 * on AArch64, musl on x86-64. Whatever stands there counts only if it is a thread's number. */
static const uint32_t number_offsets[] = {720, 208, 48, 56};

void pyr_kernel_threads_release(struct pyr_kernel_threads *threads)
{
    pyr_mem_free(threads->items);
    *threads = (struct pyr_kernel_threads){0};
}

/* The beginning of a small file, NUL-terminated; false when there is none. */
static bool read_text(const char *path, char text[MAX_TEXT])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t len = read(fd, text, MAX_TEXT - 1);
    (void)close(fd);
    text[len > 0 ? len : 0] = '\0';
    return len > 0;
}

uint32_t pyr_kernel_threads_inner(const char *status)
{
    static const char key[] = "\nNSpid:";
    const char *at = strstr(status, key);
    uint32_t last = 0;
    if (at == NULL) {
        return 0;
    }
    at += sizeof(key) - 1;
    while (*at == '\t' || *at == ' ') {
        char *end = NULL;
        unsigned long number = strtoul(at, &end, 10);
        if (end == at) {
            break;
        }
        last = number <= INT32_MAX ? (uint32_t)number : 0;
        at = end;
    }
    return last;
}

static uint32_t inner_number(uint32_t pid, uint32_t tid)
{
    char path[MAX_PATH];
    char text[MAX_TEXT];
    (void)snprintf(path, sizeof(path), "/proc/%u/task/%u/status", pid, tid);
    uint32_t inner = read_text(path, text) ? pyr_kernel_threads_inner(text) : 0;
    return inner == 0 ? tid : inner; /* kernels before 4.1 don't say it */
}

static int by_inner(const void *a, const void *b)
{
    uint32_t x = ((const struct pyr_kernel_thread *)a)->inner;
    uint32_t y = ((const struct pyr_kernel_thread *)b)->inner;
    return x < y ? -1 : x > y;
}

bool pyr_kernel_threads_read(struct pyr_kernel_threads *threads, uint32_t pid, struct pyr_err *err)
{
    char path[MAX_PATH];
    threads->count = 0;
    (void)snprintf(path, sizeof(path), "/proc/%u/task", pid);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return pyr_err_errno(err, errno == ENOENT ? ESRCH : errno, "%s", path);
    }
    bool ok = true;
    /* Without a namespace of its own, one look tells for all. */
    bool nested = inner_number(pid, pid) != pid;
    struct dirent *entry = NULL;
    while (ok && threads->count < PYR_MAX_KERNEL_THREADS && (entry = readdir(dir)) != NULL) {
        unsigned long number = strtoul(entry->d_name, NULL, 10);
        if (number == 0 || number > INT32_MAX) {
            continue;
        }
        uint32_t outer = (uint32_t)number;
        ok = pyr_mem_grow(&threads->items, &threads->cap, (size_t)threads->count + 1,
                          sizeof(*threads->items), err);
        if (ok) {
            uint32_t inner = nested ? inner_number(pid, outer) : outer;
            threads->items[threads->count++] = (struct pyr_kernel_thread){inner, outer};
        }
    }
    (void)closedir(dir);
    if (threads->count > 0) {
        qsort(threads->items, threads->count, sizeof(*threads->items), by_inner);
    }
    return ok;
}

bool pyr_kernel_threads_of_core(struct pyr_kernel_threads *threads, const struct pyr_core *core,
                                struct pyr_err *err)
{
    threads->count = 0;
    if (!pyr_mem_grow(&threads->items, &threads->cap, (size_t)core->thread_count + 1,
                      sizeof(*threads->items), err)) {
        return false;
    }
    for (uint32_t i = 0; i < core->thread_count; i++) {
        uint32_t tid = core->threads[i].tid;
        threads->items[threads->count++] = (struct pyr_kernel_thread){tid, tid};
    }
    qsort(threads->items, threads->count, sizeof(*threads->items), by_inner);
    return true;
}

uint32_t pyr_kernel_threads_find(const struct pyr_kernel_threads *threads, uint32_t inner)
{
    const struct pyr_kernel_thread key = {.inner = inner};
    if (inner == 0 || threads->count == 0) {
        return 0;
    }
    const struct pyr_kernel_thread *found =
        bsearch(&key, threads->items, threads->count, sizeof(key), by_inner);
    return found == NULL ? 0 : found->outer;
}

uint32_t pyr_kernel_threads_match(const struct pyr_kernel_threads *threads,
                                  struct pyr_memory *memory, uint64_t pointer)
{
    for (size_t i = 0; i < sizeof(number_offsets) / sizeof(number_offsets[0]); i++) {
        uint32_t inner = 0;
        if (pyr_memory_read_u32(memory, pointer + number_offsets[i], &inner)) {
            uint32_t outer = pyr_kernel_threads_find(threads, inner);
            if (outer != 0) {
                return outer;
            }
        }
    }
    return 0;
}

enum pyr_thread_state pyr_thread_state(uint32_t pid, uint32_t tid)
{
    char path[MAX_PATH];
    char text[MAX_TEXT];
    (void)snprintf(path, sizeof(path), "/proc/%u/task/%u/stat", pid, tid);
    if (!read_text(path, text)) {
        return PYR_THREAD_DEAD;
    }
    /* The name is between brackets, and may hold some itself. */
    const char *state = strrchr(text, ')');
    switch (state == NULL || state[1] == '\0' ? '?' : state[2]) {
    case 'R':
        return PYR_THREAD_RUNNING;
    case 'S':
    case 'I':
        return PYR_THREAD_SLEEPING;
    case 'D':
        return PYR_THREAD_BLOCKED;
    case 'T':
    case 't':
        return PYR_THREAD_STOPPED;
    case 'Z':
    case 'X':
    case 'x':
        return PYR_THREAD_DEAD;
    default:
        return PYR_THREAD_UNKNOWN;
    }
}
