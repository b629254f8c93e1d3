/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* ELF files made up in memory: programs with symbols and a build id, and core files. No assertions
 * of cmocka, as the fuzz targets use it too. */
#pragma once

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MADE_ELF_SIZE 65536
#define MADE_SECTIONS 0x3000 /* where the section headers of a program are */

struct made_elf {
    uint8_t bytes[MADE_ELF_SIZE];
    size_t size;
};

struct made_symbol {
    const char *name;
    uint64_t value;
    bool local; /* in .symtab, not .dynsym */
};

struct made_program {
    const struct made_symbol *symbols;
    uint32_t symbol_count;
    const char *section; /* one more, NULL: none */
    uint64_t section_address;
    const char *build_id; /* NULL: none; its bytes are the text's */
    bool stripped;        /* without .symtab */
};
/* One segment, from offset 0 to address 0x1000, and one from offset 0x2000 to address 0x5000. */
void make_program(struct made_elf *elf, const struct made_program *program);

struct made_range {
    uint64_t address;
    uint64_t size;      /* in memory */
    uint64_t kept;      /* of them in the core */
    const void *data;   /* `kept` bytes */
    const char *path;   /* NULL: no file */
    uint64_t file_page; /* in pages of 4096 */
    bool writable;
};
struct made_core {
    const struct made_range *ranges;
    uint32_t range_count;
    const uint32_t *tids;
    uint32_t tid_count;
    const char *command;
    uint64_t program_headers; /* AT_PHDR */
};
void make_core(struct made_elf *elf, const struct made_core *core);
/* Writes it to `path`. False when that fails. */
bool write_elf(const struct made_elf *elf, const char *path);
