/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/core.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "remote/core_notes.h"

#define FIRST_PAGE 4096
#define NO_FILE UINT32_MAX

static const Elf64_Phdr *segment_at(const struct pyr_core *core, uint64_t address)
{
    uint32_t low = 0;
    uint32_t high = core->segment_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const Elf64_Phdr *segment = &core->elf.segments[core->segments[middle]];
        if (address - segment->p_vaddr < segment->p_memsz && address >= segment->p_vaddr) {
            return segment;
        }
        if (address < segment->p_vaddr) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static const struct pyr_core_mapping *mapping_at(const struct pyr_core *core, uint64_t address)
{
    uint32_t low = 0;
    uint32_t high = core->mapping_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct pyr_core_mapping *mapping = &core->mappings[middle];
        if (address >= mapping->start && address < mapping->end) {
            return mapping;
        }
        if (address < mapping->start) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* ---- the files that were mapped ---- */

/* What the core itself kept of `size` bytes at `address`. */
static size_t read_kept(const struct pyr_core *core, uint64_t address, void *into, size_t size)
{
    const Elf64_Phdr *segment = segment_at(core, address);
    if (segment == NULL || address - segment->p_vaddr >= segment->p_filesz) {
        return 0;
    }
    uint64_t skip = address - segment->p_vaddr;
    uint64_t left = segment->p_filesz - skip;
    size_t part = left < size ? (size_t)left : size;
    return pyr_elf_read(&core->elf, segment->p_offset + skip, into, part) ? part : 0;
}

/* The headers of two builds differ somewhere, at the latest in where they end. */
static bool has_same_headers(int fd, const uint8_t *page, size_t kept, const struct pyr_elf *elf)
{
    uint8_t now[FIRST_PAGE];
    size_t size = sizeof(Elf64_Ehdr) + elf->segment_count * sizeof(Elf64_Phdr);
    size = size > kept ? kept : size;
    return pread(fd, now, size, 0) == (ssize_t)size && memcmp(now, page, size) == 0;
}

static bool has_build_id(int fd, const uint8_t *id, uint32_t size)
{
    uint8_t now[PYR_ELF_MAX_BUILD_ID];
    struct pyr_elf elf;
    struct pyr_err ignored = {0};
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0 || !pyr_elf_open(&elf, copy, &ignored)) {
        return false;
    }
    bool same = pyr_elf_build_id(&elf, now) == size && memcmp(id, now, size) == 0;
    pyr_elf_release(&elf);
    return same;
}

/* Is `fd` the file that was mapped? By what the core kept of its first page, where the build id
 * mostly is; a file of which it kept none is believed. */
static bool is_the_file(const struct pyr_core *core, uint32_t file, int fd)
{
    uint8_t page[FIRST_PAGE];
    uint8_t id[PYR_ELF_MAX_BUILD_ID];
    struct pyr_elf elf;
    struct pyr_err ignored = {0};
    size_t kept = 0;
    for (uint32_t i = 0; i < core->mapping_count && kept == 0; i++) {
        if (core->mappings[i].file == file && core->mappings[i].offset == 0) {
            kept = read_kept(core, core->mappings[i].start, page, sizeof(page));
        }
    }
    if (kept == 0 || !pyr_elf_open_bytes(&elf, page, kept, &ignored)) {
        return true;
    }
    uint32_t id_size = pyr_elf_build_id(&elf, id);
    bool same = has_same_headers(fd, page, kept, &elf);
    pyr_elf_release(&elf);
    return same && (id_size == 0 || has_build_id(fd, id, id_size));
}

static int file_of(struct pyr_core *core, uint32_t index)
{
    struct pyr_core_file *file = &core->files[index];
    if (!file->tried) {
        file->tried = true;
        file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (file->fd >= 0 && !is_the_file(core, index, file->fd)) {
            (void)close(file->fd);
            file->fd = -1;
        }
    }
    return file->fd;
}

static bool use_executable(struct pyr_core *core, const char *path, struct pyr_err *err)
{
    const struct pyr_core_mapping *mapping = mapping_at(core, core->program);
    if (mapping == NULL) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "the core file does not say what program made it");
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return pyr_err_errno(err, errno, "%s", path);
    }
    if (!is_the_file(core, mapping->file, fd)) {
        (void)close(fd);
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "%s is not the program that made the core file, which was %s", path,
                           core->files[mapping->file].path);
    }
    core->files[mapping->file].fd = fd;
    core->files[mapping->file].tried = true;
    return true;
}

