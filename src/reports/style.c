/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/style.h"

/* The sixteen colours every terminal has, so that the user's own theme is respected. */
static const char *const codes[] = {
    [PYR_STYLE_PLAIN] = "",    [PYR_STYLE_STRONG] = "1", [PYR_STYLE_DIM] = "2",
    [PYR_STYLE_HEAD] = "1;36", [PYR_STYLE_WARN] = "33",  [PYR_STYLE_GOOD] = "32",
    [PYR_STYLE_BAD] = "31",    [PYR_STYLE_HOT] = "1;31", [PYR_STYLE_WARM] = "33",
    [PYR_STYLE_MILD] = "32",   [PYR_STYLE_COLD] = "2",
};

enum pyr_style pyr_style_heat(int64_t part, int64_t whole)
{
    const double share = whole == 0 ? 0 : (double)part / (double)whole;
    if (share >= 0.30) {
        return PYR_STYLE_HOT;
    }
    if (share >= 0.10) {
        return PYR_STYLE_WARM;
    }
    return share >= 0.02 ? PYR_STYLE_MILD : PYR_STYLE_COLD;
}

void pyr_style_begin(struct pyr_buf *out, enum pyr_style style, bool color)
{
    if (color && style != PYR_STYLE_PLAIN) {
        pyr_buf_addf(out, "\x1b[%sm", codes[style]);
    }
}

void pyr_style_end(struct pyr_buf *out, enum pyr_style style, bool color)
{
    if (color && style != PYR_STYLE_PLAIN) {
        pyr_buf_add_text(out, "\x1b[0m");
    }
}

void pyr_style_add(struct pyr_buf *out, enum pyr_style style, bool color, const char *text)
{
    pyr_style_begin(out, style, color);
    pyr_buf_add_text(out, text);
    pyr_style_end(out, style, color);
}
