/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* JSON: a writer onto a buffer, and a reader that walks a document without building a tree.
 *
 * The writer puts commas by itself and escapes hostile text: invalid UTF-8 becomes U+FFFD (or, for
 * lone surrogates as CPython's surrogatepass writes them, their \uXXXX escape), control
 * characters and "</" are escaped. The reader bounds nesting at PYR_JSON_MAX_DEPTH. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/reader.h"

#define PYR_JSON_MAX_DEPTH 64

struct pyr_json_writer {
    struct pyr_buf *out; /* borrowed */
    uint64_t has_items;  /* a bit per open level: does it hold an item already? */
    uint32_t depth;
    bool after_key;
};

void pyr_json_object_begin(struct pyr_json_writer *json);
void pyr_json_object_end(struct pyr_json_writer *json);
void pyr_json_array_begin(struct pyr_json_writer *json);
void pyr_json_array_end(struct pyr_json_writer *json);
void pyr_json_key(struct pyr_json_writer *json, const char *key);
void pyr_json_text(struct pyr_json_writer *json, const char *text);
void pyr_json_int(struct pyr_json_writer *json, int64_t value);
void pyr_json_double(struct pyr_json_writer *json, double value); /* null when not finite */
void pyr_json_bool(struct pyr_json_writer *json, bool value);

enum pyr_json_kind {
    PYR_JSON_OBJECT,
    PYR_JSON_ARRAY,
    PYR_JSON_STRING,
    PYR_JSON_NUMBER,
    PYR_JSON_BOOL,
    PYR_JSON_NULL,
};

/* A pull reader. In an object: while (pyr_json_next_key(…)) read or skip a value; in an array:
 * while (pyr_json_next_item(…)) read or skip a value. `*more` is false at the closing bracket. */
struct pyr_json_reader {
    struct pyr_reader in;
    struct pyr_buf text; /* the last string or key, unescaped to UTF-8; owned, see release */
    uint32_t depth;
    bool fresh[PYR_JSON_MAX_DEPTH + 1]; /* no item read yet at this level */
};

void pyr_json_reader_init(struct pyr_json_reader *json, const void *data, size_t size);
void pyr_json_reader_release(struct pyr_json_reader *json);
PYR_MUST_USE bool pyr_json_peek(struct pyr_json_reader *json, enum pyr_json_kind *kind,
                                struct pyr_err *err);
PYR_MUST_USE bool pyr_json_enter_object(struct pyr_json_reader *json, struct pyr_err *err);
PYR_MUST_USE bool pyr_json_enter_array(struct pyr_json_reader *json, struct pyr_err *err);
/* The key is in json->text until the next call. */
PYR_MUST_USE bool pyr_json_next_key(struct pyr_json_reader *json, bool *more, struct pyr_err *err);
PYR_MUST_USE bool pyr_json_next_item(struct pyr_json_reader *json, bool *more, struct pyr_err *err);
/* Into json->text. */
PYR_MUST_USE bool pyr_json_read_string(struct pyr_json_reader *json, struct pyr_err *err);
PYR_MUST_USE bool pyr_json_read_double(struct pyr_json_reader *json, double *value,
                                       struct pyr_err *err);
PYR_MUST_USE bool pyr_json_read_bool(struct pyr_json_reader *json, bool *value,
                                     struct pyr_err *err);
PYR_MUST_USE bool pyr_json_skip(struct pyr_json_reader *json, struct pyr_err *err);
/* Fails unless only white space is left. */
PYR_MUST_USE bool pyr_json_end(struct pyr_json_reader *json, struct pyr_err *err);
