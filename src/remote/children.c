/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/children.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define MAX_THREADS 65536     /* of one process that are looked at */
#define LIST_BYTES 65536      /* of one thread's list of children */
#define PROC_LIMIT (1u << 22) /* the kernel's largest process id */

struct pyr_children {
    uint32_t *pids; /* owned; the root first, then those that are alive */
    uint32_t count;
    uint32_t cap;
    bool scan; /* this kernel has no lists of children: look at all processes */
};

/* What one update is about. */
struct update {
    struct pyr_children *children;
    pyr_child_seen *seen;
    void *context;
};

/* Reads at most `size` - 1 bytes and ends them with a NUL; -1 when it can't be read. */
static ssize_t read_text(const char *path, char *text, size_t size)
{
    size_t len = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    while (len < size - 1) {
        const ssize_t got = read(fd, text + len, size - 1 - len);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
    }
    close(fd);
    text[len] = '\0';
    return (ssize_t)len;
}

struct pyr_children *pyr_children_new(uint32_t root)
{
    struct pyr_err ignored = {0};
    struct pyr_children *children = pyr_mem_zalloc(1, sizeof *children);
    if (children == NULL ||
        !pyr_mem_grow(&children->pids, &children->cap, 1, sizeof *children->pids, &ignored)) {
        pyr_children_free(children);
        return NULL;
    }
    children->pids[children->count++] = root;
    children->scan = access("/proc/thread-self/children", R_OK) != 0;
    return children;
}

void pyr_children_free(struct pyr_children *children)
{
    if (children != NULL) {
        pyr_mem_free(children->pids);
        pyr_mem_free(children);
    }
}

static bool is_known(const struct pyr_children *children, uint32_t pid)
{
    for (uint32_t i = 0; i < children->count; i++) {
        if (children->pids[i] == pid) {
            return true;
        }
    }
    return false;
}

static void add(const struct update *update, uint32_t pid, uint32_t parent)
{
    struct pyr_children *children = update->children;
    struct pyr_err ignored = {0};
    if (pid == 0 || children->count >= PYR_CHILDREN_MAX || is_known(children, pid) ||
        !pyr_mem_grow(&children->pids, &children->cap, (size_t)children->count + 1,
                      sizeof *children->pids, &ignored)) {
        return; /* the next update tries again */
    }
    children->pids[children->count++] = pid;
    update->seen(update->context, pid, parent);
}

static void add_listed(const struct update *update, uint32_t parent, const char *thread, char *list)
{
    char path[96];
    snprintf(path, sizeof path, "/proc/%u/task/%.20s/children", (unsigned)parent, thread);
    if (read_text(path, list, LIST_BYTES) <= 0) {
        return;
    }
    for (char *at = list; isdigit((unsigned char)*at);) {
        const unsigned long pid = strtoul(at, &at, 10);
        add(update, pid < PROC_LIMIT ? (uint32_t)pid : 0, parent);
        at += strspn(at, " ");
    }
}

/* Children belong to the thread that began them. */
static void look_at(const struct update *update, uint32_t pid, char *list)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%u/task", (unsigned)pid);
    DIR *threads = opendir(path);
    if (threads == NULL) {
        return;
    }
    uint32_t looked = 0;
    for (struct dirent *entry = readdir(threads); entry != NULL && looked < MAX_THREADS;
         entry = readdir(threads)) {
        if (isdigit((unsigned char)entry->d_name[0])) {
            add_listed(update, pid, entry->d_name, list);
            looked++;
        }
    }
    closedir(threads);
}

/* State and parent, what follows the command's name in /proc/PID/stat. */
static bool read_stat(uint32_t pid, char *state, uint32_t *parent)
{
    char path[64];
    char text[1024];
    unsigned ppid = 0;
    snprintf(path, sizeof path, "/proc/%u/stat", (unsigned)pid);
    const char *after = read_text(path, text, sizeof text) <= 0 ? NULL : strrchr(text, ')');
    if (after == NULL || sscanf(after + 1, " %c %u", state, &ppid) != 2) {
        return false;
    }
    *parent = ppid;
    return true;
}

static void scan_all(const struct update *update)
{
    DIR *processes = opendir("/proc");
    if (processes == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(processes); entry != NULL; entry = readdir(processes)) {
        const unsigned long pid = strtoul(entry->d_name, NULL, 10);
        char state = 0;
        uint32_t parent = 0;
        if (pid > 0 && pid < PROC_LIMIT && read_stat((uint32_t)pid, &state, &parent) &&
            is_known(update->children, parent)) {
            add(update, (uint32_t)pid, parent);
        }
    }
    closedir(processes);
}

/* Forgets those that have ended: their numbers may be given to others. */
static void drop_ended(struct pyr_children *children)
{
    uint32_t kept = children->count == 0 ? 0 : 1;
    for (uint32_t i = 1; i < children->count; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%u", (unsigned)children->pids[i]);
        if (access(path, F_OK) == 0) {
            children->pids[kept++] = children->pids[i];
        }
    }
    children->count = kept;
}

void pyr_children_update(struct pyr_children *children, pyr_child_seen *seen, void *context)
{
    const struct update update = {children, seen, context};
    drop_ended(children);
    if (children->scan) {
        scan_all(&update);
        return;
    }
    char *list = pyr_mem_alloc(LIST_BYTES);
    if (list == NULL) {
        return; /* the next update tries again */
    }
    for (uint32_t i = 0; i < children->count; i++) { /* it grows meanwhile, by those we see */
        look_at(&update, children->pids[i], list);
    }
    pyr_mem_free(list);
}

void pyr_process_command(uint32_t pid, char *text, uint32_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%u/cmdline", (unsigned)pid);
    ssize_t len = read_text(path, text, size);
    text[0] = len < 0 ? '\0' : text[0];
    while (len > 0 && (text[len - 1] == '\0' || text[len - 1] == ' ')) {
        text[--len] = '\0';
    }
    for (ssize_t i = 0; i < len; i++) {
        text[i] = text[i] == '\0' ? ' ' : text[i];
    }
}

bool pyr_process_is_alive(uint32_t pid)
{
    char state = 0;
    uint32_t parent = 0;
    return read_stat(pid, &state, &parent) && state != 'Z' && state != 'X';
}

uint64_t pyr_process_cpu_ns(uint32_t pid)
{
    char path[64];
    char text[1024];
    unsigned long long user = 0;
    unsigned long long kernel = 0;
    const long ticks = sysconf(_SC_CLK_TCK);
    snprintf(path, sizeof path, "/proc/%u/stat", (unsigned)pid);
    const char *after = read_text(path, text, sizeof text) <= 0 ? NULL : strrchr(text, ')');
    if (after == NULL || ticks <= 0 ||
        sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
               &kernel) != 2) {
        return 0;
    }
    return (user + kernel) * (1000000000u / (unsigned long)ticks);
}
