/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_draw.h"

#include <string.h>

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
    tui_fixture_init(&made->fixture);
    tui_fixture_model(&made->fixture, &made->model);
    pyr_top_ui_init(&made->ui, 100);
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

static void assert_screen(struct made *made, uint32_t columns, uint32_t rows, const char *expected)
{
    tui_fixture_assert_screen(&made->ui, &made->model, columns, rows, expected);
}

static void type(struct made *made, const char *keys)
{
    tui_fixture_type(&made->ui, &made->model, keys);
}

static void test_the_table_shows_what_functions_cost(void **state)
{
    struct made *made = *state;
    assert_screen(
        made, 110, 13,
        "pyrometer top  100  python3 /srv/shop.py                                                  "
        "Python 3.12.1  00:01\n"
        "GIL 100 %  active 66.7 %  idle 33.3 %  GC 10.0 %  CPU 100 %  threads 3  processes 2\n"
        "rate 100 Hz  reached 99.9 Hz  exact 99.0 %  samples 300  lost 2  late 1  mode frozen\n"
        " 1 functions  2 threads  3 processes  4 flame\n"
        "▾own now total now             own all total all  own time  function                   "
        "where\n"
        "   100 %     100 % ██████████    100 %     100 %    1.00 s  run                        "
        "child.py:70\n"
        "  70.0 %    70.0 % ███████      70.0 %    70.0 %    0.70 s  hot                        "
        "shop.py:20\n"
        "  20.0 %    20.0 % ██           20.0 %    20.0 %    0.20 s  warm                       "
        "shop.py:30\n"
        "  10.0 %    10.0 % █            10.0 %    10.0 %    0.10 s  walk                       "
        "shop.py:40\n"
        "   0.0 %     100 %               0.0 %     100 %    0.00 s  <module>                   "
        "shop.py:1\n"
        "   0.0 %     100 %               0.0 %     100 %    0.00 s  main                       "
        "shop.py:5\n"
        "\n"
        "q quit  ? help  Tab view  s sort  / search  Enter open  l lines  i idle  g GIL  p pause  "
        "c clear  +- rate\n");
}

static void test_a_narrow_table_keeps_what_matters_most(void **state)
{
    struct made *made = *state;
    assert_screen(made, 60, 11,
                  "pyrometer top  100  python3 /srv/shop…  Python 3.12.1  00:01\n"
                  "GIL 100 %  active 66.7 %  idle 33.3 %  GC 10.0 %  CPU 100 %\n"
                  "rate 100 Hz  reached 99.9 Hz  exact 99.0 %  samples 300\n"
                  " 1 functions  2 threads  3 processes  4 flame\n"
                  "▾own now total now  function              where\n"
                  "   100 %     100 %  run                   child.py:70\n"
                  "  70.0 %    70.0 %  hot                   shop.py:20\n"
                  "  20.0 %    20.0 %  warm                  shop.py:30\n"
                  "  10.0 %    10.0 %  walk                  shop.py:40\n"
                  "   0.0 %     100 %  <module>              shop.py:1\n"
                  "q quit  ? help  Tab view  s sort  / search  Enter open\n");
}

static void test_a_tiny_screen_shows_one_figure_and_the_name(void **state)
{
    struct made *made = *state;
    assert_screen(made, 20, 5,
                  "pyrometer top  100\n"
                  "▾own now  function\n"
                  "   100 %  run\n"
                  "  70.0 %  hot\n"
                  "q quit  ? help\n");
}

static void test_lines_are_rows_of_their_own(void **state)
{
    struct made *made = *state;
    type(made, "l");
    assert_screen(
        made, 80, 13,
        "pyrometer top  100  python3 /srv/shop.py                    Python 3.12.1  00:01\n"
        "GIL 100 %  active 66.7 %  idle 33.3 %  GC 10.0 %  CPU 100 %  threads 3\n"
        "rate 100 Hz  reached 99.9 Hz  exact 99.0 %  samples 300  lost 2  late 1\n"
        " 1 functions  2 threads  3 processes  4 flame   by line\n"
        "▾own now total now             own all  function              line\n"
        "   100 %     100 % ██████████    100 %  run                   child.py:71\n"
        "  60.0 %    60.0 % ██████       60.0 %  hot                   shop.py:21\n"
        "  20.0 %    20.0 % ██           20.0 %  warm                  shop.py:31\n"
        "  10.0 %    10.0 % █            10.0 %  hot                   shop.py:22\n"
        "  10.0 %    10.0 % █            10.0 %  walk                  shop.py:41\n"
        "   0.0 %     100 %               0.0 %  <module>              shop.py:80\n"
        "   0.0 %     100 %               0.0 %  main                  shop.py:10\n"
        "by line\n");
}

