/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* SVG: a flame graph in one file, which any browser opens: click to zoom, search, keyboard. It
 * fetches nothing, and without scripts it is still a picture.
 *
 * Boxes too narrow to be seen even when zoomed are left out, at most PYR_SVG_MAX_BOXES are kept,
 * the widest; the file says how many are missing. */
#pragma once

#include "formats/format.h"

#define PYR_SVG_MAX_BOXES 20000 /* browsers are slow with more */

extern const struct pyr_format pyr_format_svg;

/* What makes the picture interactive: a script, and the colours of light and dark pages. */
extern const char pyr_svg_script[];
extern const char pyr_svg_style[];
