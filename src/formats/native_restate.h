/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Encoding of the tables whose rows may be stated again: threads (a name learnt
 * late, times that go on), values
 * (they grow while the program runs) and meta. Each puts nothing when nothing changed. */
#pragma once

#include "base/err.h"
#include "formats/native_batch.h"
#include "formats/native_encode.h"
#include "model/profile.h"

PYR_MUST_USE bool pyr_native_encode_threads(struct pyr_native_batch *batch,
                                            const struct pyr_profile *profile,
                                            const struct pyr_native_mark *from,
                                            struct pyr_err *err);
PYR_MUST_USE bool pyr_native_encode_values(struct pyr_native_batch *batch,
                                           const struct pyr_profile *profile,
                                           const struct pyr_native_mark *from, struct pyr_err *err);
PYR_MUST_USE bool pyr_native_encode_meta(struct pyr_native_batch *batch,
                                         const struct pyr_profile *profile,
                                         const struct pyr_native_mark *from, struct pyr_err *err);
