/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_scan.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "base/reader.h"

/* So many zeros no writer leaves at the end of a file: a commit is in the way. */
#define MIN_ZEROS 32
#define KNOWN_FLAGS (PYR_NATIVE_OPTIONAL | PYR_NATIVE_ZSTD)

enum found {
    FOUND_SECTION,
    FOUND_CUT,    /* the file ends before the section does */
    FOUND_DAMAGE, /* `err` is set */
};

static bool check_header(const uint8_t *data, size_t size, struct pyr_err *err)
{
    if (size < PYR_NATIVE_FILE_HEADER_BYTES) {
        return pyr_err_set(err, PYR_ERR_FORMAT,
                           "byte %zu: the file ends inside its header of %d bytes", size,
                           PYR_NATIVE_FILE_HEADER_BYTES);
    }
    if (memcmp(data, PYR_NATIVE_MAGIC, 4) != 0) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "byte 0: not a .pyro file");
    }
    if (memcmp(data, PYR_NATIVE_MAGIC, PYR_NATIVE_MAGIC_BYTES) != 0) {
        return pyr_err_set(err, PYR_ERR_FORMAT,
                           "byte 4: a .pyro file that was copied as text, which changed its line "
                           "ends; copy it again in binary mode");
    }
    struct pyr_reader in = {data, PYR_NATIVE_FILE_HEADER_BYTES, PYR_NATIVE_MAGIC_BYTES};
    uint16_t major = 0, minor = 0;
    uint32_t crc = 0;
    if (!pyr_reader_u16(&in, &major, err) || !pyr_reader_u16(&in, &minor, err) ||
        !pyr_reader_u32(&in, &crc, err)) {
        return false;
    }
    if (pyr_crc32c(0, data, PYR_NATIVE_FILE_HEADER_BYTES - 4) != crc) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "byte 0: the header is damaged (wrong checksum)");
    }
    if (major != PYR_NATIVE_MAJOR) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "the file has version %u.%u and this Pyrometer reads version %d: use "
                           "the Pyrometer that wrote it, or a newer one",
                           major, minor, PYR_NATIVE_MAJOR);
    }
    return true;
}

bool pyr_native_scan_start(struct pyr_native_scan *scan, const uint8_t *data, size_t size,
                           struct pyr_err *err)
{
    *scan = (struct pyr_native_scan){
        .data = data,
        .size = size,
        .zeros = size,
        .pos = PYR_NATIVE_FILE_HEADER_BYTES,
    };
    if (!check_header(data, size, err)) {
        return false;
    }
    while (scan->zeros > 0 && data[scan->zeros - 1] == 0) {
        scan->zeros--;
    }
    return true;
}

/* Does something damaged that ends at `end` reach into zeros that were never written? */
static bool reaches_zeros(const struct pyr_native_scan *scan, size_t end)
{
    return scan->size - scan->zeros >= MIN_ZEROS && end > scan->zeros;
}

static bool check_section(const struct pyr_native_section *section, size_t pos, struct pyr_err *err)
{
    char name[5];
    pyr_native_type_name(section->type, name);
    if ((section->flags & ~KNOWN_FLAGS) != 0) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "byte %zu: section %s is stored in a way that this Pyrometer does not "
                           "know: use a newer one",
                           pos, name);
    }
    if (section->size_bytes > PYR_NATIVE_MAX_SECTION_BYTES) {
        return pyr_err_set(err, PYR_ERR_LIMIT,
                           "byte %zu: section %s is larger than %" PRIu32 " MiB", pos, name,
                           PYR_NATIVE_MAX_SECTION_BYTES >> 20);
    }
    const bool packed = (section->flags & PYR_NATIVE_ZSTD) != 0;
    if (packed ? section->stored_bytes >= section->size_bytes
               : section->stored_bytes != section->size_bytes) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "byte %zu: the sizes of section %s contradict", pos,
                           name);
    }
    return true;
}

