/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Buffer: bytes that grow at the end; what every writer and renderer writes into.
 *
 * A failed append is remembered and later ones do nothing, so that a writer checks once, at the
 * end, with pyr_buf_check(). Start zeroed: `struct pyr_buf out = {0}`. Threads: one owner. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pyr_buf {
    char *data; /* owned; NUL-terminated whenever not NULL */
    size_t len;
    size_t cap;
    bool failed; /* an append ran out of memory: the content is not whole */
};

void pyr_buf_release(struct pyr_buf *buf);
void pyr_buf_clear(struct pyr_buf *buf); /* keeps the room */
/* False, with `err` set, when any append failed. */
PYR_MUST_USE bool pyr_buf_check(const struct pyr_buf *buf, struct pyr_err *err);

void pyr_buf_add(struct pyr_buf *buf, const void *data, size_t len);
void pyr_buf_add_text(struct pyr_buf *buf, const char *text);
void pyr_buf_add_char(struct pyr_buf *buf, char c);
void pyr_buf_add_repeated(struct pyr_buf *buf, char c, size_t count);
void pyr_buf_addf(struct pyr_buf *buf, const char *fmt, ...) PYR_PRINTF(2, 3);
/* Little-endian, whatever the machine. */
void pyr_buf_add_u8(struct pyr_buf *buf, uint8_t value);
void pyr_buf_add_u16(struct pyr_buf *buf, uint16_t value);
void pyr_buf_add_u32(struct pyr_buf *buf, uint32_t value);
void pyr_buf_add_u64(struct pyr_buf *buf, uint64_t value);
/* LEB128; the signed one zigzagged first. */
void pyr_buf_add_varint(struct pyr_buf *buf, uint64_t value);
void pyr_buf_add_svarint(struct pyr_buf *buf, int64_t value);
