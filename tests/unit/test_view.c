/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/view.h"

#include <string.h>

#include "report_fixture.h"
#include "unit.h"

static pyr_func find(const struct pyr_profile *profile, const char *name)
{
    for (uint32_t i = 1; i <= pyr_functions_count(profile->functions); i++) {
        const struct pyr_function *f = pyr_functions_get(profile->functions, (pyr_func){i});
        if (strcmp(pyr_strtab_text(profile->strings, f->qualname), name) == 0) {
            return (pyr_func){i};
        }
    }
    fail_msg("no function %s", name);
    return (pyr_func){0};
}

static void test_the_main_metric_is_time_and_all_of_it_is_known(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_err err = {0};
    assert_true(pyr_view_init(&view, profile, &options, &err));
    assert_string_equal(view.unit, PYR_UNIT_NS);
    assert_int_equal(view.whole, 1000000000);
    pyr_view_release(&view);
    pyr_profile_free(profile);
}

static void test_one_thread_has_only_its_own_figures(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_err err = {0};
    options.thread = "Worker";
    assert_true(pyr_view_init(&view, profile, &options, &err));
    assert_int_equal(view.whole, 50000000);
    pyr_view_release(&view);
    pyr_profile_free(profile);
}

static void test_modules_are_kept_with_their_submodules_only(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_err err = {0};
    options.module = "shop";
    assert_true(pyr_view_init(&view, profile, &options, &err));
    assert_true(pyr_view_keeps(&view, find(profile, "price")));
    assert_false(pyr_view_keeps(&view, find(profile, "len")));
    options.module = "sho";
    assert_false(pyr_view_keeps(&view, find(profile, "price")));
    pyr_view_release(&view);
    pyr_profile_free(profile);
}

static void test_expressions_see_module_name_file_and_line(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_err err = {0};
    options.match = "^shop\\.pri.* shop\\.py:20$";
    assert_true(pyr_view_init(&view, profile, &options, &err));
    assert_true(pyr_view_keeps(&view, find(profile, "price")));
    assert_false(pyr_view_keeps(&view, find(profile, "main")));
    pyr_view_release(&view);
    options.match = "a(";
    assert_false(pyr_view_init(&view, profile, &options, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    pyr_view_release(&view);
    pyr_profile_free(profile);
}

static void assert_place(const char *file, const char *folder, bool full, const char *expected)
{
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    pyr_func func;
    const struct pyr_function_text text = {"f", "m", file, 7, PYR_FUNC_PYTHON};
    assert_true(pyr_profile_add_function(profile, &text, &func, &err));
    options.folder = folder;
    options.full_paths = full;
    assert_true(pyr_view_init(&view, profile, &options, &err));
    pyr_view_add_place(&view, func, &out);
    assert_string_equal(out.data, expected);
    pyr_buf_release(&out);
    pyr_view_release(&view);
    pyr_profile_free(profile);
}

static void test_paths_lose_what_goes_without_saying(void **state)
{
    (void)state;
    assert_place("/usr/lib/python3.11/json/decoder.py", NULL, false, "json/decoder.py:7");
    assert_place("/v/lib/python3.9/site-packages/a/b.py", NULL, false, "a/b.py:7");
    assert_place("/home/me/shop/cart.py", "/home/me", false, "shop/cart.py:7");
    assert_place("/home/meadow/cart.py", "/home/me", false, "/home/meadow/cart.py:7");
    assert_place("/home/me/shop/cart.py", "/home/me", true, "/home/me/shop/cart.py:7");
    assert_place("/x/lib/python3.11", NULL, false, "/x/lib/python3.11:7");
    assert_place("a\x1b[2J.py", NULL, false, "a\\x1b[2J.py:7");
    assert_place("", NULL, false, "[m]");
}

static void test_a_profile_without_figures_is_an_error(void **state)
{
    (void)state;
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    assert_false(pyr_view_init(&view, profile, &options, &err));
    assert_int_equal(err.code, PYR_ERR_FORMAT);
    pyr_view_release(&view);
    pyr_profile_free(profile);
}

static uint32_t asked_for(struct pyr_profile *profile, const char *function)
{
    struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_err err = {0};
    uint32_t found = 0;
    options.function = function;
    assert_true(pyr_view_init(&view, profile, &options, &err));
    for (uint32_t f = 1; f <= pyr_functions_count(profile->functions); f++) {
        found += pyr_view_is_asked_for(&view, (pyr_func){f}) ? 1 : 0;
    }
    pyr_view_release(&view);
    return found;
}

static void test_an_exact_name_is_preferred_to_an_expression(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_sampled();
    (void)report_fixture_push(profile, (pyr_stack){0}, "shop", 90);
    (void)report_fixture_push(profile, (pyr_stack){0}, "Cart.add", 91);
    (void)report_fixture_push(profile, (pyr_stack){0}, "Cart.add_all", 92);
    assert_int_equal(asked_for(profile, "shop"), 1); /* not all of shop.py */
    assert_int_equal(asked_for(profile, "add"), 1);
    assert_int_equal(asked_for(profile, "Cart.add"), 1);
    assert_int_equal(asked_for(profile, "shop.Cart.add"), 1);
    assert_int_equal(asked_for(profile, "Cart"), 2);
    assert_int_equal(asked_for(profile, "rt.add"), 2);
    assert_true(asked_for(profile, "shop.py") >= 3);
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_exact_name_is_preferred_to_an_expression),
        cmocka_unit_test(test_the_main_metric_is_time_and_all_of_it_is_known),
        cmocka_unit_test(test_one_thread_has_only_its_own_figures),
        cmocka_unit_test(test_modules_are_kept_with_their_submodules_only),
        cmocka_unit_test(test_expressions_see_module_name_file_and_line),
        cmocka_unit_test(test_paths_lose_what_goes_without_saying),
        cmocka_unit_test(test_a_profile_without_figures_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
