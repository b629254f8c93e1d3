/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Feeds the reader of speedscope files. */
#include "formats/speedscope.h"

#include "exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    exchange_try(&pyr_format_speedscope, data, size);
    return 0;
}
