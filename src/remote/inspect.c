/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/inspect.h"

#include <string.h>

#include "remote/inspection.h"

#define DEFAULT_DEPTH 3
#define DEFAULT_ITEMS 10
#define DEFAULT_CHARS 128
#define DEFAULT_TOTAL 1024
#define MAX_BASES 32 /* of a class, in its MRO */
#define PAGE_SIZE 4096u

typedef void write_object(struct pyr_inspection *in, uint64_t address);

/* The interpreter's own types. Where `bit` is 0 the name of a static type tells them. */
struct own_type {
    const char *name;
    uint64_t bit;
    write_object *write;
};

/* bool before int: it is one. */
static const struct own_type own_types[] = {
    {"bool", 0, pyr_inspect_bool},
    {"int", PYR_TYPE_IS_INT, pyr_inspect_int},
    {"str", PYR_TYPE_IS_STR, pyr_inspect_str},
    {"bytes", PYR_TYPE_IS_BYTES, pyr_inspect_bytes},
    {"tuple", PYR_TYPE_IS_TUPLE, pyr_inspect_tuple},
    {"list", PYR_TYPE_IS_LIST, pyr_inspect_list},
    {"dict", PYR_TYPE_IS_DICT, pyr_inspect_dict},
    {"type", PYR_TYPE_IS_TYPE, pyr_inspect_class},
    {"NoneType", 0, pyr_inspect_none},
    {"ellipsis", 0, pyr_inspect_ellipsis},
    {"float", 0, pyr_inspect_float},
    {"complex", 0, pyr_inspect_complex},
    {"bytearray", 0, pyr_inspect_bytearray},
    {"set", 0, pyr_inspect_set},
    {"frozenset", 0, pyr_inspect_frozenset},
    {"collections.deque", 0, pyr_inspect_deque},
    {"range", 0, pyr_inspect_range},
    {"slice", 0, pyr_inspect_slice},
    {"function", 0, pyr_inspect_function},
    {"method", 0, pyr_inspect_method},
    {"builtin_function_or_method", 0, pyr_inspect_builtin},
    {"module", 0, pyr_inspect_module},
    {"generator", 0, pyr_inspect_generator},
    {"coroutine", 0, pyr_inspect_generator},
    {"async_generator", 0, pyr_inspect_generator},
    {"cell", 0, pyr_inspect_cell},
    {"datetime.datetime", 0, pyr_inspect_datetime},
    {"datetime.date", 0, pyr_inspect_date},
    {"datetime.time", 0, pyr_inspect_time},
    {"datetime.timedelta", 0, pyr_inspect_timedelta},
    {"datetime.timezone", 0, pyr_inspect_timezone},
};

bool pyr_inspection_full(const struct pyr_inspection *in)
{
    return in->out->failed || in->objects >= PYR_INSPECT_MAX_OBJECTS ||
           in->out->len - in->start > in->limits.total;
}

bool pyr_inspect_word(const struct pyr_inspection *in, uint64_t address, uint32_t offset,
                      uint64_t *word)
{
    return offset != PYR_LAYOUT_NONE && pyr_memory_read_u64(in->memory, address + offset, word);
}

bool pyr_inspect_c_text(struct pyr_memory *memory, uint64_t address, char *text, uint32_t size)
{
    uint32_t have = 0;
    while (have + 1 < size) {
        /* Not beyond the page, behind which nothing may be mapped. */
        const uint64_t in_page = PAGE_SIZE - (address + have) % PAGE_SIZE;
        const uint32_t room = size - 1 - have;
        const uint32_t now = in_page < room ? (uint32_t)in_page : room;
        if (!pyr_memory_read(memory, address + have, text + have, now)) {
            return false;
        }
        if (memchr(text + have, '\0', now) != NULL) {
            return true;
        }
        have += now;
    }
    text[have] = '\0';
    return true;
}

bool pyr_inspect_read_type(const struct pyr_inspection *in, uint64_t type,
                           struct pyr_inspect_type *out)
{
    uint64_t name = 0;
    out->address = type;
    return pyr_inspect_word(in, type, in->layout->type_flags, &out->flags) &&
           pyr_inspect_word(in, type, in->layout->type_name, &name) &&
           pyr_inspect_c_text(in->memory, name, out->name, sizeof(out->name));
}

void pyr_inspect_unreadable(struct pyr_inspection *in)
{
    pyr_buf_add_text(in->out, "<unreadable>");
}

void pyr_inspect_more(struct pyr_inspection *in, uint64_t shown, uint64_t count)
{
    if (count > shown) {
        pyr_buf_addf(in->out, "%s… %llu more", shown == 0 ? "" : ", ",
                     (unsigned long long)(count - shown));
    }
}

const char *pyr_inspect_short_name(const struct pyr_inspect_type *type)
{
    const char *dot = strrchr(type->name, '.');
    return dot == NULL ? type->name : dot + 1;
}

static const struct own_type *find_own(const char *name)
{
    for (size_t i = 0; i < sizeof(own_types) / sizeof(own_types[0]); i++) {
        if (strcmp(own_types[i].name, name) == 0) {
            return &own_types[i];
        }
    }
    return NULL;
}

/* A type whose objects look as those of one of the own types, since it is derived from it. Programs
 * may name classes as they like, so only names of C types count. */
