/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/inspect.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "object_fixture.h"
#include "remote/inspection.h"
#include "unit.h"

#define MAX_READS 200000 /* far more than any object below needs */

/* What is said of an object. The text is valid until the next call. */
static const char *words_of(struct fake *fake, uint64_t object,
                            const struct pyr_inspect_limits *limits)
{
    static char text[8192];
    struct pyr_buf out = {0};
    fake->memory->reads = 0;
    pyr_inspect_object(fake->memory, &fake->layout, object, limits, &out);
    assert_false(out.failed);
    assert_true(out.len < sizeof(text));
    assert_true(fake->memory->reads < MAX_READS);
    memcpy(text, out.data, out.len + 1);
    pyr_buf_release(&out);
    return text;
}

static void test_doubles_are_as_repr_has_them(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {0.1, "0.1"},
        {-1.5, "-1.5"},
        {100.0, "100.0"},
        {1e15, "1000000000000000.0"},
        {1e16, "1e+16"},
        {12345678901234567.0, "1.2345678901234568e+16"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {1.0 / 3, "0.3333333333333333"},
        {5e-324, "5e-324"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {123456789.123, "123456789.123"},
        {0.00012345, "0.00012345"},
    };
    char text[40];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pyr_inspect_double_text(cases[i].value, text);
        assert_string_equal(text, cases[i].text);
    }
    pyr_inspect_double_text((double)INFINITY, text);
    assert_string_equal(text, "inf");
    pyr_inspect_double_text(-(double)INFINITY, text);
    assert_string_equal(text, "-inf");
    pyr_inspect_double_text((double)NAN, text);
    assert_string_equal(text, "nan");
}

static void test_numbers_of_every_version_are_written_out(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        const bool tagged = pyr_layout_minor(&fake.layout) >= 12;
        assert_string_equal(words_of(&fake, fake_int(&fake, 0), NULL), "0");
        assert_string_equal(words_of(&fake, fake_int(&fake, 1234567890123456789), NULL),
                            "1234567890123456789");
        assert_string_equal(words_of(&fake, fake_int(&fake, UINT64_MAX), NULL),
                            "18446744073709551615");
        uint64_t negative = fake_int(&fake, 42);
        fake_u64(&fake, negative, fake.layout.long_size, tagged ? 1 << 3 | 2 : (uint64_t)-1);
        assert_string_equal(words_of(&fake, negative, NULL), "-42");
        uint64_t huge = fake_int(&fake, 1);
        fake_u64(&fake, huge, fake.layout.long_size, tagged ? 1000u << 3 : 1000u);
        assert_string_equal(words_of(&fake, huge, NULL), "<int of about 30000 bits>");
        assert_string_equal(words_of(&fake, fake_double(&fake, 2.5), NULL), "2.5");
        uint64_t yes = fake_int(&fake, 1);
        fake_u64(&fake, yes, fake.layout.object_type, fake_new_type(&fake, "bool", 1u << 24));
        assert_string_equal(words_of(&fake, yes, NULL), "True");
        fake_close(&fake);
    }
}

static void test_texts_are_quoted_and_bounded(void **state)
{
    (void)state;
    static const uint32_t surrogate[] = {'a', 0xdc80, 0x20ac};
    const struct pyr_inspect_limits five = {.chars = 5};
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        assert_string_equal(words_of(&fake, fake_ascii(&fake, ""), NULL), "''");
        assert_string_equal(words_of(&fake, fake_ascii(&fake, "it's"), NULL), "\"it's\"");
        assert_string_equal(words_of(&fake, fake_ascii(&fake, "'\""), NULL), "'\\'\"'");
        assert_string_equal(words_of(&fake, fake_ascii(&fake, "\x1b[0m\n\\"), NULL),
                            "'\\x1b[0m\\n\\\\'");
        assert_string_equal(words_of(&fake, fake_wide(&fake, 2, surrogate, 3), NULL),
                            "'a\\udc80€'");
        assert_string_equal(words_of(&fake, fake_ascii(&fake, "123456"), &five), "'12345'…");
        assert_string_equal(words_of(&fake, fake_bytes(&fake, "a\x00'\xff", 4), NULL),
                            "b'a\\x00\\'\\xff'");
        assert_string_equal(words_of(&fake, fake_bytes(&fake, "123456", 6), &five), "b'12345'…");
        fake_close(&fake);
    }
}

static void test_containers_hold_their_items(void **state)
{
    (void)state;
    const struct pyr_inspect_limits two = {.items = 2};
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        const uint64_t items[] = {fake_int(&fake, 1), fake_ascii(&fake, "x"), fake_int(&fake, 3)};
        const uint64_t names[] = {fake_ascii(&fake, "a"), fake_ascii(&fake, "b")};
        uint64_t list = fake_list(&fake, items, 3);
        assert_string_equal(words_of(&fake, list, NULL), "[1, 'x', 3]");
        assert_string_equal(words_of(&fake, list, &two), "[1, 'x', … 1 more]");
        assert_string_equal(words_of(&fake, fake_tuple(&fake, items, 1), NULL), "(1,)");
        assert_string_equal(words_of(&fake, fake_tuple(&fake, NULL, 0), NULL), "()");
        assert_string_equal(words_of(&fake, fake_set(&fake, items, 1, 8), NULL), "{1}");
        assert_string_equal(words_of(&fake, fake_set(&fake, NULL, 0, 8), NULL), "set()");
        for (int kind = FAKE_GENERAL; kind <= FAKE_SPLIT; kind++) {
            uint64_t dict = fake_dict(&fake, (enum fake_table)kind, names, items, 2);
            assert_string_equal(words_of(&fake, dict, NULL), "{'a': 1, 'b': 'x'}");
        }
        for (int own = 0; own < 2; own++) {
            uint64_t basket = fake_instance(&fake, own != 0, names, items, 2);
            char expected[64];
            (void)snprintf(expected, sizeof(expected), "<Basket at 0x%llx a=1, b='x'>",
                           (unsigned long long)basket);
            assert_string_equal(words_of(&fake, basket, NULL), expected);
        }
        fake_close(&fake);
    }
}

