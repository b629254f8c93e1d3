/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* pstats: what cProfile writes and Python's pstats module reads.
 *
 * A marshalled dict {(file, line, name): (cc, nc, tt, ct, callers)} with callers = {(file, line,
 * name): (nc, cc, tt, ct)}; note the two orders. nc are all calls, cc the primitive ones, tt and
 * ct the self and inclusive time in seconds. Builtins have the file "~" and line 0.
 *
 * Written: calls are the metric "calls"; a sampled profile shows the samples that a function was
 * part of instead. Functions that pstats can't tell apart (same file, line and short name) become
 * one, with all figures derived anew. Threads are added up. Python 3.8 to 3.15 read it.
 * Read: whole stacks are not in the file, so they are estimated, see arc_tree.h. Self times and
 * calls of every function and caller are exact. */
#pragma once

#include "formats/format.h"

extern const struct pyr_format pyr_format_pstats;

/* The reading half, see struct pyr_format. */
PYR_MUST_USE bool pyr_pstats_read(const uint8_t *data, size_t size, struct pyr_profile **out,
                                  struct pyr_err *err);
bool pyr_pstats_sniff(const uint8_t *data, size_t size);
