/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"

#include <string.h>

#include "base/buf.h"
#include "unit.h"

static struct pyr_reader reader_of(const struct pyr_buf *buf)
{
    return (struct pyr_reader){(const uint8_t *)buf->data, buf->len, 0};
}

static void test_reads_back_what_a_buffer_wrote(void **state)
{
    (void)state;
    static const uint64_t unsigned_ones[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX};
    static const int64_t signed_ones[] = {0, -1, 1, 63, -64, 64, INT64_MAX, INT64_MIN};
    struct pyr_buf buf = {0};
    struct pyr_err err = {0};
    pyr_buf_add_u8(&buf, 0xFE);
    pyr_buf_add_u16(&buf, 0xFEDC);
    pyr_buf_add_u32(&buf, 0xFEDCBA98);
    pyr_buf_add_u64(&buf, 0xFEDCBA9876543210);
    for (size_t i = 0; i < 8; i++) {
        pyr_buf_add_varint(&buf, unsigned_ones[i]);
        pyr_buf_add_svarint(&buf, signed_ones[i]);
    }
    struct pyr_reader in = reader_of(&buf);
    uint8_t byte = 0;
    uint16_t half = 0;
    uint32_t word = 0;
    uint64_t wide = 0;
    assert_true(pyr_reader_u8(&in, &byte, &err) && byte == 0xFE);
    assert_true(pyr_reader_u16(&in, &half, &err) && half == 0xFEDC);
    assert_true(pyr_reader_u32(&in, &word, &err) && word == 0xFEDCBA98);
    assert_true(pyr_reader_u64(&in, &wide, &err) && wide == 0xFEDCBA9876543210);
    for (size_t i = 0; i < 8; i++) {
        int64_t number = 0;
        assert_true(pyr_reader_varint(&in, &wide, &err) && wide == unsigned_ones[i]);
        assert_true(pyr_reader_svarint(&in, &number, &err) && number == signed_ones[i]);
    }
    assert_int_equal(pyr_reader_left(&in), 0);
    pyr_buf_release(&buf);
}

static void test_what_is_cut_short_fails_and_stays_in_place(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80};
    struct pyr_reader in = {bytes, sizeof bytes, 0};
    struct pyr_err err = {0};
    uint64_t wide = 0;
    uint32_t word = 0;
    const uint8_t *borrowed = NULL;
    assert_false(pyr_reader_u64(&in, &wide, &err));
    assert_int_equal(err.code, PYR_ERR_FORMAT);
    assert_false(pyr_reader_varint(&in, &wide, &err));
    assert_false(pyr_reader_varint32(&in, &word, &err));
    assert_false(pyr_reader_bytes(&in, 8, &borrowed, &err));
    assert_false(pyr_reader_bytes(&in, SIZE_MAX, &borrowed, &err));
    assert_int_equal(in.pos, 0);
    assert_true(pyr_reader_bytes(&in, 7, &borrowed, &err));
    assert_ptr_equal(borrowed, bytes);
    assert_true(pyr_reader_bytes(&in, 0, &borrowed, &err));
    uint8_t byte = 0;
    assert_false(pyr_reader_u8(&in, &byte, &err));
}

static void test_numbers_too_large_are_refused(void **state)
{
    (void)state;
    const uint8_t too_large[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02};
    const uint8_t endless[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                               0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
    struct pyr_reader in = {too_large, sizeof too_large, 0};
    struct pyr_err err = {0};
    uint64_t wide = 0;
    assert_false(pyr_reader_varint(&in, &wide, &err));
    in = (struct pyr_reader){endless, sizeof endless, 0};
    assert_false(pyr_reader_varint(&in, &wide, &err));
    assert_int_equal(err.code, PYR_ERR_FORMAT);
    assert_int_equal(in.pos, 0);

    struct pyr_buf buf = {0};
    uint32_t word = 0;
    pyr_buf_add_varint(&buf, (uint64_t)UINT32_MAX + 1);
    in = reader_of(&buf);
    assert_false(pyr_reader_varint32(&in, &word, &err));
    assert_int_equal(in.pos, 0);
    pyr_buf_clear(&buf);
    pyr_buf_add_varint(&buf, UINT32_MAX);
    in = reader_of(&buf);
    assert_true(pyr_reader_varint32(&in, &word, &err));
    assert_int_equal(word, UINT32_MAX);
    pyr_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_back_what_a_buffer_wrote),
        cmocka_unit_test(test_what_is_cut_short_fails_and_stays_in_place),
        cmocka_unit_test(test_numbers_too_large_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