static void test_the_chosen_filters_are_named(void **state)
{
    struct made *made = *state;
    type(made, "igp");
    assert_screen(
        made, 100, 12,
        "pyrometer top  100  python3 /srv/shop.py                                        Python "
        "3.12.1  00:01\n"
        "GIL 100 %  active 66.7 %  idle 33.3 %  GC 10.0 %  CPU 100 %  threads 3  processes 2\n"
        "rate 100 Hz  reached 99.9 Hz  exact 99.0 %  samples 300  lost 2  late 1  mode frozen\n"
        " 1 functions  2 threads  3 processes  4 flame   paused  only with the GIL  with idle "
        "threads\n"
        "▾own now total now             own all total all  own time  function              where\n"
        "  70.0 %    70.0 % ███████      70.0 %    70.0 %    0.70 s  hot                   "
        "shop.py:20\n"
        "  20.0 %    20.0 % ██           20.0 %    20.0 %    0.20 s  warm                  "
        "shop.py:30\n"
        "  10.0 %    10.0 % █            10.0 %    10.0 %    0.10 s  walk                  "
        "shop.py:40\n"
        "   0.0 %     100 %               0.0 %     100 %    0.00 s  <module>              "
        "shop.py:1\n"
        "   0.0 %     100 %               0.0 %     100 %    0.00 s  main                  "
        "shop.py:5\n"
        "\n"
        "q quit  ? help  Tab view  s sort  / search  Enter open  l lines  i idle  g GIL  p pause  "
        "c clear\n");
}

static void test_threads_are_shown_with_their_states(void **state)
{
    struct made *made = *state;
    type(made, "2");
    assert_screen(
        made, 100, 9,
        "pyrometer top  100  python3 /srv/shop.py                                        Python "
        "3.12.1  00:01\n"
        " 1 functions  2 threads  3 processes  4 flame\n"
        "   state  active     GIL     CPU      GC     all      tid  thread                  is in\n"
        "     GIL   100 %   100 %  50.0 %   0.0 %   100 %      100  100 MainThread          walk\n"
        "    idle   0.0 %   0.0 %   0.0 %   0.0 %   0.0 %      101  100 Worker              wait\n"
        "      GC   100 %   0.0 %  50.0 %  10.0 %   100 %      200  200 MainThread          run\n"
        "\n"
        "\n"
        "q quit  ? help  Tab view  s sort  / search  Enter open  l lines  i idle  g GIL  p pause  "
        "c clear\n");
}

static void test_processes_are_shown_with_their_commands(void **state)
{
    struct made *made = *state;
    type(made, "3");
    assert_screen(
        made, 100, 8,
        "pyrometer top  100  python3 /srv/shop.py                                        Python "
        "3.12.1  00:01\n"
        " 1 functions  2 threads  3 processes  4 flame\n"
        "      pid  active     GIL     CPU      GC       time  threads  command\n"
        "      100   100 %   100 %  50.0 %   0.0 %     1.00 s        2  python3 /srv/shop.py\n"
        "      200   100 %   0.0 %  50.0 %  10.0 %     1.00 s        1  python3 child.py\n"
        "\n"
        "\n"
        "q quit  ? help  Tab view  s sort  / search  Enter open  l lines  i idle  g GIL  p pause  "
        "c clear\n");
}

static void test_the_flame_shows_who_called_whom(void **state)
{
    struct made *made = *state;
    type(made, "4");
    assert_screen(
        made, 80, 12,
        "pyrometer top  100  python3 /srv/shop.py                    Python 3.12.1  00:01\n"
        "GIL 100 %  active 66.7 %  idle 33.3 %  GC 10.0 %  CPU 100 %  threads 3\n"
        "rate 100 Hz  reached 99.9 Hz  exact 99.0 %  samples 300  lost 2  late 1\n"
        " 1 functions  2 threads  3 processes  4 flame\n"
        "  200 %  all  of the last 1.0 s\n"
        "▏all\n"
        "▏<module>                               ▏run\n"
        "▏main\n"
        "▏hot                        ▏warm   ▏wa…\n"
        "                                    ▏wa…\n"
        "                                    ▏wa…\n"
        "q quit  ? help  Tab view  s sort  / search  Enter open  l lines  i idle  g GIL\n");
}

