/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Notes of an ELF file: named records, in a program its build id, in a core file the threads and
 * the mapped files. Any bytes are allowed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pyr_elf_note {
    const char *name; /* borrowed; not NUL-terminated */
    uint32_t name_size;
    uint32_t type;
    const uint8_t *data; /* borrowed */
    uint32_t size;
};

/* The note at `*pos`, which moves past it. False at the end, and where the rest is damaged. */
bool pyr_elf_next_note(const uint8_t *notes, size_t size, size_t *pos, struct pyr_elf_note *note);
bool pyr_elf_note_is(const struct pyr_elf_note *note, const char *name, uint32_t type);
/* The number of bytes of the build id, at most 64; 0: none. */
uint32_t pyr_elf_notes_build_id(const uint8_t *notes, size_t size, uint8_t id[64]);
