/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/core_notes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>

#include "base/mem.h"
#include "remote/elf_notes.h"

#define MAX_NOTES_SIZE ((uint64_t)256 << 20)
#define CORE_NAME "CORE"
#define MAX_MAPPINGS (1u << 20)

struct file_head {
    uint64_t count;
    uint64_t page_size;
};

struct file_row {
    uint64_t start;
    uint64_t end;
    uint64_t page; /* offset in the file, in pages */
};

static bool take_thread(struct pyr_core *core, uint32_t *cap, const struct pyr_elf_note *note,
                        struct pyr_err *err)
{
    struct elf_prstatus status;
    if (note->size < sizeof(status) || core->thread_count == PYR_CORE_MAX_THREADS) {
        return true;
    }
    if (!pyr_mem_grow(&core->threads, cap, core->thread_count + 1, sizeof(*core->threads), err)) {
        return false;
    }
    memcpy(&status, note->data, sizeof(status));
    struct pyr_core_thread *thread = &core->threads[core->thread_count++];
    thread->tid = (uint32_t)status.pr_pid;
    memcpy(thread->registers, &status.pr_reg, sizeof(thread->registers));
    return true;
}

static void take_process(struct pyr_core *core, const struct pyr_elf_note *note)
{
    struct elf_prpsinfo info;
    if (note->size < sizeof(info)) {
        return;
    }
    memcpy(&info, note->data, sizeof(info));
    core->pid = (uint32_t)info.pr_pid;
    memcpy(core->command, info.pr_psargs, sizeof(info.pr_psargs));
    core->command[sizeof(core->command) - 1] = '\0';
    for (size_t len = strlen(core->command); len > 0 && core->command[len - 1] == ' '; len--) {
        core->command[len - 1] = '\0';
    }
}

static void take_auxiliary(struct pyr_core *core, const struct pyr_elf_note *note)
{
    Elf64_auxv_t item;
    for (uint32_t at = 0; note->size - at >= sizeof(item); at += (uint32_t)sizeof(item)) {
        memcpy(&item, note->data + at, sizeof(item));
        if (item.a_type == AT_PHDR) {
            core->program = item.a_un.a_val;
        }
    }
}

static int compare_mappings(const void *a, const void *b)
{
    uint64_t first = ((const struct pyr_core_mapping *)a)->start;
    uint64_t second = ((const struct pyr_core_mapping *)b)->start;
    return first < second ? -1 : first > second;
}

/* A file that is mapped several times has as many rows, which mostly follow each other. */
static uint32_t file_index(struct pyr_core *core, const char *path)
{
    for (uint32_t i = core->file_count; i > 0; i--) {
        if (strcmp(core->files[i - 1].path, path) == 0) {
            return i - 1;
        }
        if (core->file_count - i > 64) {
            break;
        }
    }
    core->files[core->file_count] = (struct pyr_core_file){.path = path, .fd = -1};
    return core->file_count++;
}

static void take_mappings(struct pyr_core *core, const struct pyr_elf_note *note,
                          const struct file_head *head)
{
    const uint8_t *rows = note->data + sizeof(*head);
    const char *path = (const char *)rows + head->count * sizeof(struct file_row);
    const char *end = (const char *)note->data + note->size;
    for (uint64_t i = 0; i < head->count; i++) {
        struct file_row row;
        const char *path_end = memchr(path, '\0', (size_t)(end - path));
        if (path_end == NULL) {
            break;
        }
        memcpy(&row, rows + i * sizeof(row), sizeof(row));
        if (row.start < row.end && row.page <= UINT64_MAX / head->page_size) {
            core->mappings[core->mapping_count++] = (struct pyr_core_mapping){
                row.start, row.end, row.page * head->page_size, file_index(core, path)};
        }
        path = path_end + 1;
    }
    qsort(core->mappings, core->mapping_count, sizeof(*core->mappings), compare_mappings);
}

static bool take_files(struct pyr_core *core, const struct pyr_elf_note *note, struct pyr_err *err)
{
    struct file_head head;
    if (note->size < sizeof(head) || core->mappings != NULL) {
        return true;
    }
    memcpy(&head, note->data, sizeof(head));
    if (head.page_size == 0 || head.count > MAX_MAPPINGS ||
        head.count > (note->size - sizeof(head)) / sizeof(struct file_row)) {
        return true;
    }
    core->mappings = pyr_mem_zalloc((size_t)head.count + 1, sizeof(*core->mappings));
    core->files = pyr_mem_zalloc((size_t)head.count + 1, sizeof(*core->files));
    if (core->mappings == NULL || core->files == NULL) {
        return pyr_err_nomem(err);
    }
    take_mappings(core, note, &head);
    return true;
}

static bool take_notes(struct pyr_core *core, struct pyr_err *err)
{
    struct pyr_elf_note note;
    uint32_t thread_cap = 0;
    for (size_t pos = 0; pyr_elf_next_note(core->notes, core->notes_size, &pos, &note);) {
        if (pyr_elf_note_is(&note, CORE_NAME, NT_PRSTATUS)) {
            if (!take_thread(core, &thread_cap, &note, err)) {
                return false;
            }
        } else if (pyr_elf_note_is(&note, CORE_NAME, NT_PRPSINFO)) {
            take_process(core, &note);
        } else if (pyr_elf_note_is(&note, CORE_NAME, NT_AUXV)) {
            take_auxiliary(core, &note);
        } else if (pyr_elf_note_is(&note, CORE_NAME, NT_FILE) && !take_files(core, &note, err)) {
            return false;
        }
    }
    return true;
}

bool pyr_core_read_notes(struct pyr_core *core, struct pyr_err *err)
{
    for (uint32_t i = 0; i < core->elf.segment_count; i++) {
        const Elf64_Phdr *segment = &core->elf.segments[i];
        if (segment->p_type != PT_NOTE || segment->p_filesz == 0) {
            continue;
        }
        if (segment->p_filesz > MAX_NOTES_SIZE || segment->p_filesz > core->elf.size) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "the core file is cut: it ends in its notes");
        }
        core->notes = pyr_mem_alloc((size_t)segment->p_filesz);
        core->notes_size = (size_t)segment->p_filesz;
        if (core->notes == NULL) {
            return pyr_err_nomem(err);
        }
        if (!pyr_elf_read(&core->elf, segment->p_offset, core->notes, core->notes_size)) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "the core file is cut: it ends in its notes");
        }
        return take_notes(core, err);
    }
    return pyr_err_set(err, PYR_ERR_FORMAT, "the core file has no notes, and so no threads");
}
