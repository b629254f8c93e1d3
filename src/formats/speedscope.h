/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* speedscope: the JSON of speedscope's own file format, schema version of its "$schema".
 *
 * Written: one "sampled" profile per thread over shared frames (a function, with its file and
 * first line); weights are the main metric. With a timeline the samples are its runs, in order of
 * time; otherwise every stack is one sample, depth first and the heaviest first, so that the view
 * ordered by time shows the tree. Values that are not above 0 are left out.
 * Read: "sampled" and "evented" profiles; each becomes a thread. Times become the metric "wall". */
#pragma once

#include "formats/format.h"

extern const struct pyr_format pyr_format_speedscope;

/* The reading half, see struct pyr_format. */
PYR_MUST_USE bool pyr_speedscope_read(const uint8_t *data, size_t size, struct pyr_profile **out,
                                      struct pyr_err *err);
bool pyr_speedscope_sniff(const uint8_t *data, size_t size);
