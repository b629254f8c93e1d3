/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/bar.h"

void pyr_bar_add(int64_t part, int64_t whole, bool ascii, struct pyr_buf *out)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    double share = whole == 0 ? 0 : (double)part / (double)whole;
    share = share < 0 ? 0 : share;
    share = share > 1 ? 1 : share;
    if (ascii) {
        pyr_buf_add_repeated(out, '#', (size_t)(share * PYR_BAR_COLUMNS + 0.5));
        return;
    }
    const uint32_t parts = (uint32_t)(share * PYR_BAR_COLUMNS * 8 + 0.5);
    for (uint32_t i = 0; i < parts / 8; i++) {
        pyr_buf_add_text(out, "█");
    }
    pyr_buf_add_text(out, eighths[parts % 8]);
}
