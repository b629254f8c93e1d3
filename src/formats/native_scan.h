/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Scan: walks the batches of a native file and checks every checksum, without unpacking.
 *
 * What a killed program or a full disk leaves, a file cut short, ends the walk in order; a wrong
 * checksum is an error. The one exception: where power failed, a file may end in zeros that were
 * never written; damage that reaches into them counts as cut short. Nothing here allocates. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "formats/native_layout.h"

struct pyr_native_scan {
    const uint8_t *data; /* borrowed: the whole file */
    size_t size;
    size_t zeros; /* where the zeros begin that the file ends with */
    size_t pos;   /* behind the last whole batch */
    uint32_t batches;
    bool ended; /* the end mark was seen */
};

/* Where the sections of a batch are, its commit not among them. */
struct pyr_native_span {
    size_t start;
    size_t end;
};

/* Checks the file's header. */
PYR_MUST_USE bool pyr_native_scan_start(struct pyr_native_scan *scan, const uint8_t *data,
                                        size_t size, struct pyr_err *err);
/* Finds the next whole batch; `*more` is false when there is none. */
PYR_MUST_USE bool pyr_native_scan_next(struct pyr_native_scan *scan, struct pyr_native_span *span,
                                       bool *more, struct pyr_err *err);
/* The section at `pos` of a batch that was scanned; moves `*pos` behind it. */
const uint8_t *pyr_native_scan_section(const struct pyr_native_scan *scan, size_t *pos,
                                       struct pyr_native_section *section);
