/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "unit.h"

static void assert_written_text(const char *text, const char *expected)
{
    struct pyr_buf out = {0};
    struct pyr_json_writer json = {.out = &out};
    pyr_json_text(&json, text);
    assert_string_equal(out.data, expected);
    pyr_buf_release(&out);
}

static void assert_written_double(double value, const char *expected)
{
    struct pyr_buf out = {0};
    struct pyr_json_writer json = {.out = &out};
    pyr_json_double(&json, value);
    assert_string_equal(out.data, expected);
    pyr_buf_release(&out);
}

static void test_commas_come_by_themselves(void **state)
{
    (void)state;
    struct pyr_buf out = {0};
    struct pyr_json_writer json = {.out = &out};
    pyr_json_object_begin(&json);
    pyr_json_key(&json, "none");
    pyr_json_array_begin(&json);
    pyr_json_array_end(&json);
    pyr_json_key(&json, "some");
    pyr_json_array_begin(&json);
    pyr_json_int(&json, 1);
    pyr_json_object_begin(&json);
    pyr_json_object_end(&json);
    pyr_json_object_begin(&json);
    pyr_json_key(&json, "yes");
    pyr_json_bool(&json, true);
    pyr_json_key(&json, "no");
    pyr_json_bool(&json, false);
    pyr_json_object_end(&json);
    pyr_json_text(&json, "x");
    pyr_json_array_end(&json);
    pyr_json_object_end(&json);
    assert_string_equal(out.data,
                        "{\"none\":[],\"some\":[1,{},{\"yes\":true,\"no\":false},\"x\"]}");
    pyr_buf_release(&out);
}

static void test_integers_are_written_to_both_ends(void **state)
{
    (void)state;
    struct pyr_buf out = {0};
    struct pyr_json_writer json = {.out = &out};
    pyr_json_array_begin(&json);
    pyr_json_int(&json, 0);
    pyr_json_int(&json, -7);
    pyr_json_int(&json, INT64_MAX);
    pyr_json_int(&json, INT64_MIN);
    pyr_json_array_end(&json);
    assert_string_equal(out.data, "[0,-7,9223372036854775807,-9223372036854775808]");
    pyr_buf_release(&out);
}

static void test_doubles_take_the_fewest_digits(void **state)
{
    (void)state;
    assert_written_double(0.1, "0.1");
    assert_written_double(-2.5, "-2.5");
    assert_written_double(3, "3");
    assert_written_double(1e300, "1e+300");
    assert_written_double(0.1 + 0.2, "0.30000000000000004");
    assert_written_double(DBL_MAX, "1.7976931348623157e+308");
    assert_written_double((double)NAN, "null");
    assert_written_double(-(double)INFINITY, "null");
}

static void test_hostile_text_is_escaped(void **state)
{
    (void)state;
    assert_written_text("", "\"\"");
    assert_written_text("a \"b\" \\ \n\r\t", "\"a \\\"b\\\" \\\\ \\n\\r\\t\"");
    assert_written_text("\x01\x1B[31m\x7F", "\"\\u0001\\u001b[31m\\u007f\"");
    assert_written_text("\xC2\x9B", "\"\\u009b\""); /* CSI as one character */
    assert_written_text("</script><!-- <b>", "\"<\\/script>\\u003c!-- <b>\"");
    assert_written_text("\xE2\x80\xA8", "\"\\u2028\"");
    assert_written_text("gr\xC3\xBC\xC3\x9F \xF0\x9F\x94\xA5",
                        "\"gr\xC3\xBC\xC3\x9F \xF0\x9F\x94\xA5\"");
}

static void test_lone_surrogates_keep_their_value(void **state)
{
    (void)state;
    assert_written_text("\xED\xA0\x80", "\"\\ud800\"");
    assert_written_text("x\xED\xBF\xBFy", "\"x\\udfffy\"");
}

static void test_what_is_not_utf8_becomes_the_replacement_character(void **state)
{
    (void)state;
#define BAD "\xEF\xBF\xBD"
    assert_written_text("a\xFF"
                        "b",
                        "\"a" BAD "b\"");
    assert_written_text("\x80", "\"" BAD "\"");
    assert_written_text("\xC0\xAF", "\"" BAD BAD "\"");                 /* overlong "/" */
    assert_written_text("\xE0\x80\xAF", "\"" BAD BAD BAD "\"");         /* the same in three */
    assert_written_text("\xF4\x90\x80\x80", "\"" BAD BAD BAD BAD "\""); /* above U+10FFFF */
    assert_written_text("\xC3", "\"" BAD "\"");                         /* cut off */
    assert_written_text("\xE2\x82", "\"" BAD BAD "\"");
    assert_written_text("\xC3\"", "\"" BAD "\\\"\""); /* can't swallow a quote */
#undef BAD
}

static void test_nesting_is_bounded(void **state)
{
    (void)state;
    struct pyr_buf out = {0};
    struct pyr_json_writer json = {.out = &out};
    for (int i = 0; i < PYR_JSON_MAX_DEPTH; i++) {
        pyr_json_array_begin(&json);
    }
    pyr_json_int(&json, 1);
    pyr_json_int(&json, 2);
    assert_false(out.failed);
    assert_string_equal(out.data + PYR_JSON_MAX_DEPTH, "1,2");
    pyr_json_array_begin(&json);
    assert_true(out.failed);
    pyr_buf_release(&out);
}

static void test_a_locale_does_not_show(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "ps_AF.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (setlocale(LC_NUMERIC, names[i]) != NULL) {
            assert_written_double(-1234.5, "-1234.5");
            assert_written_double(1.5e-7, "1.5e-07");
        }
    }
    setlocale(LC_NUMERIC, "C");
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_buf out = {0};
        struct pyr_err err = {0};
        struct pyr_json_writer json = {.out = &out};
        pyr_mem_fail_after(nth);
        pyr_json_array_begin(&json);
        for (int i = 0; i < 100; i++) {
            pyr_json_text(&json, "\x01 \xFF");
            pyr_json_double(&json, i + 0.5);
        }
        pyr_json_array_end(&json);
        pyr_mem_fail_after(-1);
        failed = !pyr_buf_check(&out, &err);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commas_come_by_themselves),
        cmocka_unit_test(test_integers_are_written_to_both_ends),
        cmocka_unit_test(test_doubles_take_the_fewest_digits),
        cmocka_unit_test(test_hostile_text_is_escaped),
        cmocka_unit_test(test_lone_surrogates_keep_their_value),
        cmocka_unit_test(test_what_is_not_utf8_becomes_the_replacement_character),
        cmocka_unit_test(test_nesting_is_bounded),
        cmocka_unit_test(test_a_locale_does_not_show),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
