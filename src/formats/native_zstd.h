/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* zstd for sections, with its memory taken through base/mem. Threads: one owner each. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct pyr_native_packer;
struct pyr_native_unpacker;

struct pyr_native_packer *pyr_native_packer_new(void);         /* NULL when out of memory */
void pyr_native_packer_free(struct pyr_native_packer *packer); /* NULL is allowed */
/* Gives the compressed form, borrowed until the next call, or NULL in `*packed` when it would not
 * be smaller. */
PYR_MUST_USE bool pyr_native_pack(struct pyr_native_packer *packer, const void *data, size_t len,
                                  const void **packed, size_t *packed_len, struct pyr_err *err);

struct pyr_native_unpacker *pyr_native_unpacker_new(void);           /* NULL when out of memory */
void pyr_native_unpacker_free(struct pyr_native_unpacker *unpacker); /* NULL is allowed */
/* Accepts exactly one frame, which says itself that it unpacks to `size` bytes, and checks that
 * before it takes memory. `*unpacked` is borrowed until the next call. */
PYR_MUST_USE bool pyr_native_unpack(struct pyr_native_unpacker *unpacker, const uint8_t *data,
                                    size_t len, size_t size, const uint8_t **unpacked,
                                    struct pyr_err *err);
