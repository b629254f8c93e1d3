/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_INT_DIGITS 20
#define MIN_DOUBLE_DIGITS 15
#define MAX_DOUBLE_DIGITS 17

/* The comma that belongs before a value or key, if any. */
static void begin_item(struct pyr_json_writer *json)
{
    if (json->after_key) {
        json->after_key = false;
        return;
    }
    if (json->depth == 0) {
        return;
    }
    uint64_t bit = (uint64_t)1 << (json->depth - 1);
    if ((json->has_items & bit) != 0) {
        pyr_buf_add_char(json->out, ',');
    }
    json->has_items |= bit;
}

static void begin_level(struct pyr_json_writer *json, char bracket)
{
    begin_item(json);
    if (json->depth == PYR_JSON_MAX_DEPTH) {
        json->out->failed = true; /* seen by whoever checks the buffer, as any other failure */
        return;
    }
    pyr_buf_add_char(json->out, bracket);
    json->depth++;
    json->has_items &= ~((uint64_t)1 << (json->depth - 1));
}

static void end_level(struct pyr_json_writer *json, char bracket)
{
    if (json->depth == 0) {
        json->out->failed = true;
        return;
    }
    pyr_buf_add_char(json->out, bracket);
    json->depth--;
}

void pyr_json_object_begin(struct pyr_json_writer *json)
{
    begin_level(json, '{');
}

void pyr_json_object_end(struct pyr_json_writer *json)
{
    end_level(json, '}');
}

void pyr_json_array_begin(struct pyr_json_writer *json)
{
    begin_level(json, '[');
}

void pyr_json_array_end(struct pyr_json_writer *json)
{
    end_level(json, ']');
}

static bool is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* The code point at `s`, which is NUL-terminated, and the number of bytes it takes: with lone
 * surrogates, which CPython's surrogatepass lets through. 0 bytes when it is not UTF-8. */
static int decode_utf8(const unsigned char *s, uint32_t *point)
{
    if (s[0] < 0x80) {
        *point = s[0];
        return 1;
    }
    if (s[0] >= 0xC2 && s[0] <= 0xDF && is_continuation(s[1])) {
        *point = (s[0] & 0x1Fu) << 6 | (s[1] & 0x3Fu);
        return 2;
    }
    if ((s[0] & 0xF0) == 0xE0 && is_continuation(s[1]) && is_continuation(s[2])) {
        *point = (s[0] & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
        return *point >= 0x800 ? 3 : 0;
    }
    if ((s[0] & 0xF8) == 0xF0 && is_continuation(s[1]) && is_continuation(s[2]) &&
        is_continuation(s[3])) {
        *point = (s[0] & 0x07u) << 18 | (s[1] & 0x3Fu) << 12 | (s[2] & 0x3Fu) << 6 | (s[3] & 0x3Fu);
        return *point >= 0x10000 && *point <= 0x10FFFF ? 4 : 0;
    }
    return 0;
}

/* Control characters, C1 too, and the two line ends that only JavaScript has. */
static bool needs_number(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x2028 || point == 0x2029 ||
           (point >= 0xD800 && point <= 0xDFFF);
}

/* The letter after a backslash that stands for `point`; 0 when there is none. */
static char short_escape(uint32_t point)
{
    switch (point) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static void add_quoted(struct pyr_buf *out, const char *text)
{
    const unsigned char *next = (const unsigned char *)text;
    const unsigned char *plain = next; /* what lies before `next` and is not written yet */
    pyr_buf_add_char(out, '"');
    while (*next != '\0') {
        uint32_t point = 0;
        int len = decode_utf8(next, &point);
        /* Within HTML "</" would end a script and "<!" might begin a comment. */
        bool tag = point == '<' && (next[1] == '/' || next[1] == '!');
        char letter = short_escape(point);
        if (len > 0 && letter == 0 && !tag && !needs_number(point)) {
            next += len;
            continue;
        }
        pyr_buf_add(out, plain, (size_t)(next - plain));
        if (len == 0) {
            pyr_buf_add_text(out, "\xEF\xBF\xBD"); /* U+FFFD */
            len = 1;
        } else if (letter != 0) {
            pyr_buf_addf(out, "\\%c", letter);
        } else if (tag && next[1] == '/') {
            pyr_buf_add_text(out, "<\\/");
            len = 2;
        } else {
            pyr_buf_addf(out, "\\u%04x", (unsigned)point);
        }
        next += len;
        plain = next;
    }
    pyr_buf_add(out, plain, (size_t)(next - plain));
    pyr_buf_add_char(out, '"');
}

void pyr_json_key(struct pyr_json_writer *json, const char *key)
{
    begin_item(json);
    add_quoted(json->out, key);
    pyr_buf_add_char(json->out, ':');
    json->after_key = true;
}

void pyr_json_text(struct pyr_json_writer *json, const char *text)
{
    begin_item(json);
    add_quoted(json->out, text);
}

void pyr_json_int(struct pyr_json_writer *json, int64_t value)
{
    char digits[MAX_INT_DIGITS];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    begin_item(json);
    pyr_buf_add(json->out, digits + at, sizeof digits - at);
}

void pyr_json_double(struct pyr_json_writer *json, double value)
{
    begin_item(json);
    if (!isfinite(value)) {
        pyr_buf_add_text(json->out, "null");
        return;
    }
    char text[64];
    int digits = MIN_DOUBLE_DIGITS;
    do { /* the fewest digits that give the same number back */
        snprintf(text, sizeof text, "%.*g", digits, value);
    } while (strtod(text, NULL) != value && ++digits <= MAX_DOUBLE_DIGITS);
    /* We may run in a program that has set a locale: whatever stands for the point becomes one. */
    for (const char *c = text; *c != '\0';) {
        size_t len = strspn(c, "0123456789+-e");
        pyr_buf_add(json->out, c, len);
        c += len;
        len = strcspn(c, "0123456789+-e");
        if (len > 0) {
            pyr_buf_add_char(json->out, '.');
        }
        c += len;
    }
}

void pyr_json_bool(struct pyr_json_writer *json, bool value)
{
    begin_item(json);
    pyr_buf_add_text(json->out, value ? "true" : "false");
}
