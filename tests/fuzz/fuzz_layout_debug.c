/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Feeds the reader of an interpreter's own table of offsets: what it lets through must be small
 * enough for those who read whole structures. */
#include <stdlib.h>

#include "remote/layout_debug.h"

#define LARGEST 4200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pyr_layout layout;
    struct pyr_err err = {0};
    if (pyr_layout_debug_decode(data, size, &layout, &err) &&
        (layout.thread_size > LARGEST || layout.frame_size > LARGEST ||
         layout.code_size > LARGEST || layout.generator_size > LARGEST)) {
        abort();
    }
    return 0;
}
