/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Protocol buffers: the wire format, as far as pprof's messages need it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/reader.h"

/* A field of the value 0 is left out, as proto3 does. */
void pyr_proto_add_int(struct pyr_buf *out, uint32_t field, int64_t value);
void pyr_proto_add_bytes(struct pyr_buf *out, uint32_t field, const void *data, size_t len);
/* Adds what `message` holds as a field, and empties it. A failed `message` fails `out`. */
void pyr_proto_move_message(struct pyr_buf *out, uint32_t field, struct pyr_buf *message);

/* A field that was read: an integer, or the bytes of a string, message or packed list. */
struct pyr_proto_field {
    uint32_t number;
    bool is_bytes;
    uint64_t integer;
    struct pyr_reader bytes; /* borrowed from the input */
};

/* Takes the next field; fields of fixed width are given as integers. At the end of `in` `*more` is
 * false. */
PYR_MUST_USE bool pyr_proto_next(struct pyr_reader *in, struct pyr_proto_field *field, bool *more,
                                 struct pyr_err *err);
/* Takes one integer of a repeated field: the only one of an unpacked one, the next one of a packed
 * one. `*more` is false when there is none left; nothing else of the field may be used then. */
PYR_MUST_USE bool pyr_proto_next_int(struct pyr_proto_field *field, uint64_t *value, bool *more,
                                     struct pyr_err *err);
