/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_zstd.h"

#include <string.h>

#include <zstd.h>

#include "base/mem.h"
#include "formats/native_layout.h"
#include "native_fixture.h"
#include "unit.h"

#define SIZE 10000

static char text[SIZE];

static size_t pack_text(uint8_t *frame, size_t room)
{
    struct pyr_err err = {0};
    struct pyr_native_packer *packer = pyr_native_packer_new();
    const void *packed = NULL;
    size_t len = 0;
    memset(text, 'x', sizeof(text));
    assert_true(pyr_native_pack(packer, text, sizeof(text), &packed, &len, &err));
    assert_non_null(packed);
    assert_true(len < room);
    memcpy(frame, packed, len);
    pyr_native_packer_free(packer);
    return len;
}

static void assert_unpack_refused(const uint8_t *frame, size_t len, size_t size, const char *word)
{
    struct pyr_err err = {0};
    struct pyr_native_unpacker *unpacker = pyr_native_unpacker_new();
    const uint8_t *unpacked = NULL;
    assert_false(pyr_native_unpack(unpacker, frame, len, size, &unpacked, &err));
    assert_null(unpacked);
    assert_int_equal(err.code, PYR_ERR_FORMAT);
    assert_non_null(strstr(err.message, word));
    pyr_native_unpacker_free(unpacker);
}

static void test_what_was_packed_unpacks_to_the_same(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    uint8_t frame[200];
    const size_t len = pack_text(frame, sizeof(frame));
    struct pyr_native_unpacker *unpacker = pyr_native_unpacker_new();
    const uint8_t *unpacked = NULL;
    for (int i = 0; i < 2; i++) {
        assert_true(pyr_native_unpack(unpacker, frame, len, SIZE, &unpacked, &err));
        assert_memory_equal(unpacked, text, SIZE);
    }
    pyr_native_unpacker_free(unpacker);
}

static void test_what_would_not_shrink_is_not_packed(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_native_packer *packer = pyr_native_packer_new();
    const void *packed = "";
    size_t len = 1;
    assert_true(pyr_native_pack(packer, "abc", 3, &packed, &len, &err));
    assert_null(packed);
    assert_int_equal(len, 0);
    pyr_native_packer_free(packer);
}

static void test_a_frame_of_another_size_than_claimed_is_refused(void **state)
{
    (void)state;
    uint8_t frame[200];
    const size_t len = pack_text(frame, sizeof(frame));
    assert_unpack_refused(frame, len, SIZE - 1, "unpacks to 10000 bytes instead of 9999");
    assert_unpack_refused(frame, len, SIZE + 1, "unpacks to 10000 bytes instead of 10001");
}

static void test_what_is_not_exactly_one_frame_is_refused(void **state)
{
    (void)state;
    uint8_t frame[200] = {0};
    const size_t len = pack_text(frame, sizeof(frame) / 2);
    assert_unpack_refused((const uint8_t *)"not zstd at all", 15, SIZE, "not a zstd frame");
    assert_unpack_refused(frame, len - 1, SIZE, "one zstd frame");
    assert_unpack_refused(frame, len + 1, SIZE, "one zstd frame");
    memcpy(frame + len, frame, len);
    assert_unpack_refused(frame, 2 * len, SIZE, "one zstd frame");
}

/* A frame made by streaming need not say how large it is; ours always do. */
static void test_a_frame_that_hides_its_size_is_refused(void **state)
{
    (void)state;
    uint8_t frame[400];
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_inBuffer in = {text, sizeof(text), 0};
    ZSTD_outBuffer out = {frame, sizeof(frame), 0};
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
    (void)ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
    (void)ZSTD_freeCCtx(context);
    assert_unpack_refused(frame, out.pos, SIZE, "states its size");
}

static void test_a_damaged_frame_is_refused(void **state)
{
    (void)state;
    uint8_t frame[200];
    const size_t len = pack_text(frame, sizeof(frame));
    for (size_t i = 0; i < len; i++) {
        struct pyr_err err = {0};
        struct pyr_native_unpacker *unpacker = pyr_native_unpacker_new();
        const uint8_t *unpacked = NULL;
        frame[i] ^= 0xFF;
        if (!pyr_native_unpack(unpacker, frame, len, SIZE, &unpacked, &err)) {
            assert_int_equal(err.code, PYR_ERR_FORMAT);
        }
        frame[i] ^= 0xFF;
        pyr_native_unpacker_free(unpacker);
    }
}

