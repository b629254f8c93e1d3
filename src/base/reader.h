/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Reader: takes numbers and bytes from a block of memory that is not to be trusted.
 *
 * Every function checks the bounds first; on failure the position does not move and `err` says
 * what was missing. Borrows the memory. Start: `struct pyr_reader in = {data, size, 0}`. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pyr_reader {
    const uint8_t *data; /* borrowed */
    size_t size;
    size_t pos; /* of the next byte, for messages too */
};

size_t pyr_reader_left(const struct pyr_reader *in);
PYR_MUST_USE bool pyr_reader_u8(struct pyr_reader *in, uint8_t *value, struct pyr_err *err);
PYR_MUST_USE bool pyr_reader_u16(struct pyr_reader *in, uint16_t *value, struct pyr_err *err);
PYR_MUST_USE bool pyr_reader_u32(struct pyr_reader *in, uint32_t *value, struct pyr_err *err);
PYR_MUST_USE bool pyr_reader_u64(struct pyr_reader *in, uint64_t *value, struct pyr_err *err);
PYR_MUST_USE bool pyr_reader_varint(struct pyr_reader *in, uint64_t *value, struct pyr_err *err);
/* A varint that must fit 32 bits. */
PYR_MUST_USE bool pyr_reader_varint32(struct pyr_reader *in, uint32_t *value, struct pyr_err *err);
PYR_MUST_USE bool pyr_reader_svarint(struct pyr_reader *in, int64_t *value, struct pyr_err *err);
/* `*bytes` is borrowed from the reader's memory. */
PYR_MUST_USE bool pyr_reader_bytes(struct pyr_reader *in, size_t len, const uint8_t **bytes,
                                   struct pyr_err *err);
