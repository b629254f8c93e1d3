/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets of the exchange formats share. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "formats/format.h"

/* Reads the bytes in `format`. What is read must write in every format there is, and what was
 * written in one that can be read must read back. Aborts, for the fuzzer to see, when not. */
void exchange_try(const struct pyr_format *format, const uint8_t *data, size_t size);
