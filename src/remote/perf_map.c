/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/perf_map.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define PATIENCE_NS 100000000u
#define MAX_NESTED 8 /* entries before the nearest that are looked at, for code within code */

void pyr_perf_map_init(struct pyr_perf_map *map, uint32_t pid)
{
    memset(map, 0, sizeof *map);
    map->pid = pid;
}

void pyr_perf_map_release(struct pyr_perf_map *map)
{
    pyr_arena_free(map->arena);
    pyr_mem_free(map->symbols);
    memset(map, 0, sizeof *map);
}

static int compare(const void *left, const void *right)
{
    const struct pyr_perf_symbol *a = left;
    const struct pyr_perf_symbol *b = right;
    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Reads a hexadecimal number and the blank after it. */
static bool read_number(const char **at, const char *end, uint64_t *number)
{
    int digits = 0;
    *number = 0;
    if (end - *at > 2 && (*at)[0] == '0' && ((*at)[1] == 'x' || (*at)[1] == 'X')) {
        *at += 2;
    }
    for (; *at < end && digits < 16; ++*at, digits++) {
        const char c = **at;
        unsigned value = 16;
        if (c >= '0' && c <= '9') {
            value = (unsigned)(c - '0');
        } else if ((c | 32) >= 'a' && (c | 32) <= 'f') {
            value = (unsigned)((c | 32) - 'a') + 10;
        }
        if (value == 16) {
            break;
        }
        *number = *number << 4 | value;
    }
    return digits > 0 && *at < end && *(*at)++ == ' ';
}

static bool add_line(struct pyr_perf_map *map, const char *line, size_t length, struct pyr_err *err)
{
    struct pyr_perf_symbol symbol = {.order = map->count};
    const char *end = line + length;
    if (!read_number(&line, end, &symbol.start) || !read_number(&line, end, &symbol.size) ||
        line == end || symbol.size == 0 || symbol.start + symbol.size < symbol.start) {
        return true;
    }
    length = (size_t)(end - line);
    length = length < PYR_PERF_MAP_MAX_NAME ? length : PYR_PERF_MAP_MAX_NAME;
    if (memchr(line, '\0', length) != NULL) {
        return true;
    }
    if (map->arena == NULL) {
        map->arena = pyr_arena_new();
    }
    symbol.name = map->arena == NULL ? NULL : pyr_arena_copy(map->arena, line, length);
    if (symbol.name == NULL) {
        return pyr_err_nomem(err);
    }
    if (!pyr_mem_grow(&map->symbols, &map->cap, (size_t)map->count + 1, sizeof *map->symbols,
                      err)) {
        return false;
    }
    map->symbols[map->count++] = symbol;
    return true;
}

bool pyr_perf_map_parse(struct pyr_perf_map *map, const char *text, size_t size,
                        struct pyr_err *err)
{
    const char *end = text + size;
    bool ok = true;
    while (text < end && ok) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline != NULL ? newline : end;
        ok = add_line(map, text, (size_t)(stop - text), err);
        text = stop + 1;
    }
    if (map->count > 0) {
        qsort(map->symbols, map->count, sizeof *map->symbols, compare);
    }
    return ok;
}

/* The process's id as it sees itself, which names the file. */
static uint32_t own_pid(uint32_t pid)
{
    char path[64];
    char line[256];
    unsigned inner = pid;
    snprintf(path, sizeof path, "/proc/%u/status", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return pid;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "NSpid:", 6) == 0) {
            const char *last = strrchr(line, '\t');
            inner = last != NULL ? (unsigned)strtoul(last + 1, NULL, 10) : pid;
        }
    }
    fclose(file);
    return inner;
}

static bool read_file(struct pyr_perf_map *map, int fd, size_t size, struct pyr_err *err)
{
    size_t done = 0;
    char *text = pyr_mem_alloc(size);
    if (text == NULL) {
        return pyr_err_nomem(err);
    }
    while (done < size) {
        const ssize_t got = pread(fd, text + done, size - done, (off_t)done);
        if (got <= 0) {
            break;
        }
        done += (size_t)got;
    }
    pyr_arena_free(map->arena);
    map->arena = NULL;
    map->count = 0;
    const bool ok = pyr_perf_map_parse(map, text, done, err);
    pyr_mem_free(text);
    return ok;
}

bool pyr_perf_map_refresh(struct pyr_perf_map *map, bool *changed, struct pyr_err *err)
{
    char path[96];
    struct stat info;
    const uint64_t now = pyr_clock_monotonic_ns();
    *changed = false;
    if (map->looked_ns != 0 && now - map->looked_ns < PATIENCE_NS) {
        return true;
    }
    map->looked_ns = now;
    snprintf(path, sizeof path, "/proc/%u/root/tmp/perf-%u.map", map->pid, own_pid(map->pid));
    /* In /tmp anybody may put anything: no links, and nothing that blocks. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0) {
        return true;
    }
    bool ok = true;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 &&
        (uint64_t)info.st_size != map->size_bytes) {
        *changed = true;
        map->size_bytes = (uint64_t)info.st_size;
        const uint64_t most = PYR_PERF_MAP_MAX_BYTES;
        ok = read_file(map, fd, (size_t)(map->size_bytes < most ? map->size_bytes : most), err);
    }
    close(fd);
    return ok;
}

const struct pyr_perf_symbol *pyr_perf_map_find(const struct pyr_perf_map *map, uint64_t pc)
{
    uint32_t low = 0;
    uint32_t high = map->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (map->symbols[middle].start <= pc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (uint32_t i = 0; i < MAX_NESTED && i < low; i++) {
        const struct pyr_perf_symbol *symbol = &map->symbols[low - 1 - i];
        if (pc - symbol->start < symbol->size) {
            return symbol;
        }
    }
    return NULL;
}