static void test_a_zoomed_flame_names_what_it_is_zoomed_into(void **state)
{
    struct made *made = *state;
    type(made, "4jj\r");
    assert_screen(
        made, 80, 10,
        "pyrometer top  100  python3 /srv/shop.py                    Python 3.12.1  00:01\n"
        "GIL 100 %  active 66.7 %  idle 33.3 %  GC 10.0 %  CPU 100 %  threads 3\n"
        "rate 100 Hz  reached 99.9 Hz  exact 99.0 %  samples 300  lost 2  late 1\n"
        " 1 functions  2 threads  3 processes  4 flame\n"
        "  100 %  main  of the last 1.0 s  zoomed into main\n"
        "▏main\n"
        "▏hot                                                    ▏warm           ▏walk\n"
        "                                                                        ▏walk\n"
        "                                                                        ▏walk\n"
        "q quit  ? help  Tab view  s sort  / search  Enter open  l lines  i idle  g GIL\n");
}

static void test_details_show_callers_and_callees(void **state)
{
    struct made *made = *state;
    type(made, "sss\r");
    assert_screen(
        made, 80, 12,
        "pyrometer top  100  python3 /srv/shop.py                    Python 3.12.1  00:01\n"
        "GIL 100 %  active 66.7 %  idle 33.3 %  GC 10.0 %  CPU 100 %  threads 3\n"
        "rate 100 Hz  reached 99.9 Hz  exact 99.0 %  samples 300  lost 2  late 1\n"
        " 1 functions  2 threads  3 processes  4 flame\n"
        "<module>  shop.py:1  own 0.0 %  total 100 %\n"
        "       now       all  called by\n"
        "     100 %     100 %  (the thread began here)\n"
        "       now       all  calls\n"
        "     100 %     100 %  main                           shop.py:5\n"
        "\n"
        "\n"
        "q quit  ? help  Tab view  s sort  / search  Enter open  l lines  i idle  g GIL\n");
}

static void test_the_help_page_lists_the_keys(void **state)
{
    struct made *made = *state;
    type(made, "?");
    assert_screen(made, 70, 12,
                  "pyrometer top  100  python3 /srv/shop.py          Python 3.12.1  00:01\n"
                  "GIL 100 %  active 66.7 %  idle 33.3 %  GC 10.0 %  CPU 100 %  threads 3\n"
                  "rate 100 Hz  reached 99.9 Hz  exact 99.0 %  samples 300  lost 2\n"
                  " 1 functions  2 threads  3 processes  4 flame\n"
                  " q              quit\n"
                  " ? h            this page, and back\n"
                  " 1 2 3 4        functions, threads, processes, flame\n"
                  " Tab            the next of them\n"
                  " f              flame\n"
                  " Up Down j k    choose a row; in the flame: outwards, inwards\n"
                  " Left Right     in the flame: the box beside it\n"
                  "q quit  ? help  Tab view  s sort  / search  Enter open  l lines\n");
}

static void test_a_search_is_typed_in_the_last_line(void **state)
{
    struct made *made = *state;
    type(made, "/wa");
    assert_screen(made, 60, 12,
                  "pyrometer top  100  python3 /srv/shop…  Python 3.12.1  00:01\n"
                  "GIL 100 %  active 66.7 %  idle 33.3 %  GC 10.0 %  CPU 100 %\n"
                  "rate 100 Hz  reached 99.9 Hz  exact 99.0 %  samples 300\n"
                  " 1 functions  2 threads  3 processes  4 flame   /wa\n"
                  "▾own now total now  function              where\n"
                  "   100 %     100 %  run                   child.py:70\n"
                  "  70.0 %    70.0 %  hot                   shop.py:20\n"
                  "  20.0 %    20.0 %  warm                  shop.py:30\n"
                  "  10.0 %    10.0 %  walk                  shop.py:40\n"
                  "   0.0 %     100 %  <module>              shop.py:1\n"
                  "   0.0 %     100 %  main                  shop.py:5\n"
                  "/wa\n");
}

static void test_the_end_of_the_process_is_told_in_the_last_line(void **state)
{
    struct made *made = *state;
    made->model.facts.ended = true;
    memcpy(made->model.facts.why, "it has ended", 13);
    assert_screen(made, 60, 10,
                  "pyrometer top  100  python3 /srv/shop…  Python 3.12.1  00:01\n"
                  "GIL 100 %  active 66.7 %  idle 33.3 %  GC 10.0 %  CPU 100 %\n"
                  "rate 100 Hz  reached 99.9 Hz  exact 99.0 %  samples 300\n"
                  " 1 functions  2 threads  3 processes  4 flame\n"
                  "▾own now total now  function              where\n"
                  "   100 %     100 %  run                   child.py:70\n"
                  "  70.0 %    70.0 %  hot                   shop.py:20\n"
                  "  20.0 %    20.0 %  warm                  shop.py:30\n"
                  "  10.0 %    10.0 %  walk                  shop.py:40\n"
                  "it has ended  q quits\n");
}

