/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Formats: the table of file formats a profile can be written to or read from.
 *
 * Each format is one `const struct pyr_format` in a file of its own, listed once in format.c.
 * Help, completions and the documents' reference are made from this table. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/profile.h"

/* What writers may be asked for beyond the format itself; each format takes what it can. Zeroed:
 * everything, as it is. */
struct pyr_format_options {
    uint64_t min_duration_ns; /* slices of a timeline that are shorter are left out; 0: none */
    uint32_t max_depth;       /* and those with so many around them or more; 0: none */
};

struct pyr_format {
    const char *name;      /* as --format takes it */
    const char *synonym;   /* what py-spy's users call it; NULL: the same, or nothing */
    const char *extension; /* with the dot; ".speedscope.json" */
    const char *alias;     /* another extension that means it; NULL: there is none */
    const char *summary;   /* what opens it, half a line */
    /* Whole document appended to `out`; NULL when the format can't be written. `options` NULL means
     * a zeroed one. */
    bool (*write)(const struct pyr_profile *profile, const struct pyr_format_options *options,
                  struct pyr_buf *out, struct pyr_err *err);
    /* NULL when the format can't be read. On failure `*out` is NULL and the message names the
     * byte. The data is hostile. */
    bool (*read)(const uint8_t *data, size_t size, struct pyr_profile **out, struct pyr_err *err);
    /* Do these first bytes look like this format? NULL when `read` is. */
    bool (*sniff)(const uint8_t *data, size_t size);
};

/* NULL-terminated, in the order in which help shows them. */
extern const struct pyr_format *const pyr_formats[];

/* NULL, with `err` naming the formats there are, when the name is not one of them. */
const struct pyr_format *pyr_format_find(const char *name, struct pyr_err *err);
/* By the longest extension that `path` ends with; NULL when none does. */
const struct pyr_format *pyr_format_by_path(const char *path);
/* What to write into `path`: the format of that name if there is one; else by its extension, pyro
 * when it has none. NULL, with `err` naming the extensions there are, when it has one that means no
 * format: nobody who asks for x.csv wants something else. */
const struct pyr_format *pyr_format_to_write(const char *path, const char *name,
                                             struct pyr_err *err);
/* Does the last part of `path` end with something like ".csv"? */
bool pyr_format_has_extension(const char *path);

#define PYR_FORMAT_MAX_FILE_BYTES ((size_t)4 << 30)

/* Reads `path` in the named format, or in the one its content shows when `name` is NULL. On
 * failure `*out` is NULL and the message names the path. */
PYR_MUST_USE bool pyr_format_load(const char *path, const char *name, struct pyr_profile **out,
                                  struct pyr_err *err);
/* Writes through pyr_file_replace() what pyr_format_to_write() says; `options` as in `write`. */
PYR_MUST_USE bool pyr_format_save(const struct pyr_profile *profile, const char *path,
                                  const char *name, const struct pyr_format_options *options,
                                  struct pyr_err *err);
