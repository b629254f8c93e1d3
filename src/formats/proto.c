/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/proto.h"

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

static void add_tag(struct pyr_buf *out, uint32_t field, enum wire wire)
{
    pyr_buf_add_varint(out, (uint64_t)field << 3 | (uint32_t)wire);
}

void pyr_proto_add_int(struct pyr_buf *out, uint32_t field, int64_t value)
{
    if (value != 0) {
        add_tag(out, field, WIRE_VARINT);
        pyr_buf_add_varint(out, (uint64_t)value);
    }
}

void pyr_proto_add_bytes(struct pyr_buf *out, uint32_t field, const void *data, size_t len)
{
    add_tag(out, field, WIRE_BYTES);
    pyr_buf_add_varint(out, len);
    if (len > 0) {
        pyr_buf_add(out, data, len);
    }
}

void pyr_proto_move_message(struct pyr_buf *out, uint32_t field, struct pyr_buf *message)
{
    if (message->failed) {
        out->failed = true;
    }
    pyr_proto_add_bytes(out, field, message->data, message->len);
    pyr_buf_clear(message);
}

bool pyr_proto_next(struct pyr_reader *in, struct pyr_proto_field *field, bool *more,
                    struct pyr_err *err)
{
    uint64_t tag = 0, len = 0;
    uint32_t fixed = 0;
    const uint8_t *bytes = NULL;
    *field = (struct pyr_proto_field){0};
    *more = pyr_reader_left(in) > 0;
    if (!*more) {
        return true;
    }
    if (!pyr_reader_varint(in, &tag, err)) {
        return false;
    }
    if (tag >> 3 == 0 || tag >> 3 > UINT32_MAX) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "a field without a valid number");
    }
    field->number = (uint32_t)(tag >> 3);
    switch (tag & 7) {
    case WIRE_VARINT:
        return pyr_reader_varint(in, &field->integer, err);
    case WIRE_64:
        return pyr_reader_u64(in, &field->integer, err);
    case WIRE_32:
        if (!pyr_reader_u32(in, &fixed, err)) {
            return false;
        }
        field->integer = fixed;
        return true;
    case WIRE_BYTES:
        field->is_bytes = true;
        if (!pyr_reader_varint(in, &len, err)) {
            return false;
        }
        if (len > pyr_reader_left(in)) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "a field longer than what holds it");
        }
        if (!pyr_reader_bytes(in, (size_t)len, &bytes, err)) {
            return false;
        }
        field->bytes = (struct pyr_reader){bytes, (size_t)len, 0};
        return true;
    default:
        return pyr_err_set(err, PYR_ERR_FORMAT, "a field of unknown type %u", (unsigned)(tag & 7));
    }
}

bool pyr_proto_next_int(struct pyr_proto_field *field, uint64_t *value, bool *more,
                        struct pyr_err *err)
{
    if (field->is_bytes) {
        *more = pyr_reader_left(&field->bytes) > 0;
        return !*more || pyr_reader_varint(&field->bytes, value, err);
    }
    *more = field->number != 0;
    *value = field->integer;
    field->number = 0;
    return true;
}
