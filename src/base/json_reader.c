/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A double holds every integer below 2^53, and every power of ten up to 10^22, exactly. */
#define MAX_EXACT_INT ((uint64_t)1 << 53)
#define MAX_EXACT_POWER 22
#define MAX_NUMBER_LEN 1024

static bool fail_at(const struct pyr_json_reader *json, const char *what, struct pyr_err *err)
{
    return pyr_err_set(err, PYR_ERR_FORMAT, "byte %zu: %s", json->in.pos, what);
}

void pyr_json_reader_init(struct pyr_json_reader *json, const void *data, size_t size)
{
    *json = (struct pyr_json_reader){.in = {data, size, 0}};
    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        json->in.pos = 3; /* a byte order mark, as some editors put it */
    }
}

void pyr_json_reader_release(struct pyr_json_reader *json)
{
    pyr_buf_release(&json->text);
}

/* The next byte, or -1 at the end. */
static int next_byte(const struct pyr_json_reader *json)
{
    return json->in.pos < json->in.size ? json->in.data[json->in.pos] : -1;
}

/* The next byte that is not white space, or -1 at the end; the position is then on it. */
static int next_visible(struct pyr_json_reader *json)
{
    int c = next_byte(json);
    while (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        json->in.pos++;
        c = next_byte(json);
    }
    return c;
}

bool pyr_json_peek(struct pyr_json_reader *json, enum pyr_json_kind *kind, struct pyr_err *err)
{
    switch (next_visible(json)) {
    case '{':
        *kind = PYR_JSON_OBJECT;
        return true;
    case '[':
        *kind = PYR_JSON_ARRAY;
        return true;
    case '"':
        *kind = PYR_JSON_STRING;
        return true;
    case 't':
    case 'f':
        *kind = PYR_JSON_BOOL;
        return true;
    case 'n':
        *kind = PYR_JSON_NULL;
        return true;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        *kind = PYR_JSON_NUMBER;
        return true;
    case -1:
        return fail_at(json, "a value expected, but the text ends", err);
    default:
        return fail_at(json, "a value expected", err);
    }
}

static bool enter(struct pyr_json_reader *json, char bracket, const char *what, struct pyr_err *err)
{
    if (next_visible(json) != bracket) {
        return fail_at(json, what, err);
    }
    if (json->depth == PYR_JSON_MAX_DEPTH) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "byte %zu: nested more than %d levels deep",
                           json->in.pos, PYR_JSON_MAX_DEPTH);
    }
    json->in.pos++;
    json->depth++;
    json->fresh[json->depth] = true;
    return true;
}

bool pyr_json_enter_object(struct pyr_json_reader *json, struct pyr_err *err)
{
    return enter(json, '{', "an object expected", err);
}

bool pyr_json_enter_array(struct pyr_json_reader *json, struct pyr_err *err)
{
    return enter(json, '[', "an array expected", err);
}

/* Goes past the comma or the closing bracket. */
static bool next(struct pyr_json_reader *json, char bracket, bool *more, struct pyr_err *err)
{
    int c = next_visible(json);
    *more = false;
    if (c == bracket && json->depth > 0) {
        json->in.pos++;
        json->depth--;
        return true;
    }
    if (!json->fresh[json->depth]) {
        if (c != ',') {
            return fail_at(json, bracket == '}' ? "',' or '}' expected" : "',' or ']' expected",
                           err);
        }
        json->in.pos++;
    }
    json->fresh[json->depth] = false;
    *more = true;
    return true;
}

bool pyr_json_next_item(struct pyr_json_reader *json, bool *more, struct pyr_err *err)
{
    return next(json, ']', more, err);
}

bool pyr_json_next_key(struct pyr_json_reader *json, bool *more, struct pyr_err *err)
{
    if (!next(json, '}', more, err)) {
        return false;
    }
    if (!*more) {
        return true;
    }
    if (!pyr_json_read_string(json, err)) {
        return false;
    }
    if (next_visible(json) != ':') {
        return fail_at(json, "':' expected", err);
    }
    json->in.pos++;
    return true;
}

/* Four hexadecimal digits, after "\u". */
static bool read_hex(struct pyr_json_reader *json, uint32_t *value, struct pyr_err *err)
{
    *value = 0;
    for (int i = 0; i < 4; i++) {
        int c = next_byte(json);
        uint32_t digit = 0;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = (uint32_t)(c - 'a') + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = (uint32_t)(c - 'A') + 10;
        } else {
            return fail_at(json, "a hexadecimal digit expected", err);
        }
        *value = *value << 4 | digit;
        json->in.pos++;
    }
    return true;
}

