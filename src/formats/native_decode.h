/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Decoding: from a section's unpacked payload to the profile's tables.
 *
 * Every id is checked against the tables as they are, and every new row must get the very id that
 * the file means, so that what was read keeps all the promises of the model. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "formats/native_layout.h"
#include "model/profile.h"

/* Is there a table for sections of this type? */
bool pyr_native_knows(uint32_t type);
/* Adds the rows. Takes their memory from `budget`, which the file of `file_bytes` may use. */
struct pyr_native_decoder {
    struct pyr_profile *profile; /* borrowed */
    struct pyr_native_budget budget;
    uint64_t file_bytes;
};
PYR_MUST_USE bool pyr_native_decode(struct pyr_native_decoder *decoder,
                                    const struct pyr_native_section *section,
                                    const uint8_t *payload, struct pyr_err *err);