static enum found find_section(const struct pyr_native_scan *scan, size_t pos,
                               struct pyr_native_section *section, struct pyr_err *err)
{
    const size_t left = scan->size - pos;
    if (left < PYR_NATIVE_SECTION_HEADER_BYTES) {
        return FOUND_CUT;
    }
    const size_t payload = pos + PYR_NATIVE_SECTION_HEADER_BYTES;
    if (!pyr_native_section_get(scan->data + pos, section)) {
        if (reaches_zeros(scan, payload)) {
            return FOUND_CUT;
        }
        pyr_err_set(err, PYR_ERR_FORMAT, "byte %zu: damaged section header (wrong checksum)", pos);
        return FOUND_DAMAGE;
    }
    if (!check_section(section, pos, err)) {
        return FOUND_DAMAGE;
    }
    if (section->stored_bytes > left - PYR_NATIVE_SECTION_HEADER_BYTES) {
        return FOUND_CUT;
    }
    if (pyr_crc32c(0, scan->data + payload, section->stored_bytes) != section->payload_crc) {
        char name[5];
        if (reaches_zeros(scan, payload + section->stored_bytes)) {
            return FOUND_CUT;
        }
        pyr_err_set(err, PYR_ERR_FORMAT, "byte %zu: damaged section %s (wrong checksum)", payload,
                    pyr_native_type_name(section->type, name));
        return FOUND_DAMAGE;
    }
    return FOUND_SECTION;
}

static bool is_commit(const struct pyr_native_section *section)
{
    return section->type == PYR_NATIVE_COMMIT || section->type == PYR_NATIVE_END;
}

/* Does the commit at `pos` belong to exactly the sections that stand before it? */
static bool check_commit(const struct pyr_native_scan *scan, size_t pos, uint32_t sections,
                         uint32_t headers_crc, struct pyr_err *err)
{
    struct pyr_native_section commit = {0};
    struct pyr_reader in = {scan->data, scan->size, pos + PYR_NATIVE_SECTION_HEADER_BYTES};
    uint64_t offset = 0;
    uint32_t crc = 0;
    if (!pyr_native_section_get(scan->data + pos, &commit) || commit.flags != 0 ||
        commit.size_bytes != PYR_NATIVE_COMMIT_BYTES || !pyr_reader_u64(&in, &offset, err) ||
        !pyr_reader_u32(&in, &crc, err)) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "byte %zu: a commit that is none", pos);
    }
    if (offset != scan->pos || crc != headers_crc || commit.rows != sections ||
        commit.first != scan->batches + 1) {
        return pyr_err_set(err, PYR_ERR_FORMAT,
                           "byte %zu: sections are missing, moved or repeated before here", pos);
    }
    return true;
}

bool pyr_native_scan_next(struct pyr_native_scan *scan, struct pyr_native_span *span, bool *more,
                          struct pyr_err *err)
{
    size_t pos = scan->pos;
    uint32_t sections = 0;
    uint32_t headers_crc = 0;
    *more = false;
    *span = (struct pyr_native_span){pos, pos};
    if (scan->ended) {
        return pos == scan->size ? true
                                 : pyr_err_set(err, PYR_ERR_FORMAT,
                                               "byte %zu: something follows the end mark", pos);
    }
    for (;;) { /* ends because every turn moves at least a header on */
        struct pyr_native_section section = {0};
        const enum found found = find_section(scan, pos, &section, err);
        if (found != FOUND_SECTION) {
            return found == FOUND_CUT;
        }
        if (is_commit(&section)) {
            if (!check_commit(scan, pos, sections, headers_crc, err)) {
                return false;
            }
            span->end = pos;
            scan->ended = section.type == PYR_NATIVE_END;
            scan->batches++;
            scan->pos = pos + PYR_NATIVE_SECTION_HEADER_BYTES + section.stored_bytes;
            *more = true;
            return true;
        }
        headers_crc = pyr_crc32c(headers_crc, scan->data + pos, PYR_NATIVE_SECTION_HEADER_BYTES);
        sections++;
        pos += PYR_NATIVE_SECTION_HEADER_BYTES + section.stored_bytes;
    }
}

const uint8_t *pyr_native_scan_section(const struct pyr_native_scan *scan, size_t *pos,
                                       struct pyr_native_section *section)
{
    const uint8_t *payload = scan->data + *pos + PYR_NATIVE_SECTION_HEADER_BYTES;
    (void)!pyr_native_section_get(scan->data + *pos, section);
    *pos += PYR_NATIVE_SECTION_HEADER_BYTES + section->stored_bytes;
    return payload;
}
