/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Inspection: one object on its way into words; what the parts of inspect.c share.
 *
 * Everything that is read is hostile. Work is bounded three ways: by the depth, by the bytes of the
 * representation, and by the number of objects looked at, however little they add to it. */
#pragma once

#include "remote/inspect.h"

#define PYR_INSPECT_MAX_DEPTH 16
#define PYR_INSPECT_MAX_OBJECTS 4096
#define PYR_INSPECT_MAX_TYPE_NAME 128

/* Bits of tp_flags that every version has had. */
#define PYR_TYPE_IS_HEAP ((uint64_t)1 << 9)
#define PYR_TYPE_IS_INT ((uint64_t)1 << 24)
#define PYR_TYPE_IS_LIST ((uint64_t)1 << 25)
#define PYR_TYPE_IS_TUPLE ((uint64_t)1 << 26)
#define PYR_TYPE_IS_BYTES ((uint64_t)1 << 27)
#define PYR_TYPE_IS_STR ((uint64_t)1 << 28)
#define PYR_TYPE_IS_DICT ((uint64_t)1 << 29)
#define PYR_TYPE_IS_EXCEPTION ((uint64_t)1 << 30)
#define PYR_TYPE_IS_TYPE ((uint64_t)1 << 31)

struct pyr_inspection {
    struct pyr_memory *memory;
    const struct pyr_layout *layout;
    struct pyr_inspect_limits limits; /* none is 0 */
    struct pyr_buf *out;
    size_t start; /* of the representation in `out` */
    uint32_t objects;
    uint32_t depth;
    uint64_t path[PYR_INSPECT_MAX_DEPTH]; /* the objects that we are within: cycles end there */
};

struct pyr_inspect_type {
    uint64_t address;
    uint64_t flags;
    char name[PYR_INSPECT_MAX_TYPE_NAME]; /* tp_name: static types have their module in it */
};

/* Is there no more to be written, as a limit was reached? */
bool pyr_inspection_full(const struct pyr_inspection *in);
/* Writes the object. Containers come here again for what they hold. */
void pyr_inspect_value(struct pyr_inspection *in, uint64_t address);
/* A word of an object, `offset` bytes from its start. */
PYR_MUST_USE bool pyr_inspect_word(const struct pyr_inspection *in, uint64_t address,
                                   uint32_t offset, uint64_t *word);
PYR_MUST_USE bool pyr_inspect_read_type(const struct pyr_inspection *in, uint64_t type,
                                        struct pyr_inspect_type *out);
/* A C string, cut to fit. */
PYR_MUST_USE bool pyr_inspect_c_text(struct pyr_memory *memory, uint64_t address, char *text,
                                     uint32_t size);
void pyr_inspect_unreadable(struct pyr_inspection *in);
/* "… 12 more", after a comma where there was something. */
void pyr_inspect_more(struct pyr_inspection *in, uint64_t shown, uint64_t count);
/* The type's name without its module. */
const char *pyr_inspect_short_name(const struct pyr_inspect_type *type);

/* Numbers: inspect_number.c. */
void pyr_inspect_int(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_bool(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_float(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_complex(struct pyr_inspection *in, uint64_t address);
/* As repr(float) has it. `text` has room for 40 bytes. */
void pyr_inspect_double_text(double value, char *text);

/* Texts: inspect_text.c. */
void pyr_inspect_str(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_bytes(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_bytearray(struct pyr_inspection *in, uint64_t address);
/* A str without quotes, "?" when it is none. */
void pyr_inspect_bare_str(struct pyr_inspection *in, uint64_t address);

/* Containers: inspect_container.c. */
void pyr_inspect_tuple(struct pyr_inspection *in, uint64_t address);
/* As "(x=1, y=2)", with the names that its type has in _fields; false when it has none. */
bool pyr_inspect_named_tuple(struct pyr_inspection *in, uint64_t address,
                             const struct pyr_inspect_type *type);
void pyr_inspect_list(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_dict(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_set(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_frozenset(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_deque(struct pyr_inspection *in, uint64_t address);

/* What programs are made of: inspect_code.c. */
void pyr_inspect_none(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_ellipsis(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_range(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_slice(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_function(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_method(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_builtin(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_module(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_class(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_generator(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_cell(struct pyr_inspection *in, uint64_t address);

/* Dates: inspect_date.c. */
void pyr_inspect_date(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_time(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_datetime(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_timezone(struct pyr_inspection *in, uint64_t address);
void pyr_inspect_timedelta(struct pyr_inspection *in, uint64_t address);

/* Instances: inspect_instance.c. */
void pyr_inspect_exception(struct pyr_inspection *in, uint64_t address,
                           const struct pyr_inspect_type *type);
void pyr_inspect_instance(struct pyr_inspection *in, uint64_t address,
                          const struct pyr_inspect_type *type);
/* "<Color.RED: 1>" for a member of an enumeration; false when it is none. */
bool pyr_inspect_enum(struct pyr_inspection *in, uint64_t address,
                      const struct pyr_inspect_type *type);
