/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "elf_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/procfs.h>

#define NOTES_AT 0x200
#define SYMBOLS_AT 0x400
#define STRINGS_AT 0x1000
#define LOCALS_AT 0x1800
#define NAMES_AT 0x2400
#define LOADED_AT 0x1000
#define SECOND_AT 0x2000
#define SECOND_LOADED_AT 0x5000
#define SECTION_COUNT 6

static void put(struct made_elf *elf, size_t at, const void *data, size_t size)
{
    if (at + size <= MADE_ELF_SIZE) {
        memcpy(elf->bytes + at, data, size);
        elf->size = at + size > elf->size ? at + size : elf->size;
    }
}

static size_t put_note(struct made_elf *elf, size_t at, const char *name, uint32_t type,
                       const void *data, size_t size)
{
    size_t name_size = strlen(name) + 1;
    Elf64_Nhdr head = {(uint32_t)name_size, (uint32_t)size, type};
    put(elf, at, &head, sizeof(head));
    put(elf, at + sizeof(head), name, name_size);
    at += sizeof(head) + ((name_size + 3) & ~(size_t)3);
    if (size > 0) {
        put(elf, at, data, size);
    }
    at += (size + 3) & ~(size_t)3;
    elf->size = at > elf->size ? at : elf->size;
    return at;
}

static void put_head(struct made_elf *elf, uint16_t type, uint16_t segments, bool sections)
{
    Elf64_Ehdr head = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = type,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_shoff = sections ? MADE_SECTIONS : 0,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = segments,
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = sections ? SECTION_COUNT : 0,
        .e_shstrndx = sections ? 1 : 0,
    };
    put(elf, 0, &head, sizeof(head));
}

static uint64_t put_symbols(struct made_elf *elf, const struct made_program *program, bool local,
                            size_t at, size_t *strings)
{
    size_t start = at;
    Elf64_Sym none = {0};
    put(elf, at, &none, sizeof(none));
    at += sizeof(none);
    for (uint32_t i = 0; i < program->symbol_count; i++) {
        const struct made_symbol *made = &program->symbols[i];
        if (made->local != local) {
            continue;
        }
        Elf64_Sym symbol = {.st_name = (uint32_t)(*strings - STRINGS_AT),
                            .st_shndx = 1,
                            .st_value = made->value,
                            .st_size = 8};
        put(elf, *strings, made->name, strlen(made->name) + 1);
        *strings += strlen(made->name) + 1;
        put(elf, at, &symbol, sizeof(symbol));
        at += sizeof(symbol);
    }
    return at - start;
}

void make_program(struct made_elf *elf, const struct made_program *program)
{
    static const char names[] = "\0.shstrtab\0.dynsym\0.symtab\0.strtab\0";
    memset(elf, 0, sizeof(*elf));
    put_head(elf, ET_DYN, 3, true);
    size_t notes_end = NOTES_AT;
    if (program->build_id != NULL) {
        notes_end = put_note(elf, NOTES_AT, ELF_NOTE_GNU, NT_GNU_BUILD_ID, program->build_id,
                             strlen(program->build_id));
    }
    const Elf64_Phdr segments[3] = {
        {.p_type = PT_LOAD, .p_vaddr = LOADED_AT, .p_filesz = 0x1000, .p_memsz = 0x1000},
        {.p_type = PT_LOAD,
         .p_offset = SECOND_AT + 0x10,
         .p_vaddr = SECOND_LOADED_AT + 0x10,
         .p_filesz = 0x800,
         .p_memsz = 0x3000},
        {.p_type = PT_NOTE, .p_offset = NOTES_AT, .p_filesz = notes_end - NOTES_AT},
    };
    put(elf, sizeof(Elf64_Ehdr), segments, sizeof(segments));
    size_t strings = STRINGS_AT + 1;
    uint64_t global = put_symbols(elf, program, false, SYMBOLS_AT, &strings);
    uint64_t local = put_symbols(elf, program, true, LOCALS_AT, &strings);
    put(elf, NAMES_AT, names, sizeof(names));
    uint32_t extra = (uint32_t)sizeof(names);
    if (program->section != NULL) {
        put(elf, NAMES_AT + extra, program->section, strlen(program->section) + 1);
    }
    const Elf64_Shdr sections[SECTION_COUNT] = {
        {0},
        {.sh_name = 1, .sh_type = SHT_STRTAB, .sh_offset = NAMES_AT, .sh_size = 0x100},
        {.sh_name = 11,
         .sh_type = SHT_DYNSYM,
         .sh_offset = SYMBOLS_AT,
         .sh_size = global,
         .sh_link = 4,
         .sh_entsize = sizeof(Elf64_Sym)},
        {.sh_name = 19,
         .sh_type = program->stripped ? SHT_NULL : SHT_SYMTAB,
         .sh_offset = LOCALS_AT,
         .sh_size = local,
         .sh_link = 4,
         .sh_entsize = sizeof(Elf64_Sym)},
        {.sh_name = 27,
         .sh_type = SHT_STRTAB,
         .sh_offset = STRINGS_AT,
         .sh_size = strings - STRINGS_AT},
        {.sh_name = program->section != NULL ? extra : 0,
         .sh_type = SHT_PROGBITS,
         .sh_addr = program->section_address},
    };
    put(elf, MADE_SECTIONS, sections, sizeof(sections));
}

