/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/variables.h"

#include <elf.h>
#include <string.h>

#define MAX_SEGMENTS 64

uint32_t pyr_variables_find(struct pyr_memory *memory, const struct pyr_map_entry *first,
                            struct pyr_variables ranges[PYR_VARIABLES_MAX])
{
    Elf64_Ehdr head;
    Elf64_Phdr segments[MAX_SEGMENTS];
    if (first->offset != 0 || !pyr_memory_read(memory, first->start, &head, sizeof(head)) ||
        memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64 ||
        head.e_phentsize != sizeof(Elf64_Phdr) || head.e_phnum > MAX_SEGMENTS ||
        !pyr_memory_read(memory, first->start + head.e_phoff, segments,
                         head.e_phnum * sizeof(Elf64_Phdr))) {
        return 0;
    }
    uint64_t bias = 0;
    for (uint32_t i = 0; i < head.e_phnum; i++) {
        if (segments[i].p_type == PT_LOAD && segments[i].p_offset == 0) {
            bias = first->start - segments[i].p_vaddr;
        }
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < head.e_phnum && count < PYR_VARIABLES_MAX; i++) {
        uint64_t start = segments[i].p_vaddr + bias;
        bool writable = segments[i].p_type == PT_LOAD && (segments[i].p_flags & PF_W) != 0;
        if (writable && segments[i].p_memsz < UINT64_MAX - start) {
            ranges[count++] = (struct pyr_variables){start, start + segments[i].p_memsz};
        }
    }
    return count;
}
