/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* String table: stores each distinct string once and names it by a small id.
 *
 * A profile owns one table, and the text lives in the profile's arena: a pointer from
 * pyr_strtab_text() is valid until the profile is freed, however much the table grows.
 * Ids are dense, start at 1 and are what files store; id 0 is the empty string.
 * Text is UTF-8 in intent, any bytes in fact (NUL included): writers escape, readers never trust.
 * Threads: one writer; readers only after the writer has stopped. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

typedef struct {
    uint32_t i; /* in a struct so that passing, say, a frame id here does not compile */
} pyr_str;

struct pyr_strtab;

/* NULL when out of memory. Borrows `arena`, which must outlive the table. */
struct pyr_strtab *pyr_strtab_new(struct pyr_arena *arena);
void pyr_strtab_free(struct pyr_strtab *tab); /* NULL is allowed */

/* Copies `len` bytes of `text` (any bytes, no NUL needed) and sets `*id`. Equal bytes always
 * give the same id. On failure the table is as it was before the call. */
PYR_MUST_USE bool pyr_strtab_add(struct pyr_strtab *tab, const char *text, size_t len, pyr_str *id,
                                 struct pyr_err *err);
/* The same for NUL-terminated text. */
PYR_MUST_USE bool pyr_strtab_add_text(struct pyr_strtab *tab, const char *text, pyr_str *id,
                                      struct pyr_err *err);
/* Id 0 when the text is empty or not there. */
pyr_str pyr_strtab_find(const struct pyr_strtab *tab, const char *text, size_t len);

/* Borrowed and NUL-terminated. `id` must have come from this table. */
const char *pyr_strtab_text(const struct pyr_strtab *tab, pyr_str id);
size_t pyr_strtab_len(const struct pyr_strtab *tab, pyr_str id);
/* The largest id in use; ids run from 1 to it. */
uint32_t pyr_strtab_count(const struct pyr_strtab *tab);
