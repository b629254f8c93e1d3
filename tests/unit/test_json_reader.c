/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "unit.h"

/* In memory of exactly its size, so that a sanitizer sees any reading past the end. */
static char *exact_copy(const char *text, size_t len)
{
    char *copy = pyr_mem_alloc(len);
    assert_non_null(copy);
    memcpy(copy, text, len);
    return copy;
}

/* Goes past a whole document. */
static bool walk(const char *text, size_t len, struct pyr_err *err)
{
    struct pyr_json_reader json;
    char *copy = exact_copy(text, len);
    pyr_json_reader_init(&json, copy, len);
    bool ok = pyr_json_skip(&json, err) && pyr_json_end(&json, err);
    pyr_json_reader_release(&json);
    pyr_mem_free(copy);
    return ok;
}

static void test_a_document_is_walked(void **state)
{
    (void)state;
    static const char text[] =
        " { \"name\" : \"x\" , \"list\":[1, -2.5e1,true,false ], \"skip\":{\"a\":[{}]}, "
        "\"last\":null }\n";
    struct pyr_err err = {0};
    struct pyr_json_reader json;
    enum pyr_json_kind kind = PYR_JSON_NULL;
    double number = 0;
    bool more = false;
    bool truth = false;
    pyr_json_reader_init(&json, text, sizeof text - 1);
    assert_true(pyr_json_peek(&json, &kind, &err) && kind == PYR_JSON_OBJECT);
    assert_true(pyr_json_enter_object(&json, &err));
    assert_true(pyr_json_next_key(&json, &more, &err) && more);
    assert_string_equal(json.text.data, "name");
    assert_true(pyr_json_read_string(&json, &err));
    assert_string_equal(json.text.data, "x");
    assert_true(pyr_json_next_key(&json, &more, &err) && more);
    assert_string_equal(json.text.data, "list");
    assert_true(pyr_json_enter_array(&json, &err));
    assert_true(pyr_json_next_item(&json, &more, &err) && more);
    assert_true(pyr_json_read_double(&json, &number, &err) && number == 1.0);
    assert_true(pyr_json_next_item(&json, &more, &err) && more);
    assert_true(pyr_json_read_double(&json, &number, &err) && number == -25.0);
    assert_true(pyr_json_next_item(&json, &more, &err) && more);
    assert_true(pyr_json_read_bool(&json, &truth, &err) && truth);
    assert_true(pyr_json_next_item(&json, &more, &err) && more);
    assert_true(pyr_json_read_bool(&json, &truth, &err) && !truth);
    assert_true(pyr_json_next_item(&json, &more, &err) && !more);
    assert_true(pyr_json_next_key(&json, &more, &err) && more);
    assert_true(pyr_json_skip(&json, &err));
    assert_true(pyr_json_next_key(&json, &more, &err) && more);
    assert_true(pyr_json_peek(&json, &kind, &err) && kind == PYR_JSON_NULL);
    assert_true(pyr_json_skip(&json, &err));
    assert_true(pyr_json_next_key(&json, &more, &err) && !more);
    assert_true(pyr_json_end(&json, &err));
    pyr_json_reader_release(&json);
}

static void assert_read_text(const char *text, const char *expected, size_t len)
{
    struct pyr_err err = {0};
    struct pyr_json_reader json;
    pyr_json_reader_init(&json, text, strlen(text));
    assert_true(pyr_json_read_string(&json, &err));
    assert_int_equal(json.text.len, len);
    assert_memory_equal(json.text.data, expected, len + 1);
    pyr_json_reader_release(&json);
}

static void test_escapes_are_undone(void **state)
{
    (void)state;
    assert_read_text("\"\"", "", 0);
    assert_read_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8);
    assert_read_text("\"\\u0041\\u00fC\\u20AC\"", "A\xC3\xBC\xE2\x82\xAC", 6);
    assert_read_text("\"\\ud83d\\udd25\"", "\xF0\x9F\x94\xA5", 4);
    assert_read_text("\"\\ud800x\"", "\xED\xA0\x80x", 4);
    assert_read_text("\"\\ud800\\u0041\"",
                     "\xED\xA0\x80"
                     "A",
                     4);
    assert_read_text("\"\\udc00\"", "\xED\xB0\x80", 3);
    assert_read_text("\"a\\u0000b\"", "a\0b", 3);
}

static void assert_read_double(const char *text, double expected)
{
    struct pyr_err err = {0};
    struct pyr_json_reader json;
    double value = 0;
    pyr_json_reader_init(&json, text, strlen(text));
    assert_true(pyr_json_read_double(&json, &value, &err) && pyr_json_end(&json, &err));
    assert_memory_equal(&value, &expected, sizeof value);
    pyr_json_reader_release(&json);
}