static void test_cycles_and_depth_end(void **state)
{
    (void)state;
    struct fake fake;
    const struct pyr_inspect_limits deep = {.depth = 1000, .total = 4096};
    fake_open(&fake, 0x030d00f0);
    uint64_t self = fake_int(&fake, 0);
    uint64_t list = fake_list(&fake, &self, 1);
    uint64_t items = 0;
    memcpy(&items, fake_at(&fake, list + fake.layout.list_items), sizeof(items));
    fake_u64(&fake, items, 0, list);
    assert_string_equal(words_of(&fake, list, NULL), "[[...]]");
    uint64_t nested = fake_list(&fake, NULL, 0);
    for (int i = 0; i < 100; i++) {
        nested = fake_list(&fake, &nested, 1);
    }
    assert_string_equal(words_of(&fake, nested, NULL), "[[[[… 1 more]]]]");
    assert_string_equal(words_of(&fake, nested, &deep), "[[[[[[[[[[[[[[[[<list>]]]]]]]]]]]]]]]]");
    /* Each list holds the next one twice: 2^100 objects. */
    const struct pyr_inspect_limits wide = {.depth = 16, .total = 1u << 30, .items = 100};
    nested = fake_list(&fake, NULL, 0);
    for (int i = 0; i < 100; i++) {
        const uint64_t both[] = {nested, nested};
        nested = fake_list(&fake, both, 2);
    }
    struct pyr_buf out = {0};
    fake.memory->reads = 0;
    pyr_inspect_object(fake.memory, &fake.layout, nested, &wide, &out);
    assert_true(fake.memory->reads < 20 * PYR_INSPECT_MAX_OBJECTS);
    pyr_buf_release(&out);
    fake_close(&fake);
}

static void test_what_can_not_be_read_is_told(void **state)
{
    (void)state;
    static const uint64_t wild[] = {0, 1, 8, 0xdead0000, UINT64_MAX - 7, FAKE_BASE + FAKE_SIZE - 8};
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
            assert_string_equal(words_of(&fake, wild[i], NULL), "<unreadable>");
            assert_string_equal(words_of(&fake, fake_tuple(&fake, &wild[i], 1), NULL),
                                "(<unreadable>,)");
        }
        uint64_t list = fake_list(&fake, NULL, 0);
        fake_u64(&fake, list, fake.layout.var_size, INT64_MAX);
        fake_u64(&fake, list, fake.layout.list_items, 0xdead0000);
        assert_string_equal(words_of(&fake, list, NULL), "[<unreadable>]");
        fake_close(&fake);
    }
}

static void test_the_whole_is_cut_at_a_whole_character(void **state)
{
    (void)state;
    static const uint32_t euros[] = {0x20ac, 0x20ac, 0x20ac, 0x20ac};
    struct fake fake;
    fake_open(&fake, 0x030c01f0);
    uint64_t text = fake_wide(&fake, 2, euros, 4);
    const struct pyr_inspect_limits limits = {.total = 6};
    assert_string_equal(words_of(&fake, text, &limits), "'€…"); /* 1 + 3 + half of the next */
    fake_close(&fake);
}

static void test_running_out_of_memory_is_remembered(void **state)
{
    (void)state;
    struct fake fake;
    fake_open(&fake, 0x030e0af0);
    const uint64_t items[] = {fake_ascii(&fake, "a long text, so that the buffer has to grow, and "
                                                "once more, which it does by half each time, so"),
                              fake_int(&fake, 1)};
    uint64_t list = fake_list(&fake, items, 2);
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_buf out = {0};
        pyr_mem_fail_after(nth);
        pyr_inspect_object(fake.memory, &fake.layout, list, NULL, &out);
        pyr_mem_fail_after(-1);
        failed = out.failed;
        assert_true(failed || strstr(out.data, ", 1]") != NULL);
        pyr_buf_release(&out);
    }
    fake_close(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubles_are_as_repr_has_them),
        cmocka_unit_test(test_numbers_of_every_version_are_written_out),
        cmocka_unit_test(test_texts_are_quoted_and_bounded),
        cmocka_unit_test(test_containers_hold_their_items),
        cmocka_unit_test(test_cycles_and_depth_end),
        cmocka_unit_test(test_what_can_not_be_read_is_told),
        cmocka_unit_test(test_the_whole_is_cut_at_a_whole_character),
        cmocka_unit_test(test_running_out_of_memory_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
