/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Feeds the reader of the native file twice: the bytes as they are, and the same with all their
 * checksums made right, without which hardly any change would come past the first check. What is
 * read must write, and read back, and write the same bytes again; it must merge, and what is within
 * reason must export as a trace, for no other reader knows threads, tasks and timelines as well. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "formats/chrome.h"
#include "formats/native.h"
#include "formats/native_layout.h"

#define MAX_STEPS 1000000 /* what a trace takes at most, here */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort(); /* what the fuzzer reports */
    }
}

static void put_u32(uint8_t *place, uint32_t value)
{
    for (uint32_t i = 0; i < 4; i++) {
        place[i] = (uint8_t)(value >> (8 * i));
    }
}

/* Corrects one section's checksums, and gives the size of its payload; its sizes stand. */
static size_t repair_section(uint8_t *bytes, size_t left)
{
    struct pyr_native_section section;
    uint8_t *payload = bytes + PYR_NATIVE_SECTION_HEADER_BYTES;
    (void)!pyr_native_section_get(bytes, &section);
    if (section.stored_bytes > left - PYR_NATIVE_SECTION_HEADER_BYTES) {
        section.stored_bytes = 0;
        put_u32(bytes + 16, 0);
    }
    if ((section.flags & PYR_NATIVE_ZSTD) == 0) {
        put_u32(bytes + 20, section.stored_bytes);
    }
    put_u32(bytes + 24, pyr_crc32c(0, payload, section.stored_bytes));
    put_u32(bytes + 28, pyr_crc32c(0, bytes, 28));
    return section.stored_bytes;
}

static void repair(uint8_t *bytes, size_t size)
{
    uint32_t headers_crc = 0, sections = 0, batches = 0;
    size_t batch_start = PYR_NATIVE_FILE_HEADER_BYTES;
    if (size < PYR_NATIVE_FILE_HEADER_BYTES) {
        return;
    }
    memcpy(bytes, PYR_NATIVE_MAGIC, PYR_NATIVE_MAGIC_BYTES);
    put_u32(bytes + 8, PYR_NATIVE_MAJOR);
    put_u32(bytes + 12, pyr_crc32c(0, bytes, 12));
    for (size_t pos = batch_start; size - pos >= PYR_NATIVE_SECTION_HEADER_BYTES;) {
        uint8_t *header = bytes + pos;
        struct pyr_native_section section;
        (void)!pyr_native_section_get(header, &section);
        const bool is_commit = section.type == PYR_NATIVE_COMMIT || section.type == PYR_NATIVE_END;
        if (is_commit && size - pos >= PYR_NATIVE_SECTION_HEADER_BYTES + PYR_NATIVE_COMMIT_BYTES) {
            uint8_t *payload = header + PYR_NATIVE_SECTION_HEADER_BYTES;
            put_u32(header + 4, 0);
            put_u32(header + 8, ++batches);
            put_u32(header + 12, sections);
            put_u32(header + 16, PYR_NATIVE_COMMIT_BYTES);
            put_u32(payload, (uint32_t)batch_start);
            put_u32(payload + 4, 0);
            put_u32(payload + 8, headers_crc);
        }
        pos += PYR_NATIVE_SECTION_HEADER_BYTES + repair_section(header, size - pos);
        headers_crc =
            is_commit ? 0 : pyr_crc32c(headers_crc, header, PYR_NATIVE_SECTION_HEADER_BYTES);
        sections = is_commit ? 0 : sections + 1;
        batch_start = is_commit ? pos : batch_start;
    }
}

/* The profile as a file, and that file read again. */
static struct pyr_profile *write_and_read(const struct pyr_profile *profile, struct pyr_buf *file)
{
    struct pyr_err err = {0};
    struct pyr_profile *back = NULL;
    must(pyr_format_native.write(profile, NULL, file, &err));
    must(pyr_format_native.read((const uint8_t *)file->data, file->len, &back, &err));
    return back;
}

static void merge(const struct pyr_profile *profile)
{
    struct pyr_err err = {0};
    struct pyr_profile *into = pyr_profile_new(&err);
    must(into != NULL);
    must(pyr_profile_merge(into, profile, true, &err));
    must(pyr_profile_merge(into, profile, true, &err));
    must(pyr_threads_count(into->threads) <= pyr_threads_count(profile->threads));
    must(pyr_profile_merge(into, profile, false, &err));
    pyr_profile_free(into);
}

static void export_trace(const struct pyr_profile *profile)
{
    const struct pyr_format_options few = {.min_duration_ns = 5, .max_depth = 3};
    struct pyr_err err = {0};
    struct pyr_buf all = {0}, some = {0};
    if ((uint64_t)pyr_timeline_count(profile->timeline) * pyr_stacks_count(profile->stacks) >
        MAX_STEPS) {
        return;
    }
    must(pyr_format_chrome.write(profile, NULL, &all, &err));
    must(pyr_format_chrome.write(profile, &few, &some, &err));
    must(some.len <= all.len);
    pyr_buf_release(&all);
    pyr_buf_release(&some);
}

static void try_bytes(const uint8_t *data, size_t size)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    if (!pyr_format_native.read(data, size, &profile, &err)) {
        must(profile == NULL && err.code != PYR_OK && err.message[0] != '\0');
        return;
    }
    merge(profile);
    if (pyr_timeline_count(profile->timeline) > 0) {
        export_trace(profile);
    }
    struct pyr_buf first = {0}, second = {0};
    struct pyr_profile *back = write_and_read(profile, &first);
    struct pyr_profile *again = write_and_read(back, &second);
    must(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    pyr_profile_free(again);
    pyr_profile_free(back);
    pyr_profile_free(profile);
    pyr_buf_release(&second);
    pyr_buf_release(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_bytes(data, size);
    uint8_t *copy = pyr_mem_alloc(size);
    if (copy != NULL && size > 0) {
        memcpy(copy, data, size);
        repair(copy, size);
        try_bytes(copy, size);
    }
    pyr_mem_free(copy);
    return 0;
}
