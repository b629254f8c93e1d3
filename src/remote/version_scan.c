/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/version_scan.h"

#include "remote/variables.h"

#define BLOCK_SIZE 16384
#define OVERLAP 64 /* more than a version takes */

static bool take_number(const char *text, size_t size, size_t *pos, uint32_t *value)
{
    size_t start = *pos;
    *value = 0;
    while (*pos < size && text[*pos] >= '0' && text[*pos] <= '9' && *pos - start < 3) {
        *value = *value * 10 + (uint32_t)(text[*pos] - '0');
        (*pos)++;
    }
    return *pos > start && *value < 256;
}

static bool take_char(const char *text, size_t size, size_t *pos, char c)
{
    if (*pos >= size || text[*pos] != c) {
        return false;
    }
    (*pos)++;
    return true;
}

/* The low byte: the release's level and its serial number. */
static bool take_level(const char *text, size_t size, size_t *pos, uint32_t *level)
{
    uint32_t serial = 0;
    if (take_char(text, size, pos, 'a')) {
        *level = 0xa0;
    } else if (take_char(text, size, pos, 'b')) {
        *level = 0xb0;
    } else if (take_char(text, size, pos, 'r')) {
        *level = 0xc0;
        if (!take_char(text, size, pos, 'c')) {
            return false;
        }
    } else {
        *level = 0xf0;
        return true;
    }
    bool ok = take_number(text, size, pos, &serial) && serial < 16;
    *level |= serial & 0xf;
    return ok;
}

uint32_t pyr_version_parse(const char *text, size_t size)
{
    size_t pos = 0;
    uint32_t major = 0;
    uint32_t minor = 0;
    uint32_t micro = 0;
    uint32_t level = 0;
    bool ok = take_number(text, size, &pos, &major) && (major == 2 || major == 3) &&
              take_char(text, size, &pos, '.') && take_number(text, size, &pos, &minor) &&
              take_char(text, size, &pos, '.') && take_number(text, size, &pos, &micro) &&
              take_level(text, size, &pos, &level);
    (void)(ok && take_char(text, size, &pos, '+'));
    ok = ok && take_char(text, size, &pos, ' ') && take_char(text, size, &pos, '(');
    return ok ? major << 24 | minor << 16 | micro << 8 | level : 0;
}

static uint32_t scan_block(const char *block, size_t size)
{
    for (size_t i = 0; i + 8 < size; i++) {
        bool begins = (block[i] == '3' || block[i] == '2') && block[i + 1] == '.' &&
                      (i == 0 || block[i - 1] == '\0');
        uint32_t version = begins ? pyr_version_parse(block + i, size - i) : 0;
        if (version != 0) {
            return version;
        }
    }
    return 0;
}

static uint32_t scan_range(struct pyr_memory *memory, uint64_t start, uint64_t end)
{
    char block[BLOCK_SIZE];
    for (uint64_t at = start; at < end; at += BLOCK_SIZE - OVERLAP) {
        size_t size = end - at < BLOCK_SIZE ? (size_t)(end - at) : BLOCK_SIZE;
        if (!pyr_memory_read(memory, at, block, size)) {
            continue; /* a page that a core file left out, or that is gone */
        }
        uint32_t version = scan_block(block, size);
        if (version != 0) {
            return version;
        }
    }
    return 0;
}

uint32_t pyr_version_scan(struct pyr_memory *memory, const struct pyr_map_entry *first,
                          uint64_t *budget)
{
    struct pyr_variables ranges[PYR_VARIABLES_MAX];
    uint32_t count = pyr_variables_find(memory, first, ranges);
    uint32_t version = 0;
    for (uint32_t i = 0; i < count && version == 0; i++) {
        uint64_t size = ranges[i].end - ranges[i].start;
        size = size > *budget ? *budget : size;
        *budget -= size;
        version = scan_range(memory, ranges[i].start, ranges[i].start + size);
    }
    return version;
}
