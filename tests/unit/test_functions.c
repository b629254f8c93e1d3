/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/functions.h"

#include "base/mem.h"
#include "unit.h"

static struct pyr_function numbered(uint32_t i)
{
    return (struct pyr_function){.qualname = {i}, .first_line = i, .kind = PYR_FUNC_PYTHON};
}

static bool add_numbered(struct pyr_functions *tab, uint32_t count, struct pyr_err *err)
{
    for (uint32_t i = 1; i <= count; i++) {
        struct pyr_function function = numbered(i);
        pyr_func id = {0};
        if (!pyr_functions_add(tab, &function, &id, err)) {
            return false;
        }
    }
    return true;
}

static void test_functions_differ_in_any_field(void **state)
{
    (void)state;
    static const struct pyr_function different[] = {
        {{1}, {2}, {3}, 4, PYR_FUNC_PYTHON}, {{9}, {2}, {3}, 4, PYR_FUNC_PYTHON},
        {{1}, {9}, {3}, 4, PYR_FUNC_PYTHON}, {{1}, {2}, {9}, 4, PYR_FUNC_PYTHON},
        {{1}, {2}, {3}, 9, PYR_FUNC_PYTHON}, {{1}, {2}, {3}, 4, PYR_FUNC_NATIVE},
    };
    struct pyr_functions *tab = pyr_functions_new();
    struct pyr_err err = {0};
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 6; i++) {
            pyr_func id = {0};
            assert_true(pyr_functions_add(tab, &different[i], &id, &err));
            assert_int_equal(id.i, i + 1);
            assert_int_equal(pyr_functions_get(tab, id)->first_line, different[i].first_line);
        }
    }
    assert_int_equal(pyr_functions_count(tab), 6);
    pyr_functions_free(tab);
    pyr_functions_free(NULL);
}

static void test_no_function_has_empty_fields(void **state)
{
    (void)state;
    struct pyr_functions *tab = pyr_functions_new();
    const struct pyr_function *none = pyr_functions_get(tab, (pyr_func){0});
    assert_int_equal(none->qualname.i, 0);
    assert_int_equal(none->first_line, 0);
    pyr_functions_free(tab);
}

static void test_an_unknown_kind_is_refused(void **state)
{
    (void)state;
    struct pyr_functions *tab = pyr_functions_new();
    struct pyr_err err = {0};
    struct pyr_function function = {.kind = (enum pyr_func_kind)PYR_FUNC_KIND_COUNT};
    pyr_func id = {0};
    assert_false(pyr_functions_add(tab, &function, &id, &err));
    assert_int_equal(err.code, PYR_ERR_FORMAT);
    assert_int_equal(pyr_functions_count(tab), 0);
    pyr_functions_free(tab);
}

static void test_short_names_follow_the_last_dot(void **state)
{
    (void)state;
    assert_string_equal(pyr_function_short_name("main"), "main");
    assert_string_equal(pyr_function_short_name("Basket.add"), "add");
    assert_string_equal(pyr_function_short_name("outer.<locals>.inner"), "inner");
    assert_string_equal(pyr_function_short_name("f.<locals>.<lambda>"), "<lambda>");
    assert_string_equal(pyr_function_short_name("<module>"), "<module>");
    assert_string_equal(pyr_function_short_name("odd."), "odd.");
    assert_string_equal(pyr_function_short_name(""), "");
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        struct pyr_functions *tab = pyr_functions_new();
        failed = tab == NULL || !add_numbered(tab, 500, &err);
        pyr_mem_fail_after(-1);
        if (tab != NULL) {
            assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
            assert_true(add_numbered(tab, 500, &err));
            assert_int_equal(pyr_functions_count(tab), 500);
        }
        pyr_functions_free(tab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_differ_in_any_field),
        cmocka_unit_test(test_no_function_has_empty_fields),
        cmocka_unit_test(test_an_unknown_kind_is_refused),
        cmocka_unit_test(test_short_names_follow_the_last_dot),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
