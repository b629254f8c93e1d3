/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/inflate.h"

#include <string.h>

#include "base/mem.h"
#include "unit.h"

#define DATA(text) (text), sizeof(text) - 1

/* Made by zlib. */
static const char fixed[] = "\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\x01";
static const char dynamic[] =
    "\x1d\x8c\xc9\x0d\x04\x41\x08\xc4\x12\xf2\xa3\xb9\x21\xff\xc4\xb6\x76\x24\x84\x38\xec\x7a\x18"
    "\xc9\x61\x8d\x17\xd1\xe4\xd1\xc9\x1a\x81\x27\x39\x8c\xe3\x84\xd1\xce\x89\x08\xe6\x61\x4e\x05"
    "\x27\x5a\xae\x02\x34\x27\xf5\x58\xba\xf0\x61\x97\x4a\xdc\x59\xa5\x29\xaa\x30\x63\x9b\x96\xb1"
    "\x84\x63\x22\xb9\x60\x8b\x39\x46\x3d\xbe\xfa\x56\x1d\xf5\xea\x3f\x24\x54\x82\x34\xc9\x3f";
static const char dynamic_text[] =
    "0,1,4,9,16,25,36,49,64,81,3,24,47,72,2,31,62,95,33,70,12,53,96,44,91,43,94,50,8,65,27,88,54,"
    "22,89,61,35,11,86,66,48,32,18,6,93,85,79,75,73,73,75,79,85,93,6,18,32,48,66,86,";

static void assert_unpacks(const char *data, size_t size, const char *expected)
{
    struct pyr_err err = {0};
    struct pyr_reader in = {(const uint8_t *)data, size, 0};
    struct pyr_buf out = {0};
    if (!pyr_inflate(&in, 1 << 20, &out, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(in.pos, size);
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data == NULL ? "" : out.data, expected, out.len);
    pyr_buf_release(&out);
}

static void assert_refused(const char *data, size_t size, const char *words)
{
    struct pyr_err err = {0};
    struct pyr_reader in = {(const uint8_t *)data, size, 0};
    struct pyr_buf out = {0};
    assert_false(pyr_inflate(&in, 1 << 20, &out, &err));
    if (strstr(err.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
    }
    pyr_buf_release(&out);
}

static void test_every_kind_of_block_unpacks(void **state)
{
    (void)state;
    assert_unpacks(DATA("\x01\x02\0\xFD\xFFhi"), "hi");
    assert_unpacks(DATA("\x01\0\0\xFF\xFF"), "");
    assert_unpacks(DATA("\0\x01\0\xFE\xFFh\x01\x01\0\xFE\xFFi"), "hi");
    assert_unpacks(DATA(fixed), "hello hello hello hello");
    assert_unpacks(DATA(dynamic), dynamic_text);
}

static void test_a_run_repeats_what_it_has_just_written(void **state)
{
    (void)state;
    char expected[1001];
    memset(expected, 'a', 1000);
    expected[1000] = '\0';
    assert_unpacks(DATA("\x4b\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00"), expected);
}

static void test_repetitions_do_not_reach_into_what_was_there_before(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    /* a length of 3 at distance 1, before anything was written */
    struct pyr_reader in = {(const uint8_t *)"\x03\x02\0", 3, 0};
    pyr_buf_add_text(&out, "earlier");
    assert_false(pyr_inflate(&in, 1 << 20, &out, &err));
    assert_non_null(strstr(err.message, "what was not there"));
    pyr_buf_release(&out);
}

static void test_broken_streams_are_refused(void **state)
{
    (void)state;
    assert_refused(DATA(""), "1 bytes");
    assert_refused(DATA("\x07"), "unknown type");
    assert_refused(DATA("\x01\x02\0\xFD\xFEhi"), "contradicts itself");
    assert_refused(DATA("\x01\x05\0\xFA\xFFhi"), "5 bytes");
    assert_refused(DATA("\x05\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), "codes");
    assert_refused(DATA("\x1B\x03\0"), "does not exist");
    for (size_t len = 0; len < sizeof dynamic - 1; len++) {
        assert_refused(dynamic, len, "");
    }
}

static void test_every_changed_byte_is_survived(void **state)
{
    (void)state;
    char data[sizeof dynamic];
    memcpy(data, dynamic, sizeof dynamic);
    for (size_t i = 0; i < sizeof dynamic - 1; i++) {
        for (uint32_t value = 0; value < 256; value += 5) {
            struct pyr_err err = {0};
            struct pyr_buf out = {0};
            struct pyr_reader in = {(const uint8_t *)data, sizeof dynamic - 1, 0};
            data[i] = (char)value;
            if (!pyr_inflate(&in, 1 << 16, &out, &err)) {
                assert_int_not_equal(err.code, PYR_OK);
            }
            pyr_buf_release(&out);
        }
        data[i] = dynamic[i];
    }
}

static void test_no_more_is_unpacked_than_allowed(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    struct pyr_reader in = {(const uint8_t *)DATA("\x4b\x4c\x1c\x05\xa3\x60\x14\x0c\x77\0\0"), 0};
    assert_false(pyr_inflate(&in, 999, &out, &err));
    assert_int_equal(err.code, PYR_ERR_LIMIT);
    assert_in_range(out.len, 0, 999);
    pyr_buf_release(&out);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_buf out = {0};
        struct pyr_reader in = {(const uint8_t *)DATA(dynamic), 0};
        pyr_mem_fail_after(nth);
        failed = !pyr_inflate(&in, 1 << 20, &out, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_block_unpacks),
        cmocka_unit_test(test_a_run_repeats_what_it_has_just_written),
        cmocka_unit_test(test_repetitions_do_not_reach_into_what_was_there_before),
        cmocka_unit_test(test_broken_streams_are_refused),
        cmocka_unit_test(test_every_changed_byte_is_survived),
        cmocka_unit_test(test_no_more_is_unpacked_than_allowed),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
