/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_write.h"

#include "base/hash.h"
#include "formats/format.h"
#include "formats/native_batch.h"
#include "formats/native_zstd.h"

void pyr_native_put_file_header(struct pyr_buf *out)
{
    const size_t start = out->len;
    pyr_buf_add(out, PYR_NATIVE_MAGIC, PYR_NATIVE_MAGIC_BYTES);
    pyr_buf_add_u16(out, PYR_NATIVE_MAJOR);
    pyr_buf_add_u16(out, PYR_NATIVE_MINOR);
    if (!out->failed) {
        pyr_buf_add_u32(out, pyr_crc32c(0, out->data + start, out->len - start));
    }
}

/* Would a reader take the file with this batch at its end? */
static bool check_limits(const struct pyr_native_batch *batch, uint64_t file_bytes,
                         struct pyr_err *err)
{
    if (file_bytes > PYR_FORMAT_MAX_FILE_BYTES) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "the file would grow beyond %zu MiB",
                           PYR_FORMAT_MAX_FILE_BYTES >> 20);
    }
    return pyr_native_budget_check(&batch->budget, file_bytes, err);
}

static bool put_batch(struct pyr_native_batch *batch, const struct pyr_profile *profile, bool end,
                      struct pyr_native_state *state, struct pyr_err *err)
{
    if (!pyr_native_encode(batch, profile, &state->mark, err)) {
        return false;
    }
    if (batch->sections == 0 && !end) {
        return true;
    }
    if (!pyr_native_batch_commit(batch, state->mark.batches + 1, end, err)) {
        return false;
    }
    const uint64_t file_bytes = state->file_bytes + (batch->out->len - batch->out_start);
    if (!check_limits(batch, file_bytes, err)) {
        return false;
    }
    state->mark = pyr_native_mark_now(profile, &state->mark);
    state->budget = batch->budget;
    state->file_bytes = file_bytes;
    return true;
}

bool pyr_native_put_batch(struct pyr_buf *out, const struct pyr_profile *profile, bool end,
                          struct pyr_native_state *state, struct pyr_err *err)
{
    struct pyr_native_packer *packer = pyr_native_packer_new();
    if (packer == NULL) {
        return pyr_err_nomem(err);
    }
    struct pyr_native_batch batch = {
        .out = out,
        .out_start = out->len,
        .file_offset = state->file_bytes,
        .packer = packer,
        .budget = state->budget,
    };
    struct pyr_err first = {0};
    bool ok = put_batch(&batch, profile, end, state, &first);
    if (!ok && first.code == PYR_ERR_LIMIT) {
        /* What is so regular that it shrinks beyond what a reader trusts is stored as it is. */
        out->len = batch.out_start;
        batch.packer = NULL;
        batch.budget = state->budget;
        batch.headers_crc = 0;
        batch.sections = 0;
        ok = put_batch(&batch, profile, end, state, err);
    } else if (!ok) {
        *err = first;
    }
    pyr_native_batch_release(&batch);
    pyr_native_packer_free(packer);
    return ok;
}

bool pyr_native_write(const struct pyr_profile *profile, const struct pyr_format_options *options,
                      struct pyr_buf *out, struct pyr_err *err)
{
    (void)options;
    struct pyr_native_state state = {.file_bytes = PYR_NATIVE_FILE_HEADER_BYTES};
    pyr_native_put_file_header(out);
    return pyr_native_put_batch(out, profile, true, &state, err) && pyr_buf_check(out, err);
}
