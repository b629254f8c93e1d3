/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/figure_columns.h"

#include "unit.h"

static const struct pyr_figure_column columns[] = {{"now", 6, 0}, {"all", 6, 2}, {"cpu", 5, 1}};

static void test_the_largest_drop_is_left_out_first(void **state)
{
    (void)state;
    assert_int_equal(pyr_figure_columns_keep(columns, 3, 100, 10), 3);
    assert_int_equal(pyr_figure_columns_keep(columns, 3, 29, 10), 3);
    assert_int_equal(pyr_figure_columns_keep(columns, 3, 28, 10), 2);
    assert_int_equal(pyr_figure_columns_keep(columns, 3, 22, 10), 1);
    assert_int_equal(pyr_figure_columns_keep(columns, 3, 0, 10), 1); /* the first one stays */
    assert_int_equal(pyr_figure_columns_width(columns, 3, 2), 13);
}

static void test_titles_stand_over_their_figures(void **state)
{
    (void)state;
    struct pyr_grid grid = {0};
    struct pyr_buf text = {0};
    struct pyr_err err = {0};
    assert_true(pyr_grid_resize(&grid, 30, 2, &err));
    struct pyr_line line = pyr_line_start(&grid, 0);
    pyr_figure_columns_title(columns, 3, 3, &line);
    pyr_line_add(&line, PYR_STYLE_PLAIN, "name");
    line = pyr_line_start(&grid, 1);
    pyr_figure_columns_put(&line, 6, PYR_STYLE_PLAIN, "1 %");
    pyr_figure_columns_put(&line, 6, PYR_STYLE_PLAIN, "23.4 %");
    pyr_figure_columns_put(&line, 5, PYR_STYLE_PLAIN, "7");
    pyr_grid_add_text(&grid, &text);
    assert_string_equal(text.data, "   now   all  cpu  name\n"
                                   "   1 %23.4 %    7\n");
    pyr_buf_release(&text);
    pyr_grid_release(&grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_largest_drop_is_left_out_first),
        cmocka_unit_test(test_titles_stand_over_their_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
