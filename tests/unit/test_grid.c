/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/grid.h"

#include <string.h>

#include "base/mem.h"
#include "unit.h"

static void assert_grid(const struct pyr_grid *grid, const char *expected)
{
    struct pyr_buf text = {0};
    pyr_grid_add_text(grid, &text);
    assert_string_equal(text.data, expected);
    pyr_buf_release(&text);
}

static struct pyr_grid make(uint32_t columns, uint32_t rows)
{
    struct pyr_grid grid = {0};
    struct pyr_err err = {0};
    assert_true(pyr_grid_resize(&grid, columns, rows, &err));
    return grid;
}

static uint32_t put(struct pyr_grid *grid, uint32_t row, uint32_t column, uint32_t columns,
                    const char *text)
{
    return pyr_grid_put_text(grid, (struct pyr_span){row, column, columns},
                             pyr_look_of(PYR_STYLE_PLAIN), text);
}

static void test_what_does_not_fit_is_cut_off(void **state)
{
    (void)state;
    struct pyr_grid grid = make(6, 2);
    assert_int_equal(put(&grid, 0, 4, 100, "abc"), 2);
    assert_int_equal(put(&grid, 1, 0, 3, "abcdef"), 3);
    assert_int_equal(put(&grid, 2, 0, 3, "out"), 0);
    assert_int_equal(put(&grid, 0, 6, 3, "out"), 0);
    assert_int_equal(put(&grid, UINT32_MAX, UINT32_MAX, UINT32_MAX, "out"), 0);
    assert_grid(&grid, "    ab\nabc\n");
    assert_null(pyr_grid_cell(&grid, 6, 0));
    assert_null(pyr_grid_cell(&grid, 0, 2));
    pyr_grid_release(&grid);
}

static void test_wide_characters_take_two_cells_or_none(void **state)
{
    (void)state;
    struct pyr_grid grid = make(5, 1);
    assert_int_equal(put(&grid, 0, 0, 5, "a漢字"), 5);
    assert_int_equal(pyr_grid_cell(&grid, 1, 0)->columns, 2);
    assert_int_equal(pyr_grid_cell(&grid, 2, 0)->columns, 0);
    assert_grid(&grid, "a漢字\n");
    pyr_grid_clear(&grid);
    assert_int_equal(put(&grid, 0, 0, 4, "a漢字"), 3);
    assert_grid(&grid, "a漢\n");
    pyr_grid_release(&grid);
}

static void test_drawing_over_half_of_a_wide_character_removes_the_other_half(void **state)
{
    (void)state;
    struct pyr_grid grid = make(6, 1);
    put(&grid, 0, 0, 6, "漢字漢");
    put(&grid, 0, 1, 1, "x");
    assert_grid(&grid, " x字漢\n");
    put(&grid, 0, 2, 1, "y");
    assert_grid(&grid, " xy 漢\n");
    put(&grid, 0, 3, 2, "字");
    assert_grid(&grid, " xy字\n");
    pyr_grid_release(&grid);
}

static void test_accents_join_the_character_before_them(void **state)
{
    (void)state;
    struct pyr_grid grid = make(4, 1);
    assert_int_equal(put(&grid, 0, 0, 4, "e\xCC\x81x"), 2);
    assert_string_equal(pyr_grid_cell(&grid, 0, 0)->text, "e\xCC\x81");
    assert_int_equal(put(&grid, 0, 0, 4, "\xCC\x81y"), 1); /* with nothing to join, none is left */
    assert_string_equal(pyr_grid_cell(&grid, 0, 0)->text, "y");
    char many[2 + 40 * 2] = "a";
    for (size_t i = 0; i < 40; i++) {
        memcpy(many + 1 + 2 * i, "\xCC\x81", 2);
    }
    put(&grid, 0, 0, 4, many); /* more than a cell holds are left out */
    assert_true(strlen(pyr_grid_cell(&grid, 0, 0)->text) < PYR_GRID_CELL_BYTES);
    pyr_grid_release(&grid);
}

static void test_hostile_bytes_become_question_marks(void **state)
{
    (void)state;
    struct pyr_grid grid = make(12, 1);
    put(&grid, 0, 0, 12, "a\x1b[2J\xff\xc2\x9b\xe2\x82");
    assert_grid(&grid, "a?[2J?????\n");
    for (uint32_t i = 0; i < 12; i++) {
        const struct pyr_cell *cell = pyr_grid_cell(&grid, i, 0);
        assert_true((unsigned char)cell->text[0] >= ' ' && (unsigned char)cell->text[0] < 0x7F);
    }
    pyr_grid_release(&grid);
}