/* Sections of `columns` columns of zeros, packed. `added`: each row is a new one. */
static void forge_zeros(struct native_forge *forge, struct pyr_native_section section,
                        uint32_t columns, uint32_t sections, bool added)
{
    struct pyr_err err = {0};
    struct pyr_native_packer *packer = pyr_native_packer_new();
    forge->batch.packer = packer;
    for (uint32_t i = 0; i < sections; i++) {
        pyr_native_batch_begin(&forge->batch, columns);
        for (uint32_t column = 0; column < columns; column++) {
            pyr_buf_add_repeated(&forge->batch.payload, '\0', section.rows);
            pyr_native_batch_column(&forge->batch);
        }
        assert_true(pyr_native_batch_section(&forge->batch, &section, 0, &err));
        section.first += added ? section.rows : 0;
    }
    forge->batch.packer = NULL;
    pyr_native_packer_free(packer);
    assert_true(forge->file.len < 20000);
}

/* One row stated again and again takes no memory, and would take hours. */
static void test_a_small_file_that_unpacks_to_very_much_is_refused(void **state)
{
    (void)state;
    struct native_forge forge;
    struct pyr_native_section section = {.type = PYR_NATIVE_VALUES, .first = 1, .rows = 1};
    native_forge_start(&forge);
    native_forge_tables(&forge);
    native_forge_rows(&forge, section, 2, (int64_t[]){0, 0});
    section.first = 2;
    section.rows = 10 << 20;
    forge_zeros(&forge, section, 2, 4, false); /* 20 MiB each */
    native_forge_refused(&forge, PYR_ERR_LIMIT, "1024 times");
}

/* Each row takes 64 bytes in memory and 4 when unpacked: 20 MiB that want to be 320. */
static void test_a_small_file_whose_tables_are_very_large_is_refused(void **state)
{
    (void)state;
    struct native_forge forge;
    const struct pyr_native_section section = {
        .type = PYR_NATIVE_RUNS, .first = 1, .rows = 1 << 20};
    native_forge_start(&forge);
    native_forge_tables(&forge);
    forge_zeros(&forge, section, PYR_NATIVE_RUN_COLUMNS, 5, true);
    native_forge_refused(&forge, PYR_ERR_LIMIT, "1024 times");
}

static void test_running_out_of_memory_is_reported(void **state)
{
    (void)state;
    uint8_t frame[200];
    const size_t len = pack_text(frame, sizeof(frame));
    bool failed = true;
    long nth = 0;
    for (; failed; nth++) {
        struct pyr_err err = {0};
        const void *packed = NULL;
        const uint8_t *unpacked = NULL;
        size_t packed_len = 0;
        pyr_mem_fail_after(nth);
        struct pyr_native_packer *packer = pyr_native_packer_new();
        struct pyr_native_unpacker *unpacker = pyr_native_unpacker_new();
        failed = packer == NULL || unpacker == NULL;
        if (!failed) {
            failed = !pyr_native_pack(packer, text, SIZE, &packed, &packed_len, &err) ||
                     !pyr_native_unpack(unpacker, frame, len, SIZE, &unpacked, &err);
            assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        }
        pyr_mem_fail_after(-1);
        pyr_native_packer_free(packer);
        pyr_native_unpacker_free(unpacker);
    }
    assert_true(nth >= 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_packed_unpacks_to_the_same),
        cmocka_unit_test(test_what_would_not_shrink_is_not_packed),
        cmocka_unit_test(test_a_frame_of_another_size_than_claimed_is_refused),
        cmocka_unit_test(test_what_is_not_exactly_one_frame_is_refused),
        cmocka_unit_test(test_a_frame_that_hides_its_size_is_refused),
        cmocka_unit_test(test_a_damaged_frame_is_refused),
        cmocka_unit_test(test_a_small_file_that_unpacks_to_very_much_is_refused),
        cmocka_unit_test(test_a_small_file_whose_tables_are_very_large_is_refused),
        cmocka_unit_test(test_running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
