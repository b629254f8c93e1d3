/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_scan.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "formats/native.h"
#include "formats/native_write.h"
#include "native_fixture.h"
#include "unit.h"

#define BATCHES 3

/* A file of several batches and where each ends; the last ends with the end mark. */
struct sample {
    struct pyr_profile *profile; /* owned, like the file */
    struct pyr_buf file;
    size_t ends[BATCHES + 1];
};

static void make_sample(struct sample *sample)
{
    struct pyr_err err = {0};
    struct pyr_native_state state = {.file_bytes = PYR_NATIVE_FILE_HEADER_BYTES};
    *sample = (struct sample){.profile = native_fixture_new(0)};
    pyr_native_put_file_header(&sample->file);
    sample->ends[0] = sample->file.len;
    for (uint32_t i = 0; i < BATCHES; i++) {
        assert_true(native_fixture_grow(sample->profile, i, &err));
        assert_true(
            pyr_native_put_batch(&sample->file, sample->profile, i == BATCHES - 1, &state, &err));
        sample->ends[i + 1] = sample->file.len;
        assert_int_equal(state.file_bytes, sample->file.len);
    }
}

static void release_sample(struct sample *sample)
{
    pyr_buf_release(&sample->file);
    pyr_profile_free(sample->profile);
}

static bool read_bytes(const struct pyr_buf *file, struct pyr_profile **out, struct pyr_err *err)
{
    *err = (struct pyr_err){0};
    return pyr_format_native.read((const uint8_t *)file->data, file->len, out, err);
}

static void assert_refused(const struct pyr_buf *file, enum pyr_err_code code, const char *word)
{
    struct pyr_err err;
    struct pyr_profile *profile = NULL;
    assert_false(read_bytes(file, &profile, &err));
    assert_null(profile);
    assert_int_equal(err.code, code);
    if (strstr(err.message, word) == NULL) {
        fail_msg("no \"%s\" in: %s", word, err.message);
    }
}

static void test_every_flipped_byte_is_found_and_its_place_named(void **state)
{
    (void)state;
    static const uint8_t flips[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF};
    struct sample sample;
    make_sample(&sample);
    for (size_t i = 0; i < sample.file.len; i++) {
        for (size_t k = 0; k < sizeof(flips); k++) {
            struct pyr_err err;
            struct pyr_profile *profile = NULL;
            sample.file.data[i] = (char)(sample.file.data[i] ^ flips[k]);
            const bool ok = read_bytes(&sample.file, &profile, &err);
            sample.file.data[i] = (char)(sample.file.data[i] ^ flips[k]);
            size_t place = 0;
            if (ok || sscanf(err.message, "byte %zu:", &place) != 1 || place > i) {
                fail_msg("byte %zu flipped by %02x: %s", i, flips[k], err.message);
            }
        }
    }
    release_sample(&sample);
}

static void test_whole_batches_are_walked_in_order(void **state)
{
    (void)state;
    struct sample sample;
    struct pyr_native_scan scan;
    struct pyr_native_span span;
    struct pyr_err err = {0};
    bool more = false;
    make_sample(&sample);
    assert_true(
        pyr_native_scan_start(&scan, (const uint8_t *)sample.file.data, sample.file.len, &err));
    for (uint32_t i = 0; i < BATCHES; i++) {
        assert_true(pyr_native_scan_next(&scan, &span, &more, &err));
        assert_true(more);
        assert_int_equal(span.start, sample.ends[i]);
        assert_int_equal(scan.pos, sample.ends[i + 1]);
        assert_true(scan.ended == (i == BATCHES - 1));
    }
    assert_true(pyr_native_scan_next(&scan, &span, &more, &err));
    assert_false(more);
    release_sample(&sample);
}

static void test_batches_left_out_moved_or_repeated_are_refused(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    const size_t *ends = sample.ends;
    const char *data = sample.file.data;
    static const uint32_t orders[][4] = {{1, 2, 9, 9}, {0, 2, 9, 9}, {1, 0, 2, 9}, {0, 0, 1, 2},
                                         {0, 1, 1, 2}, {0, 1, 2, 2}, {0, 1, 2, 0}, {2, 0, 1, 9}};
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct pyr_buf file = {0};
        pyr_buf_add(&file, data, ends[0]);
        for (size_t k = 0; k < 4 && orders[i][k] < BATCHES; k++) {
            const uint32_t batch = orders[i][k];
            pyr_buf_add(&file, data + ends[batch], ends[batch + 1] - ends[batch]);
        }
        assert_refused(&file, PYR_ERR_FORMAT, "byte ");
        pyr_buf_release(&file);
    }
    release_sample(&sample);
}

