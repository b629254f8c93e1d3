/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* gzip: packs without compressing, and unpacks anything that is packed.
 *
 * Only pprof's files need it. Programs that read them expect gzip, so it can't be left out; a zlib
 * of our own only for that is not worth its size inside other people's programs, and stored
 * blocks are valid deflate that any of them reads. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Appends one gzip member. Deterministic: no time, no name. */
void pyr_gzip_add(struct pyr_buf *out, const void *data, size_t len);
bool pyr_gzip_sniff(const uint8_t *data, size_t size);
/* Unpacks all members into `out`, which has at most `max_size` bytes afterwards (PYR_ERR_LIMIT). */
PYR_MUST_USE bool pyr_gzip_unpack(const uint8_t *data, size_t size, size_t max_size,
                                  struct pyr_buf *out, struct pyr_err *err);