int pyr_core_open_mapped(struct pyr_core *core, uint64_t address)
{
    const struct pyr_core_mapping *mapping = mapping_at(core, address);
    int fd = mapping != NULL ? file_of(core, mapping->file) : -1;
    return fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
}

/* ---- memory ---- */

static size_t read_left_out(struct pyr_core *core, uint64_t address, void *into, size_t size)
{
    const struct pyr_core_mapping *mapping = mapping_at(core, address);
    int fd = mapping != NULL ? file_of(core, mapping->file) : -1;
    if (fd < 0) {
        return 0;
    }
    uint64_t left = mapping->end - address;
    uint64_t offset = mapping->offset + (address - mapping->start);
    size_t part = left < size ? (size_t)left : size;
    ssize_t got = offset <= INT64_MAX ? pread(fd, into, part, (off_t)offset) : -1;
    return got > 0 ? (size_t)got : 0;
}

bool pyr_core_read(struct pyr_core *core, uint64_t address, void *into, size_t size)
{
    for (size_t done = 0; done < size;) {
        uint8_t *next = (uint8_t *)into + done;
        size_t got = read_kept(core, address + done, next, size - done);
        if (got == 0) {
            got = read_left_out(core, address + done, next, size - done);
        }
        if (got == 0) {
            return false;
        }
        done += got;
    }
    return true;
}

struct core_memory {
    struct pyr_memory head;
    struct pyr_core *core; /* borrowed */
};

static uint32_t read_core(struct pyr_memory *head, const struct pyr_memory_range *ranges,
                          uint32_t count)
{
    const struct core_memory *memory = (const struct core_memory *)head;
    for (uint32_t i = 0; i < count; i++) {
        if (!pyr_core_read(memory->core, ranges[i].address, ranges[i].into, ranges[i].size)) {
            head->failure = PYR_MEMORY_NOT_MAPPED;
            return i;
        }
    }
    return count;
}

static void close_core(struct pyr_memory *head)
{
    pyr_mem_free(head);
}

static const struct pyr_memory_source core_source = {read_core, close_core};

struct pyr_memory *pyr_memory_open_core(struct pyr_core *core)
{
    struct core_memory *memory = pyr_mem_zalloc(1, sizeof(*memory));
    if (memory == NULL) {
        return NULL;
    }
    memory->head.source = &core_source;
    memory->core = core;
    return &memory->head;
}

/* ---- opening ---- */

static int compare_segments(const void *a, const void *b, void *context)
{
    const struct pyr_elf *elf = context;
    uint64_t first = elf->segments[*(const uint32_t *)a].p_vaddr;
    uint64_t second = elf->segments[*(const uint32_t *)b].p_vaddr;
    return first < second ? -1 : first > second;
}

/* Those that overlap the one before are left out. */
static bool list_segments(struct pyr_core *core, struct pyr_err *err)
{
    struct pyr_elf *elf = &core->elf;
    core->segments = pyr_mem_zalloc(elf->segment_count + 1, sizeof(*core->segments));
    if (core->segments == NULL) {
        return pyr_err_nomem(err);
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const Elf64_Phdr *segment = &elf->segments[i];
        if (segment->p_type == PT_LOAD && segment->p_memsz > 0 &&
            segment->p_filesz <= segment->p_memsz &&
            segment->p_vaddr <= UINT64_MAX - segment->p_memsz) {
            core->segments[count++] = i;
        }
    }
    qsort_r(core->segments, count, sizeof(*core->segments), compare_segments, elf);
    uint64_t end = 0;
    for (uint32_t i = 0; i < count; i++) {
        const Elf64_Phdr *segment = &elf->segments[core->segments[i]];
        if (segment->p_vaddr >= end) {
            core->segments[core->segment_count++] = core->segments[i];
            end = segment->p_vaddr + segment->p_memsz;
        }
    }
    return true;
}

