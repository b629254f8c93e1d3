/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/profile.h"

#include "base/mem.h"
#include "unit.h"

static const struct pyr_function_text add_text = {"Basket.add", "shop", "shop.py", 12,
                                                  PYR_FUNC_PYTHON};
static const struct pyr_function_text len_text = {"len", "builtins", "", 0, PYR_FUNC_BUILTIN};

static void test_a_new_profile_is_empty(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    assert_non_null(profile);
    assert_int_equal(pyr_functions_count(profile->functions), 0);
    assert_int_equal(pyr_stacks_count(profile->stacks), 0);
    assert_int_equal(pyr_values_count(profile->values), 0);
    assert_int_equal(pyr_threads_count(profile->threads), 0);
    assert_int_equal(pyr_timeline_count(profile->timeline), 0);
    assert_int_equal(pyr_meta_count(profile->meta), 0);
    assert_int_equal(profile->metrics.count, 0);
    pyr_profile_free(profile);
    pyr_profile_free(NULL);
}

static void test_functions_are_added_by_their_texts(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    pyr_func add = {0};
    pyr_func len = {0};
    pyr_func again = {0};
    assert_true(pyr_profile_add_function(p, &add_text, &add, &err));
    assert_true(pyr_profile_add_function(p, &len_text, &len, &err));
    assert_true(pyr_profile_add_function(p, &add_text, &again, &err));
    assert_int_equal(add.i, again.i);
    assert_int_not_equal(add.i, len.i);
    const struct pyr_function *function = pyr_functions_get(p->functions, add);
    assert_string_equal(pyr_strtab_text(p->strings, function->qualname), "Basket.add");
    assert_string_equal(pyr_strtab_text(p->strings, function->module), "shop");
    assert_string_equal(pyr_strtab_text(p->strings, function->file), "shop.py");
    assert_int_equal(function->first_line, 12);
    assert_int_equal(pyr_functions_get(p->functions, len)->kind, PYR_FUNC_BUILTIN);
    pyr_profile_free(p);
}

static void test_pushing_builds_stacks_that_know_their_function(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    pyr_func add = {0};
    pyr_func len = {0};
    pyr_stack outer = {0};
    pyr_stack inner = {0};
    pyr_stack other_line = {0};
    assert_true(pyr_profile_add_function(p, &add_text, &add, &err));
    assert_true(pyr_profile_add_function(p, &len_text, &len, &err));
    assert_true(pyr_profile_push(p, (pyr_stack){0}, add, 13, &outer, &err));
    assert_true(pyr_profile_push(p, outer, len, 0, &inner, &err));
    assert_true(pyr_profile_push(p, (pyr_stack){0}, add, 14, &other_line, &err));
    assert_int_equal(pyr_profile_stack_function(p, outer).i, add.i);
    assert_int_equal(pyr_profile_stack_function(p, inner).i, len.i);
    assert_int_equal(pyr_profile_stack_function(p, other_line).i, add.i);
    assert_int_not_equal(outer.i, other_line.i);
    assert_int_equal(pyr_stacks_get(p->stacks, inner).parent.i, outer.i);
    pyr_profile_free(p);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        pyr_func func = {0};
        pyr_stack stack = {0};
        pyr_mem_fail_after(nth);
        struct pyr_profile *p = pyr_profile_new(&err);
        failed = p == NULL || !pyr_profile_add_function(p, &add_text, &func, &err) ||
                 !pyr_profile_push(p, stack, func, 1, &stack, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        if (p != NULL) {
            assert_true(pyr_profile_add_function(p, &add_text, &func, &err));
            assert_true(pyr_profile_push(p, (pyr_stack){0}, func, 1, &stack, &err));
            assert_int_equal(pyr_stacks_count(p->stacks), 1);
        }
        pyr_profile_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_profile_is_empty),
        cmocka_unit_test(test_functions_are_added_by_their_texts),
        cmocka_unit_test(test_pushing_builds_stacks_that_know_their_function),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
