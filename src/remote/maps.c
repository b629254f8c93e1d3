/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/maps.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define MAX_MAPS_SIZE ((size_t)256 << 20)
#define MAX_MAPS_PATH 4352 /* what the kernel shows, and a prefix */
#define FUSE_MAGIC 0x65735546

/* One line of the text; `next` moves as its fields are taken. */
struct line {
    const char *next;
    const char *end;
};

static bool take_number(struct line *line, uint32_t base, uint64_t *value)
{
    const char *start = line->next;
    *value = 0;
    while (line->next < line->end) {
        char c = *line->next;
        uint32_t digit = base;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = (uint32_t)(c - 'a') + 10;
        }
        if (digit >= base) {
            break;
        }
        if (*value > (UINT64_MAX - digit) / base) {
            return false;
        }
        *value = *value * base + digit;
        line->next++;
    }
    return line->next > start;
}

static bool take_char(struct line *line, char c)
{
    if (line->next == line->end || *line->next != c) {
        return false;
    }
    line->next++;
    return true;
}

static bool take_rights(struct line *line, struct pyr_map_entry *entry)
{
    if (line->end - line->next < 4) {
        return false;
    }
    entry->readable = line->next[0] == 'r';
    entry->writable = line->next[1] == 'w';
    entry->executable = line->next[2] == 'x';
    line->next += 4;
    return true;
}

/* All but the path, at which the line then stands. */
static bool take_entry(struct line *line, struct pyr_map_entry *entry)
{
    uint64_t major = 0;
    uint64_t minor = 0;
    bool ok =
        take_number(line, 16, &entry->start) && take_char(line, '-') &&
        take_number(line, 16, &entry->end) && take_char(line, ' ') && take_rights(line, entry) &&
        take_char(line, ' ') && take_number(line, 16, &entry->offset) && take_char(line, ' ') &&
        take_number(line, 16, &major) && take_char(line, ':') && take_number(line, 16, &minor) &&
        take_char(line, ' ') && take_number(line, 10, &entry->inode) && entry->start < entry->end;
    entry->device = makedev((unsigned)major, (unsigned)minor);
    while (ok && take_char(line, ' ')) {
    }
    return ok;
}

static uint32_t count_lines(const char *text, size_t size)
{
    uint32_t lines = size > 0 && text[size - 1] != '\n' ? 1 : 0;
    for (size_t i = 0; i < size && lines < PYR_MAPS_MAX; i++) {
        lines += text[i] == '\n';
    }
    return lines;
}

/* `texts` is the text itself, in which each line is to end with a NUL. */
static void parse_lines(struct pyr_maps *maps, size_t size, uint32_t cap)
{
    uint64_t last_end = 0;
    char *next = maps->texts;
    char *end = maps->texts + size;
    while (next < end && maps->count < cap) {
        char *newline = memchr(next, '\n', (size_t)(end - next));
        char *line_end = newline != NULL ? newline : end;
        struct pyr_map_entry entry = {0};
        struct line line = {next, line_end};
        *line_end = '\0'; /* there is room for one after the end */
        if (take_entry(&line, &entry) && entry.start >= last_end) {
            entry.path = line.next;
            last_end = entry.end;
            maps->entries[maps->count++] = entry;
        }
        next = line_end + 1;
    }
}

bool pyr_maps_parse(struct pyr_maps *maps, const char *text, size_t size, struct pyr_err *err)
{
    *maps = (struct pyr_maps){0};
    uint32_t lines = count_lines(text, size);
    maps->entries = pyr_mem_zalloc(lines > 0 ? lines : 1, sizeof(*maps->entries));
    maps->texts = pyr_mem_alloc(size + 1);
    if (maps->entries == NULL || maps->texts == NULL) {
        pyr_maps_release(maps);
        return pyr_err_nomem(err);
    }
    if (size > 0) {
        memcpy(maps->texts, text, size);
    }
    maps->texts[size] = '\0';
    parse_lines(maps, size, lines);
    return true;
}

bool pyr_maps_read(struct pyr_maps *maps, uint32_t pid, struct pyr_err *err)
{
    char path[64];
    struct pyr_file file = {0};
    *maps = (struct pyr_maps){0};
    (void)snprintf(path, sizeof(path), "/proc/%u/maps", pid);
    if (!pyr_file_read(&file, path, MAX_MAPS_SIZE, err)) {
        return false;
    }
    bool ok = pyr_maps_parse(maps, (const char *)file.data, file.size, err);
    pyr_file_release(&file);
    return ok;
}

void pyr_maps_release(struct pyr_maps *maps)
{
    pyr_mem_free(maps->entries);
    pyr_mem_free(maps->texts);
    *maps = (struct pyr_maps){0};
}

const struct pyr_map_entry *pyr_maps_find(const struct pyr_maps *maps, uint64_t address)
{
    uint32_t low = 0;
    uint32_t high = maps->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (address >= maps->entries[middle].end) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < maps->count && address >= maps->entries[low].start;
    return found ? &maps->entries[low] : NULL;
}

/* These file systems show a device in the maps that stat() does not. */
static bool device_is_vague(int fd)
{
    struct statfs info;
    if (fstatfs(fd, &info) != 0) {
        return false;
    }
    return info.f_type == BTRFS_SUPER_MAGIC || info.f_type == OVERLAYFS_SUPER_MAGIC ||
           info.f_type == FUSE_MAGIC;
}

static bool is_same_file(int fd, const struct pyr_map_entry *entry)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_ino == entry->inode &&
           (info.st_dev == entry->device || device_is_vague(fd));
}

/* Nothing but a plain file is ever opened: to open a device can be to set it going, and which file
 * a path leads to is for the process to say. `entry`: it has to be this one; NULL: any. */
static int open_plain(const char *path, const struct pyr_map_entry *entry)
{
    char link[64];
    struct stat info;
    int place = open(path, O_PATH | O_CLOEXEC);
    if (place < 0) {
        return -1;
    }
    bool wanted = entry != NULL ? is_same_file(place, entry)
                                : fstat(place, &info) == 0 && S_ISREG(info.st_mode);
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", place);
    int fd = wanted ? open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
    (void)close(place);
    return fd;
}

int pyr_maps_open(const struct pyr_map_entry *entry, uint32_t pid)
{
    char path[MAX_MAPS_PATH];
    if (entry->inode == 0) {
        return -1;
    }
    /* The mapping itself names the file, whatever became of its path, but needs a privilege. */
    (void)snprintf(path, sizeof(path), "/proc/%u/map_files/%llx-%llx", pid,
                   (unsigned long long)entry->start, (unsigned long long)entry->end);
    int fd = open_plain(path, NULL);
    if (fd >= 0) {
        return fd;
    }
    (void)snprintf(path, sizeof(path), "/proc/%u/root%s", pid, entry->path);
    fd = open_plain(path, entry);
    if (fd < 0) {
        fd = open_plain(entry->path, entry);
    }
    if (fd < 0) {
        (void)snprintf(path, sizeof(path), "/proc/%u/exe", pid);
        fd = open_plain(path, entry);
    }
    return fd;
}
