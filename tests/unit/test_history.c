/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/history.h"

#include "base/mem.h"
#include "unit.h"

/* A profile with two stacks, "main;hot" (2) and "main;cold" (3), on two threads. */
static struct pyr_profile *new_profile(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    const struct pyr_function_text texts[] = {{"main", "shop", "shop.py", 1, PYR_FUNC_PYTHON},
                                              {"hot", "shop", "shop.py", 5, PYR_FUNC_PYTHON},
                                              {"cold", "shop", "shop.py", 9, PYR_FUNC_PYTHON}};
    pyr_func funcs[3];
    pyr_stack stacks[3];
    uint32_t column = 0;
    assert_true(pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_SAMPLES,
                                PYR_UNIT_COUNT, &column, &err));
    assert_true(pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_WALL, PYR_UNIT_NS,
                                &column, &err));
    for (int i = 0; i < 3; i++) {
        assert_true(pyr_profile_add_function(profile, &texts[i], &funcs[i], &err));
        assert_true(pyr_profile_push(profile, i == 0 ? (pyr_stack){0} : stacks[0], funcs[i],
                                     (uint32_t)i + 2, &stacks[i], &err));
    }
    for (uint32_t i = 1; i <= 2; i++) {
        struct pyr_thread_info info = {.pid = 7, .tid = i};
        pyr_thread id;
        assert_true(pyr_threads_add(profile->threads, &info, &id, &err));
    }
    return profile;
}

static void add(struct pyr_history *history, uint64_t time_ns, uint32_t stack, uint32_t thread)
{
    struct pyr_err err = {0};
    const struct pyr_recent recent = {
        .time_ns = time_ns, .stack = {stack}, .thread = {thread}, .wall_ns = 10};
    assert_true(pyr_history_add(history, &recent, &err));
}

static void test_what_is_too_old_is_dropped(void **state)
{
    (void)state;
    struct pyr_history *history = pyr_history_new(1000);
    for (uint64_t i = 0; i < 5000; i++) {
        add(history, i * 10, 2, 1);
    }
    assert_int_equal(pyr_history_count(history), 101);
    assert_int_equal(pyr_history_get(history, 0)->time_ns, 49990 - 1000);
    assert_int_equal(pyr_history_get(history, 100)->time_ns, 49990);
    pyr_history_clear(history);
    assert_int_equal(pyr_history_count(history), 0);
    pyr_history_free(history);
}

static void test_the_ring_has_a_limit_whatever_the_time(void **state)
{
    (void)state;
    struct pyr_history *history = pyr_history_new(UINT64_MAX / 2);
    for (uint64_t i = 0; i < PYR_HISTORY_MAX_SAMPLES + 5; i++) {
        add(history, i, 2, 1);
    }
    assert_int_equal(pyr_history_count(history), PYR_HISTORY_MAX_SAMPLES);
    assert_int_equal(pyr_history_get(history, 0)->time_ns, 5);
    pyr_history_free(history);
}

static void test_a_profile_has_only_what_the_time_asked_for_holds(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *from = new_profile();
    struct pyr_profile *recent = NULL;
    struct pyr_history *history = pyr_history_new(100000);
    add(history, 100, 3, 2); /* cold, before the time */
    for (uint64_t i = 0; i < 5; i++) {
        add(history, 1010 + i * 10, 2, 1);
    }
    assert_true(pyr_history_profile(history, from, 1000, &recent, &err));
    assert_int_equal(pyr_stacks_count(recent->stacks), 2);
    assert_int_equal(pyr_threads_count(recent->threads), 1);
    assert_int_equal(pyr_values_count(recent->values), 1);
    assert_int_equal(pyr_values_get(recent->values, 1).v[0], 5);
    assert_int_equal(pyr_values_get(recent->values, 1).v[1], 50);
    const struct pyr_stack_node node = pyr_stacks_get(recent->stacks, (pyr_stack){2});
    assert_int_equal(pyr_frames_get(recent->frames, node.frame).line, 3);
    assert_int_equal(node.parent.i, 1);
    pyr_profile_free(recent);
    pyr_history_free(history);
    pyr_profile_free(from);
}

static void test_samples_of_one_stack_in_a_row_are_one_run(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *from = new_profile();
    struct pyr_profile *recent = NULL;
    struct pyr_history *history = pyr_history_new(100000);
    add(history, 1010, 2, 1);
    add(history, 1020, 2, 1);
    add(history, 1030, 3, 1);
    add(history, 1090, 3, 1); /* after a pause */
    assert_true(pyr_history_profile(history, from, 1000, &recent, &err));
    assert_int_equal(pyr_timeline_count(recent->timeline), 3);
    const struct pyr_run first = pyr_timeline_get(recent->timeline, 0);
    assert_int_equal(first.start_ns, 0); /* the profile begins with the first sample */
    assert_int_equal(first.duration_ns, 10);
    const struct pyr_run second = pyr_timeline_get(recent->timeline, 1);
    assert_int_equal(second.start_ns, 10);
    assert_int_equal(second.duration_ns, 10);
    const struct pyr_run third = pyr_timeline_get(recent->timeline, 2);
    assert_int_equal(third.start_ns, 70);
    assert_int_equal(third.duration_ns, 10);
    pyr_profile_free(recent);
    pyr_history_free(history);
    pyr_profile_free(from);
}

static void test_a_task_keeps_the_thread_it_ran_in(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *from = new_profile();
    struct pyr_profile *recent = NULL;
    struct pyr_history *history = pyr_history_new(100);
    struct pyr_thread_info task = {.pid = 7, .kind = PYR_THREAD_TASK, .parent = {2}};
    pyr_thread id;
    assert_true(pyr_threads_add(from->threads, &task, &id, &err));
    add(history, 50, 2, id.i);
    assert_true(pyr_history_profile(history, from, 0, &recent, &err));
    assert_int_equal(pyr_threads_count(recent->threads), 2);
    const pyr_thread copied = pyr_values_get(recent->values, 1).thread;
    const struct pyr_thread_info info = pyr_threads_get(recent->threads, copied);
    assert_int_equal(info.kind, PYR_THREAD_TASK);
    assert_int_equal(pyr_threads_get(recent->threads, info.parent).tid, 2);
    pyr_profile_free(recent);
    pyr_history_free(history);
    pyr_profile_free(from);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    struct pyr_profile *from = new_profile();
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_profile *recent = NULL;
        const struct pyr_recent sample = {.time_ns = 5, .stack = {2}, .thread = {1}};
        pyr_mem_fail_after(nth);
        struct pyr_history *history = pyr_history_new(100);
        failed = history == NULL || !pyr_history_add(history, &sample, &err) ||
                 !pyr_history_profile(history, from, 0, &recent, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed && history != NULL ? PYR_ERR_NOMEM : PYR_OK);
        assert_int_equal(recent == NULL, failed);
        pyr_profile_free(recent);
        pyr_history_free(history);
    }
    pyr_profile_free(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_too_old_is_dropped),
        cmocka_unit_test(test_the_ring_has_a_limit_whatever_the_time),
        cmocka_unit_test(test_a_profile_has_only_what_the_time_asked_for_holds),
        cmocka_unit_test(test_samples_of_one_stack_in_a_row_are_one_run),
        cmocka_unit_test(test_a_task_keeps_the_thread_it_ran_in),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