static void check_doubles(void)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "0.5",
        "1e22",
        "1e23",
        "123456789012345678901234567890",
        "0.1",
        "1e-22",
        "1e-23",
        "5e-324",
        "1.7976931348623157e308",
        "1e-400",
        "1700000000123456789",
        "0.30000000000000004",
        "9007199254740993",
        "2.2250738585072011e-308",
        "1E+2",
        "0e5",
        "0.000",
        "1e-99999999999999999999",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *old = setlocale(LC_NUMERIC, NULL);
        char *name = pyr_mem_strdup(old);
        setlocale(LC_NUMERIC, "C");
        double expected = strtod(texts[i], NULL);
        setlocale(LC_NUMERIC, name);
        pyr_mem_free(name);
        assert_read_double(texts[i], expected);
    }
}

static void test_numbers_are_read_as_the_c_library_reads_them(void **state)
{
    (void)state;
    check_doubles();
}

static void test_a_locale_does_not_show(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "ps_AF.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (setlocale(LC_NUMERIC, names[i]) != NULL) {
            check_doubles();
        }
    }
    setlocale(LC_NUMERIC, "C");
}

static void test_random_doubles_come_back_as_they_were_written(void **state)
{
    (void)state;
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13; /* xorshift */
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value = 0;
        memcpy(&value, &bits, sizeof value);
        struct pyr_buf out = {0};
        struct pyr_json_writer writer = {.out = &out};
        pyr_json_double(&writer, value);
        if (strcmp(out.data, "null") != 0) {
            assert_read_double(out.data, value);
        }
        pyr_buf_release(&out);
    }
}

static void test_bad_documents_are_refused_with_the_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"", "byte 0: a value expected, but the text ends"},
        {"[1 2]", "byte 3: ',' or ']' expected"},
        {"[1,]", "byte 3: a value expected"},
        {"[,1]", "byte 1: a value expected"},
        {"{\"a\":1,}", "byte 7: a string expected"},
        {"{\"a\" 1}", "byte 5: ':' expected"},
        {"{a:1}", "byte 1: a string expected"},
        {"[1}", "byte 2: ',' or ']' expected"},
        {"01", "byte 1: more text after the end"},
        {"-", "byte 1: a digit expected"},
        {"1.", "byte 2: a digit expected"},
        {"1e", "byte 2: a digit expected"},
        {".5", "byte 0: a value expected"},
        {"1e999", "byte 5: a number too large"},
        {"NaN", "byte 0: a value expected"},
        {"nul", "byte 0: null expected"},
        {"truth", "byte 0: true or false expected"},
        {"\"abc", "byte 4: a string that does not end"},
        {"\"a\nb\"", "byte 2: a control character in a string"},
        {"\"\\x41\"", "byte 2: no such escape"},
        {"\"\\u12g4\"", "byte 5: a hexadecimal digit expected"},
        {"\"\\", "byte 2: no such escape"},
        {"{} {}", "byte 3: more text after the end"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pyr_err err = {0};
        assert_false(walk(cases[i].text, strlen(cases[i].text), &err));
        assert_int_equal(err.code, PYR_ERR_FORMAT);
        assert_string_equal(err.message, cases[i].message);
    }
}

static void test_every_prefix_of_a_document_is_refused(void **state)
{
    (void)state;
    static const char text[] = "{\"k\\u00e9\\ud83d\\udd25\":[1.5e3,{\"a\":null},true,false,\"x\"]}";
    struct pyr_err err = {0};
    for (size_t len = 0; len < sizeof text - 1; len++) {
        assert_false(walk(text, len, &err));
    }
    assert_true(walk(text, sizeof text - 1, &err));
}

static void test_nesting_is_bounded(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    char text[2 * PYR_JSON_MAX_DEPTH + 2];
    memset(text, '[', PYR_JSON_MAX_DEPTH);
    memset(text + PYR_JSON_MAX_DEPTH, ']', PYR_JSON_MAX_DEPTH);
    assert_true(walk(text, (size_t)2 * PYR_JSON_MAX_DEPTH, &err));
    memset(text, '[', sizeof text);
    assert_false(walk(text, sizeof text, &err));
    assert_int_equal(err.code, PYR_ERR_LIMIT);
}

static void test_a_byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    assert_true(walk("\xEF\xBB\xBF[]", 5, &err));
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    static const char text[] =
        "[\"a text\",{\"a key that is long enough to need another allocation, since the first one "
        "has only room for a few\":\"\\u0041\"}]";
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_json_reader json;
        pyr_json_reader_init(&json, text, sizeof text - 1);
        pyr_mem_fail_after(nth);
        failed = !pyr_json_skip(&json, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_json_reader_release(&json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_document_is_walked),
        cmocka_unit_test(test_escapes_are_undone),
        cmocka_unit_test(test_numbers_are_read_as_the_c_library_reads_them),
        cmocka_unit_test(test_a_locale_does_not_show),
        cmocka_unit_test(test_random_doubles_come_back_as_they_were_written),
        cmocka_unit_test(test_bad_documents_are_refused_with_the_byte),
        cmocka_unit_test(test_every_prefix_of_a_document_is_refused),
        cmocka_unit_test(test_nesting_is_bounded),
        cmocka_unit_test(test_a_byte_order_mark_is_passed_over),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
