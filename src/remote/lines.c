/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/lines.h"

#include <stddef.h>

#define UNIT_SIZE 2         /* bytes of a code unit */
#define OLDEST_RANGES 10    /* PEP 626: ranges of instructions, with a line each or none */
#define OLDEST_LOCATIONS 11 /* PEP 657: columns too */
#define NO_LINE (-128)      /* 3.10 */
#define VARINT_BITS 6
#define VARINT_MORE 0x40
#define VARINT_MAX_SHIFT 30

static struct pyr_position only_line(int64_t line)
{
    int32_t known = line < 0 || line > INT32_MAX ? -1 : (int32_t)line;
    return (struct pyr_position){known, known, -1, -1};
}

/* Up to 3.9: pairs of how far the code goes on, and how many lines after that. */
static struct pyr_position find_in_steps(const struct pyr_line_table *table, int64_t offset)
{
    int64_t line = table->first_line;
    int64_t at = 0;
    for (uint32_t i = 0; i + 1 < table->size; i += 2) {
        at += table->bytes[i];
        if (at > offset) {
            break;
        }
        line += (int8_t)table->bytes[i + 1];
    }
    return only_line(line);
}

/* 3.10: pairs of the length of a range, and how far its line is from the one before. */
static struct pyr_position find_in_ranges(const struct pyr_line_table *table, int64_t offset)
{
    int64_t line = table->first_line;
    int64_t end = 0;
    for (uint32_t i = 0; i + 1 < table->size; i += 2) {
        int8_t delta = (int8_t)table->bytes[i + 1];
        end += table->bytes[i];
        line += delta == NO_LINE ? 0 : delta;
        if (offset < end) {
            return only_line(delta == NO_LINE ? -1 : line);
        }
    }
    return only_line(-1);
}

struct cursor {
    const uint8_t *next;
    const uint8_t *end;
};

static uint32_t take_byte(struct cursor *in)
{
    return in->next < in->end ? *in->next++ : 0;
}

/* Six bits a byte, lowest first. */
static uint32_t take_varint(struct cursor *in)
{
    uint32_t byte = take_byte(in);
    uint32_t value = byte & (VARINT_MORE - 1);
    for (uint32_t shift = VARINT_BITS; (byte & VARINT_MORE) != 0; shift += VARINT_BITS) {
        byte = take_byte(in);
        if (shift <= VARINT_MAX_SHIFT) {
            value |= (byte & (VARINT_MORE - 1)) << shift;
        }
    }
    return value;
}

/* The sign is the lowest bit. */
static int64_t take_signed(struct cursor *in)
{
    uint32_t value = take_varint(in);
    return (value & 1) != 0 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
}

static int32_t known(int64_t value)
{
    return value < 0 || value > INT32_MAX ? -1 : (int32_t)value;
}

/* The kinds of entry, in the bits 3 to 6 of its first byte. Below SAME_LINE_MAX, and up to it, the
 * kind itself holds the column's upper bits. */
enum location_kind {
    SAME_LINE_MAX = 9,
    NEXT_LINES = 10, /* 10 to 12: so many lines further on, and both columns */
    NEXT_LINES_MAX = 12,
    LINE_ONLY = 13,
    EVERYTHING = 14,
    NOTHING = 15,
};

/* Takes one entry: moves `*line` on, and says the position of its instructions. */
static struct pyr_position take_location(struct cursor *in, uint32_t kind, int64_t *line)
{
    if (kind == NOTHING) {
        return only_line(-1);
    }
    if (kind == EVERYTHING) {
        *line += take_signed(in);
        int64_t end_line = *line + take_varint(in);
        int64_t column = (int64_t)take_varint(in) - 1;
        int64_t end_column = (int64_t)take_varint(in) - 1;
        return (struct pyr_position){known(*line), known(end_line), known(column),
                                     known(end_column)};
    }
    if (kind == LINE_ONLY) {
        *line += take_signed(in);
        return only_line(*line);
    }
    struct pyr_position position = only_line(*line);
    if (kind <= SAME_LINE_MAX) {
        uint32_t byte = take_byte(in);
        position.column = (int32_t)(kind << 3 | (byte >> 4 & 7));
        position.end_column = position.column + (int32_t)(byte & 15);
        return position;
    }
    *line += kind - NEXT_LINES;
    position = only_line(*line);
    position.column = (int32_t)take_byte(in);
    position.end_column = (int32_t)take_byte(in);
    return position;
}

/* From 3.11 on. */
static struct pyr_position find_in_locations(const struct pyr_line_table *table, int64_t offset)
{
    struct cursor in = {table->bytes, table->bytes + table->size};
    int64_t line = table->first_line;
    int64_t end = 0;
    while (in.next < in.end) {
        uint32_t head = take_byte(&in);
        end += ((int64_t)(head & 7) + 1) * UNIT_SIZE;
        struct pyr_position position = take_location(&in, head >> 3 & 15, &line);
        if (offset < end) {
            return position;
        }
    }
    return only_line(-1);
}

struct pyr_position pyr_line_find(const struct pyr_line_table *table, int32_t offset)
{
    if (offset < 0 || table->bytes == NULL) {
        return only_line(table->first_line);
    }
    if (table->minor >= OLDEST_LOCATIONS) {
        return find_in_locations(table, offset);
    }
    return table->minor >= OLDEST_RANGES ? find_in_ranges(table, offset)
                                         : find_in_steps(table, offset);
}