/* A surrogate without its partner is written as CPython's surrogatepass does. */
static void add_utf8(struct pyr_buf *out, uint32_t point)
{
    if (point < 0x80) {
        pyr_buf_add_char(out, (char)point);
        return;
    }
    if (point < 0x800) {
        pyr_buf_add_u8(out, (uint8_t)(0xC0 | point >> 6));
    } else {
        if (point < 0x10000) {
            pyr_buf_add_u8(out, (uint8_t)(0xE0 | point >> 12));
        } else {
            pyr_buf_add_u8(out, (uint8_t)(0xF0 | point >> 18));
            pyr_buf_add_u8(out, (uint8_t)(0x80 | (point >> 12 & 0x3F)));
        }
        pyr_buf_add_u8(out, (uint8_t)(0x80 | (point >> 6 & 0x3F)));
    }
    pyr_buf_add_u8(out, (uint8_t)(0x80 | (point & 0x3F)));
}

/* What follows "\u": one code unit, or two that make one character. */
static bool read_unicode_escape(struct pyr_json_reader *json, struct pyr_err *err)
{
    uint32_t high = 0;
    if (!read_hex(json, &high, err)) {
        return false;
    }
    size_t after_first = json->in.pos;
    if (high >= 0xD800 && high <= 0xDBFF && json->in.size - after_first >= 2 &&
        memcmp(json->in.data + after_first, "\\u", 2) == 0) {
        uint32_t low = 0;
        json->in.pos += 2;
        if (!read_hex(json, &low, err)) {
            return false;
        }
        if (low >= 0xDC00 && low <= 0xDFFF) {
            add_utf8(&json->text, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
            return true;
        }
        json->in.pos = after_first; /* the second is a character of its own, and read as such */
    }
    add_utf8(&json->text, high);
    return true;
}

/* What follows a backslash. */
static bool read_escape(struct pyr_json_reader *json, struct pyr_err *err)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    int c = next_byte(json);
    if (c == 'u') {
        json->in.pos++;
        return read_unicode_escape(json, err);
    }
    const char *letter = c > 0 ? strchr(letters, c) : NULL;
    if (letter == NULL) {
        return fail_at(json, "no such escape", err);
    }
    json->in.pos++;
    pyr_buf_add_char(&json->text, meanings[letter - letters]);
    return true;
}

bool pyr_json_read_string(struct pyr_json_reader *json, struct pyr_err *err)
{
    if (next_visible(json) != '"') {
        return fail_at(json, "a string expected", err);
    }
    json->in.pos++;
    pyr_buf_clear(&json->text);
    for (;;) {
        size_t start = json->in.pos;
        int c = next_byte(json);
        while (c >= 0x20 && c != '"' && c != '\\') {
            json->in.pos++;
            c = next_byte(json);
        }
        /* Even when empty, so that there is a text to point at. */
        pyr_buf_add(&json->text, json->in.data + start, json->in.pos - start);
        if (c < 0) {
            return fail_at(json, "a string that does not end", err);
        }
        if (c < 0x20) {
            return fail_at(json, "a control character in a string", err);
        }
        json->in.pos++;
        if (c == '"') {
            return pyr_buf_check(&json->text, err);
        }
        if (!read_escape(json, err)) {
            return false;
        }
    }
}

/* A number by its digits: (-1)^negative x digits x 10^power. */
struct decimal {
    uint64_t digits;
    int64_t power;
    bool negative;
    bool exact; /* all digits fitted */
};

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool read_digits(struct pyr_json_reader *json, struct decimal *number, bool fraction,
                        struct pyr_err *err)
{
    if (!is_digit(next_byte(json))) {
        return fail_at(json, "a digit expected", err);
    }
    for (int c = next_byte(json); is_digit(c); c = next_byte(json)) {
        if (number->digits >= MAX_EXACT_INT / 10) {
            number->exact = false;
        } else {
            number->digits = number->digits * 10 + (uint64_t)(c - '0');
            number->power -= fraction;
        }
        json->in.pos++;
    }
    return true;
}

static bool read_exponent(struct pyr_json_reader *json, struct decimal *number, struct pyr_err *err)
{
    const int64_t max_power = 100000;
    json->in.pos++;
    int sign = next_byte(json);
    if (sign == '+' || sign == '-') {
        json->in.pos++;
    }
    if (!is_digit(next_byte(json))) {
        return fail_at(json, "a digit expected", err);
    }
    int64_t power = 0;
    for (int c = next_byte(json); is_digit(c); c = next_byte(json)) {
        power = power < max_power ? power * 10 + (c - '0') : power;
        json->in.pos++;
    }
    number->power += sign == '-' ? -power : power;
    return true;
}

