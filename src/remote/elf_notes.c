/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/elf_notes.h"

#include <elf.h>
#include <string.h>

#define MAX_BUILD_ID 64

static uint64_t padded(uint32_t size)
{
    return ((uint64_t)size + 3) & ~(uint64_t)3;
}

bool pyr_elf_next_note(const uint8_t *notes, size_t size, size_t *pos, struct pyr_elf_note *note)
{
    Elf64_Nhdr head;
    if (*pos > size || size - *pos < sizeof(head)) {
        return false;
    }
    memcpy(&head, notes + *pos, sizeof(head));
    size_t left = size - *pos - sizeof(head);
    uint64_t name_room = padded(head.n_namesz);
    if (name_room > left || head.n_descsz > left - name_room) {
        return false;
    }
    note->name = (const char *)notes + *pos + sizeof(head);
    note->name_size = head.n_namesz;
    note->type = head.n_type;
    note->data = notes + *pos + sizeof(head) + name_room;
    note->size = head.n_descsz;
    uint64_t room = padded(head.n_descsz);
    left -= (size_t)name_room;
    *pos += sizeof(head) + (size_t)name_room + (room < left ? (size_t)room : left);
    return true;
}

bool pyr_elf_note_is(const struct pyr_elf_note *note, const char *name, uint32_t type)
{
    size_t len = strlen(name);
    return note->type == type && note->name_size == len + 1 &&
           memcmp(note->name, name, len + 1) == 0;
}

uint32_t pyr_elf_notes_build_id(const uint8_t *notes, size_t size, uint8_t id[64])
{
    struct pyr_elf_note note;
    for (size_t pos = 0; pyr_elf_next_note(notes, size, &pos, &note);) {
        if (pyr_elf_note_is(&note, ELF_NOTE_GNU, NT_GNU_BUILD_ID) && note.size > 0 &&
            note.size <= MAX_BUILD_ID) {
            memcpy(id, note.data, note.size);
            return note.size;
        }
    }
    return 0;
}
