/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/elf_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "remote/elf_notes.h"

#define MAX_NAMES_SIZE (1u << 20)     /* of sections */
#define MAX_STRINGS_SIZE (256u << 20) /* of symbols */
#define MAX_NOTES_SIZE (1u << 20)
#define MAX_TABLES 4u /* of symbols of a kind, and of notes: a file has one or two */
#define PAGE_MASK (~(uint64_t)4095)

bool pyr_elf_read(const struct pyr_elf *elf, uint64_t offset, void *into, size_t size)
{
    if (offset > elf->size || size > elf->size - offset) {
        return false;
    }
    if (elf->fd < 0) {
        memcpy(into, elf->data + offset, size);
        return true;
    }
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(elf->fd, (char *)into + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

/* A copy of a part of the file, with a NUL after it. NULL when it is not there, or too large, or
 * there is no memory, which `*nomem` then tells. */
static void *copy_part(const struct pyr_elf *elf, uint64_t offset, uint64_t size, uint64_t max,
                       bool *nomem)
{
    if (size == 0 || size > max || offset > elf->size || size > elf->size - offset) {
        return NULL;
    }
    char *part = pyr_mem_alloc((size_t)size + 1);
    if (part == NULL) {
        *nomem = true;
        return NULL;
    }
    if (!pyr_elf_read(elf, offset, part, (size_t)size)) {
        pyr_mem_free(part);
        return NULL;
    }
    part[size] = '\0';
    return part;
}

static bool check_head(const Elf64_Ehdr *head, struct pyr_err *err)
{
    if (memcmp(head->e_ident, ELFMAG, SELFMAG) != 0) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "not an ELF file");
    }
    if (head->e_ident[EI_CLASS] != ELFCLASS64) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "a 32-bit program, and only 64-bit ones can "
                           "be read");
    }
    if (head->e_ident[EI_DATA] != ELFDATA2LSB) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED, "a program for another byte order");
    }
    return true;
}

static bool load_segments(struct pyr_elf *elf, const Elf64_Ehdr *head, struct pyr_err *err)
{
    bool nomem = false;
    uint64_t count = head->e_phnum;
    Elf64_Shdr first;
    /* With more than fit the field, as large core files have, the first section has the number. */
    if (count == PN_XNUM && pyr_elf_read(elf, head->e_shoff, &first, sizeof(first))) {
        count = first.sh_info;
    }
    if (count == 0) {
        return true;
    }
    if (head->e_phentsize != sizeof(Elf64_Phdr) || count > PYR_ELF_MAX_SEGMENTS) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "damaged program headers");
    }
    elf->segments = copy_part(elf, head->e_phoff, count * sizeof(Elf64_Phdr), UINT64_MAX, &nomem);
    if (elf->segments == NULL) {
        return nomem ? pyr_err_nomem(err)
                     : pyr_err_set(err, PYR_ERR_FORMAT, "program headers beyond the file's end");
    }
    elf->segment_count = (uint32_t)count;
    return true;
}

/* A file may lack them, or have been cut: then there are none. */
static bool load_sections(struct pyr_elf *elf, const Elf64_Ehdr *head, struct pyr_err *err)
{
    bool nomem = false;
    uint32_t count = head->e_shnum;
    if (count == 0 || head->e_shentsize != sizeof(Elf64_Shdr) || head->e_shstrndx >= count) {
        return true;
    }
    elf->sections = copy_part(elf, head->e_shoff, count * sizeof(Elf64_Shdr), UINT64_MAX, &nomem);
    if (elf->sections == NULL) {
        return nomem ? pyr_err_nomem(err) : true;
    }
    elf->section_count = count;
    const Elf64_Shdr *names = &elf->sections[head->e_shstrndx];
    elf->section_names = copy_part(elf, names->sh_offset, names->sh_size, MAX_NAMES_SIZE, &nomem);
    elf->section_names_size = elf->section_names != NULL ? names->sh_size : 0;
    return nomem ? pyr_err_nomem(err) : true;
}

static bool load(struct pyr_elf *elf, struct pyr_err *err)
{
    Elf64_Ehdr head;
    if (!pyr_elf_read(elf, 0, &head, sizeof(head))) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "not an ELF file");
    }
    if (!check_head(&head, err) || !load_segments(elf, &head, err)) {
        return false;
    }
    elf->type = head.e_type;
    elf->machine = head.e_machine;
    return load_sections(elf, &head, err);
}

bool pyr_elf_open(struct pyr_elf *elf, int fd, struct pyr_err *err)
{
    struct stat info;
    *elf = (struct pyr_elf){.fd = fd};
    bool ok = fstat(fd, &info) == 0 && info.st_size >= 0;
    if (!ok) {
        (void)pyr_err_errno(err, errno, "cannot look at the file");
    } else {
        elf->size = (uint64_t)info.st_size;
        ok = load(elf, err);
    }
    if (!ok) {
        pyr_elf_release(elf);
    }
    return ok;
}

bool pyr_elf_open_bytes(struct pyr_elf *elf, const uint8_t *data, size_t size, struct pyr_err *err)
{
    *elf = (struct pyr_elf){.fd = -1, .data = data, .size = size};
    if (!load(elf, err)) {
        pyr_elf_release(elf);
        return false;
    }
    return true;
}

