/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_ui.h"

#include "base/mem.h"
#include "tui_fixture.h"
#include "unit.h"

struct made {
    struct tui_fixture fixture;
    struct pyr_top_model model;
    struct pyr_top_ui ui;
};

static int make(void **state)
{
    struct made *made = pyr_mem_zalloc(1, sizeof *made);
    struct pyr_err err = {0};
    tui_fixture_init(&made->fixture);
    tui_fixture_model(&made->fixture, &made->model);
    pyr_top_ui_init(&made->ui, 100);
    made->ui.table.page = 10;
    made->ui.threads.page = 10;
    assert_true(pyr_top_ui_follow(&made->ui, &made->model, &err));
    *state = made;
    return 0;
}

static int drop(void **state)
{
    struct made *made = *state;
    pyr_top_ui_release(&made->ui);
    pyr_top_model_release(&made->model);
    tui_fixture_release(&made->fixture);
    pyr_mem_free(made);
    return 0;
}

static void type(struct made *made, const char *keys)
{
    tui_fixture_type(&made->ui, &made->model, keys);
}

static void press(struct made *made, int key)
{
    tui_fixture_press(&made->ui, &made->model, key);
}

/* What the choice is on. */
static uint32_t chosen(const struct made *made)
{
    return made->model.rows[made->ui.table.at].key;
}

static void test_tab_goes_through_the_views_and_back(void **state)
{
    struct made *made = *state;
    for (int i = 1; i <= PYR_TOP_TABS; i++) {
        press(made, PYR_KEY_TAB);
        assert_int_equal(made->ui.view, i % PYR_TOP_TABS);
    }
    press(made, PYR_KEY_BACK_TAB);
    assert_int_equal(made->ui.view, PYR_TOP_FLAME);
    type(made, "2?");
    assert_int_equal(made->ui.view, PYR_TOP_HELP);
    type(made, "?");
    assert_int_equal(made->ui.view, PYR_TOP_THREADS);
    press(made, PYR_KEY_ESCAPE);
    assert_int_equal(made->ui.view, PYR_TOP_TABLE);
    assert_false(made->ui.quit);
    type(made, "q");
    assert_true(made->ui.quit);
}

static void test_the_choice_stays_with_its_function_when_rows_move(void **state)
{
    struct made *made = *state;
    type(made, "jj");
    assert_int_equal(chosen(made), TUI_WARM);
    type(made, "r");
    assert_int_equal(chosen(made), TUI_WARM);
    assert_int_equal(made->ui.table.at, 3);
    press(made, PYR_KEY_HOME); /* from here on it stays at the top */
    type(made, "r");
    assert_int_equal(made->ui.table.at, 0);
    assert_int_equal(chosen(made), TUI_RUN);
}

static void test_sorting_goes_through_all_columns_and_back(void **state)
{
    struct made *made = *state;
    for (int i = 1; i <= PYR_TOP_SORT_COUNT; i++) {
        type(made, "s");
        assert_int_equal(made->model.sort, i % PYR_TOP_SORT_COUNT);
    }
    type(made, "<");
    assert_int_equal(made->model.sort, PYR_TOP_PLACE);
    assert_int_equal(chosen(made), TUI_RUN);
}

static void test_typing_a_search_goes_to_the_match_and_escape_comes_back(void **state)
{
    struct made *made = *state;
    type(made, "j/wal");
    assert_int_equal(chosen(made), TUI_WALK);
    press(made, PYR_KEY_BACKSPACE);
    assert_int_equal(chosen(made), TUI_WARM);
    press(made, PYR_KEY_ESCAPE);
    assert_int_equal(chosen(made), TUI_HOT);
    assert_int_equal(made->model.search.len, 0);
    type(made, "/wa\rn");
    assert_int_equal(chosen(made), TUI_WALK);
    type(made, "n");
    assert_int_equal(chosen(made), TUI_WARM);
    type(made, "N");
    assert_int_equal(chosen(made), TUI_WALK);
    type(made, "/nowhere");
    assert_int_equal(chosen(made), TUI_WALK);
    assert_string_equal(made->ui.message, "nothing matches");
}

static void test_enter_opens_details_and_goes_from_one_to_the_next(void **state)
{
    struct made *made = *state;
    type(made, "j\r");
    assert_int_equal(made->ui.view, PYR_TOP_DETAILS);
    assert_int_equal(made->ui.details.key, TUI_HOT);
    type(made, "\r"); /* its caller */
    assert_int_equal(made->ui.details.key, TUI_MAIN);
    type(made, "jj\r"); /* the caller's second callee */
    assert_int_equal(made->ui.details.key, TUI_WARM);
    press(made, PYR_KEY_ESCAPE);
    assert_int_equal(made->ui.details.key, TUI_MAIN);
    press(made, PYR_KEY_ESCAPE);
    assert_int_equal(made->ui.details.key, TUI_HOT);
    press(made, PYR_KEY_ESCAPE);
    assert_int_equal(made->ui.view, PYR_TOP_TABLE);
    type(made, "\r"); /* a hundred steps down are forgotten at their oldest end, not overrun */
    for (int i = 0; i < 100; i++) {
        type(made, "\r");
    }
    assert_true(made->ui.step_count <= PYR_TOP_MAX_STEPS);
}

