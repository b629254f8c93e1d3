/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/unicode.h"

#include <string.h>

#include "remote/fields.h"

#define MAX_CHARS ((uint64_t)1 << 26)
#define MAX_HEAD 128u
#define BLOCK_SIZE 4096u
#define IS_STR ((uint64_t)1 << 28) /* Py_TPFLAGS_UNICODE_SUBCLASS */
#define KIND_MASK 7u
#define COMPACT_BIT 8u /* in the state, shifted so that the kind is lowest */
#define ASCII_BIT 16u
#define MAX_CHARACTER 0x10FFFFu

/* Where the characters are. */
struct text {
    uint64_t data;
    uint64_t chars;
    uint32_t width;
};

static bool find_text(struct pyr_memory *memory, const struct pyr_layout *layout, uint64_t address,
                      struct text *text)
{
    uint8_t head[MAX_HEAD];
    uint64_t flags = 0;
    uint32_t size = layout->unicode_ascii_data;
    if (size > sizeof(head) || !pyr_memory_read(memory, address, head, size)) {
        return false;
    }
    uint64_t type = pyr_field_u64(head, size, layout->object_type);
    if (!pyr_memory_read_u64(memory, type + layout->type_flags, &flags) || (flags & IS_STR) == 0) {
        return false;
    }
    uint32_t state =
        pyr_field_u32(head, size, layout->unicode_state) >> (layout->unicode_kind_shift & 31);
    text->chars = pyr_field_u64(head, size, layout->unicode_length);
    text->width = state & KIND_MASK;
    if (text->chars > INT64_MAX || (text->width != 1 && text->width != 2 && text->width != 4)) {
        return false; /* not a str, or an old one whose characters were never put in order */
    }
    if ((state & COMPACT_BIT) == 0) { /* as of a subclass: a pointer to them */
        return pyr_memory_read_u64(memory, address + layout->unicode_compact_data, &text->data);
    }
    bool ascii = (state & ASCII_BIT) != 0;
    text->data = address + (ascii ? layout->unicode_ascii_data : layout->unicode_compact_data);
    return true;
}

static uint32_t character(const uint8_t *at, uint32_t width)
{
    uint16_t two = 0;
    uint32_t four = 0;
    switch (width) {
    case 1:
        return *at;
    case 2:
        memcpy(&two, at, sizeof(two));
        return two;
    default:
        memcpy(&four, at, sizeof(four));
        return four;
    }
}

static void add_utf8(struct pyr_buf *out, uint32_t c)
{
    char bytes[4];
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    if (len == 1) {
        bytes[0] = (char)c;
    } else {
        for (size_t i = len; --i > 0; c >>= 6) {
            bytes[i] = (char)(0x80 | (c & 0x3F));
        }
        bytes[0] = (char)((0xF0u << (4 - len) & 0xFFu) | c);
    }
    pyr_buf_add(out, bytes, len);
}

static bool add_text(struct pyr_memory *memory, const struct text *text, uint64_t chars,
                     struct pyr_buf *out)
{
    uint8_t block[BLOCK_SIZE];
    uint64_t per_block = BLOCK_SIZE / text->width;
    for (uint64_t done = 0; done < chars;) {
        uint64_t now = chars - done < per_block ? chars - done : per_block;
        if (!pyr_memory_read(memory, text->data + done * text->width, block, now * text->width)) {
            return false;
        }
        for (uint64_t i = 0; i < now; i++) {
            uint32_t c = character(block + i * text->width, text->width);
            if (c > MAX_CHARACTER) {
                return false;
            }
            add_utf8(out, c);
        }
        done += now;
    }
    return !out->failed;
}

bool pyr_unicode_read(struct pyr_memory *memory, const struct pyr_layout *layout, uint64_t address,
                      uint32_t max_chars, struct pyr_buf *out, bool *cut)
{
    struct text text = {0};
    size_t before = out->len;
    *cut = false;
    if (!find_text(memory, layout, address, &text)) {
        return false;
    }
    uint64_t chars = max_chars < MAX_CHARS ? max_chars : MAX_CHARS;
    *cut = text.chars > chars;
    if (!*cut) {
        chars = text.chars;
    }
    if (add_text(memory, &text, chars, out)) {
        return true;
    }
    if (out->data != NULL) {
        out->len = before;
        out->data[before] = '\0';
    }
    return false;
}
