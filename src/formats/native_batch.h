/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Batch: the sections of one flush, put one after the other onto a buffer.
 *
 * A section's payload is columns: their count, their sizes, then each column's bytes. Call
 * pyr_native_batch_begin(), fill payload column by column, each closed by
 * pyr_native_batch_column(), then pyr_native_batch_section(); at last pyr_native_batch_commit().
 * Running out of memory while filling is remembered and reported by the section's end. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "formats/native_layout.h"
#include "formats/native_zstd.h"

struct pyr_native_batch {
    struct pyr_buf *out;              /* borrowed */
    size_t out_start;                 /* where in `out` the batch begins */
    uint64_t file_offset;             /* where in the file it begins */
    struct pyr_native_packer *packer; /* borrowed; NULL: everything is stored as it is */
    struct pyr_buf payload;           /* owned, of the section being filled */
    uint32_t columns;                 /* of that section */
    uint32_t column;                  /* being filled */
    size_t column_start;
    uint32_t headers_crc; /* over the headers so far */
    uint32_t sections;
    struct pyr_native_budget budget;
};

/* A section ends at so many rows, so that a reader needs little room for it. */
#define PYR_NATIVE_FULL_ROWS 65536u

void pyr_native_batch_release(struct pyr_native_batch *batch);
void pyr_native_batch_begin(struct pyr_native_batch *batch, uint32_t columns);
/* Ends the column that was being filled. */
void pyr_native_batch_column(struct pyr_native_batch *batch);
/* Adds how far `now` is from `*last`, and makes it the last. */
static inline void pyr_native_put_step(struct pyr_buf *out, uint32_t *last, uint32_t now)
{
    pyr_buf_add_svarint(out, (int64_t)now - (int64_t)*last);
    *last = now;
}
/* Appends the payload as a section; `first` is the id that the next new row of its table has, and
 * `added` says how many of the `rows` are new. */
PYR_MUST_USE bool pyr_native_batch_section(struct pyr_native_batch *batch,
                                           const struct pyr_native_section *section, uint32_t added,
                                           struct pyr_err *err);
/* Closes batch number `number`; `end`: the file's last. */
PYR_MUST_USE bool pyr_native_batch_commit(struct pyr_native_batch *batch, uint32_t number, bool end,
                                          struct pyr_err *err);
