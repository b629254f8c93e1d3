/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/line.h"

#include "unit.h"

static void assert_row(const struct pyr_grid *grid, const char *expected)
{
    struct pyr_buf text = {0};
    pyr_grid_add_text(grid, &text);
    assert_string_equal(text.data, expected);
    pyr_buf_release(&text);
}

static struct pyr_grid make(uint32_t columns)
{
    struct pyr_grid grid = {0};
    struct pyr_err err = {0};
    assert_true(pyr_grid_resize(&grid, columns, 1, &err));
    return grid;
}

static void test_a_piece_that_does_not_fit_ends_the_line(void **state)
{
    (void)state;
    struct pyr_grid grid = make(10);
    struct pyr_line line = pyr_line_start(&grid, 0);
    pyr_line_add(&line, PYR_STYLE_PLAIN, "abc");
    pyr_line_skip(&line, 2);
    pyr_line_addf(&line, PYR_STYLE_PLAIN, "%d%s", 12345, "6");
    pyr_line_add(&line, PYR_STYLE_PLAIN, "x");
    assert_true(line.full);
    assert_row(&grid, "abc\n");
    pyr_grid_release(&grid);
}

static void test_names_are_cut_where_one_can_see_it(void **state)
{
    (void)state;
    struct pyr_grid grid = make(12);
    struct pyr_line line = pyr_line_start(&grid, 0);
    struct pyr_buf name = {0};
    pyr_buf_add_text(&name, "Basket.add_event");
    pyr_line_add_cut(&line, pyr_look_of(PYR_STYLE_PLAIN), &name, 6, PYR_CUT_END);
    pyr_line_skip(&line, 1);
    pyr_line_add_cut(&line, pyr_look_of(PYR_STYLE_PLAIN), &name, 100, PYR_CUT_END);
    assert_row(&grid, "Baske… Bask…\n");
    pyr_buf_release(&name);
    pyr_grid_release(&grid);
}

static void test_raw_text_is_made_harmless(void **state)
{
    (void)state;
    struct pyr_grid grid = make(20);
    struct pyr_line line = pyr_line_start(&grid, 0);
    pyr_line_add_raw(&line, PYR_STYLE_PLAIN, "a\x1b[31m\n", 100);
    assert_row(&grid, "a\\x1b[31m\\n\n");
    pyr_grid_release(&grid);
}

static void assert_command(const char *command, const char *expected)
{
    struct pyr_grid grid = make(40);
    struct pyr_line line = pyr_line_start(&grid, 0);
    pyr_line_add_command(&line, PYR_STYLE_PLAIN, command, 40);
    assert_row(&grid, expected);
    pyr_grid_release(&grid);
}

static void test_a_command_begins_with_the_name_of_its_program(void **state)
{
    (void)state;
    assert_command("/usr/bin/python3 /srv/shop.py", "python3 /srv/shop.py\n");
    assert_command("python3 /srv/shop.py", "python3 /srv/shop.py\n");
    assert_command("/usr/bin/python3", "python3\n");
    assert_command("/ /srv/x", "/ /srv/x\n");
    assert_command("", "\n");
}

static void test_shares_have_few_digits(void **state)
{
    (void)state;
    assert_string_equal(pyr_share_text(1, 3).text, "33.3 %");
    assert_string_equal(pyr_share_text(2, 1).text, "200 %");
    assert_string_equal(pyr_share_text(9994, 10000).text, "99.9 %");
    assert_string_equal(pyr_share_text(9996, 10000).text, "100 %");
    assert_string_equal(pyr_share_text(0, 5).text, "0.0 %");
    assert_string_equal(pyr_share_text(0, 0).text, "-");
}

static void test_elapsed_time_grows_with_its_length(void **state)
{
    (void)state;
    const uint64_t s = 1000000000u;
    assert_string_equal(pyr_elapsed_text(0).text, "00:00");
    assert_string_equal(pyr_elapsed_text(754 * s).text, "12:34");
    assert_string_equal(pyr_elapsed_text(3723 * s).text, "1:02:03");
    assert_string_equal(pyr_elapsed_text(2 * 86400 * s + 184 * 60 * s).text, "2d 03:04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_piece_that_does_not_fit_ends_the_line),
        cmocka_unit_test(test_names_are_cut_where_one_can_see_it),
        cmocka_unit_test(test_raw_text_is_made_harmless),
        cmocka_unit_test(test_a_command_begins_with_the_name_of_its_program),
        cmocka_unit_test(test_shares_have_few_digits),
        cmocka_unit_test(test_elapsed_time_grows_with_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