static bool load(struct pyr_core *core, struct pyr_err *err)
{
    if (core->elf.type != ET_CORE) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "not a core file");
    }
    if (core->elf.machine != EM_X86_64) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "a core file of another processor than x86-64");
    }
    return list_segments(core, err) && pyr_core_read_notes(core, err);
}

static bool open_elf(struct pyr_core *core, const char *path, struct pyr_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return pyr_err_errno(err, errno, "%s", path);
    }
    if (pyr_elf_open(&core->elf, fd, err)) {
        return true;
    }
    if (err->code == PYR_ERR_FORMAT) {
        return pyr_err_set(err, PYR_ERR_FORMAT,
                           "%s: not a core file (if it is compressed, unpack it first)", path);
    }
    return pyr_err_prefix(err, "%s", path);
}

bool pyr_core_open(struct pyr_core *core, const char *path, const char *executable,
                   struct pyr_err *err)
{
    *core = (struct pyr_core){.elf = {.fd = -1}};
    if (!open_elf(core, path, err)) {
        return false;
    }
    if (!load(core, err)) {
        (void)pyr_err_prefix(err, "%s", path);
        pyr_core_release(core);
        return false;
    }
    if (executable != NULL && !use_executable(core, executable, err)) {
        pyr_core_release(core);
        return false;
    }
    return true;
}

bool pyr_core_open_bytes(struct pyr_core *core, const uint8_t *data, size_t size,
                         struct pyr_err *err)
{
    *core = (struct pyr_core){.elf = {.fd = -1}};
    if (!pyr_elf_open_bytes(&core->elf, data, size, err)) {
        return false;
    }
    if (!load(core, err)) {
        pyr_core_release(core);
        return false;
    }
    for (uint32_t i = 0; i < core->file_count; i++) {
        core->files[i].tried = true;
    }
    return true;
}

void pyr_core_release(struct pyr_core *core)
{
    for (uint32_t i = 0; i < core->file_count; i++) {
        if (core->files[i].fd >= 0) {
            (void)close(core->files[i].fd);
        }
    }
    pyr_elf_release(&core->elf);
    pyr_mem_free(core->segments);
    pyr_mem_free(core->notes);
    pyr_mem_free(core->mappings);
    pyr_mem_free(core->files);
    pyr_mem_free(core->threads);
    *core = (struct pyr_core){.elf = {.fd = -1}};
}

/* As the kernel writes the paths of maps: one line each, whatever the path has. */
static void add_path(struct pyr_buf *text, const char *path)
{
    for (const char *c = path; *c != '\0'; c++) {
        if (*c == '\n') {
            pyr_buf_add_text(text, "\\012");
        } else {
            pyr_buf_add_char(text, *c);
        }
    }
}

bool pyr_core_maps(const struct pyr_core *core, struct pyr_maps *maps, struct pyr_err *err)
{
    struct pyr_buf text = {0};
    for (uint32_t i = 0; i < core->segment_count; i++) {
        const Elf64_Phdr *segment = &core->elf.segments[core->segments[i]];
        const struct pyr_core_mapping *mapping = mapping_at(core, segment->p_vaddr);
        unsigned long long start = segment->p_vaddr;
        unsigned long long end = segment->p_vaddr + segment->p_memsz;
        uint32_t file = mapping != NULL ? mapping->file : NO_FILE;
        uint64_t offset =
            mapping != NULL ? mapping->offset + (segment->p_vaddr - mapping->start) : 0;
        pyr_buf_addf(&text, "%llx-%llx %c%c%cp %llx 00:00 %u ", start, end,
                     (segment->p_flags & PF_R) != 0 ? 'r' : '-',
                     (segment->p_flags & PF_W) != 0 ? 'w' : '-',
                     (segment->p_flags & PF_X) != 0 ? 'x' : '-', (unsigned long long)offset,
                     file != NO_FILE ? file + 1 : 0);
        add_path(&text, file != NO_FILE ? core->files[file].path : "");
        pyr_buf_add_char(&text, '\n');
    }
    bool ok = pyr_buf_check(&text, err) && pyr_maps_parse(maps, text.data, text.len, err);
    pyr_buf_release(&text);
    return ok;
}
