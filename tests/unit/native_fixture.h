/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the native file share: profiles that use everything a profile has, and a
 * comparison that looks at all of it; and forged files, whose checksums are right and content is
 * not. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "formats/native_batch.h"
#include "model/profile.h"

/* Adds round number `round` of a program's life: names hostile and plain, functions of each kind,
 * deep and wide stacks, threads (some renamed), values (new, grown, negative, extreme), runs and
 * meta. False when out of memory. */
bool native_fixture_grow(struct pyr_profile *profile, uint32_t round, struct pyr_err *err);
/* `rounds` of it; never NULL. */
struct pyr_profile *native_fixture_new(uint32_t rounds);
/* The profile as one whole file; the caller releases it. */
struct pyr_buf native_fixture_file(const struct pyr_profile *profile);
/* Fails the test unless both hold the same, in the same order. */
void native_fixture_assert_equal(const struct pyr_profile *a, const struct pyr_profile *b);
/* The same, but what a reader adds to the meta of an unfinished file may be in `b` only. */
void native_fixture_assert_equal_but_meta(const struct pyr_profile *a, const struct pyr_profile *b);

/* A file being forged: one batch, section by section. Start zeroed with native_forge_start(). */
struct native_forge {
    struct pyr_buf file; /* owned, like the batch; see native_forge_read() */
    struct pyr_native_batch batch;
};
void native_forge_start(struct native_forge *forge);
/* A section whose columns are all signed varints; `cells` are `rows` x `columns`, row by row. */
void native_forge_rows(struct native_forge *forge, struct pyr_native_section section,
                       uint32_t columns, const int64_t *cells);
/* A section of strings, NUL-terminated, after `have` that are there. */
void native_forge_strings(struct native_forge *forge, uint32_t have, const char *const *texts,
                          uint32_t count);
/* Strings "a" "b" "c", one function, frame, stack, metric and thread, each with id 1. */
void native_forge_tables(struct native_forge *forge);
/* Closes the file, reads it, and releases the forge. */
bool native_forge_read(struct native_forge *forge, struct pyr_profile **out, struct pyr_err *err);
/* The same, for a file that must be refused with `code` and a message in which `word` stands. */
void native_forge_refused(struct native_forge *forge, enum pyr_err_code code, const char *word);
