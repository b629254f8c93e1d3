/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_batch.h"

#include "base/hash.h"

void pyr_native_batch_release(struct pyr_native_batch *batch)
{
    pyr_buf_release(&batch->payload);
}

void pyr_native_batch_begin(struct pyr_native_batch *batch, uint32_t columns)
{
    pyr_buf_clear(&batch->payload);
    batch->columns = columns;
    batch->column = 0;
    pyr_buf_add_u8(&batch->payload, (uint8_t)columns);
    for (uint32_t i = 0; i < columns; i++) {
        pyr_buf_add_u32(&batch->payload, 0); /* its size, known when the column ends */
    }
    batch->column_start = batch->payload.len;
}

void pyr_native_batch_column(struct pyr_native_batch *batch)
{
    struct pyr_buf *payload = &batch->payload;
    if (payload->failed) {
        return;
    }
    const size_t size = payload->len - batch->column_start;
    char *place = payload->data + 1 + (size_t)4 * batch->column;
    for (uint32_t i = 0; i < 4; i++) {
        place[i] = (char)(size >> (8 * i) & 0xFF);
    }
    batch->column++;
    batch->column_start = payload->len;
}

/* Puts the header and the bytes, and chains the header into the batch's checksum. */
static bool put_section(struct pyr_native_batch *batch, struct pyr_native_section section,
                        const void *stored, struct pyr_err *err)
{
    struct pyr_buf *out = batch->out;
    const size_t start = out->len;
    section.payload_crc = pyr_crc32c(0, stored, section.stored_bytes);
    pyr_native_section_put(out, &section);
    pyr_buf_add(out, stored, section.stored_bytes);
    if (!pyr_buf_check(out, err)) {
        return false;
    }
    batch->headers_crc =
        pyr_crc32c(batch->headers_crc, out->data + start, PYR_NATIVE_SECTION_HEADER_BYTES);
    batch->sections++;
    return true;
}

bool pyr_native_batch_section(struct pyr_native_batch *batch,
                              const struct pyr_native_section *section, uint32_t added,
                              struct pyr_err *err)
{
    const struct pyr_buf *payload = &batch->payload;
    if (!pyr_buf_check(payload, err)) {
        return false;
    }
    if (payload->len > PYR_NATIVE_MAX_SECTION_BYTES) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "a text of %zu bytes is too long for the file",
                           payload->len);
    }
    struct pyr_native_section whole = *section;
    whole.size_bytes = (uint32_t)payload->len;
    whole.stored_bytes = whole.size_bytes;
    const void *stored = payload->data;
    if (batch->packer != NULL) {
        const void *packed = NULL;
        size_t packed_len = 0;
        if (!pyr_native_pack(batch->packer, payload->data, payload->len, &packed, &packed_len,
                             err)) {
            return false;
        }
        if (packed != NULL) {
            stored = packed;
            whole.stored_bytes = (uint32_t)packed_len;
            whole.flags |= PYR_NATIVE_ZSTD;
        }
    }
    batch->budget.unpacked_bytes += whole.size_bytes;
    batch->budget.memory_bytes += added * pyr_native_row_cost(whole.type, batch->columns);
    if (whole.type == PYR_NATIVE_STRINGS) {
        batch->budget.memory_bytes += whole.size_bytes;
    }
    return put_section(batch, whole, stored, err);
}

bool pyr_native_batch_commit(struct pyr_native_batch *batch, uint32_t number, bool end,
                             struct pyr_err *err)
{
    struct pyr_buf *payload = &batch->payload;
    pyr_buf_clear(payload);
    pyr_buf_add_u64(payload, batch->file_offset);
    pyr_buf_add_u32(payload, batch->headers_crc);
    if (!pyr_buf_check(payload, err)) {
        return false;
    }
    const struct pyr_native_section section = {
        .type = end ? PYR_NATIVE_END : PYR_NATIVE_COMMIT,
        .first = number,
        .rows = batch->sections,
        .stored_bytes = PYR_NATIVE_COMMIT_BYTES,
        .size_bytes = PYR_NATIVE_COMMIT_BYTES,
    };
    return put_section(batch, section, payload->data, err);
}