void pyr_elf_release(struct pyr_elf *elf)
{
    bool zeroed = elf->fd == 0 && elf->size == 0;
    if (elf->fd >= 0 && !zeroed) {
        (void)close(elf->fd);
    }
    pyr_mem_free(elf->segments);
    pyr_mem_free(elf->sections);
    pyr_mem_free(elf->section_names);
    *elf = (struct pyr_elf){.fd = -1};
}

const Elf64_Shdr *pyr_elf_section(const struct pyr_elf *elf, const char *name)
{
    for (uint32_t i = 0; i < elf->section_count; i++) {
        const Elf64_Shdr *section = &elf->sections[i];
        if (section->sh_name < elf->section_names_size &&
            strcmp(elf->section_names + section->sh_name, name) == 0) {
            return section;
        }
    }
    return NULL;
}

bool pyr_elf_bias(const struct pyr_elf *elf, uint64_t start, uint64_t offset, uint64_t *bias)
{
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const Elf64_Phdr *segment = &elf->segments[i];
        uint64_t first = segment->p_offset & PAGE_MASK;
        if (segment->p_type == PT_LOAD && offset >= first &&
            offset - first < segment->p_filesz + (segment->p_offset - first)) {
            *bias = start - (segment->p_vaddr + (offset - segment->p_offset));
            return true;
        }
    }
    return false;
}

/* ---- symbols ---- */

struct table {
    Elf64_Sym *symbols; /* owned */
    uint64_t count;
    char *strings; /* owned */
    uint64_t strings_size;
};

static void release_table(struct table *table)
{
    pyr_mem_free(table->symbols);
    pyr_mem_free(table->strings);
}

static bool load_table(const struct pyr_elf *elf, const Elf64_Shdr *section, struct table *table,
                       bool *nomem)
{
    *table = (struct table){0};
    if (section->sh_link >= elf->section_count || section->sh_entsize != sizeof(Elf64_Sym)) {
        return false;
    }
    const Elf64_Shdr *strings = &elf->sections[section->sh_link];
    table->count = section->sh_size / sizeof(Elf64_Sym);
    table->symbols = copy_part(elf, section->sh_offset, table->count * sizeof(Elf64_Sym),
                               PYR_ELF_MAX_SYMBOLS * sizeof(Elf64_Sym), nomem);
    table->strings_size = strings->sh_size;
    table->strings = copy_part(elf, strings->sh_offset, strings->sh_size, MAX_STRINGS_SIZE, nomem);
    if (table->symbols == NULL || table->strings == NULL) {
        release_table(table);
        *table = (struct table){0};
        return false;
    }
    return true;
}

static uint32_t match_symbols(const struct table *table, struct pyr_elf_symbol *wanted,
                              uint32_t count)
{
    uint32_t missing = 0;
    for (uint32_t i = 0; i < count; i++) {
        missing += !wanted[i].found;
    }
    for (uint64_t at = 0; at < table->count && missing > 0; at++) {
        const Elf64_Sym *symbol = &table->symbols[at];
        if (symbol->st_shndx == SHN_UNDEF || symbol->st_name >= table->strings_size) {
            continue;
        }
        const char *name = table->strings + symbol->st_name;
        for (uint32_t i = 0; i < count; i++) {
            if (!wanted[i].found && strcmp(name, wanted[i].name) == 0) {
                wanted[i].found = true;
                wanted[i].value = symbol->st_value;
                wanted[i].size = symbol->st_size;
                missing--;
            }
        }
    }
    return missing;
}

bool pyr_elf_find_symbols(struct pyr_elf *elf, struct pyr_elf_symbol *symbols, uint32_t count,
                          struct pyr_err *err)
{
    static const uint32_t kinds[] = {SHT_DYNSYM, SHT_SYMTAB};
    uint32_t missing = count;
    bool nomem = false;
    for (uint32_t i = 0; i < count; i++) {
        symbols[i].found = false;
    }
    /* The second table may have a hundred thousand symbols, most of them not exported. */
    for (uint32_t kind = 0; kind < 2 && missing > 0 && !symbols[0].found; kind++) {
        uint32_t tables = 0;
        for (uint32_t i = 0; i < elf->section_count && missing > 0 && tables < MAX_TABLES; i++) {
            struct table table = {0};
            if (elf->sections[i].sh_type != kinds[kind]) {
                continue;
            }
            tables++;
            if (load_table(elf, &elf->sections[i], &table, &nomem)) {
                missing = match_symbols(&table, symbols, count);
                release_table(&table);
            }
        }
    }
    return nomem ? pyr_err_nomem(err) : true;
}

uint32_t pyr_elf_build_id(const struct pyr_elf *elf, uint8_t id[PYR_ELF_MAX_BUILD_ID])
{
    uint32_t tables = 0;
    for (uint32_t i = 0; i < elf->segment_count && tables < MAX_TABLES; i++) {
        const Elf64_Phdr *segment = &elf->segments[i];
        bool nomem = false;
        if (segment->p_type != PT_NOTE) {
            continue;
        }
        tables++;
        uint8_t *notes =
            copy_part(elf, segment->p_offset, segment->p_filesz, MAX_NOTES_SIZE, &nomem);
        uint32_t size = notes == NULL ? 0 : pyr_elf_notes_build_id(notes, segment->p_filesz, id);
        pyr_mem_free(notes);
        if (size > 0) {
            return size;
        }
    }
    return 0;
}