/* One section taken out of a batch that is otherwise whole. */
static void test_a_section_taken_out_is_noticed(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    const char *data = sample.file.data;
    for (size_t pos = sample.ends[1]; pos < sample.ends[2];) {
        struct pyr_native_section section;
        struct pyr_buf file = {0};
        assert_true(pyr_native_section_get((const uint8_t *)data + pos, &section));
        const size_t next = pos + PYR_NATIVE_SECTION_HEADER_BYTES + section.stored_bytes;
        pyr_buf_add(&file, data, pos);
        pyr_buf_add(&file, data + next, sample.file.len - next);
        assert_refused(&file, PYR_ERR_FORMAT, "byte ");
        pyr_buf_release(&file);
        pos = next;
    }
    release_sample(&sample);
}

/* A machine that lost power may leave zeros in place of what was not written yet. */
static void test_zeros_at_the_end_count_as_cut_short(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    for (size_t good = sample.ends[1]; good < sample.file.len; good += 5) {
        struct pyr_err err;
        struct pyr_profile *profile = NULL;
        struct pyr_buf file = {0};
        const uint32_t whole = good >= sample.ends[2] ? 2 : 1;
        struct pyr_profile *expected = native_fixture_new(whole);
        pyr_buf_add(&file, sample.file.data, good);
        pyr_buf_add_repeated(&file, '\0', 4096);
        if (!read_bytes(&file, &profile, &err)) {
            fail_msg("zeros from byte %zu: %s", good, err.message);
        }
        native_fixture_assert_equal_but_meta(expected, profile);
        assert_int_equal(pyr_meta_number(profile->meta, PYR_META_FINISHED, -1), 0);
        pyr_profile_free(profile);
        pyr_profile_free(expected);
        pyr_buf_release(&file);
    }
    release_sample(&sample);
}

static void test_zeros_in_the_middle_are_damage(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    memset(sample.file.data + sample.ends[1], 0, 300);
    assert_refused(&sample.file, PYR_ERR_FORMAT, "damaged");
    release_sample(&sample);
}

static void test_nothing_may_follow_the_end_mark(void **state)
{
    (void)state;
    struct sample sample;
    char expected[64];
    make_sample(&sample);
    snprintf(expected, sizeof(expected), "byte %zu: something follows", sample.file.len);
    pyr_buf_add_char(&sample.file, 'x');
    assert_refused(&sample.file, PYR_ERR_FORMAT, expected);
    release_sample(&sample);
}

static void test_a_file_copied_as_text_is_told_so(void **state)
{
    (void)state;
    struct sample sample;
    struct pyr_buf file = {0};
    make_sample(&sample);
    for (size_t i = 0; i < sample.file.len; i++) { /* CR LF becomes LF */
        if (sample.file.data[i] != '\r') {
            pyr_buf_add_char(&file, sample.file.data[i]);
        }
    }
    assert_refused(&file, PYR_ERR_FORMAT, "copied as text");
    pyr_buf_release(&file);
    release_sample(&sample);
}

/* Changes the version and makes the header's checksum right again. */
static void set_version(struct pyr_buf *file, char major, char minor)
{
    file->data[8] = major;
    file->data[10] = minor;
    const uint32_t crc = pyr_crc32c(0, file->data, 12);
    for (uint32_t i = 0; i < 4; i++) {
        file->data[12 + i] = (char)(crc >> (8 * i) & 0xFF);
    }
}

static void test_a_newer_major_version_is_refused_and_a_newer_minor_one_read(void **state)
{
    (void)state;
    struct sample sample;
    struct pyr_err err;
    struct pyr_profile *profile = NULL;
    make_sample(&sample);
    set_version(&sample.file, 2, 3);
    assert_refused(&sample.file, PYR_ERR_UNSUPPORTED, "version 2.3");
    set_version(&sample.file, 0, 1);
    assert_refused(&sample.file, PYR_ERR_UNSUPPORTED, "version 0.1");
    set_version(&sample.file, 1, 9);
    assert_true(read_bytes(&sample.file, &profile, &err));
    native_fixture_assert_equal(sample.profile, profile);
    pyr_profile_free(profile);
    release_sample(&sample);
}

