/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Collapsed stacks: one line per stack, "outermost;...;running COUNT", as flamegraph.pl, inferno
 * and speedscope read it.
 *
 * Written: a frame is "module.qualname"; the count is the self value of the main metric in its own
 * unit (nanoseconds for times), and stacks where it is not above 0 are left out. With more than
 * one thread, the thread's name is the outermost frame. There is no escape in this format: ';'
 * becomes ':' and control characters become spaces.
 * Read: a line without a count counts 1; "name (file:line)" is taken apart. */
#pragma once

#include "formats/format.h"

extern const struct pyr_format pyr_format_collapsed;
