/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* pprof: the gzipped protocol buffer of Google's pprof, which go tool pprof, Grafana, Parca and
 * Polar Signals read; message perftools.profiles.Profile.
 *
 * Written: every metric is a sample type, the main one the default; a sample per row, with the
 * thread's name, tid and pid as labels; a location per frame; functions with their file and first
 * line. Nothing but the timeline is lost.
 * Read: the same, from any program; inlined lines become frames. */
#pragma once

#include "formats/format.h"

extern const struct pyr_format pyr_format_pprof;

/* The reading half, see struct pyr_format. */
PYR_MUST_USE bool pyr_pprof_read(const uint8_t *data, size_t size, struct pyr_profile **out,
                                 struct pyr_err *err);
bool pyr_pprof_sniff(const uint8_t *data, size_t size);
