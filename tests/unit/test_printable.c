/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/printable.h"

#include <string.h>

#include "unit.h"

static void assert_safe(const char *text, size_t len, const char *expected)
{
    struct pyr_buf out = {0};
    pyr_printable_add(&out, text, len);
    pyr_buf_add(&out, "", 0);
    assert_string_equal(out.data == NULL ? "" : out.data, expected);
    pyr_buf_release(&out);
}

static void assert_cut(const char *text, size_t columns, enum pyr_cut cut, bool ascii,
                       const char *expected)
{
    struct pyr_buf out = {0};
    pyr_printable_add_cut(&out, text, strlen(text), columns, cut, ascii);
    assert_string_equal(out.data, expected);
    assert_true(pyr_printable_columns(out.data, out.len) <= columns);
    pyr_buf_release(&out);
}

static void test_escape_sequences_lose_their_power(void **state)
{
    (void)state;
    assert_safe("\x1b]0;owned\x07", 10, "\\x1b]0;owned\\x07");
    assert_safe("a\nb\tc\rd", 7, "a\\nb\\tc\\x0dd");
    assert_safe("nul\0in", 6, "nul\\x00in");
    assert_safe("c1 \xc2\x9b"
                "31m",
                8, "c1 \\x9b31m");
    assert_safe("\xe2\x80\xae"
                "txt.exe",
                10, "\\u202etxt.exe");
    assert_safe("\xf3\xa0\x81\x81", 4, "\\U000e0041");
}

static void test_invalid_utf8_is_shown_byte_by_byte(void **state)
{
    (void)state;
    assert_safe("a\xff"
                "b",
                3, "a\\xffb");
    assert_safe("\xc3", 1, "\\xc3");                   /* cut off */
    assert_safe("\xc0\xaf", 2, "\\xc0\\xaf");          /* overlong */
    assert_safe("\xed\xa0\x80", 3, "\\xed\\xa0\\x80"); /* a surrogate */
    assert_safe("größe 価格 😀", strlen("größe 価格 😀"), "größe 価格 😀");
}

static void test_columns_count_wide_and_joined_characters(void **state)
{
    (void)state;
    assert_int_equal(pyr_printable_columns("abc", 3), 3);
    assert_int_equal(pyr_printable_columns("größe", strlen("größe")), 5);
    assert_int_equal(pyr_printable_columns("価格", strlen("価格")), 4);
    assert_int_equal(pyr_printable_columns("e\xcc\x81", 3), 1);
}

static void test_cutting_leaves_a_mark_where_something_is_missing(void **state)
{
    (void)state;
    assert_cut("short", 5, PYR_CUT_END, false, "short");
    assert_cut("Basket.add_everything", 10, PYR_CUT_END, false, "Basket.ad…");
    assert_cut("Basket.add_everything", 10, PYR_CUT_MIDDLE, false, "Baske…hing");
    assert_cut("Basket.add_everything", 10, PYR_CUT_MIDDLE, true, "Bask...ing");
    assert_cut("Basket", 2, PYR_CUT_END, true, "..");
    assert_cut("価格価格価格", 5, PYR_CUT_END, false, "価格…");
}

static void test_a_path_is_cut_between_its_folders(void **state)
{
    (void)state;
    assert_cut("/home/user/project/shop/basket.py:12", 20, PYR_CUT_START, false,
               "…/shop/basket.py:12");
    assert_cut("/home/averyveryverylongfilename.py:1", 12, PYR_CUT_START, false, "…lename.py:1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape_sequences_lose_their_power),
        cmocka_unit_test(test_invalid_utf8_is_shown_byte_by_byte),
        cmocka_unit_test(test_columns_count_wide_and_joined_characters),
        cmocka_unit_test(test_cutting_leaves_a_mark_where_something_is_missing),
        cmocka_unit_test(test_a_path_is_cut_between_its_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
