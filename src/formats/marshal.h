/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Marshal: the part of Python's marshal format that pstats files are made of.
 *
 * Dicts, tuples, strings, ints, floats, booleans, and references to any of these but dicts: each
 * dict is thus met once, and walking a document takes time in proportion to its size. Everything
 * else is refused. Written by Python 2 and 3 alike; byte strings, which are Python 2's text, are
 * read as text. Nothing is ever executed or made into objects. Threads: one owner. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PYR_MARSHAL_MAX_DEPTH 8

enum pyr_marshal_kind {
    PYR_MARSHAL_INT,
    PYR_MARSHAL_FLOAT,
    PYR_MARSHAL_TEXT,
    PYR_MARSHAL_TUPLE,
    PYR_MARSHAL_DICT, /* its items are key, value, key, value, ... */
};

struct pyr_marshal_value {
    enum pyr_marshal_kind kind;
    bool holds_dict; /* it or something in it is one */
    uint32_t origin; /* the value this one refers to; itself when it is no reference */
    uint32_t count;  /* of items */
    uint32_t first;  /* item; an index into values */
    uint32_t next;   /* item of the same tuple or dict; 0 after the last */
    size_t len;      /* of the text */
    union {
        int64_t integer;
        double real;
        const char *text; /* borrowed from the data, not NUL-terminated */
    } as;
};

struct pyr_marshal {
    struct pyr_marshal_value *values; /* owned; the document itself is values[1] */
    uint32_t count;
    uint32_t cap;
};

/* Start zeroed. On failure `err` names the byte, and the document is to be released all the same.
 * The data must outlive the document. */
PYR_MUST_USE bool pyr_marshal_parse(struct pyr_marshal *doc, const uint8_t *data, size_t size,
                                    struct pyr_err *err);
void pyr_marshal_release(struct pyr_marshal *doc);
