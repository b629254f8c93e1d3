/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_model.h"

#include "base/mem.h"
#include "tui_fixture.h"
#include "unit.h"

#define MS 1000000ull

struct made {
    struct tui_fixture fixture;
    struct pyr_top_model model;
};

static void make(struct made *made)
{
    tui_fixture_init(&made->fixture);
    tui_fixture_model(&made->fixture, &made->model);
}

static void drop(struct made *made)
{
    pyr_top_model_release(&made->model);
    tui_fixture_release(&made->fixture);
}

static void build(struct made *made)
{
    struct pyr_err err = {0};
    assert_true(pyr_top_model_build(&made->model, &err));
}

static void assert_order(const struct pyr_top_model *model, const uint32_t *keys, uint32_t count)
{
    assert_int_equal(model->row_count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(model->rows[i].key, keys[i]);
    }
}

static void test_rows_are_sorted_by_any_column_and_the_other_way_round(void **state)
{
    (void)state;
    struct made made;
    const uint32_t by_own[] = {TUI_RUN, TUI_HOT, TUI_WARM, TUI_WALK, TUI_MODULE, TUI_MAIN};
    const uint32_t by_total[] = {TUI_MODULE, TUI_MAIN, TUI_RUN, TUI_HOT, TUI_WARM, TUI_WALK};
    const uint32_t by_name[] = {TUI_MODULE, TUI_HOT, TUI_MAIN, TUI_RUN, TUI_WALK, TUI_WARM};
    const uint32_t by_place[] = {TUI_RUN, TUI_MODULE, TUI_MAIN, TUI_HOT, TUI_WARM, TUI_WALK};
    make(&made);
    assert_order(&made.model, by_own, 6);
    made.model.sort = PYR_TOP_TOTAL_ALL;
    build(&made);
    assert_order(&made.model, by_total, 6);
    made.model.sort = PYR_TOP_NAME;
    build(&made);
    assert_order(&made.model, by_name, 6);
    made.model.sort = PYR_TOP_PLACE;
    build(&made);
    assert_order(&made.model, by_place, 6);
    made.model.reverse = true;
    build(&made);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(made.model.rows[i].key, by_place[5 - i]);
    }
    drop(&made);
}

static void test_threads_are_told_with_what_they_are_at(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    assert_int_equal(made.model.thread_count, 3);
    const struct pyr_top_thread *main = &made.model.threads[0];
    const struct pyr_top_thread *worker = &made.model.threads[1];
    const struct pyr_top_thread *child = &made.model.threads[2];
    assert_int_equal(main->now.active_ns, 1000 * MS);
    assert_int_equal(main->now.gil_ns, 1000 * MS);
    assert_int_equal(main->now.cpu_ns, 500 * MS);
    assert_int_equal(worker->now.idle_ns, 1000 * MS);
    assert_true(worker->all.last.idle);
    assert_int_equal(child->pid, 200);
    assert_int_equal(child->now.collecting_ns, 100 * MS);
    assert_false(child->gone);
    assert_int_equal(made.model.alive, 3);
    assert_int_equal(made.model.now.active_ns, 2000 * MS);
    assert_int_equal(made.model.now.gil_ns, 1000 * MS);
    drop(&made);
}

static void test_processes_sum_up_their_threads(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    assert_int_equal(made.model.process_count, 2);
    assert_int_equal(made.model.processes[0].pid, 100);
    assert_int_equal(made.model.processes[0].threads, 2);
    assert_int_equal(made.model.processes[0].samples, 200);
    assert_int_equal(made.model.processes[1].pid, 200);
    assert_int_equal(made.model.processes[1].active_ns, 1000 * MS);
    assert_string_equal(pyr_top_model_command(&made.model, 200), "python3 child.py");
    assert_null(pyr_top_model_command(&made.model, 300));
    drop(&made);
}

static void test_a_thread_without_new_samples_is_gone(void **state)
{
    (void)state;
    struct made made;
    struct pyr_err err = {0};
    make(&made);
    for (uint32_t i = 0; i < 201; i++) { /* 2.01 s of the main thread alone */
        struct pyr_recent samples[3];
        tui_fixture_round(&made.fixture, 100 + i, samples);
        assert_true(pyr_top_model_add(&made.model, samples, 1, &err));
    }
    build(&made);
    assert_int_equal(made.model.alive, 1);
    assert_false(made.model.threads[0].gone);
    assert_true(made.model.threads[1].gone);
    assert_int_equal(made.model.processes[1].threads, 0);
    drop(&made);
}

static void test_a_paused_picture_stands_still_and_catches_up(void **state)
{
    (void)state;
    struct made made;
    struct pyr_err err = {0};
    make(&made);
    assert_true(pyr_top_model_pause(&made.model, true, &err));
    for (uint32_t i = 0; i < 100; i++) {
        struct pyr_recent samples[3];
        tui_fixture_round(&made.fixture, 100 + i, samples);
        assert_true(pyr_top_model_add(&made.model, samples, 3, &err));
    }
    build(&made);
    assert_int_equal(made.model.sums.keys[TUI_HOT].own_all, 700 * MS);
    made.model.filter.idle = true; /* what is shown of it can still be chosen */
    build(&made);
    assert_int_equal(made.model.sums.keys[TUI_WAIT].own_all, 1000 * MS);
    assert_true(pyr_top_model_pause(&made.model, false, &err));
    build(&made);
    assert_int_equal(made.model.sums.keys[TUI_HOT].own_all, 1400 * MS);
    drop(&made);
}

