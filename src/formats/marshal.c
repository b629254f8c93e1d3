/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/marshal.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/reader.h"

#define FLAG_REF 0x80
/* More values than any real file has; keeps every index within 32 bits. */
#define MAX_VALUES 0x7FFFFFFFu
#define MAX_FLOAT_TEXT 255

struct index_list {
    uint32_t *items; /* owned */
    uint32_t count;
    uint32_t cap;
};

struct parser {
    struct pyr_reader in;
    struct pyr_marshal *doc;
    struct index_list refs;    /* what FLAG_REF marked, in order; 0 while it is being read */
    struct index_list strings; /* what Python 2 interned */
};

static bool parse_value(struct parser *p, uint32_t depth, uint32_t *index, bool *end,
                        struct pyr_err *err);

static bool list_add(struct index_list *list, uint32_t item, struct pyr_err *err)
{
    if (!pyr_mem_grow(&list->items, &list->cap, (size_t)list->count + 1, sizeof *list->items,
                      err)) {
        return false;
    }
    list->items[list->count++] = item;
    return true;
}

static bool add_value(struct parser *p, const struct pyr_marshal_value *value, uint32_t *index,
                      struct pyr_err *err)
{
    struct pyr_marshal *doc = p->doc;
    if (doc->count >= MAX_VALUES) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "more than %u values", MAX_VALUES);
    }
    if (!pyr_mem_grow(&doc->values, &doc->cap, (size_t)doc->count + 1, sizeof *doc->values, err)) {
        return false;
    }
    *index = doc->count++;
    doc->values[*index] = *value;
    doc->values[*index].origin = *index;
    return true;
}

static bool parse_text(struct parser *p, bool is_short, uint32_t *index, struct pyr_err *err)
{
    struct pyr_marshal_value value = {.kind = PYR_MARSHAL_TEXT};
    uint8_t len8 = 0;
    uint32_t len = 0;
    const uint8_t *bytes = NULL;
    if (is_short ? !pyr_reader_u8(&p->in, &len8, err) : !pyr_reader_u32(&p->in, &len, err)) {
        return false;
    }
    value.len = is_short ? len8 : len;
    if (!pyr_reader_bytes(&p->in, value.len, &bytes, err)) {
        return false;
    }
    value.as.text = (const char *)bytes;
    return add_value(p, &value, index, err);
}

static bool add_int(struct parser *p, int64_t integer, uint32_t *index, struct pyr_err *err)
{
    const struct pyr_marshal_value value = {.kind = PYR_MARSHAL_INT, .as.integer = integer};
    return add_value(p, &value, index, err);
}

static bool parse_fixed_int(struct parser *p, bool is_wide, uint32_t *index, struct pyr_err *err)
{
    uint32_t low = 0;
    uint64_t wide = 0;
    if (is_wide ? !pyr_reader_u64(&p->in, &wide, err) : !pyr_reader_u32(&p->in, &low, err)) {
        return false;
    }
    return add_int(p, is_wide ? (int64_t)wide : (int64_t)(int32_t)low, index, err);
}

/* Digits of 15 bits, the lowest first; a negative count of them means a negative number. */
static bool parse_long(struct parser *p, uint32_t *index, struct pyr_err *err)
{
    uint32_t raw = 0;
    uint64_t magnitude = 0;
    if (!pyr_reader_u32(&p->in, &raw, err)) {
        return false;
    }
    int32_t digits = (int32_t)raw;
    if (digits < -5 || digits > 5) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "a number beyond 64 bits");
    }
    uint32_t count = (uint32_t)(digits < 0 ? -digits : digits);
    for (uint32_t i = 0; i < count; i++) {
        uint16_t digit = 0;
        if (!pyr_reader_u16(&p->in, &digit, err)) {
            return false;
        }
        bool is_least = digits < 0 && digit == 8 && magnitude == 0; /* -2^63 has no opposite */
        if (digit > 0x7FFF || (i == 4 && digit > 7 && !is_least)) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "a number beyond 64 bits");
        }
        magnitude |= (uint64_t)digit << (15 * i);
    }
    return add_int(p, (int64_t)(digits < 0 ? 0 - magnitude : magnitude), index, err);
}

