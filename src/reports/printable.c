/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/printable.h"

#include <stdint.h>
#include <string.h>

/* The character at `text`, and its length in `*size`: 0 when the bytes are not valid UTF-8. */
static uint32_t decode(const char *text, size_t len, size_t *size)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t lead = (uint8_t)text[0];
    size_t need = 0;
    uint32_t c = 0;
    if (lead < 0x80) {
        *size = 1;
        return lead;
    }
    if (lead >= 0xC2 && lead < 0xE0) {
        need = 2;
        c = lead & 0x1Fu;
    } else if (lead >= 0xE0 && lead < 0xF0) {
        need = 3;
        c = lead & 0x0Fu;
    } else if (lead >= 0xF0 && lead < 0xF5) {
        need = 4;
        c = lead & 0x07u;
    }
    *size = 0;
    if (need == 0 || need > len) {
        return 0;
    }
    for (size_t i = 1; i < need; i++) {
        const uint8_t next = (uint8_t)text[i];
        if ((next & 0xC0u) != 0x80) {
            return 0;
        }
        c = c << 6 | (next & 0x3Fu);
    }
    if (c < smallest[need] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
        return 0;
    }
    *size = need;
    return c;
}

struct range {
    uint32_t first;
    uint32_t last;
};

static bool in_ranges(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* Characters that move the cursor, turn the direction of writing, or can't be seen. */
static bool is_hostile(uint32_t c)
{
    static const struct range hostile[] = {
        {0x0000, 0x001F}, {0x007F, 0x009F},   {0x00AD, 0x00AD}, {0x061C, 0x061C},
        {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
        {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}, {0xFFFE, 0xFFFF},
    };
    return in_ranges(c, hostile, sizeof hostile / sizeof hostile[0]);
}

static size_t character_columns(uint32_t c)
{
    static const struct range joined[] = {
        {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
        {0x06D6, 0x06DC}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},
        {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF},
    };
    static const struct range wide[] = {
        {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x4DBF},   {0x4E00, 0xA4CF},
        {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
        {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
        {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
    };
    if (c < 0x300) {
        return 1;
    }
    if (in_ranges(c, joined, sizeof joined / sizeof joined[0])) {
        return 0;
    }
    return in_ranges(c, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

static void add_escape(struct pyr_buf *out, uint32_t c)
{
    if (c == '\n') {
        pyr_buf_add_text(out, "\\n");
    } else if (c == '\t') {
        pyr_buf_add_text(out, "\\t");
    } else if (c < 0x100) {
        pyr_buf_addf(out, "\\x%02x", (unsigned)c);
    } else if (c < 0x10000) {
        pyr_buf_addf(out, "\\u%04x", (unsigned)c);
    } else {
        pyr_buf_addf(out, "\\U%08x", (unsigned)c);
    }
}

void pyr_printable_add(struct pyr_buf *out, const char *text, size_t len)
{
    size_t done = 0; /* everything before it has been copied */
    size_t at = 0;
    while (at < len) {
        size_t size = 0;
        const uint32_t c = decode(text + at, len - at, &size);
        if (size != 0 && !is_hostile(c)) {
            at += size;
            continue;
        }
        pyr_buf_add(out, text + done, at - done);
        add_escape(out, size == 0 ? (uint8_t)text[at] : c);
        at += size == 0 ? 1 : size;
        done = at;
    }
    pyr_buf_add(out, text + done, len - done);
}

size_t pyr_printable_columns(const char *text, size_t len)
{
    size_t columns = 0;
    for (size_t at = 0; at < len;) {
        size_t size = 0;
        const uint32_t c = decode(text + at, len - at, &size);
        columns += size == 0 ? 1 : character_columns(c);
        at += size == 0 ? 1 : size;
    }
    return columns;
}

/* The longest start of the text that takes at most `columns`, in bytes. */
static size_t bytes_of_start(const char *text, size_t len, size_t columns)
{
    size_t at = 0;
    size_t used = 0;
    while (at < len) {
        size_t size = 0;
        const uint32_t c = decode(text + at, len - at, &size);
        used += size == 0 ? 1 : character_columns(c);
        if (used > columns) {
            break;
        }
        at += size == 0 ? 1 : size;
    }
    return at;
}

/* Where the longest end of the text that takes at most `columns` begins. */
static size_t start_of_end(const char *text, size_t len, size_t columns)
{
    size_t at = 0;
    size_t left = pyr_printable_columns(text, len);
    while (at < len && left > columns) {
        size_t size = 0;
        const uint32_t c = decode(text + at, len - at, &size);
        left -= size == 0 ? 1 : character_columns(c);
        at += size == 0 ? 1 : size;
    }
    return at;
}

void pyr_printable_add_cut(struct pyr_buf *out, const char *text, size_t len, size_t columns,
                           enum pyr_cut cut, bool ascii)
{
    const char *mark = ascii ? "..." : "…";
    const size_t mark_columns = ascii ? 3 : 1;
    if (pyr_printable_columns(text, len) <= columns) {
        pyr_buf_add(out, text, len);
        return;
    }
    if (columns < mark_columns) {
        pyr_buf_add_repeated(out, '.', columns);
        return;
    }
    const size_t room = columns - mark_columns;
    size_t before = 0;
    if (cut == PYR_CUT_END) {
        before = room;
    } else if (cut == PYR_CUT_MIDDLE) {
        before = (room + 1) / 2;
    }
    const size_t start = bytes_of_start(text, len, before);
    size_t end = start_of_end(text, len, room - before);
    if (cut == PYR_CUT_START) {
        /* A path is cut between folders. */
        const char *slash = memchr(text + end, '/', len - end);
        end = slash == NULL ? end : (size_t)(slash - text);
    }
    pyr_buf_add(out, text, start);
    pyr_buf_add_text(out, mark);
    pyr_buf_add(out, text + end, len - end);
}
