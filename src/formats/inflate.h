/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Inflate: unpacks the deflate format (RFC 1951). */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/reader.h"

/* Takes one deflate stream from `in`, which then stands at the byte after it, and appends what it
 * holds to `out`. Fails with PYR_ERR_LIMIT before `out` has more than `max_size` bytes. */
PYR_MUST_USE bool pyr_inflate(struct pyr_reader *in, size_t max_size, struct pyr_buf *out,
                              struct pyr_err *err);
