/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/proto.h"

#include <string.h>

#include "unit.h"

static struct pyr_reader reader_of(const char *data, size_t size)
{
    return (struct pyr_reader){(const uint8_t *)data, size, 0};
}

static void test_fields_are_written_as_the_wire_format_says(void **state)
{
    (void)state;
    struct pyr_buf out = {0}, message = {0};
    pyr_proto_add_int(&out, 1, 150);
    pyr_proto_add_int(&out, 2, 0); /* left out */
    pyr_proto_add_int(&out, 3, -1);
    pyr_proto_add_bytes(&out, 16, "hi", 2);
    pyr_proto_add_int(&message, 1, 1);
    pyr_proto_move_message(&out, 4, &message);
    pyr_proto_add_bytes(&out, 5, NULL, 0);
    static const char expected[] = "\x08\x96\x01"
                                   "\x18\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"
                                   "\x82\x01\x02hi"
                                   "\x22\x02\x08\x01"
                                   "\x2A\0";
    assert_int_equal(out.len, sizeof expected - 1);
    assert_memory_equal(out.data, expected, out.len);
    assert_int_equal(message.len, 0);
    pyr_buf_release(&out);
    pyr_buf_release(&message);
}

static void test_a_failed_message_fails_what_holds_it(void **state)
{
    (void)state;
    struct pyr_buf out = {0}, message = {.failed = true};
    pyr_proto_move_message(&out, 1, &message);
    assert_true(out.failed);
    pyr_buf_release(&out);
}

static void test_every_wire_type_is_read(void **state)
{
    (void)state;
    static const char data[] = "\x08\x96\x01"
                               "\x11\x01\0\0\0\0\0\0\0"
                               "\x1D\x02\0\0\0"
                               "\x22\x02hi";
    struct pyr_err err = {0};
    struct pyr_reader in = reader_of(data, sizeof data - 1);
    struct pyr_proto_field field = {0};
    static const uint64_t integers[] = {150, 1, 2, 0};
    bool more = false;
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(pyr_proto_next(&in, &field, &more, &err));
        assert_true(more);
        assert_int_equal(field.number, i + 1);
        assert_int_equal(field.integer, integers[i]);
        assert_int_equal(field.is_bytes, i == 3);
    }
    assert_int_equal(field.bytes.size, 2);
    assert_memory_equal(field.bytes.data, "hi", 2);
    assert_true(pyr_proto_next(&in, &field, &more, &err));
    assert_false(more);
}

static void test_repeated_integers_may_be_packed_or_not(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_reader in = reader_of("\x0A\x03\x05\x80\x01\x08\x07\x0A\0", 9);
    static const uint64_t expected[] = {5, 128, 7};
    uint32_t count = 0;
    struct pyr_proto_field field = {0};
    bool more = false;
    while (pyr_proto_next(&in, &field, &more, &err) && more) {
        uint64_t value = 0;
        while (pyr_proto_next_int(&field, &value, &more, &err) && more) {
            if (count == 3) {
                fail_msg("more than was written");
                return;
            }
            assert_int_equal(value, expected[count++]);
        }
    }
    assert_int_equal(count, 3);
    assert_int_equal(err.code, PYR_OK);
}

static void test_broken_fields_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t size;
    } cases[] = {
        {"\0\0", 2},       /* number 0 */
        {"\x0B", 1},       /* a group */
        {"\x0A\x03hi", 4}, /* longer than what is there */
        {"\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11},
        {"\x08", 1},
        {"\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12},
        {"\x09\0", 2},
        {"\x0D\0", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pyr_err err = {0};
        struct pyr_reader in = reader_of(cases[i].data, cases[i].size);
        struct pyr_proto_field field = {0};
        bool more = false;
        assert_false(pyr_proto_next(&in, &field, &more, &err));
        assert_int_equal(err.code, PYR_ERR_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_are_written_as_the_wire_format_says),
        cmocka_unit_test(test_a_failed_message_fails_what_holds_it),
        cmocka_unit_test(test_every_wire_type_is_read),
        cmocka_unit_test(test_repeated_integers_may_be_packed_or_not),
        cmocka_unit_test(test_broken_fields_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
