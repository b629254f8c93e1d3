/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/pstats.h"

#include <string.h>

#include "exchange_fixture.h"
#include "unit.h"

static const struct pyr_format *const format = &pyr_format_pstats;

/* What version 2 of marshal makes of our small profile is checked by Python's own pstats in
 * tests/python; here it is that our reader gets back what our writer put in. */
static void test_what_is_written_is_read_again(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf out = exchange_fixture_write(format, profile);
    struct pyr_profile *back = exchange_fixture_read(format, out.data, out.len);
    assert_int_equal(exchange_fixture_value(back, "<module>", "calls"), 1);
    assert_int_equal(exchange_fixture_value(back, "<module>", "wall"), 1000);
    assert_int_equal(exchange_fixture_value(back, "<module>;fib", "wall"), 200);
    assert_int_equal(exchange_fixture_value(back, "<module>;fib;fib", "calls"), 8);
    assert_int_equal(exchange_fixture_value(back, "<module>;len", "wall"), 50);
    assert_int_equal(exchange_fixture_value(back, "<module>;add;list.append", "calls"), 4);
    struct pyr_buf again = exchange_fixture_write(format, back);
    assert_int_equal(again.len, out.len);
    pyr_buf_release(&again);
    pyr_buf_release(&out);
    pyr_profile_free(back);
    pyr_profile_free(profile);
}

static bool contains(const struct pyr_buf *out, const char *text)
{
    return memmem(out->data, out->len, text, strlen(text)) != NULL;
}

static struct pyr_profile *profile_of(const struct pyr_function_text *texts, size_t count,
                                      const char *metric)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    uint32_t column = 0;
    assert_true(
        pyr_metrics_add(&profile->metrics, profile->strings, metric, "count", &column, &err));
    for (size_t i = 0; i < count; i++) {
        pyr_func func = {0};
        pyr_stack stack = {0};
        assert_true(pyr_profile_add_function(profile, &texts[i], &func, &err));
        assert_true(pyr_profile_push(profile, stack, func, 0, &stack, &err));
        assert_true(pyr_values_add(profile->values, stack, (pyr_thread){0}, column, 3, &err));
    }
    return profile;
}

static void test_builtins_are_named_as_cprofile_does(void **state)
{
    (void)state;
    static const struct pyr_function_text texts[] = {
        {"len", "builtins", "", 0, PYR_FUNC_BUILTIN},
        {"sleep", "", "", 0, PYR_FUNC_BUILTIN},
        {"list.append", "builtins", "", 0, PYR_FUNC_BUILTIN},
        {"deque.append", "collections", "", 0, PYR_FUNC_BUILTIN},
        {"<built-in method __new__ of type object at 0x1>", "", "", 0, PYR_FUNC_BUILTIN},
        {"Outer.method.<locals>.inner", "m", "m.py", 5, PYR_FUNC_PYTHON},
        {"(folded)", "", "", 0, PYR_FUNC_SYNTHETIC},
    };
    struct pyr_profile *profile = profile_of(texts, 7, "calls");
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_true(contains(&out, "<built-in method builtins.len>"));
    assert_true(contains(&out, "<built-in method sleep>"));
    assert_true(contains(&out, "<method 'append' of 'list' objects>"));
    assert_true(contains(&out, "<method 'append' of 'collections.deque' objects>"));
    assert_true(contains(&out, "<built-in method __new__ of type object at 0x1>"));
    assert_true(contains(&out, "inner"));
    assert_false(contains(&out, "locals"));
    assert_true(contains(&out, "(folded)"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_functions_that_look_the_same_become_one(void **state)
{
    (void)state;
    static const struct pyr_function_text texts[] = {{"A.run", "m", "m.py", 5, PYR_FUNC_PYTHON},
                                                     {"B.run", "m", "m.py", 5, PYR_FUNC_PYTHON}};
    struct pyr_profile *profile = profile_of(texts, 2, "calls");
    struct pyr_buf out = exchange_fixture_write(format, profile);
    struct pyr_profile *back = exchange_fixture_read(format, out.data, out.len);
    assert_int_equal(pyr_functions_count(back->functions), 1);
    assert_int_equal(exchange_fixture_value(back, "run", "calls"), 6);
    pyr_profile_free(back);
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_sampled_profile_counts_samples(void **state)
{
    (void)state;
    static const struct pyr_function_text texts[] = {{"run", "m", "m.py", 5, PYR_FUNC_PYTHON}};
    struct pyr_profile *profile = profile_of(texts, 1, "samples");
    struct pyr_buf out = exchange_fixture_write(format, profile);
    struct pyr_profile *back = exchange_fixture_read(format, out.data, out.len);
    assert_int_equal(exchange_fixture_value(back, "run", "calls"), 3);
    pyr_profile_free(back);
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_an_empty_profile_is_an_empty_dict(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_string_equal(out.data, "{0");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_hostile_names_are_written_and_read(void **state)
{
    (void)state;
    exchange_fixture_takes_hostile_names(format);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    exchange_fixture_writes_without_memory(format);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read_again),
        cmocka_unit_test(test_builtins_are_named_as_cprofile_does),
        cmocka_unit_test(test_functions_that_look_the_same_become_one),
        cmocka_unit_test(test_a_sampled_profile_counts_samples),
        cmocka_unit_test(test_an_empty_profile_is_an_empty_dict),
        cmocka_unit_test(test_hostile_names_are_written_and_read),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
