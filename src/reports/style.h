/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Styles: what a piece of a report means, and the only place where that becomes a colour. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum pyr_style {
    PYR_STYLE_PLAIN,
    PYR_STYLE_STRONG, /* names of what the report is about */
    PYR_STYLE_DIM,    /* labels, places, lines */
    PYR_STYLE_HEAD,   /* headings */
    PYR_STYLE_WARN,
    PYR_STYLE_GOOD, /* faster than before */
    PYR_STYLE_BAD,  /* slower than before */
    PYR_STYLE_HOT,  /* heat: a large share, … */
    PYR_STYLE_WARM,
    PYR_STYLE_MILD,
    PYR_STYLE_COLD, /* … next to nothing */
};

/* How hot `part` of `whole` is. */
enum pyr_style pyr_style_heat(int64_t part, int64_t whole);

/* Nothing when `color` is false or the style is plain. Each begin needs its end. */
void pyr_style_begin(struct pyr_buf *out, enum pyr_style style, bool color);
void pyr_style_end(struct pyr_buf *out, enum pyr_style style, bool color);
/* The text, between begin and end. */
void pyr_style_add(struct pyr_buf *out, enum pyr_style style, bool color, const char *text);
