/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* chrome: the Trace Event Format, which Perfetto and chrome://tracing open.
 *
 * Written: complete ("X") events, the outer one before those within it. With a timeline they are
 * its calls: a track for each thread, task and greenlet (formats/tracks.h), less what the options
 * leave out. Without one there is no history to show: every thread's tree is laid out, the heaviest
 * first, and otherData says so. Times are in microseconds with three decimals; a metric that is no
 * time counts one microsecond per unit. */
#pragma once

#include "formats/format.h"

extern const struct pyr_format pyr_format_chrome;