static bool add_float(struct parser *p, double real, uint32_t *index, struct pyr_err *err)
{
    const struct pyr_marshal_value value = {.kind = PYR_MARSHAL_FLOAT, .as.real = real};
    if (!isfinite(real)) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "a time that is not a finite number");
    }
    return add_value(p, &value, index, err);
}

static bool parse_binary_float(struct parser *p, uint32_t *index, struct pyr_err *err)
{
    uint64_t bits = 0;
    double real = 0;
    if (!pyr_reader_u64(&p->in, &bits, err)) {
        return false;
    }
    memcpy(&real, &bits, sizeof real);
    return add_float(p, real, index, err);
}

/* Marshal versions 0 and 1 write floats as decimal text. */
static bool parse_text_float(struct parser *p, uint32_t *index, struct pyr_err *err)
{
    char text[MAX_FLOAT_TEXT + 1];
    uint8_t len = 0;
    const uint8_t *bytes = NULL;
    char *end = NULL;
    if (!pyr_reader_u8(&p->in, &len, err) || !pyr_reader_bytes(&p->in, len, &bytes, err)) {
        return false;
    }
    memcpy(text, bytes, len);
    text[len] = '\0';
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        return pyr_err_nomem(err);
    }
    double real = strtod_l(text, &end, c_locale);
    freelocale(c_locale);
    if (len == 0 || *end != '\0') {
        return pyr_err_set(err, PYR_ERR_FORMAT, "a float that is not one");
    }
    return add_float(p, real, index, err);
}

/* `count` items, or up to the end mark when it is UINT32_MAX. */
static bool parse_items(struct parser *p, uint32_t container, uint32_t count, uint32_t depth,
                        struct pyr_err *err)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t item = 0;
        bool end = false;
        bool may_end = count == UINT32_MAX && i % 2 == 0;
        if (!parse_value(p, depth + 1, &item, &end, err)) {
            return false;
        }
        if (end) {
            return may_end ||
                   pyr_err_set(err, PYR_ERR_FORMAT, "an end mark where a value should be");
        }
        struct pyr_marshal_value *values = p->doc->values;
        if (last == 0) {
            values[container].first = item;
        } else {
            values[last].next = item;
        }
        last = item;
        values[container].count++;
        values[container].holds_dict |= values[item].holds_dict;
    }
    return true;
}

static bool parse_tuple(struct parser *p, bool is_short, uint32_t depth, uint32_t *index,
                        struct pyr_err *err)
{
    const struct pyr_marshal_value value = {.kind = PYR_MARSHAL_TUPLE};
    uint8_t count8 = 0;
    uint32_t count = 0;
    if (is_short ? !pyr_reader_u8(&p->in, &count8, err) : !pyr_reader_u32(&p->in, &count, err)) {
        return false;
    }
    count = is_short ? count8 : count;
    if (count > pyr_reader_left(&p->in)) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "a tuple of %u items in %zu bytes", count,
                           pyr_reader_left(&p->in));
    }
    return add_value(p, &value, index, err) && parse_items(p, *index, count, depth, err);
}

static bool parse_dict(struct parser *p, uint32_t depth, uint32_t *index, struct pyr_err *err)
{
    const struct pyr_marshal_value value = {.kind = PYR_MARSHAL_DICT, .holds_dict = true};
    return add_value(p, &value, index, err) && parse_items(p, *index, UINT32_MAX, depth, err);
}

