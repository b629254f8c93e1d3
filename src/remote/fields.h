/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Fields: values out of bytes that were copied from a target. The offsets come from a layout, and
 * part of that from the target itself, so that they are checked like everything else of it: what
 * is not within the bytes reads as 0. */
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint64_t pyr_field_u64(const uint8_t *bytes, uint32_t size, uint32_t offset)
{
    uint64_t value = 0;
    if (size >= sizeof(value) && offset <= size - sizeof(value)) {
        memcpy(&value, bytes + offset, sizeof(value));
    }
    return value;
}

static inline uint32_t pyr_field_u32(const uint8_t *bytes, uint32_t size, uint32_t offset)
{
    uint32_t value = 0;
    if (size >= sizeof(value) && offset <= size - sizeof(value)) {
        memcpy(&value, bytes + offset, sizeof(value));
    }
    return value;
}

static inline uint8_t pyr_field_u8(const uint8_t *bytes, uint32_t size, uint32_t offset)
{
    return offset < size ? bytes[offset] : 0;
}
