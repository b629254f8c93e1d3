/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_layout.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/hash.h"

#define CRC_OFFSET (PYR_NATIVE_SECTION_HEADER_BYTES - 4)

void pyr_native_section_put(struct pyr_buf *out, const struct pyr_native_section *section)
{
    const size_t start = out->len;
    pyr_buf_add_u32(out, section->type);
    pyr_buf_add_u32(out, section->flags);
    pyr_buf_add_u32(out, section->first);
    pyr_buf_add_u32(out, section->rows);
    pyr_buf_add_u32(out, section->stored_bytes);
    pyr_buf_add_u32(out, section->size_bytes);
    pyr_buf_add_u32(out, section->payload_crc);
    if (!out->failed) {
        pyr_buf_add_u32(out, pyr_crc32c(0, out->data + start, CRC_OFFSET));
    }
}

static uint32_t get_u32(const uint8_t *bytes)
{
    return PYR_NATIVE_LETTERS(bytes[0], bytes[1], bytes[2], bytes[3]);
}

bool pyr_native_section_get(const uint8_t *bytes, struct pyr_native_section *section)
{
    *section = (struct pyr_native_section){
        .type = get_u32(bytes),
        .flags = get_u32(bytes + 4),
        .first = get_u32(bytes + 8),
        .rows = get_u32(bytes + 12),
        .stored_bytes = get_u32(bytes + 16),
        .size_bytes = get_u32(bytes + 20),
        .payload_crc = get_u32(bytes + 24),
    };
    return pyr_crc32c(0, bytes, CRC_OFFSET) == get_u32(bytes + CRC_OFFSET);
}

const char *pyr_native_type_name(uint32_t type, char text[5])
{
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t c = type >> (8 * i) & 0xFF;
        const bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        text[i] = is_letter ? (char)c : '?';
    }
    text[4] = '\0';
    return text;
}

uint64_t pyr_native_row_cost(uint32_t type, uint32_t columns)
{
    /* The row itself, its slot in a hash table, and the room that growing tables keep free. */
    switch (type) {
    case PYR_NATIVE_STRINGS:
        return 80;
    case PYR_NATIVE_FUNCTIONS:
        return 96;
    case PYR_NATIVE_FRAMES:
    case PYR_NATIVE_STACKS:
    case PYR_NATIVE_RUNS:
        return 64;
    case PYR_NATIVE_THREADS:
        return 160;
    case PYR_NATIVE_VALUES:
        return 64 + (uint64_t)16 * columns;
    default:
        return 128;
    }
}

uint64_t pyr_native_allowance(uint64_t file_bytes)
{
    if (file_bytes > (UINT64_MAX - PYR_NATIVE_FREE_BYTES) / PYR_NATIVE_MAX_RATIO) {
        return UINT64_MAX;
    }
    return PYR_NATIVE_FREE_BYTES + file_bytes * PYR_NATIVE_MAX_RATIO;
}

bool pyr_native_budget_check(const struct pyr_native_budget *budget, uint64_t file_bytes,
                             struct pyr_err *err)
{
    if (budget->memory_bytes > PYR_NATIVE_MAX_MEMORY_BYTES) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "the profile needs more than %" PRIu64 " MiB",
                           PYR_NATIVE_MAX_MEMORY_BYTES >> 20);
    }
    const uint64_t allowance = pyr_native_allowance(file_bytes);
    if (budget->unpacked_bytes > allowance || budget->memory_bytes > allowance) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "the file unpacks to more than %d times its size",
                           PYR_NATIVE_MAX_RATIO);
    }
    return true;
}
