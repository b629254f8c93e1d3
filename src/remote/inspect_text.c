/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "remote/inspection.h"
#include "remote/unicode.h"

/* Reads UTF-8 that pyr_unicode_read() made; surrogates come as three bytes each. */
static uint32_t decode(const uint8_t *at, size_t len, size_t *used)
{
    const size_t want = at[0] < 0x80 ? 1 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    static const uint8_t masks[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    if (want > len) {
        *used = len;
        return 0xFFFD;
    }
    uint32_t c = at[0] & masks[want];
    for (size_t i = 1; i < want; i++) {
        c = (c << 6) | (at[i] & 0x3Fu);
    }
    *used = want;
    return c;
}

static bool needs_escape(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0xA0) || (c >= 0xD800 && c <= 0xDFFF);
}

static void add_escape(struct pyr_buf *out, uint32_t c)
{
    switch (c) {
    case '\n':
        pyr_buf_add_text(out, "\\n");
        break;
    case '\r':
        pyr_buf_add_text(out, "\\r");
        break;
    case '\t':
        pyr_buf_add_text(out, "\\t");
        break;
    default:
        pyr_buf_addf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
        break;
    }
}

/* As repr() chooses it: single quotes, unless only double ones need no escape. */
static char choose_quote(const char *text, size_t len)
{
    const bool has_single = len > 0 && memchr(text, '\'', len) != NULL;
    const bool has_double = len > 0 && memchr(text, '"', len) != NULL;
    return has_single && !has_double ? '"' : '\'';
}

static void add_quoted(struct pyr_buf *out, const char *text, size_t len)
{
    const char quote = choose_quote(text, len);
    pyr_buf_add_char(out, quote);
    for (size_t at = 0; at < len;) {
        size_t used = 1;
        const uint32_t c = decode((const uint8_t *)text + at, len - at, &used);
        if (c == '\\' || c == (uint8_t)quote) {
            pyr_buf_add_char(out, '\\');
        }
        if (needs_escape(c)) {
            add_escape(out, c);
        } else {
            pyr_buf_add(out, text + at, used);
        }
        at += used;
    }
    pyr_buf_add_char(out, quote);
}

void pyr_inspect_str(struct pyr_inspection *in, uint64_t address)
{
    struct pyr_buf text = {0};
    bool was_cut = false;
    if (!pyr_unicode_read(in->memory, in->layout, address, in->limits.chars, &text, &was_cut)) {
        in->out->failed = in->out->failed || text.failed;
        pyr_inspect_unreadable(in);
    } else {
        add_quoted(in->out, text.data, text.len);
        if (was_cut) {
            pyr_buf_add_text(in->out, "…");
        }
    }
    pyr_buf_release(&text);
}

void pyr_inspect_bare_str(struct pyr_inspection *in, uint64_t address)
{
    bool was_cut = false;
    if (!pyr_unicode_read(in->memory, in->layout, address, in->limits.chars, in->out, &was_cut)) {
        pyr_buf_add_char(in->out, '?');
    } else if (was_cut) {
        pyr_buf_add_text(in->out, "…");
    }
}

/* `count` bytes at `data`, as b'…'. */
static void write_bytes(struct pyr_inspection *in, uint64_t data, uint64_t count)
{
    uint8_t block[256];
    const uint64_t shown = count < in->limits.chars ? count : in->limits.chars;
    pyr_buf_add_text(in->out, "b'");
    for (uint64_t done = 0; done < shown && !in->out->failed;) {
        const uint64_t now = shown - done < sizeof(block) ? shown - done : sizeof(block);
        if (!pyr_memory_read(in->memory, data + done, block, now)) {
            pyr_inspect_unreadable(in);
            break;
        }
        for (uint64_t i = 0; i < now; i++) {
            if (block[i] < 0x20 || block[i] >= 0x7F) {
                add_escape(in->out, block[i]);
                continue;
            }
            if (block[i] == '\\' || block[i] == '\'') {
                pyr_buf_add_char(in->out, '\\');
            }
            pyr_buf_add_char(in->out, (char)block[i]);
        }
        done += now;
    }
    pyr_buf_add_char(in->out, '\'');
    if (count > shown) {
        pyr_buf_add_text(in->out, "…");
    }
}

void pyr_inspect_bytes(struct pyr_inspection *in, uint64_t address)
{
    uint64_t count = 0;
    if (!pyr_inspect_word(in, address, in->layout->var_size, &count) || count > INT64_MAX) {
        pyr_inspect_unreadable(in);
        return;
    }
    write_bytes(in, address + in->layout->bytes_data, count);
}

void pyr_inspect_bytearray(struct pyr_inspection *in, uint64_t address)
{
    /* After the head and the size: the room, the buffer, and where in it the bytes begin. */
    const uint32_t begin = in->layout->var_size + 3 * sizeof(uint64_t);
    uint64_t count = 0;
    uint64_t data = 0;
    if (!pyr_inspect_word(in, address, in->layout->var_size, &count) || count > INT64_MAX ||
        !pyr_inspect_word(in, address, begin, &data)) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_buf_add_text(in->out, "bytearray(");
    write_bytes(in, data, count);
    pyr_buf_add_char(in->out, ')');
}
