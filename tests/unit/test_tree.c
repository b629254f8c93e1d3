/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/tree.h"

#include <string.h>

#include "report_fixture.h"
#include "unit.h"

static const char *body(const char *text)
{
    const char *found = strstr(text, "\n\n");
    return found == NULL ? text : found + 2;
}

static void test_draws_the_calls_from_the_outermost_inwards(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const char *text = report_fixture_render(&pyr_report_tree, profile, &options, &out);
    assert_string_equal(body(text), "       %   total     self  calls  function       where\n"
                                    "  95.0 %  950 ms  10.0 ms      1  <module> shop  shop.py:1\n"
                                    "  94.0 %  940 ms  40.0 ms      1  └ main         shop.py:30\n"
                                    "  65.0 %  650 ms   600 ms     10    ├ price      shop.py:20\n"
                                    "   5.0 % 50.0 ms  50.0 ms     20    │ └ len      [builtins]\n"
                                    "  25.0 %  250 ms   250 ms      3    └ walk ↻ 1   shop.py:10\n"
                                    "   5.0 % 50.0 ms  50.0 ms      1  work           shop.py:40\n"
                                    "\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_prunes_small_branches_and_counts_them(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.min_share = 0.3;
    const char *text = report_fixture_render(&pyr_report_tree, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "└ price"));
    assert_false(report_fixture_has_line(text, "walk"));
    assert_true(report_fixture_has_line(text, "… 3 branches below 30 % left out, 35.0 % in all"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_few_rows_show_the_largest_branches(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.limit = 5;
    const char *text = report_fixture_render(&pyr_report_tree, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "├ price … 1 more"));
    assert_true(report_fixture_has_line(text, "walk"));
    assert_true(report_fixture_has_line(text, "work"));
    assert_false(report_fixture_has_line(text, "len"));
    assert_true(report_fixture_has_line(text, "… 1 branch left out, 5.0 % in all; --limit"));
    pyr_buf_clear(&out);
    options.limit = 4;
    text = report_fixture_render(&pyr_report_tree, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "94.0 %|└ main … 2 more"));
    assert_true(report_fixture_has_line(text, "5.0 %|50.0 ms|… 1 more"));
    assert_false(report_fixture_has_line(text, "walk"));
    pyr_buf_clear(&out);
    options.limit = 1;
    text = report_fixture_render(&pyr_report_tree, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "<module> shop … 1 more"));
    assert_false(report_fixture_has_line(text, "main"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_the_import_system_is_passed_over(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = report_fixture_sampled();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const struct pyr_function_text load = {"_find_and_load", "importlib._bootstrap",
                                           "<frozen importlib._bootstrap>", 1000, PYR_FUNC_PYTHON};
    pyr_func func;
    pyr_stack stack;
    assert_true(pyr_profile_add_function(profile, &load, &func, &err));
    assert_true(pyr_profile_push(profile, (pyr_stack){0}, func, 0, &stack, &err));
    const pyr_stack module = report_fixture_push(profile, stack, "<module>", 1);
    assert_true(pyr_values_add(profile->values, module, (pyr_thread){0}, 0, 4, &err));
    assert_true(pyr_values_add(profile->values, stack, (pyr_thread){0}, 0, 1, &err));
    const char *text = report_fixture_render(&pyr_report_tree, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "44.4 %|⋯ <module> shop|shop.py:1"));
    assert_true(report_fixture_has_line(text, "11.1 %|⋯ (import system)"));
    assert_false(report_fixture_has_line(text, "_find_and_load"));
    pyr_buf_clear(&out);
    options.full_paths = true;
    text = report_fixture_render(&pyr_report_tree, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "_find_and_load"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_very_deep_tree_keeps_its_names_on_the_screen(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = report_fixture_sampled();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    pyr_stack stack = {0};
    for (uint32_t depth = 0; depth < 5000; depth++) {
        stack =
            report_fixture_push(profile, stack, depth % 2 == 0 ? "ping" : "pong", 50 + depth % 2);
    }
    assert_true(pyr_values_add(profile->values, stack, (pyr_thread){0}, 0, 96, &err));
    options.width = 80;
    const char *text = report_fixture_render(&pyr_report_tree, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "⋮ |└ pong"));
    assert_true(report_fixture_has_line(text, "left out"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_report_options options = report_fixture_options();
    options.match = "walk";
    report_fixture_starve(&pyr_report_tree, &options);
}

static void test_cpu_divides_the_total_of_each_branch(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.limit = 50;
    const char *text = report_fixture_render(&pyr_report_tree, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "45.0 %|450 ms|320 ms|130 ms|120 ms|1|loop"));
    pyr_buf_clear(&out);
    options.sort = "cpu";
    options.reverse = true;
    text = report_fixture_render(&pyr_report_tree, profile, &options, &out);
    assert_true(strstr(text, "work") < strstr(text, "handle"));
    assert_true(strstr(text, "handle") < strstr(text, "loop"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpu_divides_the_total_of_each_branch),
        cmocka_unit_test(test_draws_the_calls_from_the_outermost_inwards),
        cmocka_unit_test(test_prunes_small_branches_and_counts_them),
        cmocka_unit_test(test_few_rows_show_the_largest_branches),
        cmocka_unit_test(test_the_import_system_is_passed_over),
        cmocka_unit_test(test_a_very_deep_tree_keeps_its_names_on_the_screen),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
