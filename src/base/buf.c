/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define MIN_CAP 64
#define MAX_VARINT_BYTES 10

void pyr_buf_release(struct pyr_buf *buf)
{
    pyr_mem_free(buf->data);
    *buf = (struct pyr_buf){0};
}

void pyr_buf_clear(struct pyr_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data != NULL) {
        buf->data[0] = '\0';
    }
}

bool pyr_buf_check(const struct pyr_buf *buf, struct pyr_err *err)
{
    return buf->failed ? pyr_err_nomem(err) : true;
}

/* Room for `len` more bytes and the NUL after them. */
static bool make_room(struct pyr_buf *buf, size_t len)
{
    if (buf->failed) {
        return false;
    }
    if (len < buf->cap - buf->len) {
        return true;
    }
    if (len > SIZE_MAX / 4 || buf->len > SIZE_MAX / 4) {
        buf->failed = true;
        return false;
    }
    size_t needed = buf->len + len + 1;
    size_t cap = buf->cap + buf->cap / 2;
    cap = cap < MIN_CAP ? MIN_CAP : cap;
    cap = cap < needed ? needed : cap;
    char *data = pyr_mem_realloc(buf->data, cap);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void pyr_buf_add(struct pyr_buf *buf, const void *data, size_t len)
{
    if (!make_room(buf, len)) {
        return;
    }
    if (len > 0) {
        memcpy(buf->data + buf->len, data, len);
    }
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void pyr_buf_add_text(struct pyr_buf *buf, const char *text)
{
    pyr_buf_add(buf, text, strlen(text));
}

void pyr_buf_add_char(struct pyr_buf *buf, char c)
{
    pyr_buf_add(buf, &c, 1);
}

void pyr_buf_add_repeated(struct pyr_buf *buf, char c, size_t count)
{
    if (!make_room(buf, count)) {
        return;
    }
    memset(buf->data + buf->len, c, count);
    buf->len += count;
    buf->data[buf->len] = '\0';
}

void pyr_buf_addf(struct pyr_buf *buf, const char *fmt, ...)
{
    if (!make_room(buf, 0)) {
        return;
    }
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    size_t room = buf->cap - buf->len;
    int len = vsnprintf(buf->data + buf->len, room, fmt, args);
    if (len < 0) {
        buf->failed = true;
    } else if ((size_t)len < room) {
        buf->len += (size_t)len;
    } else if (make_room(buf, (size_t)len)) {
        vsnprintf(buf->data + buf->len, buf->cap - buf->len, fmt, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
    buf->data[buf->len] = '\0'; /* also where a text did not fit and was cut */
}

static void add_little_endian(struct pyr_buf *buf, uint64_t value, size_t len)
{
    unsigned char bytes[sizeof value];
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (unsigned char)(value >> (8 * i));
    }
    pyr_buf_add(buf, bytes, len);
}

void pyr_buf_add_u8(struct pyr_buf *buf, uint8_t value)
{
    add_little_endian(buf, value, sizeof value);
}

void pyr_buf_add_u16(struct pyr_buf *buf, uint16_t value)
{
    add_little_endian(buf, value, sizeof value);
}

void pyr_buf_add_u32(struct pyr_buf *buf, uint32_t value)
{
    add_little_endian(buf, value, sizeof value);
}

void pyr_buf_add_u64(struct pyr_buf *buf, uint64_t value)
{
    add_little_endian(buf, value, sizeof value);
}

void pyr_buf_add_varint(struct pyr_buf *buf, uint64_t value)
{
    unsigned char bytes[MAX_VARINT_BYTES];
    size_t len = 0;
    while (value >= 0x80) {
        bytes[len++] = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    bytes[len++] = (unsigned char)value;
    pyr_buf_add(buf, bytes, len);
}

void pyr_buf_add_svarint(struct pyr_buf *buf, int64_t value)
{
    uint64_t bits = (uint64_t)value;
    pyr_buf_add_varint(buf, (bits << 1) ^ (value < 0 ? UINT64_MAX : 0));
}