static void test_cleared_sums_start_anew_paused_or_not(void **state)
{
    (void)state;
    struct made made;
    struct pyr_err err = {0};
    make(&made);
    assert_true(pyr_top_model_pause(&made.model, true, &err));
    assert_true(pyr_top_model_clear(&made.model, &err));
    build(&made);
    assert_int_equal(made.model.sums.keys[TUI_HOT].own_all, 0);
    assert_int_equal(made.model.sums.keys[TUI_HOT].own_now, 700 * MS);
    assert_int_equal(made.model.sums.all_span_ns, 0);
    drop(&made);
}

static void look_for(struct made *made, const char *text)
{
    pyr_buf_clear(&made->model.search);
    pyr_buf_add_text(&made->model.search, text);
}

static void test_searching_goes_round_both_ways(void **state)
{
    (void)state;
    struct made made; /* in order: run, hot, warm, walk, <module>, main */
    make(&made);
    look_for(&made, "WA");
    assert_int_equal(pyr_top_model_search(&made.model, 0, false, true), 2);
    assert_int_equal(pyr_top_model_search(&made.model, 2, false, true), 2);
    assert_int_equal(pyr_top_model_search(&made.model, 2, false, false), 3);
    assert_int_equal(pyr_top_model_search(&made.model, 3, false, false), 2);
    assert_int_equal(pyr_top_model_search(&made.model, 2, true, false), 3);
    look_for(&made, "child.py");
    assert_int_equal(pyr_top_model_search(&made.model, 4, false, false), 0);
    assert_int_equal(pyr_top_model_search(&made.model, 0, false, false), 0);
    look_for(&made, "nowhere");
    assert_int_equal(pyr_top_model_search(&made.model, 0, false, true), -1);
    drop(&made);
}

static void test_an_empty_model_can_be_built_and_searched(void **state)
{
    (void)state;
    struct pyr_top_model model;
    struct pyr_err err = {0};
    pyr_top_model_init(&model);
    assert_true(pyr_top_model_build(&model, &err));
    pyr_buf_add_text(&model.search, "x");
    assert_int_equal(pyr_top_model_search(&model, 0, false, true), -1);
    assert_int_equal(pyr_top_model_search(&model, 0, true, false), -1);
    assert_int_equal(pyr_top_model_find(&model, 1), -1);
    pyr_top_model_release(&model);
}

static void test_names_are_fit_for_a_terminal(void **state)
{
    (void)state;
    struct made made;
    struct pyr_err err = {0};
    struct pyr_buf text = {0};
    const struct pyr_function_text hostile = {"a\x1b[2Jb", "m", "x\n.py", 3, PYR_FUNC_PYTHON};
    pyr_func func;
    make(&made);
    assert_true(pyr_profile_add_function(made.fixture.source, &hostile, &func, &err));
    assert_true(pyr_mirror_update(&made.model.mirror, made.fixture.source, &err));
    pyr_top_model_add_name(&made.model, func.i, &text);
    pyr_buf_add_char(&text, ' ');
    pyr_top_model_add_place(&made.model, func.i, &text);
    assert_string_equal(text.data, "a\\x1b[2Jb x\\n.py:3");
    pyr_buf_clear(&text);
    pyr_top_model_add_name(&made.model, 123456, &text);
    pyr_top_model_add_place(&made.model, 123456, &text);
    pyr_top_model_add_thread(&made.model, 123456, &text);
    assert_string_equal(text.data, "(nothing)(no thread)");
    pyr_buf_release(&text);
    drop(&made);
}

static void test_out_of_memory_is_told_and_survived(void **state)
{
    (void)state;
    struct tui_fixture fixture;
    bool failed = true;
    tui_fixture_init(&fixture);
    for (long nth = 0; failed; nth++) {
        struct pyr_top_model model;
        struct pyr_recent samples[3];
        struct pyr_err err = {0};
        tui_fixture_round(&fixture, 0, samples);
        pyr_top_model_init(&model);
        assert_true(pyr_mirror_update(&model.mirror, fixture.source, &err));
        assert_true(pyr_mirror_settle(&model.mirror, &err));
        pyr_mem_fail_after(nth);
        failed = !pyr_top_model_add(&model, samples, 3, &err) ||
                 !pyr_top_model_build(&model, &err) ||
                 !pyr_top_model_name_process(&model, 1, "x", &err) ||
                 !pyr_top_model_pause(&model, true, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_true(pyr_top_model_build(&model, &err));
        pyr_top_model_release(&model);
    }
    tui_fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_sorted_by_any_column_and_the_other_way_round),
        cmocka_unit_test(test_threads_are_told_with_what_they_are_at),
        cmocka_unit_test(test_processes_sum_up_their_threads),
        cmocka_unit_test(test_a_thread_without_new_samples_is_gone),
        cmocka_unit_test(test_a_paused_picture_stands_still_and_catches_up),
        cmocka_unit_test(test_cleared_sums_start_anew_paused_or_not),
        cmocka_unit_test(test_searching_goes_round_both_ways),
        cmocka_unit_test(test_an_empty_model_can_be_built_and_searched),
        cmocka_unit_test(test_names_are_fit_for_a_terminal),
        cmocka_unit_test(test_out_of_memory_is_told_and_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
