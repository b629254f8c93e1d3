/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* ELF files: the few things needed to find an interpreter in one: symbols, sections, segments, the
 * build id. 64-bit, this machine's byte order. The file is hostile: it may be cut, lie about every
 * size, and change while it is read, so what is needed is copied and nothing is mapped.
 * Threads: one owner. */
#pragma once

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PYR_ELF_MAX_SEGMENTS 65536u /* a core file has one per mapping */
#define PYR_ELF_MAX_SECTIONS 65536u
#define PYR_ELF_MAX_SYMBOLS (1u << 24)
#define PYR_ELF_MAX_BUILD_ID 64

struct pyr_elf {
    int fd;              /* owned; -1: the bytes are in `data` */
    const uint8_t *data; /* borrowed */
    uint64_t size;
    uint16_t type; /* ET_EXEC, ET_DYN, ET_CORE … */
    uint16_t machine;
    Elf64_Phdr *segments; /* owned */
    uint32_t segment_count;
    Elf64_Shdr *sections; /* owned; none in a file that lost them */
    uint32_t section_count;
    char *section_names; /* owned, `section_names_size` bytes and a NUL */
    uint64_t section_names_size;
};

/* A symbol that is looked for, and what was found. */
struct pyr_elf_symbol {
    const char *name;
    bool found;
    uint64_t value; /* address in the file, before it is loaded */
    uint64_t size;
};

/* Takes `fd` over, also on failure. PYR_ERR_FORMAT when it is no ELF file, PYR_ERR_UNSUPPORTED for
 * 32 bits or another byte order. Damaged section headers are as none. */
PYR_MUST_USE bool pyr_elf_open(struct pyr_elf *elf, int fd, struct pyr_err *err);
/* The same of bytes in memory, borrowed. */
PYR_MUST_USE bool pyr_elf_open_bytes(struct pyr_elf *elf, const uint8_t *data, size_t size,
                                     struct pyr_err *err);
void pyr_elf_release(struct pyr_elf *elf); /* zeroed is allowed, and must have been opened else */

/* Looks all `count` symbols up in one go: in .dynsym, and in .symtab if the first of them is not
 * there. Fails only for lack of memory. */
PYR_MUST_USE bool pyr_elf_find_symbols(struct pyr_elf *elf, struct pyr_elf_symbol *symbols,
                                       uint32_t count, struct pyr_err *err);
/* NULL when there is no such section. */
const Elf64_Shdr *pyr_elf_section(const struct pyr_elf *elf, const char *name);
/* What to add to an address of the file to have that in a process which has `offset` of the file
 * mapped at `start`. False when no segment is there. */
bool pyr_elf_bias(const struct pyr_elf *elf, uint64_t start, uint64_t offset, uint64_t *bias);
/* Copies `size` bytes at `offset` of the file. */
PYR_MUST_USE bool pyr_elf_read(const struct pyr_elf *elf, uint64_t offset, void *into, size_t size);
/* The number of bytes of the build id; 0: it has none. */
uint32_t pyr_elf_build_id(const struct pyr_elf *elf, uint8_t id[PYR_ELF_MAX_BUILD_ID]);