static void test_nothing_to_show_is_told_in_words(void **state)
{
    struct made *made = *state;
    made->model.filter.thread = 2;
    struct pyr_err err = {0};
    assert_true(pyr_top_model_build(&made->model, &err));
    assert_screen(
        made, 80, 10,
        "pyrometer top  100  python3 /srv/shop.py                    Python 3.12.1  00:01\n"
        "GIL 100 %  active 66.7 %  idle 33.3 %  GC 10.0 %  CPU 100 %  threads 3\n"
        "rate 100 Hz  reached 99.9 Hz  exact 99.0 %  samples 300  lost 2  late 1\n"
        " 1 functions  2 threads  3 processes  4 flame   only Worker\n"
        "▾own now total now             own all  function              where\n"
        "nothing ran in what is chosen; i shows idle threads\n"
        "\n"
        "\n"
        "\n"
        "q quit  ? help  Tab view  s sort  / search  Enter open  l lines  i idle  g GIL\n");
}

/* Every view at every size from nothing to large, in ASCII and beyond. */
static void test_no_size_is_too_small_or_too_large(void **state)
{
    struct made *made = *state;
    static const uint32_t sizes[][2] = {{0, 0},  {1, 1},   {2, 1},     {1, 50},    {3, 2},
                                        {5, 3},  {20, 5},  {39, 9},    {40, 10},   {61, 11},
                                        {80, 1}, {200, 7}, {500, 200}, {1000, 500}};
    struct pyr_grid grid = {0};
    struct pyr_err err = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (uint32_t view = 0; view < PYR_TOP_VIEWS; view++) {
            grid.ascii = view % 2 == 0;
            made->ui.view = (enum pyr_top_view_id)view;
            made->ui.details.key = TUI_MAIN;
            assert_true(pyr_grid_resize(&grid, sizes[i][0], sizes[i][1], &err));
            assert_true(pyr_top_ui_follow(&made->ui, &made->model, &err));
            assert_true(pyr_top_draw(&made->ui, &made->model, &grid, &err));
        }
    }
    pyr_grid_release(&grid);
}

static void test_out_of_memory_is_told_or_leaves_a_gap(void **state)
{
    struct made *made = *state;
    struct pyr_grid grid = {0};
    struct pyr_err err = {0};
    assert_true(pyr_grid_resize(&grid, 100, 20, &err));
    for (uint32_t view = 0; view < PYR_TOP_VIEWS; view++) {
        made->ui.view = (enum pyr_top_view_id)view;
        for (long nth = 0; nth < 40; nth++) {
            struct pyr_err starved = {0};
            pyr_mem_fail_after(nth);
            const bool ok = pyr_top_draw(&made->ui, &made->model, &grid, &starved);
            pyr_mem_fail_after(-1);
            assert_int_equal(starved.code, ok ? PYR_OK : PYR_ERR_NOMEM);
        }
    }
    pyr_grid_release(&grid);
}

#define WITH_A_UI(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_UI(test_the_table_shows_what_functions_cost),
        WITH_A_UI(test_a_narrow_table_keeps_what_matters_most),
        WITH_A_UI(test_a_tiny_screen_shows_one_figure_and_the_name),
        WITH_A_UI(test_lines_are_rows_of_their_own),
        WITH_A_UI(test_the_chosen_filters_are_named),
        WITH_A_UI(test_threads_are_shown_with_their_states),
        WITH_A_UI(test_processes_are_shown_with_their_commands),
        WITH_A_UI(test_the_flame_shows_who_called_whom),
        WITH_A_UI(test_a_zoomed_flame_names_what_it_is_zoomed_into),
        WITH_A_UI(test_details_show_callers_and_callees),
        WITH_A_UI(test_the_help_page_lists_the_keys),
        WITH_A_UI(test_a_search_is_typed_in_the_last_line),
        WITH_A_UI(test_the_end_of_the_process_is_told_in_the_last_line),
        WITH_A_UI(test_nothing_to_show_is_told_in_words),
        WITH_A_UI(test_no_size_is_too_small_or_too_large),
        WITH_A_UI(test_out_of_memory_is_told_or_leaves_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