static void test_only_the_chosen_thread_or_process_is_shown(void **state)
{
    struct made *made = *state;
    type(made, "t");
    assert_int_equal(made->ui.view, PYR_TOP_THREADS);
    type(made, "jjt");
    assert_int_equal(made->ui.view, PYR_TOP_TABLE);
    assert_int_equal(made->model.filter.thread, 3);
    assert_int_equal(made->model.row_count, 1);
    type(made, "t");
    assert_int_equal(made->model.filter.thread, 0);
    assert_int_equal(made->model.row_count, 6);
    type(made, "3j\r");
    assert_int_equal(made->model.filter.pid, 200);
    assert_int_equal(made->model.row_count, 1);
    press(made, PYR_KEY_ESCAPE);
    assert_int_equal(made->model.filter.pid, 0);
}

static void test_idle_gil_and_lines_are_turned_on_and_off(void **state)
{
    struct made *made = *state;
    type(made, "i");
    assert_int_equal(made->model.row_count, 8);
    type(made, "ig");
    assert_int_equal(made->model.row_count, 5);
    type(made, "gl");
    assert_true(made->model.filter.lines);
    assert_int_equal(made->model.row_count, 7);
    type(made, "\rl"); /* details of a line are none of a function */
    assert_int_equal(made->ui.view, PYR_TOP_TABLE);
    assert_int_equal(made->model.row_count, 6);
}

static void test_the_rate_goes_in_steps_between_its_limits(void **state)
{
    struct made *made = *state;
    type(made, "+");
    assert_int_equal(made->ui.rate, 200);
    type(made, "++");
    assert_int_equal(made->ui.rate, 1000);
    type(made, "-----");
    assert_int_equal(made->ui.rate, 20);
    type(made, "----------");
    assert_int_equal(made->ui.rate, PYR_TOP_MIN_RATE);
    for (int i = 0; i < 30; i++) {
        type(made, "+");
    }
    assert_int_equal(made->ui.rate, PYR_TOP_MAX_RATE);
    made->ui.rate = 123; /* from the command line */
    type(made, "-");
    assert_int_equal(made->ui.rate, 100);
    made->ui.rate = 123;
    type(made, "+");
    assert_int_equal(made->ui.rate, 200);
}

static void test_the_flame_is_zoomed_with_enter_and_escape(void **state)
{
    struct made *made = *state;
    type(made, "fjj\r");
    assert_int_equal(made->model.mirror.shapes[made->ui.flame.zoom].func, TUI_MAIN);
    press(made, PYR_KEY_ESCAPE);
    press(made, PYR_KEY_ESCAPE);
    assert_int_equal(made->ui.flame.zoom, 0);
    assert_int_equal(made->ui.view, PYR_TOP_FLAME);
    press(made, PYR_KEY_ESCAPE);
    assert_int_equal(made->ui.view, PYR_TOP_TABLE);
}

/* Any keys in any order, in every view, with and without anything to show. */
static void test_no_sequence_of_keys_does_harm(void **state)
{
    struct made *made = *state;
    struct pyr_top_model empty;
    uint32_t seed = 1;
    pyr_top_model_init(&empty);
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        const int key = (int)(seed >> 8) % (PYR_KEY_RESIZE + 1);
        struct pyr_top_model *model = i % 2 == 0 ? &made->model : &empty;
        struct pyr_err err = {0};
        assert_true(pyr_top_ui_key(&made->ui, model, key, &err));
        assert_true(pyr_top_ui_follow(&made->ui, &made->model, &err));
    }
    pyr_top_model_release(&empty);
}

#define WITH_A_UI(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_UI(test_tab_goes_through_the_views_and_back),
        WITH_A_UI(test_the_choice_stays_with_its_function_when_rows_move),
        WITH_A_UI(test_sorting_goes_through_all_columns_and_back),
        WITH_A_UI(test_typing_a_search_goes_to_the_match_and_escape_comes_back),
        WITH_A_UI(test_enter_opens_details_and_goes_from_one_to_the_next),
        WITH_A_UI(test_only_the_chosen_thread_or_process_is_shown),
        WITH_A_UI(test_idle_gil_and_lines_are_turned_on_and_off),
        WITH_A_UI(test_the_rate_goes_in_steps_between_its_limits),
        WITH_A_UI(test_the_flame_is_zoomed_with_enter_and_escape),
        WITH_A_UI(test_no_sequence_of_keys_does_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