static const struct own_type *find_base(const struct pyr_inspection *in,
                                        const struct pyr_inspect_type *type)
{
    uint64_t mro = 0;
    uint64_t count = 0;
    for (size_t i = 0; i < sizeof(own_types) / sizeof(own_types[0]); i++) {
        if ((type->flags & own_types[i].bit) != 0) {
            return &own_types[i];
        }
    }
    if (!pyr_inspect_word(in, type->address, in->layout->type_mro, &mro) ||
        !pyr_inspect_word(in, mro, in->layout->var_size, &count)) {
        return NULL;
    }
    for (uint32_t i = 1; i < count && i < MAX_BASES; i++) {
        uint64_t address = 0;
        struct pyr_inspect_type base;
        if (!pyr_inspect_word(in, mro, in->layout->tuple_items + i * 8, &address) ||
            !pyr_inspect_read_type(in, address, &base)) {
            return NULL;
        }
        const bool in_c = (base.flags & PYR_TYPE_IS_HEAP) == 0 || strchr(base.name, '.') != NULL;
        const struct own_type *own = in_c ? find_own(base.name) : NULL;
        if (own != NULL) {
            return own;
        }
    }
    return NULL;
}

static bool is_within(const struct pyr_inspection *in, uint64_t address)
{
    for (uint32_t i = 0; i < in->depth; i++) {
        if (in->path[i] == address) {
            return true;
        }
    }
    return false;
}

/* Classes derived from an own type: the value with the class' name before it. */
static void write_derived(struct pyr_inspection *in, uint64_t address,
                          const struct pyr_inspect_type *type, const struct own_type *own)
{
    if (own->write == pyr_inspect_class) {
        pyr_inspect_class(in, address);
        return;
    }
    if (pyr_inspect_enum(in, address, type)) {
        return;
    }
    pyr_buf_add_text(in->out, pyr_inspect_short_name(type));
    if (own->write == pyr_inspect_tuple && pyr_inspect_named_tuple(in, address, type)) {
        return;
    }
    pyr_buf_add_char(in->out, '(');
    own->write(in, address);
    pyr_buf_add_char(in->out, ')');
}

static void write_object_of(struct pyr_inspection *in, uint64_t address,
                            const struct pyr_inspect_type *type)
{
    const bool in_c = (type->flags & PYR_TYPE_IS_HEAP) == 0 || strchr(type->name, '.') != NULL;
    const struct own_type *own = in_c ? find_own(type->name) : NULL;
    if (own != NULL && (own->bit == 0 || (type->flags & own->bit) != 0)) {
        own->write(in, address);
        return;
    }
    if ((type->flags & PYR_TYPE_IS_EXCEPTION) != 0) {
        pyr_inspect_exception(in, address, type);
        return;
    }
    own = find_base(in, type);
    if (own != NULL) {
        write_derived(in, address, type, own);
        return;
    }
    pyr_inspect_instance(in, address, type);
}

void pyr_inspect_value(struct pyr_inspection *in, uint64_t address)
{
    uint64_t type_address = 0;
    struct pyr_inspect_type type;
    if (pyr_inspection_full(in)) {
        return;
    }
    in->objects++;
    if (address == 0 || address % sizeof(void *) != 0 ||
        !pyr_inspect_word(in, address, in->layout->object_type, &type_address) ||
        !pyr_inspect_read_type(in, type_address, &type)) {
        pyr_inspect_unreadable(in);
        return;
    }
    if (is_within(in, address)) {
        const bool is_list = (type.flags & PYR_TYPE_IS_LIST) != 0;
        const bool is_dict = (type.flags & PYR_TYPE_IS_DICT) != 0;
        const bool is_tuple = (type.flags & PYR_TYPE_IS_TUPLE) != 0;
        pyr_buf_add_text(in->out, is_list    ? "[...]"
                                  : is_dict  ? "{...}"
                                  : is_tuple ? "(...)"
                                             : "...");
        return;
    }
    if (in->depth == PYR_INSPECT_MAX_DEPTH) {
        pyr_buf_addf(in->out, "<%s>", pyr_inspect_short_name(&type));
        return;
    }
    in->path[in->depth++] = address;
    write_object_of(in, address, &type);
    in->depth--;
}

static uint32_t limit(uint32_t asked, uint32_t otherwise)
{
    return asked == 0 ? otherwise : asked;
}

/* Cuts what is too long at a whole character. */
static void cut(struct pyr_inspection *in)
{
    struct pyr_buf *out = in->out;
    if (out->failed || out->len - in->start <= in->limits.total) {
        return;
    }
    size_t end = in->start + in->limits.total;
    while (end > in->start && ((uint8_t)out->data[end] & 0xC0) == 0x80) {
        end--;
    }
    out->len = end;
    out->data[end] = '\0';
    pyr_buf_add_text(out, "…");
}

void pyr_inspect_object(struct pyr_memory *memory, const struct pyr_layout *layout,
                        uint64_t address, const struct pyr_inspect_limits *limits,
                        struct pyr_buf *out)
{
    static const struct pyr_inspect_limits none;
    const struct pyr_inspect_limits *asked = limits == NULL ? &none : limits;
    struct pyr_inspection in = {
        .memory = memory,
        .layout = layout,
        .limits = {limit(asked->depth, DEFAULT_DEPTH), limit(asked->items, DEFAULT_ITEMS),
                   limit(asked->chars, DEFAULT_CHARS), limit(asked->total, DEFAULT_TOTAL)},
        .out = out,
        .start = out->len,
    };
    pyr_inspect_value(&in, address);
    cut(&in);
}