static size_t put_files(struct made_elf *elf, const struct made_core *core, size_t at)
{
    uint64_t rows[64] = {0, 4096};
    char paths[4096];
    size_t used = 0;
    size_t words = 2;
    for (uint32_t i = 0; i < core->range_count && words + 3 <= 64; i++) {
        const struct made_range *range = &core->ranges[i];
        if (range->path != NULL && used + strlen(range->path) < sizeof(paths)) {
            rows[words++] = range->address;
            rows[words++] = range->address + range->size;
            rows[words++] = range->file_page;
            memcpy(paths + used, range->path, strlen(range->path) + 1);
            used += strlen(range->path) + 1;
            rows[0]++;
        }
    }
    uint8_t data[sizeof(rows) + sizeof(paths)];
    memcpy(data, rows, words * 8);
    memcpy(data + words * 8, paths, used);
    return put_note(elf, at, "CORE", NT_FILE, data, words * 8 + used);
}

static size_t put_core_notes(struct made_elf *elf, const struct made_core *core, size_t at)
{
    for (uint32_t i = 0; i < core->tid_count; i++) {
        struct elf_prstatus status = {.pr_pid = (pid_t)core->tids[i]};
        status.pr_reg[21] = 0x7000 + i; /* the thread pointer */
        at = put_note(elf, at, "CORE", NT_PRSTATUS, &status, sizeof(status));
    }
    struct elf_prpsinfo info = {.pr_pid = core->tid_count > 0 ? (pid_t)core->tids[0] : 0};
    (void)snprintf(info.pr_psargs, sizeof(info.pr_psargs), "%s", core->command);
    at = put_note(elf, at, "CORE", NT_PRPSINFO, &info, sizeof(info));
    const uint64_t auxiliary[] = {AT_PHDR, core->program_headers, AT_NULL, 0};
    at = put_note(elf, at, "CORE", NT_AUXV, auxiliary, sizeof(auxiliary));
    return put_files(elf, core, at);
}

void make_core(struct made_elf *elf, const struct made_core *core)
{
    memset(elf, 0, sizeof(*elf));
    put_head(elf, ET_CORE, (uint16_t)(core->range_count + 1), false);
    size_t heads = sizeof(Elf64_Ehdr);
    size_t notes = heads + (core->range_count + 1) * sizeof(Elf64_Phdr);
    size_t at = put_core_notes(elf, core, notes);
    Elf64_Phdr note = {.p_type = PT_NOTE, .p_offset = notes, .p_filesz = at - notes};
    put(elf, heads, &note, sizeof(note));
    for (uint32_t i = 0; i < core->range_count; i++) {
        const struct made_range *range = &core->ranges[i];
        Elf64_Phdr segment = {.p_type = PT_LOAD,
                              .p_flags = PF_R | (range->writable ? PF_W : 0u),
                              .p_offset = at,
                              .p_vaddr = range->address,
                              .p_filesz = range->kept,
                              .p_memsz = range->size};
        put(elf, heads + (i + 1) * sizeof(segment), &segment, sizeof(segment));
        if (range->kept > 0) {
            put(elf, at, range->data, range->kept);
            at += range->kept;
        }
    }
}

bool write_elf(const struct made_elf *elf, const char *path)
{
    FILE *file = fopen(path, "wb");
    bool ok = file != NULL && fwrite(elf->bytes, 1, elf->size, file) == elf->size;
    return file != NULL && fclose(file) == 0 && ok;
}
