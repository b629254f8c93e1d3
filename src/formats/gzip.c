/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/gzip.h"

#include "base/reader.h"
#include "formats/inflate.h"

#define MAX_STORED 65535u
#define CRC_POLYNOMIAL 0xEDB88320u
#define METHOD_DEFLATE 8
#define OS_UNKNOWN 255
#define FLAG_CHECKSUM 2
#define FLAG_EXTRA 4
#define FLAG_NAME 8
#define FLAG_COMMENT 16
#define FLAGS_RESERVED 0xE0

static const uint8_t magic[2] = {0x1F, 0x8B};

static uint32_t crc32_of(const uint8_t *data, size_t len)
{
    uint32_t table[256];
    uint32_t crc = UINT32_MAX;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++) {
            c = (c & 1) != 0 ? c >> 1 ^ CRC_POLYNOMIAL : c >> 1;
        }
        table[i] = c;
    }
    for (size_t i = 0; i < len; i++) {
        crc = crc >> 8 ^ table[(crc ^ data[i]) & 0xFF];
    }
    return ~crc;
}

void pyr_gzip_add(struct pyr_buf *out, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    size_t done = 0;
    pyr_buf_add(out, magic, sizeof magic);
    pyr_buf_add_u8(out, METHOD_DEFLATE);
    pyr_buf_add_u8(out, 0); /* no flags, no time, nothing about the compression */
    pyr_buf_add_u32(out, 0);
    pyr_buf_add_u8(out, 0);
    pyr_buf_add_u8(out, OS_UNKNOWN);
    do {
        size_t step = len - done < MAX_STORED ? len - done : MAX_STORED;
        pyr_buf_add_u8(out, done + step == len); /* the last block? and type 0: stored */
        pyr_buf_add_u16(out, (uint16_t)step);
        pyr_buf_add_u16(out, (uint16_t)~step);
        if (step > 0) {
            pyr_buf_add(out, bytes + done, step);
        }
        done += step;
    } while (done < len);
    pyr_buf_add_u32(out, crc32_of(bytes, len));
    pyr_buf_add_u32(out, (uint32_t)len);
}

bool pyr_gzip_sniff(const uint8_t *data, size_t size)
{
    return size > sizeof magic && data[0] == magic[0] && data[1] == magic[1] &&
           data[2] == METHOD_DEFLATE;
}

/* Past a text that ends with NUL. */
static bool skip_text(struct pyr_reader *in, struct pyr_err *err)
{
    uint8_t c = 1;
    while (c != 0) {
        if (!pyr_reader_u8(in, &c, err)) {
            return false;
        }
    }
    return true;
}

static bool skip_header(struct pyr_reader *in, struct pyr_err *err)
{
    const uint8_t *head = NULL, *skipped = NULL;
    uint16_t extra = 0;
    if (!pyr_reader_bytes(in, 10, &head, err)) {
        return false;
    }
    uint8_t flags = head[3];
    if (!pyr_gzip_sniff(head, 10) || (flags & FLAGS_RESERVED) != 0) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "not gzip");
    }
    if ((flags & FLAG_EXTRA) != 0 &&
        (!pyr_reader_u16(in, &extra, err) || !pyr_reader_bytes(in, extra, &skipped, err))) {
        return false;
    }
    if (((flags & FLAG_NAME) != 0 && !skip_text(in, err)) ||
        ((flags & FLAG_COMMENT) != 0 && !skip_text(in, err))) {
        return false;
    }
    return (flags & FLAG_CHECKSUM) == 0 || pyr_reader_u16(in, &extra, err);
}

static bool unpack_member(struct pyr_reader *in, size_t max_size, struct pyr_buf *out,
                          struct pyr_err *err)
{
    size_t start = out->len;
    uint32_t crc = 0, size = 0;
    if (!skip_header(in, err) || !pyr_inflate(in, max_size, out, err) ||
        !pyr_reader_u32(in, &crc, err) || !pyr_reader_u32(in, &size, err)) {
        return false;
    }
    size_t len = out->len - start;
    if ((uint32_t)len != size ||
        crc != crc32_of(len == 0 ? NULL : (const uint8_t *)out->data + start, len)) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "the checksum does not fit the content");
    }
    return true;
}

bool pyr_gzip_unpack(const uint8_t *data, size_t size, size_t max_size, struct pyr_buf *out,
                     struct pyr_err *err)
{
    struct pyr_reader in = {data, size, 0};
    do {
        if (!unpack_member(&in, max_size, out, err)) {
            return pyr_err_prefix(err, "byte %zu", in.pos);
        }
    } while (pyr_reader_left(&in) > 0);
    return true;
}