static bool parse_reference(struct parser *p, const struct index_list *list, uint32_t *index,
                            struct pyr_err *err)
{
    uint32_t number = 0;
    if (!pyr_reader_u32(&p->in, &number, err)) {
        return false;
    }
    if (number >= list->count || list->items[number] == 0) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "a reference to nothing");
    }
    uint32_t origin = p->doc->values[list->items[number]].origin;
    struct pyr_marshal_value value = p->doc->values[origin];
    if (value.holds_dict) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED, "a reference to a dict");
    }
    value.next = 0;
    if (!add_value(p, &value, index, err)) {
        return false;
    }
    p->doc->values[*index].origin = origin;
    return true;
}

static bool parse_kind(struct parser *p, uint8_t kind, uint32_t depth, uint32_t *index,
                       struct pyr_err *err)
{
    switch (kind) {
    case 'a': /* ASCII; 'A': interned */
    case 'A':
    case 'u': /* UTF-8 */
    case 's': /* bytes: Python 2's text */
        return parse_text(p, false, index, err);
    case 't': /* interned */
        return parse_text(p, false, index, err) && list_add(&p->strings, *index, err);
    case 'z': /* short ASCII; 'Z': interned */
    case 'Z':
        return parse_text(p, true, index, err);
    case 'R':
        return parse_reference(p, &p->strings, index, err);
    case 'r':
        return parse_reference(p, &p->refs, index, err);
    case 'i':
    case 'I':
        return parse_fixed_int(p, kind == 'I', index, err);
    case 'l':
        return parse_long(p, index, err);
    case 'T':
    case 'F':
        return add_int(p, kind == 'T', index, err);
    case 'g':
        return parse_binary_float(p, index, err);
    case 'f':
        return parse_text_float(p, index, err);
    case '(':
    case ')':
        return parse_tuple(p, kind == ')', depth, index, err);
    case '{':
        return parse_dict(p, depth, index, err);
    default:
        return pyr_err_set(err, PYR_ERR_FORMAT,
                           "a value of type 0x%02x, which is not in pstats files", kind);
    }
}

static bool parse_value(struct parser *p, uint32_t depth, uint32_t *index, bool *end,
                        struct pyr_err *err)
{
    uint8_t type = 0;
    uint32_t ref = UINT32_MAX;
    if (depth > PYR_MARSHAL_MAX_DEPTH) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "nested deeper than %d", PYR_MARSHAL_MAX_DEPTH);
    }
    if (!pyr_reader_u8(&p->in, &type, err)) {
        return false;
    }
    uint8_t kind = type & (uint8_t)~FLAG_REF;
    if (kind == '0') {
        *end = true;
        return true;
    }
    if ((type & FLAG_REF) != 0 && kind != 'r' && kind != 'R') {
        ref = p->refs.count; /* its number is given before that of anything inside it */
        if (!list_add(&p->refs, 0, err)) {
            return false;
        }
    }
    if (!parse_kind(p, kind, depth, index, err)) {
        return false;
    }
    if (ref != UINT32_MAX) {
        p->refs.items[ref] = *index;
    }
    return true;
}

bool pyr_marshal_parse(struct pyr_marshal *doc, const uint8_t *data, size_t size,
                       struct pyr_err *err)
{
    struct parser p = {.in = {data, size, 0}, .doc = doc};
    const struct pyr_marshal_value none = {0};
    uint32_t index = 0;
    bool end = false;
    bool ok = add_value(&p, &none, &index, err) && parse_value(&p, 0, &index, &end, err);
    if (ok && (end || pyr_reader_left(&p.in) > 0)) {
        ok = pyr_err_set(err, PYR_ERR_FORMAT, end ? "nothing in it" : "more after the end");
    }
    if (!ok) {
        pyr_err_prefix(err, "byte %zu", p.in.pos);
    }
    pyr_mem_free(p.refs.items);
    pyr_mem_free(p.strings.items);
    return ok;
}

void pyr_marshal_release(struct pyr_marshal *doc)
{
    pyr_mem_free(doc->values);
    *doc = (struct pyr_marshal){0};
}
