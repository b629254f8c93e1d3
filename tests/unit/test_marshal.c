/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/marshal.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "unit.h"

#define DATA(text) (const uint8_t *)(text), sizeof(text) - 1

static struct pyr_marshal parse(const uint8_t *data, size_t size)
{
    struct pyr_err err = {0};
    struct pyr_marshal doc = {0};
    if (!pyr_marshal_parse(&doc, data, size, &err)) {
        fail_msg("%s", err.message);
    }
    return doc;
}

static void assert_refused(const uint8_t *data, size_t size, const char *words)
{
    struct pyr_err err = {0};
    struct pyr_marshal doc = {0};
    assert_false(pyr_marshal_parse(&doc, data, size, &err));
    if (strstr(err.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
    }
    pyr_marshal_release(&doc);
}

static void assert_int(const uint8_t *data, size_t size, int64_t expected)
{
    struct pyr_marshal doc = parse(data, size);
    assert_int_equal(doc.values[1].kind, PYR_MARSHAL_INT);
    assert_int_equal(doc.values[1].as.integer, expected);
    pyr_marshal_release(&doc);
}

static void test_integers_of_every_kind(void **state)
{
    (void)state;
    assert_int(DATA("i\x05\0\0\0"), 5);
    assert_int(DATA("i\xFF\xFF\xFF\xFF"), -1);
    assert_int(DATA("\xE9\x05\0\0\0"), 5); /* with the mark for a later reference */
    assert_int(DATA("I\0\0\0\0\x01\0\0\0"), (int64_t)1 << 32);
    assert_int(DATA("l\x02\0\0\0\x01\0\x02\0"), (2 << 15) + 1);
    assert_int(DATA("l\xFE\xFF\xFF\xFF\x01\0\x02\0"), -((2 << 15) + 1));
    assert_int(DATA("l\x05\0\0\0\xFF\x7F\xFF\x7F\xFF\x7F\xFF\x7F\x07\0"), INT64_MAX);
    assert_int(DATA("T"), 1);
    assert_int(DATA("F"), 0);
    assert_refused(DATA("l\x05\0\0\0\xFF\x7F\xFF\x7F\xFF\x7F\xFF\x7F\x08\0"), "beyond 64 bits");
    assert_int(DATA("l\xFB\xFF\xFF\xFF\0\0\0\0\0\0\0\0\x08\0"), INT64_MIN);
    assert_refused(DATA("l\xFB\xFF\xFF\xFF\x01\0\0\0\0\0\0\0\x08\0"), "beyond 64 bits");
    assert_refused(DATA("l\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "beyond 64 bits");
    assert_refused(DATA("l\0\0\0\x80"), "beyond 64 bits");
    assert_refused(DATA("l\x01\0\0\0\0\x80"), "beyond 64 bits");
}

static void test_floats_as_bits_and_as_text(void **state)
{
    (void)state;
    struct pyr_marshal doc = parse(DATA("g\0\0\0\0\0\0\xF8\x3F"));
    assert_int_equal(doc.values[1].kind, PYR_MARSHAL_FLOAT);
    assert_true(fabs(doc.values[1].as.real - 1.5) < 1e-12);
    pyr_marshal_release(&doc);
    doc = parse(DATA("f\x04-2.5"));
    assert_true(fabs(doc.values[1].as.real + 2.5) < 1e-12);
    pyr_marshal_release(&doc);
    assert_refused(DATA("g\0\0\0\0\0\0\xF0\x7F"), "finite");
    assert_refused(DATA("f\x03nan"), "finite");
    assert_refused(DATA("f\x03"
                        "1x2"),
                   "a float that is not one");
    assert_refused(DATA("f\0"), "a float that is not one");
}

static void test_text_of_every_kind(void **state)
{
    (void)state;
    static const char *const texts[] = {"u\x02\0\0\0ab", "a\x02\0\0\0ab", "A\x02\0\0\0ab",
                                        "s\x02\0\0\0ab", "t\x02\0\0\0ab"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct pyr_marshal doc = parse((const uint8_t *)texts[i], 7);
        assert_int_equal(doc.values[1].kind, PYR_MARSHAL_TEXT);
        assert_int_equal(doc.values[1].len, 2);
        assert_memory_equal(doc.values[1].as.text, "ab", 2);
        pyr_marshal_release(&doc);
    }
    struct pyr_marshal doc = parse(DATA("z\x03"
                                        "a\0b"));
    assert_int_equal(doc.values[1].len, 3);
    pyr_marshal_release(&doc);
    assert_refused(DATA("u\xFF\xFF\xFF\xFF"
                        "ab"),
                   "byte 5");
}

static void test_tuples_and_dicts_are_walked_by_their_items(void **state)
{
    (void)state;
    struct pyr_marshal doc = parse(DATA("{)\x02TFi\x07\0\0\0F)\0000"));
    const struct pyr_marshal_value *v = doc.values;
    assert_int_equal(v[1].kind, PYR_MARSHAL_DICT);
    assert_int_equal(v[1].count, 4);
    const struct pyr_marshal_value *key = &v[v[1].first], *value = &v[key->next];
    assert_int_equal(key->kind, PYR_MARSHAL_TUPLE);
    assert_int_equal(key->count, 2);
    assert_int_equal(v[v[key->first].next].as.integer, 0);
    assert_int_equal(v[v[key->first].next].next, 0);
    assert_int_equal(value->as.integer, 7);
    assert_true(v[1].holds_dict && !key->holds_dict);
    pyr_marshal_release(&doc);
}

static void test_references_name_what_was_before(void **state)
{
    (void)state;
    /* a text, a tuple that holds it, and both again; Python 2's interned text */
    struct pyr_marshal doc = parse(DATA("(\x03\0\0\0\xA9\x01\xFA\x01xr\x00\0\0\0r\x01\0\0\0"));
    const struct pyr_marshal_value *v = doc.values;
    const struct pyr_marshal_value *tuple = &v[v[1].first], *again = &v[tuple->next];
    assert_int_equal(again->kind, PYR_MARSHAL_TUPLE);
    assert_int_equal(again->first, tuple->first);
    assert_int_equal(again->origin, tuple->origin);
    assert_int_equal(v[again->next].kind, PYR_MARSHAL_TEXT);
    pyr_marshal_release(&doc);
    doc = parse(DATA("(\x02\0\0\0t\x01\0\0\0xR\0\0\0\0"));
    assert_int_equal(doc.values[doc.values[doc.values[1].first].next].len, 1);
    pyr_marshal_release(&doc);
}

static void test_references_to_dicts_or_nothing_are_refused(void **state)
{
    (void)state;
    assert_refused(DATA("(\x02\0\0\0\xFB"
                        "0r\0\0\0\0"),
                   "a reference to a dict");
    assert_refused(DATA("(\x02\0\0\0\xA9\x01{0r\0\0\0\0"), "a reference to a dict");
    assert_refused(DATA("\xA9\x01r\0\0\0\0"), "a reference to nothing"); /* to itself */
    assert_refused(DATA("r\0\0\0\0"), "a reference to nothing");
    assert_refused(DATA("R\0\0\0\0"), "a reference to nothing");
}

static void test_everything_else_is_refused_with_its_place(void **state)
{
    (void)state;
    static const char others[] = "NSEy[<>c.x?\x01";
    for (size_t i = 0; i < sizeof others - 1; i++) {
        const uint8_t data[] = {')', 1, (uint8_t)others[i], 0, 0, 0, 0};
        assert_refused(data, sizeof data, "byte 3: a value of type");
    }
    assert_refused(DATA(""), "byte 0");
    assert_refused(DATA("0"), "nothing in it");
    assert_refused(DATA(")\x01"
                        "0"),
                   "an end mark");
    assert_refused(DATA("{T0"), "an end mark");
    assert_refused(DATA("TT"), "more after the end");
    assert_refused(DATA("(\xFF\xFF\xFF\x7F"), "a tuple of 2147483647 items in 0 bytes");
    assert_refused(DATA(")\x01)\x01)\x01)\x01)\x01)\x01)\x01)\x01)\x01)\x01T"), "nested deeper");
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_marshal doc = {0};
        pyr_mem_fail_after(nth);
        failed =
            !pyr_marshal_parse(&doc, DATA("(\x03\0\0\0\xA9\x01\xFA\x01xt\0\0\0\0R\0\0\0\0"), &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_marshal_release(&doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers_of_every_kind),
        cmocka_unit_test(test_floats_as_bits_and_as_text),
        cmocka_unit_test(test_text_of_every_kind),
        cmocka_unit_test(test_tuples_and_dicts_are_walked_by_their_items),
        cmocka_unit_test(test_references_name_what_was_before),
        cmocka_unit_test(test_references_to_dicts_or_nothing_are_refused),
        cmocka_unit_test(test_everything_else_is_refused_with_its_place),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