/* A header with a right checksum and sizes that lie. */
static void test_sizes_that_contradict_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t flags, stored, size;
        enum pyr_err_code code;
        const char *word;
    } lies[] = {
        {0, 4, 5, PYR_ERR_FORMAT, "contradict"},
        {0, 5, 4, PYR_ERR_FORMAT, "contradict"},
        {PYR_NATIVE_ZSTD, 4, 4, PYR_ERR_FORMAT, "contradict"},
        {PYR_NATIVE_ZSTD, 4, 0, PYR_ERR_FORMAT, "contradict"},
        {PYR_NATIVE_ZSTD, 4, (64u << 20) + 1, PYR_ERR_LIMIT, "larger than 64 MiB"},
        {PYR_NATIVE_ZSTD, 4, UINT32_MAX, PYR_ERR_LIMIT, "larger than 64 MiB"},
        {0, UINT32_MAX, UINT32_MAX, PYR_ERR_LIMIT, "larger than 64 MiB"},
        {4, 4, 4, PYR_ERR_UNSUPPORTED, "does not know"},
    };
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct pyr_buf file = {0};
        const struct pyr_native_section section = {
            .type = PYR_NATIVE_FRAMES,
            .flags = lies[i].flags,
            .first = 1,
            .rows = 1,
            .stored_bytes = lies[i].stored,
            .size_bytes = lies[i].size,
            .payload_crc = pyr_crc32c(0, "abcd", 4),
        };
        pyr_native_put_file_header(&file);
        pyr_native_section_put(&file, &section);
        pyr_buf_add_text(&file, "abcd");
        assert_refused(&file, lies[i].code, lies[i].word);
        pyr_buf_release(&file);
    }
}

static void test_a_commit_of_another_shape_is_refused(void **state)
{
    (void)state;
    for (uint32_t flags = 0; flags < 2; flags++) {
        struct pyr_buf file = {0};
        const uint32_t size = flags == 0 ? 8 : 12;
        const struct pyr_native_section section = {
            .type = PYR_NATIVE_COMMIT,
            .flags = flags,
            .first = 1,
            .stored_bytes = size,
            .size_bytes = size,
            .payload_crc = pyr_crc32c(0, "\x10\0\0\0\0\0\0\0\0\0\0\0", size),
        };
        pyr_native_put_file_header(&file);
        pyr_native_section_put(&file, &section);
        pyr_buf_add(&file, "\x10\0\0\0\0\0\0\0\0\0\0\0", size);
        assert_refused(&file, PYR_ERR_FORMAT, "commit");
        pyr_buf_release(&file);
    }
}

static void test_a_commit_that_counts_otherwise_is_refused(void **state)
{
    (void)state;
    for (int what = 0; what < 4; what++) {
        struct pyr_err err = {0};
        struct native_forge forge;
        native_forge_start(&forge);
        native_forge_tables(&forge);
        forge.batch.file_offset += what == 0 ? 1 : 0;
        forge.batch.headers_crc ^= what == 1 ? 1 : 0;
        forge.batch.sections += what == 2 ? 1 : 0;
        assert_true(pyr_native_batch_commit(&forge.batch, what == 3 ? 2 : 1, true, &err));
        assert_refused(&forge.file, PYR_ERR_FORMAT, "missing, moved or repeated");
        pyr_native_batch_release(&forge.batch);
        pyr_buf_release(&forge.file);
    }
}

/* Zeros excuse only what they replaced, and only where there are many. */
static void test_damage_beside_zeros_is_damage(void **state)
{
    (void)state;
    struct sample sample;
    struct pyr_buf file = {0};
    make_sample(&sample);
    pyr_buf_add(&file, sample.file.data, sample.ends[2] - 10);
    file.data[sample.ends[1] + 40] ^= 1;
    pyr_buf_add_repeated(&file, '\0', 4096);
    assert_refused(&file, PYR_ERR_FORMAT, "damaged");
    pyr_buf_release(&file);
    release_sample(&sample);

    const struct pyr_native_section section = {
        .type = PYR_NATIVE_FRAMES, .first = 1, .rows = 1, .stored_bytes = 8, .size_bytes = 8};
    pyr_native_put_file_header(&file);
    pyr_native_section_put(&file, &section);
    pyr_buf_add_repeated(&file, '\0', 8); /* whose checksum is not 0 */
    assert_refused(&file, PYR_ERR_FORMAT, "damaged");
    pyr_buf_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_flipped_byte_is_found_and_its_place_named),
        cmocka_unit_test(test_whole_batches_are_walked_in_order),
        cmocka_unit_test(test_batches_left_out_moved_or_repeated_are_refused),
        cmocka_unit_test(test_a_section_taken_out_is_noticed),
        cmocka_unit_test(test_zeros_at_the_end_count_as_cut_short),
        cmocka_unit_test(test_zeros_in_the_middle_are_damage),
        cmocka_unit_test(test_nothing_may_follow_the_end_mark),
        cmocka_unit_test(test_a_file_copied_as_text_is_told_so),
        cmocka_unit_test(test_a_newer_major_version_is_refused_and_a_newer_minor_one_read),
        cmocka_unit_test(test_sizes_that_contradict_are_refused),
        cmocka_unit_test(test_a_commit_of_another_shape_is_refused),
        cmocka_unit_test(test_a_commit_that_counts_otherwise_is_refused),
        cmocka_unit_test(test_damage_beside_zeros_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
