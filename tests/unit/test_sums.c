/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/sums.h"

#include "tui_fixture.h"
#include "unit.h"

#define MS 1000000ull

struct made {
    struct tui_fixture fixture;
    struct pyr_top_model model;
};

static void make(struct made *made, struct pyr_sums_filter filter)
{
    struct pyr_err err = {0};
    tui_fixture_init(&made->fixture);
    tui_fixture_model(&made->fixture, &made->model);
    made->model.filter = filter;
    assert_true(pyr_top_model_build(&made->model, &err));
}

static void drop(struct made *made)
{
    pyr_top_model_release(&made->model);
    tui_fixture_release(&made->fixture);
}

static void assert_sum(const struct made *made, uint32_t key, uint64_t own_ms, uint64_t total_ms)
{
    const struct pyr_sum *sum = &made->model.sums.keys[key];
    assert_int_equal(sum->own_all, own_ms * MS);
    assert_int_equal(sum->total_all, total_ms * MS);
    assert_int_equal(sum->own_now, own_ms * MS); /* all of it was in the last 2 s */
    assert_int_equal(sum->total_now, total_ms * MS);
}

static void test_functions_have_own_and_total_time(void **state)
{
    (void)state;
    struct made made;
    make(&made, (struct pyr_sums_filter){0});
    assert_sum(&made, TUI_MODULE, 0, 1000);
    assert_sum(&made, TUI_MAIN, 0, 1000);
    assert_sum(&made, TUI_HOT, 700, 700);
    assert_sum(&made, TUI_WARM, 200, 200);
    assert_sum(&made, TUI_WALK, 100, 100); /* three deep, counted once */
    assert_sum(&made, TUI_WAIT, 0, 0);
    assert_sum(&made, TUI_RUN, 1000, 1000);
    assert_int_equal(made.model.sums.now_span_ns, 1000 * MS);
    assert_int_equal(made.model.sums.all_span_ns, 1000 * MS);
    assert_int_equal(made.model.sums.shapes[0], 2000 * MS);
    drop(&made);
}

static void test_idle_time_is_left_out_unless_asked_for(void **state)
{
    (void)state;
    struct made made;
    make(&made, (struct pyr_sums_filter){.idle = true});
    assert_sum(&made, TUI_WAIT, 1000, 1000);
    assert_sum(&made, TUI_SERVE, 0, 1000);
    assert_sum(&made, TUI_HOT, 700, 700);
    drop(&made);
}

static void test_one_thread_one_process_or_the_gil_can_be_chosen(void **state)
{
    (void)state;
    struct made made;
    make(&made, (struct pyr_sums_filter){.gil = true});
    assert_sum(&made, TUI_HOT, 700, 700);
    assert_sum(&made, TUI_RUN, 0, 0);
    drop(&made);
    make(&made, (struct pyr_sums_filter){.thread = 3, .idle = true});
    assert_sum(&made, TUI_RUN, 1000, 1000);
    assert_sum(&made, TUI_HOT, 0, 0);
    drop(&made);
    make(&made, (struct pyr_sums_filter){.pid = 100, .idle = true});
    assert_sum(&made, TUI_RUN, 0, 0);
    assert_sum(&made, TUI_WAIT, 1000, 1000);
    drop(&made);
}

static void test_lines_are_told_apart_when_asked_for(void **state)
{
    (void)state;
    struct made made;
    make(&made, (struct pyr_sums_filter){.lines = true});
    const struct pyr_mirror_path *paths = made.model.mirror.paths;
    assert_sum(&made, paths[made.fixture.hot_21.i].frame, 600, 600);
    assert_sum(&made, paths[made.fixture.hot_22.i].frame, 100, 100);
    assert_sum(&made, paths[made.fixture.walk.i].frame, 100, 100);
    drop(&made);
}

static void test_now_is_the_last_two_seconds(void **state)
{
    (void)state;
    struct made made;
    struct pyr_err err = {0};
    make(&made, (struct pyr_sums_filter){0});
    for (uint32_t i = 0; i < 150; i++) { /* 1.5 s in which only warm runs */
        struct pyr_recent samples[3];
        tui_fixture_round(&made.fixture, 7, samples);
        samples[0].time_ns = TUI_FIXTURE_START_NS + (101 + i) * TUI_FIXTURE_STEP_NS;
        assert_true(pyr_top_model_add(&made.model, samples, 1, &err));
    }
    assert_true(pyr_top_model_build(&made.model, &err));
    const struct pyr_sums *sums = &made.model.sums;
    assert_int_equal(sums->now_span_ns, 2000 * MS);
    assert_int_equal(sums->all_span_ns, 2500 * MS);
    assert_int_equal(sums->keys[TUI_WARM].own_now, 1600 * MS);
    assert_int_equal(sums->keys[TUI_WARM].own_all, 1700 * MS);
    assert_int_equal(sums->keys[TUI_HOT].own_now, 350 * MS);
    assert_int_equal(sums->keys[TUI_HOT].own_all, 700 * MS);
    assert_int_equal(sums->keys[TUI_MAIN].total_now, 2000 * MS);
    drop(&made);
}

static void test_samples_of_unknown_stacks_and_threads_do_no_harm(void **state)
{
    (void)state;
    struct made made;
    struct pyr_err err = {0};
    make(&made, (struct pyr_sums_filter){.idle = true, .pid = 100});
    struct pyr_recent samples[3];
    tui_fixture_round(&made.fixture, 100, samples);
    samples[0].stack.i = 1000000;
    samples[1].thread.i = 5000;
    assert_true(pyr_top_model_add(&made.model, samples, 2, &err));
    assert_true(pyr_top_model_build(&made.model, &err));
    assert_int_equal(made.model.sums.keys[TUI_HOT].own_all, 700 * MS);
    drop(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_have_own_and_total_time),
        cmocka_unit_test(test_idle_time_is_left_out_unless_asked_for),
        cmocka_unit_test(test_one_thread_one_process_or_the_gil_can_be_chosen),
        cmocka_unit_test(test_lines_are_told_apart_when_asked_for),
        cmocka_unit_test(test_now_is_the_last_two_seconds),
        cmocka_unit_test(test_samples_of_unknown_stacks_and_threads_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
