/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/inflate.h"

#include <string.h>

#define MAX_BITS 15 /* of a code */
#define MAX_LITERALS 288
#define MAX_DISTANCES 32
#define MAX_OWN_LITERALS 286 /* the fixed codes have two, and two, that are never used */
#define MAX_OWN_DISTANCES 30
#define END_OF_BLOCK 256
#define WINDOW 32768u

/* A canonical Huffman code: how many codes there are of each length, and the symbols in the order
 * of their codes. */
struct code {
    uint16_t counts[MAX_BITS + 1];
    uint16_t symbols[MAX_LITERALS];
};

struct inflater {
    struct pyr_reader *in;
    struct pyr_buf *out;
    size_t start; /* of this stream in `out` */
    size_t max_size;
    uint32_t bits; /* taken from `in`, not used yet; the lowest is the next */
    uint32_t bit_count;
    struct code literals;
    struct code distances;
};

static bool take_bits(struct inflater *f, uint32_t count, uint32_t *value, struct pyr_err *err)
{
    while (f->bit_count < count) {
        uint8_t byte = 0;
        if (!pyr_reader_u8(f->in, &byte, err)) {
            return false;
        }
        f->bits |= (uint32_t)byte << f->bit_count;
        f->bit_count += 8;
    }
    *value = f->bits & ((1u << count) - 1);
    f->bits >>= count;
    f->bit_count -= count;
    return true;
}

/* Codes of one length are consecutive numbers; the first of the next length is twice what follows
 * the last of this one. */
static bool take_symbol(struct inflater *f, const struct code *code, uint32_t *symbol,
                        struct pyr_err *err)
{
    uint32_t value = 0, first = 0, index = 0;
    for (uint32_t len = 1; len <= MAX_BITS; len++) {
        uint32_t bit = 0, count = code->counts[len];
        if (!take_bits(f, 1, &bit, err)) {
            return false;
        }
        value |= bit;
        if (value < first + count) {
            *symbol = code->symbols[index + (value - first)];
            return true;
        }
        index += count;
        first = (first + count) << 1;
        value <<= 1;
    }
    return pyr_err_set(err, PYR_ERR_FORMAT, "a code that is not in the table");
}

/* Fails when the lengths promise more codes than there are; fewer is allowed, as a block without
 * distances has them. */
static bool make_code(struct code *code, const uint8_t *lengths, uint32_t count,
                      struct pyr_err *err)
{
    uint16_t places[MAX_BITS + 1] = {0};
    int32_t left = 1;
    memset(code->counts, 0, sizeof code->counts);
    for (uint32_t i = 0; i < count; i++) {
        code->counts[lengths[i]]++;
    }
    code->counts[0] = 0;
    for (uint32_t len = 1; len <= MAX_BITS; len++) {
        left = left * 2 - code->counts[len];
        if (left < 0) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "more codes than fit");
        }
        if (len < MAX_BITS) {
            places[len + 1] = (uint16_t)(places[len] + code->counts[len]);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (lengths[i] != 0) {
            code->symbols[places[lengths[i]]++] = (uint16_t)i;
        }
    }
    return true;
}

static bool check_room(const struct inflater *f, size_t len, struct pyr_err *err)
{
    if (f->out->failed) {
        return pyr_err_nomem(err);
    }
    return (f->out->len <= f->max_size && len <= f->max_size - f->out->len) ||
           pyr_err_set(err, PYR_ERR_LIMIT, "unpacks to more than %zu bytes", f->max_size);
}

static bool copy_back(struct inflater *f, uint32_t len, uint32_t distance, struct pyr_err *err)
{
    if (distance > f->out->len - f->start || distance > WINDOW) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "a repetition of what was not there");
    }
    if (!check_room(f, len, err)) {
        return false;
    }
    for (uint32_t i = 0; i < len; i++) { /* it may repeat what it has just written */
        pyr_buf_add_char(f->out, f->out->data[f->out->len - distance]);
        if (f->out->failed) {
            return pyr_err_nomem(err);
        }
    }
    return true;
}

/* A length or distance: a base and how many bits follow. */
static bool take_extra(struct inflater *f, const uint16_t *bases, const uint8_t *extras,
                       uint32_t index, uint32_t *value, struct pyr_err *err)
{
    if (!take_bits(f, extras[index], value, err)) {
        return false;
    }
    *value += bases[index];
    return true;
}

