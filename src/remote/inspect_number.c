/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remote/inspection.h"

#define DIGIT_BITS 30
#define MAX_DIGITS 40u    /* of an int that is written out: about 360 decimal digits */
#define CHUNK 1000000000u /* nine decimal digits at once */
#define MAX_CHUNKS 48
#define OLDEST_TAGGED_INT 12 /* sign and size share a word since 3.12 */
#define MAX_PRECISION 17
#define MAX_FIXED_EXPONENT 16 /* repr() writes 1e+16 from there on */
#define MIN_FIXED_EXPONENT (-4)

/* The size of an int in its digits, and its sign. */
static bool read_size(const struct pyr_inspection *in, uint64_t address, uint64_t *digits,
                      bool *negative)
{
    uint64_t word = 0;
    if (!pyr_inspect_word(in, address, in->layout->long_size, &word)) {
        return false;
    }
    if (pyr_layout_minor(in->layout) >= OLDEST_TAGGED_INT) {
        *digits = word >> 3;
        *negative = (word & 3) == 2;
    } else {
        *negative = (int64_t)word < 0;
        *digits = *negative ? 0 - word : word;
    }
    return true;
}

/* Writes the digits (base 2^30, lowest first) as decimal ones. */
static void write_decimal(struct pyr_buf *out, uint32_t *digits, uint32_t count)
{
    uint32_t chunks[MAX_CHUNKS];
    uint32_t used = 0;
    while (count > 0 && used < MAX_CHUNKS) {
        uint64_t rest = 0;
        for (uint32_t i = count; i-- > 0;) {
            rest = (rest << DIGIT_BITS) | (digits[i] & ((1u << DIGIT_BITS) - 1));
            digits[i] = (uint32_t)(rest / CHUNK);
            rest %= CHUNK;
        }
        chunks[used++] = (uint32_t)rest;
        while (count > 0 && digits[count - 1] == 0) {
            count--;
        }
    }
    pyr_buf_addf(out, "%u", used == 0 ? 0 : chunks[used - 1]);
    for (uint32_t i = used; i-- > 1;) {
        pyr_buf_addf(out, "%09u", chunks[i - 1]);
    }
}

void pyr_inspect_int(struct pyr_inspection *in, uint64_t address)
{
    uint32_t digits[MAX_DIGITS];
    uint64_t count = 0;
    bool negative = false;
    if (!read_size(in, address, &count, &negative)) {
        pyr_inspect_unreadable(in);
        return;
    }
    if (count > MAX_DIGITS) {
        pyr_buf_addf(in->out, "<%sint of about %llu bits>", negative ? "negative " : "",
                     (unsigned long long)count * DIGIT_BITS);
        return;
    }
    if (!pyr_memory_read(in->memory, address + in->layout->long_digits, digits,
                         count * sizeof(*digits))) {
        pyr_inspect_unreadable(in);
        return;
    }
    if (negative) {
        pyr_buf_add_char(in->out, '-');
    }
    write_decimal(in->out, digits, (uint32_t)count);
}

void pyr_inspect_bool(struct pyr_inspection *in, uint64_t address)
{
    uint64_t count = 0;
    uint32_t digit = 0;
    bool negative = false;
    if (!read_size(in, address, &count, &negative) ||
        !pyr_memory_read_u32(in->memory, address + in->layout->long_digits, &digit)) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_buf_add_text(in->out, count > 0 && digit != 0 ? "True" : "False");
}

/* The fewest digits that read back as the same number, and its decimal exponent. */
static int shortest_digits(double value, char digits[MAX_PRECISION + 1])
{
    char text[40];
    for (int precision = 0; precision < MAX_PRECISION; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    size_t used = 0;
    const char *at = text;
    for (; *at != '\0' && *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9' && used < MAX_PRECISION) {
            digits[used++] = *at;
        }
    }
    digits[used] = '\0';
    return *at == 'e' ? atoi(at + 1) : 0;
}

/* 0.00012, 12.5, 1200.0: `point` digits stand before the point. */
static void write_fixed(char *text, const char *digits, int point)
{
    const int count = (int)strlen(digits);
    char *at = text;
    if (point <= 0) {
        memcpy(at, "0.0000", 6); /* no more: repr() has an exponent for smaller numbers */
        memcpy(at + 2 - point, digits, (size_t)count + 1);
        return;
    }
    for (int i = 0; i < point; i++) {
        *at++ = i < count ? digits[i] : '0';
    }
    *at++ = '.';
    if (count > point) {
        memcpy(at, digits + point, (size_t)(count - point) + 1);
    } else {
        memcpy(at, "0", 2);
    }
}

void pyr_inspect_double_text(double value, char *text)
{
    char digits[MAX_PRECISION + 1] = "";
    if (isnan(value)) {
        memcpy(text, "nan", 4);
        return;
    }
    if (signbit(value)) {
        *text++ = '-';
    }
    if (isinf(value)) {
        memcpy(text, "inf", 4);
        return;
    }
    const int exponent = shortest_digits(fabs(value), digits);
    if (exponent >= MIN_FIXED_EXPONENT && exponent < MAX_FIXED_EXPONENT) {
        write_fixed(text, digits, exponent + 1);
        return;
    }
    *text++ = digits[0];
    if (digits[1] != '\0') {
        *text++ = '.';
    }
    snprintf(text, 30, "%se%c%02d", digits + 1, exponent < 0 ? '-' : '+', abs(exponent));
}

void pyr_inspect_float(struct pyr_inspection *in, uint64_t address)
{
    double value = 0;
    char text[40];
    if (!pyr_memory_read(in->memory, address + in->layout->float_value, &value, sizeof(value))) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_inspect_double_text(value, text);
    pyr_buf_add_text(in->out, text);
}

/* A part of a complex number: without ".0". */
static void write_part(struct pyr_buf *out, double value)
{
    char text[40];
    pyr_inspect_double_text(value, text);
    const size_t len = strlen(text);
    if (len > 2 && strcmp(text + len - 2, ".0") == 0) {
        text[len - 2] = '\0';
    }
    pyr_buf_add_text(out, text);
}

void pyr_inspect_complex(struct pyr_inspection *in, uint64_t address)
{
    double parts[2];
    if (!pyr_memory_read(in->memory, address + in->layout->object_head, parts, sizeof(parts))) {
        pyr_inspect_unreadable(in);
        return;
    }
    if (parts[0] == 0 && !signbit(parts[0])) {
        write_part(in->out, parts[1]);
        pyr_buf_add_char(in->out, 'j');
        return;
    }
    pyr_buf_add_char(in->out, '(');
    write_part(in->out, parts[0]);
    if (!signbit(parts[1]) || isnan(parts[1])) {
        pyr_buf_add_char(in->out, '+');
    }
    write_part(in->out, parts[1]);
    pyr_buf_add_text(in->out, "j)");
}