static void test_an_ascii_grid_has_no_other_characters(void **state)
{
    (void)state;
    struct pyr_grid grid = make(8, 1);
    grid.ascii = true;
    assert_int_equal(put(&grid, 0, 0, 8, "a漢e\xCC\x81é"), 4);
    assert_grid(&grid, "a?e?\n");
    pyr_grid_release(&grid);
}

static void test_text_at_the_right_ends_at_the_edge(void **state)
{
    (void)state;
    struct pyr_grid grid = make(8, 2);
    const struct pyr_span span = {0, 1, 6};
    const struct pyr_span next = {1, 1, 6};
    pyr_grid_put_right(&grid, span, pyr_look_of(PYR_STYLE_PLAIN), "漢1");
    pyr_grid_put_right(&grid, next, pyr_look_of(PYR_STYLE_PLAIN), "too long");
    assert_grid(&grid, "    漢1\n too lo\n");
    pyr_grid_release(&grid);
}

static void test_looks_are_kept_by_cell(void **state)
{
    (void)state;
    struct pyr_grid grid = make(4, 1);
    pyr_grid_put_text(&grid, (struct pyr_span){0, 0, 4}, pyr_look_of(PYR_STYLE_HOT), "ab");
    pyr_grid_choose(&grid, (struct pyr_span){0, 1, 9});
    assert_int_equal(pyr_grid_cell(&grid, 0, 0)->look.style, PYR_STYLE_HOT);
    assert_false(pyr_grid_cell(&grid, 0, 0)->look.chosen);
    assert_true(pyr_grid_cell(&grid, 1, 0)->look.chosen);
    assert_true(pyr_grid_cell(&grid, 3, 0)->look.chosen);
    pyr_grid_paint(&grid, (struct pyr_span){0, 0, 1}, pyr_look_of(PYR_STYLE_DIM));
    assert_int_equal(pyr_grid_cell(&grid, 0, 0)->look.style, PYR_STYLE_DIM);
    assert_string_equal(pyr_grid_cell(&grid, 0, 0)->text, "a");
    pyr_grid_release(&grid);
}

static void test_any_size_up_to_the_limit_can_be_had(void **state)
{
    (void)state;
    struct pyr_grid grid = make(1000000, 1000000);
    struct pyr_err err = {0};
    assert_int_equal(grid.columns, PYR_GRID_MAX_COLUMNS);
    assert_int_equal(grid.rows, PYR_GRID_MAX_ROWS);
    put(&grid, grid.rows - 1, grid.columns - 1, 1, "x");
    assert_true(pyr_grid_resize(&grid, 3, 1, &err));
    assert_grid(&grid, "\n");
    assert_true(pyr_grid_resize(&grid, 0, 0, &err));
    assert_null(pyr_grid_cell(&grid, 0, 0));
    put(&grid, 0, 0, 1, "x");
    pyr_grid_release(&grid);
}

static void test_without_memory_the_grid_stays_as_it_was(void **state)
{
    (void)state;
    struct pyr_grid grid = make(3, 1);
    struct pyr_err err = {0};
    put(&grid, 0, 0, 3, "abc");
    pyr_mem_fail_after(0);
    assert_false(pyr_grid_resize(&grid, 100, 100, &err));
    pyr_mem_fail_after(-1);
    assert_int_equal(err.code, PYR_ERR_NOMEM);
    assert_grid(&grid, "abc\n");
    pyr_grid_release(&grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_does_not_fit_is_cut_off),
        cmocka_unit_test(test_wide_characters_take_two_cells_or_none),
        cmocka_unit_test(test_drawing_over_half_of_a_wide_character_removes_the_other_half),
        cmocka_unit_test(test_accents_join_the_character_before_them),
        cmocka_unit_test(test_hostile_bytes_become_question_marks),
        cmocka_unit_test(test_an_ascii_grid_has_no_other_characters),
        cmocka_unit_test(test_text_at_the_right_ends_at_the_edge),
        cmocka_unit_test(test_looks_are_kept_by_cell),
        cmocka_unit_test(test_any_size_up_to_the_limit_can_be_had),
        cmocka_unit_test(test_without_memory_the_grid_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
