/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Header: what was measured, how long, how much was seen, what measuring cost, and what is
 * missing. Stands above every report. */
#pragma once

#include "base/buf.h"
#include "reports/view.h"

void pyr_header_add(const struct pyr_view *view, struct pyr_buf *out);
/* A heading of a part of a report, with an empty line before it. */
void pyr_header_add_title(const struct pyr_view *view, const char *title, struct pyr_buf *out);
/* The same with a dim word on it behind. Both texts are safe for a terminal. */
void pyr_header_add_section(const struct pyr_view *view, const char *title, const char *detail,
                            struct pyr_buf *out);
/* A dim remark on a line of its own. */
void pyr_header_add_note(const struct pyr_view *view, struct pyr_buf *out, const char *fmt, ...)
    PYR_PRINTF(3, 4);
