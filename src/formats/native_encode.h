/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Encoding: from what a profile holds beyond a mark to the sections of a batch. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "formats/native_batch.h"
#include "model/profile.h"

/* How far a file holds a profile. Zeroed: nothing yet. */
struct pyr_native_mark {
    uint32_t strings;
    uint32_t functions;
    uint32_t frames;
    uint32_t stacks;
    uint32_t metrics;
    uint32_t threads;
    uint32_t rows;
    uint32_t runs;
    uint32_t meta;
    uint32_t batches;
    uint64_t epochs; /* rows last changed in an epoch below this one are there */
    uint64_t threads_stamp;
    uint64_t meta_stamp;
};

/* The mark that a batch made now will reach; `epochs` stays. */
struct pyr_native_mark pyr_native_mark_now(const struct pyr_profile *profile,
                                           const struct pyr_native_mark *before);
/* Puts the sections, but no commit; none when `profile` holds nothing beyond `from`. */
PYR_MUST_USE bool pyr_native_encode(struct pyr_native_batch *batch,
                                    const struct pyr_profile *profile,
                                    const struct pyr_native_mark *from, struct pyr_err *err);
