/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Writing: whole batches of the native file onto a buffer. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "formats/format.h"
#include "formats/native_encode.h"
#include "formats/native_layout.h"
#include "model/profile.h"

/* What a file holds so far; the start of its next batch. */
struct pyr_native_state {
    struct pyr_native_mark mark;
    struct pyr_native_budget budget;
    uint64_t file_bytes;
};

/* Appends the file's first 16 bytes. */
void pyr_native_put_file_header(struct pyr_buf *out);

/* Appends one batch: what `profile` holds beyond `*state`, closed by a commit or, with `end`, by
 * the end mark; appends nothing when there is nothing new and no end asked for. `*state` becomes
 * what the file then holds. On failure it is as it was, and what stands in `out` is not whole. */
PYR_MUST_USE bool pyr_native_put_batch(struct pyr_buf *out, const struct pyr_profile *profile,
                                       bool end, struct pyr_native_state *state,
                                       struct pyr_err *err);
/* pyr_format_native's. */
PYR_MUST_USE bool pyr_native_write(const struct pyr_profile *profile,
                                   const struct pyr_format_options *options, struct pyr_buf *out,
                                   struct pyr_err *err);
