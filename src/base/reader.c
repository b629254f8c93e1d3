/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"

size_t pyr_reader_left(const struct pyr_reader *in)
{
    return in->size - in->pos;
}

static bool require(const struct pyr_reader *in, size_t len, struct pyr_err *err)
{
    if (len > pyr_reader_left(in)) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "cut short: %zu bytes expected, %zu left", len,
                           pyr_reader_left(in));
    }
    return true;
}

bool pyr_reader_bytes(struct pyr_reader *in, size_t len, const uint8_t **bytes, struct pyr_err *err)
{
    if (!require(in, len, err)) {
        return false;
    }
    *bytes = in->data + in->pos;
    in->pos += len;
    return true;
}

static bool read_little_endian(struct pyr_reader *in, size_t len, uint64_t *value,
                               struct pyr_err *err)
{
    if (!require(in, len, err)) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < len; i++) {
        *value |= (uint64_t)in->data[in->pos++] << (8 * i);
    }
    return true;
}

bool pyr_reader_u8(struct pyr_reader *in, uint8_t *value, struct pyr_err *err)
{
    uint64_t wide = 0;
    if (!read_little_endian(in, sizeof *value, &wide, err)) {
        return false;
    }
    *value = (uint8_t)wide;
    return true;
}

bool pyr_reader_u16(struct pyr_reader *in, uint16_t *value, struct pyr_err *err)
{
    uint64_t wide = 0;
    if (!read_little_endian(in, sizeof *value, &wide, err)) {
        return false;
    }
    *value = (uint16_t)wide;
    return true;
}

bool pyr_reader_u32(struct pyr_reader *in, uint32_t *value, struct pyr_err *err)
{
    uint64_t wide = 0;
    if (!read_little_endian(in, sizeof *value, &wide, err)) {
        return false;
    }
    *value = (uint32_t)wide;
    return true;
}

bool pyr_reader_u64(struct pyr_reader *in, uint64_t *value, struct pyr_err *err)
{
    return read_little_endian(in, sizeof *value, value, err);
}

bool pyr_reader_varint(struct pyr_reader *in, uint64_t *value, struct pyr_err *err)
{
    uint64_t result = 0;
    size_t pos = in->pos;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (pos >= in->size) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "cut short within a number");
        }
        uint8_t byte = in->data[pos++];
        if (shift == 63 && byte > 1) {
            break;
        }
        result |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *value = result;
            in->pos = pos;
            return true;
        }
    }
    return pyr_err_set(err, PYR_ERR_FORMAT, "a number of more than 64 bits");
}

bool pyr_reader_varint32(struct pyr_reader *in, uint32_t *value, struct pyr_err *err)
{
    size_t before = in->pos;
    uint64_t wide = 0;
    if (!pyr_reader_varint(in, &wide, err)) {
        return false;
    }
    if (wide > UINT32_MAX) {
        in->pos = before;
        return pyr_err_set(err, PYR_ERR_FORMAT, "a number of more than 32 bits");
    }
    *value = (uint32_t)wide;
    return true;
}

bool pyr_reader_svarint(struct pyr_reader *in, int64_t *value, struct pyr_err *err)
{
    uint64_t wide = 0;
    if (!pyr_reader_varint(in, &wide, err)) {
        return false;
    }
    *value = (int64_t)((wide >> 1) ^ (0 - (wide & 1)));
    return true;
}
