/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Printable: text from a profile, made fit for a terminal: hostile bytes neutralised, columns
 * counted, and what is too long cut where one can see it.
 *
 * A name in a file may hold anything, escape sequences included. What pyr_printable_add() writes
 * is valid UTF-8 of printable characters; the other functions expect such text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum pyr_cut {
    PYR_CUT_END,    /* "Basket.add_ev…" */
    PYR_CUT_START,  /* "…/shop/basket.py:12": the end of a path says most */
    PYR_CUT_MIDDLE, /* "Basket.ad…of_offers" */
};

/* Copies `len` bytes. Control characters, invalid UTF-8 and characters that turn the writing
 * direction become visible escapes: \n, \x1b, \u202e. */
void pyr_printable_add(struct pyr_buf *out, const char *text, size_t len);
/* How many columns of a terminal the text takes. */
size_t pyr_printable_columns(const char *text, size_t len);
/* Copies the text, cut to at most `columns` with a mark ("…", or "..." in ASCII) at the cut. */
void pyr_printable_add_cut(struct pyr_buf *out, const char *text, size_t len, size_t columns,
                           enum pyr_cut cut, bool ascii);
