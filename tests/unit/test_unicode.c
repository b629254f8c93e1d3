/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/unicode.h"

#include <string.h>

#include "base/mem.h"
#include "remote_fixture.h"
#include "unit.h"

static void check(struct fake *fake, uint64_t str, uint32_t max_chars, const char *expected,
                  bool expected_cut)
{
    struct pyr_buf out = {0};
    bool cut = !expected_cut;
    pyr_buf_add_text(&out, "before:");
    assert_true(pyr_unicode_read(fake->memory, &fake->layout, str, max_chars, &out, &cut));
    assert_memory_equal(out.data, "before:", 7);
    assert_string_equal(out.data + 7, expected);
    assert_int_equal(cut, expected_cut);
    pyr_buf_release(&out);
}

static void check_refused(struct fake *fake, uint64_t str)
{
    struct pyr_buf out = {0};
    bool cut = false;
    pyr_buf_add_text(&out, "before");
    assert_false(pyr_unicode_read(fake->memory, &fake->layout, str, 1000, &out, &cut));
    assert_string_equal(out.data, "before");
    assert_int_equal(out.len, 6);
    pyr_buf_release(&out);
}

static void test_every_kind_is_read_in_every_version(void **state)
{
    (void)state;
    static const uint32_t latin[] = {'c', 'a', 'f', 0xe9};
    static const uint32_t two[] = {0x20ac, 0x7ff, 0x800, 'x'};
    static const uint32_t four[] = {0x1f525, 'x', 0x10ffff};
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        check(&fake, fake_ascii(&fake, "plain"), 100, "plain", false);
        check(&fake, fake_ascii(&fake, ""), 100, "", false);
        check(&fake, fake_wide(&fake, 1, latin, 4), 100, "caf\xC3\xA9", false);
        check(&fake, fake_wide(&fake, 2, two, 4), 100, "\xE2\x82\xAC\xDF\xBF\xE0\xA0\x80x", false);
        check(&fake, fake_wide(&fake, 4, four, 3), 100, "\xF0\x9F\x94\xA5x\xF4\x8F\xBF\xBF", false);
        fake_close(&fake);
    }
}

static void test_long_texts_are_cut_at_a_character(void **state)
{
    (void)state;
    static const uint32_t two[] = {0x20ac, 0x20ac, 0x20ac};
    struct fake fake;
    fake_open(&fake, 0x030c01f0);
    check(&fake, fake_wide(&fake, 2, two, 3), 2, "\xE2\x82\xAC\xE2\x82\xAC", true);
    check(&fake, fake_wide(&fake, 2, two, 3), 3, "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC", false);
    check(&fake, fake_ascii(&fake, "abc"), 0, "", true);
    fake_close(&fake);
}

static void test_texts_longer_than_a_block_are_whole(void **state)
{
    (void)state;
    enum { CHARS = 10001 };
    static uint32_t chars[CHARS];
    static char expected[CHARS * 3 + 1];
    for (size_t i = 0; i < CHARS; i++) {
        chars[i] = 0x20ac;
        memcpy(expected + i * 3, "\xE2\x82\xAC", 3);
    }
    struct fake fake;
    fake_open(&fake, 0x030e0af0);
    check(&fake, fake_wide(&fake, 2, chars, CHARS), 100000, expected, false);
    check(&fake, fake_wide(&fake, 4, chars, CHARS), 100000, expected, false);
    fake_close(&fake);
}

static void test_a_lone_surrogate_becomes_three_bytes(void **state)
{
    (void)state;
    static const uint32_t lone[] = {'a', 0xdc80, 'b'};
    struct fake fake;
    fake_open(&fake, 0x030912f0);
    check(&fake, fake_wide(&fake, 2, lone, 3), 100,
          "a\xED\xB2\x80"
          "b",
          false);
    fake_close(&fake);
}

/* A str of a subclass has its characters elsewhere. */
static void test_characters_apart_from_the_object_are_found(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        const struct pyr_layout *layout = &fake.layout;
        uint64_t data = fake_alloc(&fake, 16);
        memcpy(fake_at(&fake, data), "apart", 5);
        uint64_t str = fake_alloc(&fake, layout->unicode_compact_data + 8);
        uint64_t type = fake_new_type(&fake, "Name", 1u << 28);
        fake_u64(&fake, str, layout->object_type, type);
        fake_u64(&fake, str, layout->unicode_length, 5);
        fake_u32(&fake, str, layout->unicode_state, 1u << layout->unicode_kind_shift);
        fake_u64(&fake, str, layout->unicode_compact_data, data);
        check(&fake, str, 100, "apart", false);
        fake_close(&fake);
    }
}

static void test_what_is_no_readable_str_is_refused(void **state)
{
    (void)state;
    static const uint32_t beyond[] = {'a', 0x110000};
    struct fake fake;
    fake_open(&fake, 0x030d00f0);
    const struct pyr_layout *layout = &fake.layout;
    check_refused(&fake, 0);
    check_refused(&fake, 0xdead0000beefull);
    check_refused(&fake, FAKE_BASE + FAKE_SIZE - 8);
    check_refused(&fake, fake_bytes(&fake, "bytes", 5));
    check_refused(&fake, fake_wide(&fake, 4, beyond, 2));
    uint64_t str = fake_ascii(&fake, "text");
    fake_u64(&fake, str, layout->unicode_length, UINT64_MAX);
    check_refused(&fake, str);
    str = fake_ascii(&fake, "text");
    fake_u32(&fake, str, layout->unicode_state, 3u << layout->unicode_kind_shift);
    check_refused(&fake, str);
    fake_u64(&fake, str, layout->object_type, 8);
    check_refused(&fake, str);
    fake_close(&fake);
}

static void test_out_of_memory_is_a_refusal(void **state)
{
    (void)state;
    struct fake fake;
    struct pyr_buf out = {0};
    bool cut = false;
    fake_open(&fake, 0x030d00f0);
    uint64_t str = fake_ascii(&fake, "text");
    pyr_mem_fail_after(0);
    assert_false(pyr_unicode_read(fake.memory, &fake.layout, str, 100, &out, &cut));
    pyr_mem_fail_after(-1);
    pyr_buf_clear(&out);
    assert_true(pyr_unicode_read(fake.memory, &fake.layout, str, 100, &out, &cut));
    assert_string_equal(out.data, "text");
    pyr_buf_release(&out);
    fake_close(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_is_read_in_every_version),
        cmocka_unit_test(test_long_texts_are_cut_at_a_character),
        cmocka_unit_test(test_texts_longer_than_a_block_are_whole),
        cmocka_unit_test(test_a_lone_surrogate_becomes_three_bytes),
        cmocka_unit_test(test_characters_apart_from_the_object_are_found),
        cmocka_unit_test(test_what_is_no_readable_str_is_refused),
        cmocka_unit_test(test_out_of_memory_is_a_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
