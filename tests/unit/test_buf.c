/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <string.h>

#include "base/mem.h"
#include "unit.h"

static void test_text_is_appended_and_terminated(void **state)
{
    (void)state;
    struct pyr_buf buf = {0};
    pyr_buf_add_text(&buf, "one");
    pyr_buf_add_char(&buf, ' ');
    pyr_buf_add(&buf, "two three", 3);
    pyr_buf_add_repeated(&buf, '.', 3);
    pyr_buf_addf(&buf, " %d %s", 4, "five");
    assert_string_equal(buf.data, "one two... 4 five");
    assert_int_equal(buf.len, strlen(buf.data));
    pyr_buf_release(&buf);
    assert_null(buf.data);
}

static void test_formatting_grows_over_every_boundary(void **state)
{
    (void)state;
    for (size_t before = 0; before < 200; before++) {
        struct pyr_buf buf = {0};
        pyr_buf_add_repeated(&buf, 'x', before);
        pyr_buf_addf(&buf, "%0100d", 7);
        assert_int_equal(buf.len, before + 100);
        assert_int_equal(strlen(buf.data), buf.len);
        assert_int_equal(buf.data[buf.len - 1], '7');
        pyr_buf_release(&buf);
    }
}

static void test_numbers_are_little_endian(void **state)
{
    (void)state;
    static const unsigned char expected[] = {
        0x01, 0x03, 0x02, 0x07, 0x06, 0x05, 0x04, 0x0F, 0x0E, 0x0D, 0x0C, 0x0B, 0x0A, 0x09, 0x08,
    };
    struct pyr_buf buf = {0};
    pyr_buf_add_u8(&buf, 0x01);
    pyr_buf_add_u16(&buf, 0x0203);
    pyr_buf_add_u32(&buf, 0x04050607);
    pyr_buf_add_u64(&buf, 0x08090A0B0C0D0E0F);
    assert_int_equal(buf.len, sizeof expected);
    assert_memory_equal(buf.data, expected, sizeof expected);
    pyr_buf_release(&buf);
}

static void test_varints_take_seven_bits_a_byte(void **state)
{
    (void)state;
    static const unsigned char expected[] = {0x00, 0x7F, 0x80, 0x01, 0xAC, 0x02, 0x01, 0x02, 0x03};
    struct pyr_buf buf = {0};
    pyr_buf_add_varint(&buf, 0);
    pyr_buf_add_varint(&buf, 127);
    pyr_buf_add_varint(&buf, 128);
    pyr_buf_add_varint(&buf, 300);
    pyr_buf_add_svarint(&buf, -1);
    pyr_buf_add_svarint(&buf, 1);
    pyr_buf_add_svarint(&buf, -2);
    assert_int_equal(buf.len, sizeof expected);
    assert_memory_equal(buf.data, expected, sizeof expected);
    pyr_buf_clear(&buf);
    pyr_buf_add_varint(&buf, UINT64_MAX);
    assert_int_equal(buf.len, 10);
    pyr_buf_clear(&buf);
    pyr_buf_add_svarint(&buf, INT64_MIN);
    assert_int_equal(buf.len, 10);
    pyr_buf_release(&buf);
}

static void test_an_empty_append_leaves_a_text(void **state)
{
    (void)state;
    struct pyr_buf buf = {0};
    pyr_buf_add(&buf, "", 0);
    assert_string_equal(buf.data, "");
    pyr_buf_release(&buf);
}

static void test_a_failed_append_is_remembered(void **state)
{
    (void)state;
    struct pyr_buf buf = {0};
    struct pyr_err err = {0};
    pyr_buf_add_text(&buf, "kept");
    pyr_mem_fail_after(0);
    pyr_buf_add_repeated(&buf, 'x', 1000);
    pyr_mem_fail_after(-1);
    pyr_buf_add_text(&buf, "!");
    assert_string_equal(buf.data, "kept");
    assert_false(pyr_buf_check(&buf, &err));
    assert_int_equal(err.code, PYR_ERR_NOMEM);
    pyr_buf_clear(&buf);
    assert_true(pyr_buf_check(&buf, &err));
    pyr_buf_release(&buf);
}

static void test_an_absurd_length_fails(void **state)
{
    (void)state;
    struct pyr_buf buf = {0};
    pyr_buf_add_repeated(&buf, 'x', SIZE_MAX);
    assert_true(buf.failed);
    pyr_buf_release(&buf);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_buf buf = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        for (int i = 0; i < 1000; i++) {
            pyr_buf_addf(&buf, "line %d\n", i);
        }
        pyr_mem_fail_after(-1);
        failed = !pyr_buf_check(&buf, &err);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        if (buf.data != NULL) {
            assert_int_equal(strlen(buf.data), buf.len);
        }
        pyr_buf_release(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_appended_and_terminated),
        cmocka_unit_test(test_formatting_grows_over_every_boundary),
        cmocka_unit_test(test_numbers_are_little_endian),
        cmocka_unit_test(test_varints_take_seven_bits_a_byte),
        cmocka_unit_test(test_an_empty_append_leaves_a_text),
        cmocka_unit_test(test_a_failed_append_is_remembered),
        cmocka_unit_test(test_an_absurd_length_fails),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
