/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/table.h"

#include <string.h>

#include "base/mem.h"
#include "unit.h"

static const struct pyr_table_column columns[] = {
    {.title = "calls"},
    {.title = "self", .drop = 5},
    {.title = "function", .left = true, .min = 6, .cut = PYR_CUT_MIDDLE},
    {.title = "where", .left = true, .min = 6, .cut = PYR_CUT_START, .gives_way = true},
};

static void fill(struct pyr_table *table)
{
    static const char *const cells[] = {"1",
                                        "10 ms",
                                        "main",
                                        "shop.py:1",
                                        "12,000",
                                        "5 ms",
                                        "Basket.add_item",
                                        "/a/b/basket.py:20"};
    pyr_table_init(table, columns, 4);
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        pyr_table_add(table, PYR_STYLE_PLAIN, cells[i]);
    }
}

static void assert_table(uint32_t width, const char *expected)
{
    const struct pyr_report_options options = {.width = width};
    struct pyr_table table = {0};
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    fill(&table);
    assert_true(pyr_table_render(&table, &options, &out, &err));
    assert_string_equal(out.data, expected);
    pyr_buf_release(&out);
    pyr_table_release(&table);
}

static void test_columns_are_aligned_and_lines_end_without_spaces(void **state)
{
    (void)state;
    assert_table(0, "   calls   self  function         where\n"
                    "       1  10 ms  main             shop.py:1\n"
                    "  12,000   5 ms  Basket.add_item  /a/b/basket.py:20\n");
}

static void test_places_give_way_before_names(void **state)
{
    (void)state;
    assert_table(48, "   calls   self  function         where\n"
                     "       1  10 ms  main             shop.py:1\n"
                     "  12,000   5 ms  Basket.add_item  …/basket.py:20\n");
}

static void test_a_narrow_table_leaves_out_columns_then_cuts_names(void **state)
{
    (void)state;
    assert_table(28, "   calls  function    where\n"
                     "       1  main        ….py:1\n"
                     "  12,000  Baske…item  …py:20\n");
}

static void test_colour_and_branches_do_not_disturb_the_alignment(void **state)
{
    (void)state;
    const struct pyr_report_options options = {.color = true};
    const struct pyr_table_column two[] = {{.title = "n", .left = true, .min = 4}, {.title = "v"}};
    struct pyr_table table = {0};
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    pyr_table_init(&table, two, 2);
    const size_t start = table.text.len;
    pyr_buf_add_text(&table.text, "└ name");
    pyr_table_add_since(&table, PYR_STYLE_STRONG, start, strlen("└ "));
    pyr_table_add(&table, PYR_STYLE_HOT, "7");
    assert_true(pyr_table_render(&table, &options, &out, &err));
    assert_string_equal(out.data, "  \x1b[1;36mn\x1b[0m       \x1b[1;36mv\x1b[0m\n"
                                  "  \x1b[2m└ \x1b[0m\x1b[1mname\x1b[0m  \x1b[1;31m7\x1b[0m\n");
    pyr_buf_release(&out);
    pyr_table_release(&table);
}

static void test_a_hostile_title_is_neutralised(void **state)
{
    (void)state;
    const struct pyr_report_options options = {.width = 0};
    const struct pyr_table_column one[] = {{.title = "\x1b[2Jx"}};
    struct pyr_table table = {0};
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    pyr_table_init(&table, one, 1);
    pyr_table_add(&table, PYR_STYLE_PLAIN, "1");
    assert_true(pyr_table_render(&table, &options, &out, &err));
    assert_null(strchr(out.data, '\x1b'));
    pyr_buf_release(&out);
    pyr_table_release(&table);
}

static void test_running_out_of_memory_is_told_at_the_end(void **state)
{
    (void)state;
    const struct pyr_report_options options = {.width = 40};
    bool ok = false;
    for (long nth = 0; !ok; nth++) {
        struct pyr_table table = {0};
        struct pyr_buf out = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        fill(&table);
        ok = pyr_table_render(&table, &options, &out, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, ok ? PYR_OK : PYR_ERR_NOMEM);
        pyr_buf_release(&out);
        pyr_table_release(&table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_are_aligned_and_lines_end_without_spaces),
        cmocka_unit_test(test_places_give_way_before_names),
        cmocka_unit_test(test_a_narrow_table_leaves_out_columns_then_cuts_names),
        cmocka_unit_test(test_colour_and_branches_do_not_disturb_the_alignment),
        cmocka_unit_test(test_a_hostile_title_is_neutralised),
        cmocka_unit_test(test_running_out_of_memory_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