static bool read_decimal(struct pyr_json_reader *json, struct decimal *number, struct pyr_err *err)
{
    *number = (struct decimal){.exact = true};
    int c = next_visible(json);
    if (c != '-' && !is_digit(c)) {
        return fail_at(json, "a number expected", err);
    }
    if (c == '-') {
        number->negative = true;
        json->in.pos++;
    }
    if (next_byte(json) == '0') {
        json->in.pos++; /* and no digit may follow */
    } else if (!read_digits(json, number, false, err)) {
        return false;
    }
    if (next_byte(json) == '.') {
        json->in.pos++;
        if (!read_digits(json, number, true, err)) {
            return false;
        }
    }
    c = next_byte(json);
    return c == 'e' || c == 'E' ? read_exponent(json, number, err) : true;
}

/* By the C library, for numbers that plain arithmetic would not give exactly. It reads as the
 * program's locale demands, whatever stands there for the point. */
static bool convert_by_library(const struct pyr_json_reader *json, size_t start, double *value,
                               struct pyr_err *err)
{
    char point[16];
    char text[MAX_NUMBER_LEN + sizeof point];
    size_t len = json->in.pos - start;
    if (len > MAX_NUMBER_LEN) {
        return fail_at(json, "a number of too many digits", err);
    }
    snprintf(point, sizeof point, "%.1f", 0.0);
    size_t point_len = strlen(point) - 2;
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        char c = (char)json->in.data[start + i];
        if (c == '.') {
            memcpy(text + used, point + 1, point_len);
            used += point_len;
        } else {
            text[used++] = c;
        }
    }
    text[used] = '\0';
    *value = strtod(text, NULL);
    return isfinite(*value) ? true : fail_at(json, "a number too large", err);
}

bool pyr_json_read_double(struct pyr_json_reader *json, double *value, struct pyr_err *err)
{
    static const double powers[MAX_EXACT_POWER + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    };
    next_visible(json);
    size_t start = json->in.pos;
    struct decimal number;
    if (!read_decimal(json, &number, err)) {
        return false;
    }
    if (!number.exact || number.power < -MAX_EXACT_POWER || number.power > MAX_EXACT_POWER) {
        return convert_by_library(json, start, value, err);
    }
    double result = (double)number.digits;
    result = number.power < 0 ? result / powers[-number.power] : result * powers[number.power];
    *value = number.negative ? -result : result;
    return true;
}

/* Goes past `word` if that is what comes next. */
static bool take_word(struct pyr_json_reader *json, const char *word)
{
    size_t len = strlen(word);
    next_visible(json);
    if (pyr_reader_left(&json->in) < len || memcmp(json->in.data + json->in.pos, word, len) != 0) {
        return false;
    }
    json->in.pos += len;
    return true;
}

bool pyr_json_read_bool(struct pyr_json_reader *json, bool *value, struct pyr_err *err)
{
    *value = take_word(json, "true");
    if (*value || take_word(json, "false")) {
        return true;
    }
    return fail_at(json, "true or false expected", err);
}

/* Enters a container or goes past any other value. */
static bool skip_one(struct pyr_json_reader *json, enum pyr_json_kind kind, struct pyr_err *err)
{
    double number = 0;
    bool truth = false;
    switch (kind) {
    case PYR_JSON_OBJECT:
        return pyr_json_enter_object(json, err);
    case PYR_JSON_ARRAY:
        return pyr_json_enter_array(json, err);
    case PYR_JSON_STRING:
        return pyr_json_read_string(json, err);
    case PYR_JSON_NUMBER:
        return pyr_json_read_double(json, &number, err);
    case PYR_JSON_BOOL:
        return pyr_json_read_bool(json, &truth, err);
    case PYR_JSON_NULL:
        break;
    }
    return take_word(json, "null") ? true : fail_at(json, "null expected", err);
}

bool pyr_json_skip(struct pyr_json_reader *json, struct pyr_err *err)
{
    uint32_t base = json->depth;
    uint64_t objects = 0; /* a bit per level: is it an object? */
    do {
        enum pyr_json_kind kind = PYR_JSON_NULL;
        if (!pyr_json_peek(json, &kind, err) || !skip_one(json, kind, err)) {
            return false;
        }
        if (kind == PYR_JSON_OBJECT) {
            objects |= (uint64_t)1 << (json->depth - 1);
        } else if (kind == PYR_JSON_ARRAY) {
            objects &= ~((uint64_t)1 << (json->depth - 1));
        }
        for (bool more = false; json->depth > base && !more;) {
            bool object = (objects >> (json->depth - 1) & 1) != 0;
            if (!(object ? pyr_json_next_key(json, &more, err)
                         : pyr_json_next_item(json, &more, err))) {
                return false;
            }
        }
    } while (json->depth > base);
    return true;
}

bool pyr_json_end(struct pyr_json_reader *json, struct pyr_err *err)
{
    return next_visible(json) < 0 ? true : fail_at(json, "more text after the end", err);
}