static bool inflate_codes(struct inflater *f, struct pyr_err *err)
{
    static const uint16_t len_bases[29] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                           15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                           67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t len_extras[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                           2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    static const uint16_t dist_bases[30] = {
        1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
        193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    static const uint8_t dist_extras[30] = {0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
                                            6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};
    for (;;) {
        uint32_t symbol = 0, len = 0, distance = 0;
        if (!take_symbol(f, &f->literals, &symbol, err)) {
            return false;
        }
        if (symbol == END_OF_BLOCK) {
            return true;
        }
        if (symbol < END_OF_BLOCK) {
            if (!check_room(f, 1, err)) {
                return false;
            }
            pyr_buf_add_u8(f->out, (uint8_t)symbol);
            continue;
        }
        if (symbol - 257 >= 29) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "a length that does not exist");
        }
        if (!take_extra(f, len_bases, len_extras, symbol - 257, &len, err) ||
            !take_symbol(f, &f->distances, &symbol, err)) {
            return false;
        }
        if (symbol >= 30) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "a distance that does not exist");
        }
        if (!take_extra(f, dist_bases, dist_extras, symbol, &distance, err) ||
            !copy_back(f, len, distance, err)) {
            return false;
        }
    }
}

static bool inflate_stored(struct inflater *f, struct pyr_err *err)
{
    uint16_t len = 0, inverse = 0;
    const uint8_t *bytes = NULL;
    f->bits = 0; /* less than a byte can be left: what follows is aligned */
    f->bit_count = 0;
    if (!pyr_reader_u16(f->in, &len, err) || !pyr_reader_u16(f->in, &inverse, err)) {
        return false;
    }
    if ((len ^ inverse) != 0xFFFF) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "a length that contradicts itself");
    }
    if (!pyr_reader_bytes(f->in, len, &bytes, err) || !check_room(f, len, err)) {
        return false;
    }
    pyr_buf_add(f->out, bytes, len);
    return true;
}

static bool use_fixed_codes(struct inflater *f, struct pyr_err *err)
{
    uint8_t lengths[MAX_LITERALS];
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 256 - 144);
    memset(lengths + 256, 7, 280 - 256);
    memset(lengths + 280, 8, 288 - 280);
    if (!make_code(&f->literals, lengths, MAX_LITERALS, err)) {
        return false;
    }
    memset(lengths, 5, 30);
    return make_code(&f->distances, lengths, 30, err);
}

/* The code lengths of both codes as one list, itself coded: 0 to 15 are lengths, 16 repeats the
 * last one, 17 and 18 are runs of zeros. */
static bool take_lengths(struct inflater *f, uint8_t *lengths, uint32_t count, struct pyr_err *err)
{
    static const uint8_t extra_bits[3] = {2, 3, 7};
    static const uint8_t least[3] = {3, 3, 11};
    uint32_t done = 0;
    while (done < count) {
        uint32_t symbol = 0, times = 0;
        if (!take_symbol(f, &f->literals, &symbol, err)) {
            return false;
        }
        if (symbol < 16) {
            lengths[done++] = (uint8_t)symbol;
            continue;
        }
        if (!take_bits(f, extra_bits[symbol - 16], &times, err)) {
            return false;
        }
        times += least[symbol - 16];
        if (times > count - done || (symbol == 16 && done == 0)) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "more code lengths than codes");
        }
        memset(lengths + done, symbol == 16 ? lengths[done - 1] : 0, times);
        done += times;
    }
    return true;
}

static bool use_own_codes(struct inflater *f, struct pyr_err *err)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[MAX_LITERALS + MAX_DISTANCES] = {0};
    uint32_t literals = 0, distances = 0, count = 0, length = 0;
    if (!take_bits(f, 5, &literals, err) || !take_bits(f, 5, &distances, err) ||
        !take_bits(f, 4, &count, err)) {
        return false;
    }
    literals += 257;
    distances += 1;
    if (literals > MAX_OWN_LITERALS || distances > MAX_OWN_DISTANCES) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "more codes than there are symbols");
    }
    for (uint32_t i = 0; i < count + 4; i++) {
        if (!take_bits(f, 3, &length, err)) {
            return false;
        }
        lengths[order[i]] = (uint8_t)length;
    }
    if (!make_code(&f->literals, lengths, 19, err)) {
        return false;
    }
    memset(lengths, 0, sizeof lengths);
    return take_lengths(f, lengths, literals + distances, err) &&
           make_code(&f->literals, lengths, literals, err) &&
           make_code(&f->distances, lengths + literals, distances, err);
}

bool pyr_inflate(struct pyr_reader *in, size_t max_size, struct pyr_buf *out, struct pyr_err *err)
{
    struct inflater f = {.in = in, .out = out, .start = out->len, .max_size = max_size};
    uint32_t last = 0, type = 0;
    while (last == 0) {
        bool ok = take_bits(&f, 1, &last, err) && take_bits(&f, 2, &type, err);
        if (ok && type == 3) {
            ok = pyr_err_set(err, PYR_ERR_FORMAT, "a block of unknown type");
        }
        if (ok && type == 0) {
            ok = inflate_stored(&f, err);
        } else if (ok) {
            ok = (type == 1 ? use_fixed_codes(&f, err) : use_own_codes(&f, err)) &&
                 inflate_codes(&f, err);
        }
        if (!ok) {
            return false;
        }
    }
    return pyr_buf_check(out, err);
}
