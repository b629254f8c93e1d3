/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_flame.h"

#include "base/mem.h"
#include "tui_fixture.h"
#include "unit.h"

struct made {
    struct tui_fixture fixture;
    struct pyr_top_model model;
    struct pyr_flame_layout layout;
};

static void make(struct made *made)
{
    *made = (struct made){0};
    tui_fixture_init(&made->fixture);
    tui_fixture_model(&made->fixture, &made->model);
}

static void drop(struct made *made)
{
    pyr_flame_layout_release(&made->layout);
    pyr_top_model_release(&made->model);
    tui_fixture_release(&made->fixture);
}

static uint32_t shape_of(const struct made *made, pyr_stack stack)
{
    return made->model.mirror.paths[stack.i].shape;
}

static const struct pyr_flame_box *box_of(const struct made *made, uint32_t shape)
{
    for (uint32_t i = 0; i < made->layout.count; i++) {
        if (made->layout.boxes[i].shape == shape) {
            return &made->layout.boxes[i];
        }
    }
    return NULL;
}

static void assert_box(const struct made *made, uint32_t shape, uint32_t row, uint32_t column,
                       uint32_t columns)
{
    const struct pyr_flame_box *box = box_of(made, shape);
    assert_non_null(box);
    assert_int_equal(box->row, row);
    assert_int_equal(box->column, column);
    assert_int_equal(box->columns, columns);
}

static void test_boxes_are_as_wide_as_their_time(void **state)
{
    (void)state;
    struct made made;
    struct pyr_err err = {0};
    make(&made);
    assert_true(pyr_flame_lay_out(&made.layout, &made.model, 0, 200, &err));
    assert_box(&made, 0, 0, 0, 200);
    assert_box(&made, shape_of(&made, made.fixture.hot_21), 3, 0, 70);
    assert_box(&made, shape_of(&made, made.fixture.warm), 3, 70, 20);
    assert_box(&made, shape_of(&made, made.fixture.walk), 5, 90, 10);
    assert_box(&made, shape_of(&made, made.fixture.run), 1, 100, 100);
    assert_null(box_of(&made, shape_of(&made, made.fixture.wait))); /* idle */
    assert_int_equal(made.layout.rows, 6);
    drop(&made);
}

static void test_a_zoomed_box_takes_the_whole_width(void **state)
{
    (void)state;
    struct made made;
    struct pyr_err err = {0};
    make(&made);
    const uint32_t hot = shape_of(&made, made.fixture.hot_21);
    const uint32_t main = made.model.mirror.shapes[hot].parent;
    assert_true(pyr_flame_lay_out(&made.layout, &made.model, main, 100, &err));
    assert_box(&made, main, 0, 0, 100);
    assert_box(&made, hot, 1, 0, 70);
    assert_null(box_of(&made, shape_of(&made, made.fixture.run)));
    assert_true(pyr_flame_lay_out(&made.layout, &made.model, 4000000000u, 100, &err));
    assert_int_equal(made.layout.count, 0);
    assert_true(pyr_flame_lay_out(&made.layout, &made.model, 0, 0, &err));
    assert_int_equal(made.layout.count, 0);
    drop(&made);
}

static void test_boxes_too_small_to_be_seen_are_left_out_and_none_overlap(void **state)
{
    (void)state;
    struct made made;
    struct pyr_err err = {0};
    make(&made);
    for (uint32_t columns = 1; columns < 60; columns++) {
        uint32_t ends[16] = {0};
        assert_true(pyr_flame_lay_out(&made.layout, &made.model, 0, columns, &err));
        for (uint32_t i = 0; i < made.layout.count; i++) {
            const struct pyr_flame_box *box = &made.layout.boxes[i];
            assert_true(box->columns > 0 && box->column + box->columns <= columns);
            assert_true(box->column >= ends[box->row]);
            ends[box->row] = box->column + box->columns;
        }
    }
    drop(&made);
}

static void test_arrows_go_from_box_to_box(void **state)
{
    (void)state;
    struct made made;
    struct pyr_top_flame flame = {0};
    make(&made);
    const uint32_t hot = shape_of(&made, made.fixture.hot_21);
    const uint32_t warm = shape_of(&made, made.fixture.warm);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_RIGHT); /* all has no box beside it */
    assert_int_equal(flame.chosen, 0);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_DOWN);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_DOWN);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_DOWN);
    assert_int_equal(flame.chosen, hot);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_DOWN); /* nothing below */
    assert_int_equal(flame.chosen, hot);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_RIGHT);
    assert_int_equal(flame.chosen, warm);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_LEFT);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_LEFT);
    assert_int_equal(flame.chosen, hot);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_FIRST);
    assert_int_equal(flame.chosen, 0);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_LAST);
    assert_int_equal(flame.chosen, hot);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_PAGE_UP);
    assert_int_equal(flame.chosen, 0);
    drop(&made);
}

static void test_zooming_in_and_out_comes_back(void **state)
{
    (void)state;
    struct made made;
    struct pyr_top_flame flame = {0};
    make(&made);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_LAST);
    const uint32_t hot = flame.chosen;
    pyr_top_flame_zoom(&flame);
    assert_int_equal(flame.zoom, hot);
    pyr_top_flame_move(&flame, &made.model, PYR_MOVE_UP); /* not out of the zoomed box */
    assert_int_equal(flame.chosen, hot);
    assert_true(pyr_top_flame_back(&flame, &made.model));
    assert_true(pyr_top_flame_back(&flame, &made.model));
    assert_true(pyr_top_flame_back(&flame, &made.model));
    assert_false(pyr_top_flame_back(&flame, &made.model));
    flame.chosen = 1000000; /* of a profile that was another */
    pyr_top_flame_follow(&flame, &made.model);
    assert_int_equal(flame.chosen, 0);
    drop(&made);
}

static void test_out_of_memory_is_told(void **state)
{
    (void)state;
    struct made made;
    bool failed = true;
    make(&made);
    for (long nth = 0; failed; nth++) {
        struct pyr_flame_layout layout = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_flame_lay_out(&layout, &made.model, 0, 100, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_flame_layout_release(&layout);
    }
    drop(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boxes_are_as_wide_as_their_time),
        cmocka_unit_test(test_a_zoomed_box_takes_the_whole_width),
        cmocka_unit_test(test_boxes_too_small_to_be_seen_are_left_out_and_none_overlap),
        cmocka_unit_test(test_arrows_go_from_box_to_box),
        cmocka_unit_test(test_zooming_in_and_out_comes_back),
        cmocka_unit_test(test_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
