/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native.h"

#include <string.h>

#include "formats/native_layout.h"
#include "formats/native_read.h"
#include "formats/native_write.h"

/* Not the whole magic: a file that was copied as text is one of ours too, and is told so. */
#define SNIFF_BYTES 4

static bool sniff(const uint8_t *data, size_t size)
{
    return size >= SNIFF_BYTES && memcmp(data, PYR_NATIVE_MAGIC, SNIFF_BYTES) == 0;
}

const struct pyr_format pyr_format_native = {
    .name = "pyro",
    .extension = ".pyro",
    .summary = "Pyrometer's own file, everything that was recorded",
    .write = pyr_native_write,
    .read = pyr_native_read,
    .sniff = sniff,
};
