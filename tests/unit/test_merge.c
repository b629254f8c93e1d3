/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"
#include "model/profile.h"
#include "unit.h"

#include "short_profile.h"

static pyr_thread add_thread(struct pyr_profile *profile, uint32_t tid, const char *name)
{
    struct pyr_err err = {0};
    struct pyr_thread_info info = {.pid = 1, .tid = tid};
    pyr_thread id = {0};
    assert_true(pyr_strtab_add_text(profile->strings, name, &info.name, &err));
    assert_true(pyr_threads_add(profile->threads, &info, &id, &err));
    return id;
}

static void set_number(struct pyr_profile *profile, const char *key, int64_t number)
{
    struct pyr_err err = {0};
    assert_true(pyr_meta_set_number(profile->meta, key, number, &err));
}

static struct pyr_profile *first_profile(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    assert_non_null(p);
    uint32_t main_thread = add_thread(p, 10, "main").i;
    short_add(p, "a", main_thread, "calls", 1);
    short_add(p, "ab", main_thread, "calls", 2);
    short_add(p, "ab", main_thread, "wall", 30);
    return p;
}

/* Shares "ab" and the main thread with the first; ids, columns and threads are in another order. */
static struct pyr_profile *second_profile(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    assert_non_null(p);
    uint32_t other_thread = add_thread(p, 11, "worker").i;
    uint32_t main_thread = add_thread(p, 10, "main").i;
    short_add(p, "c", other_thread, "wall", 7);
    short_add(p, "ab", main_thread, "wall", 400);
    short_add(p, "ab", main_thread, "calls", 5);
    short_add(p, "ab", other_thread, "calls", 6);
    short_add(p, "ab", 0, "cpu", 9);
    return p;
}

static void test_equal_stacks_add_up(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *into = first_profile();
    struct pyr_profile *from = second_profile();
    assert_true(pyr_profile_merge(into, from, true, &err));
    assert_int_equal(pyr_functions_count(into->functions), 3);
    assert_int_equal(pyr_stacks_count(into->stacks), 3);
    assert_int_equal(pyr_threads_count(into->threads), 2);
    assert_int_equal(into->metrics.count, 3);
    assert_int_equal(short_get(into, "a", 1, "calls"), 1);
    assert_int_equal(short_get(into, "ab", 1, "calls"), 7);
    assert_int_equal(short_get(into, "ab", 1, "wall"), 430);
    assert_int_equal(short_get(into, "ab", 2, "calls"), 6);
    assert_int_equal(short_get(into, "c", 2, "wall"), 7);
    assert_int_equal(short_get(into, "ab", 0, "cpu"), 9);
    struct pyr_thread_info worker = pyr_threads_get(into->threads, (pyr_thread){2});
    assert_int_equal(worker.tid, 11);
    assert_string_equal(pyr_strtab_text(into->strings, worker.name), "worker");
    /* The other one is as it was. */
    assert_int_equal(short_get(from, "ab", 2, "wall"), 400);
    pyr_profile_free(into);
    pyr_profile_free(from);
}

static void test_threads_stay_apart_unless_joined(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *into = first_profile();
    struct pyr_profile *from = second_profile();
    assert_true(pyr_profile_merge(into, from, false, &err));
    assert_int_equal(pyr_threads_count(into->threads), 3);
    assert_int_equal(short_get(into, "ab", 1, "wall"), 30);
    assert_int_equal(short_get(into, "ab", 3, "wall"), 400);
    assert_int_equal(short_get(into, "c", 2, "wall"), 7);
    pyr_profile_free(into);
    pyr_profile_free(from);
}

static void test_threads_differ_in_any_field(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *into = pyr_profile_new(&err);
    struct pyr_profile *from = pyr_profile_new(&err);
    add_thread(into, 10, "main");
    add_thread(from, 10, "other");
    add_thread(from, 11, "main");
    struct pyr_thread_info task = {.pid = 1, .tid = 10, .kind = PYR_THREAD_TASK};
    struct pyr_thread_info process = {.pid = 2, .tid = 10};
    pyr_thread id = {0};
    assert_true(pyr_strtab_add_text(from->strings, "main", &task.name, &err));
    process.name = task.name;
    assert_true(pyr_threads_add(from->threads, &task, &id, &err));
    assert_true(pyr_threads_add(from->threads, &process, &id, &err));
    add_thread(from, 10, "main"); /* the only one that is the same */
    assert_true(pyr_profile_merge(into, from, true, &err));
    assert_int_equal(pyr_threads_count(into->threads), 5);
    pyr_profile_free(into);
    pyr_profile_free(from);
}

static void test_merging_into_nothing_is_a_copy_and_with_itself_doubles(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *into = pyr_profile_new(&err);
    struct pyr_profile *from = second_profile();
    assert_true(pyr_profile_merge(into, from, true, &err));
    assert_int_equal(short_get(into, "ab", 2, "wall"), 400);
    assert_true(pyr_profile_merge(into, into, true, &err));
    assert_int_equal(pyr_stacks_count(into->stacks), pyr_stacks_count(from->stacks));
    assert_int_equal(pyr_threads_count(into->threads), 2);
    assert_int_equal(short_get(into, "ab", 2, "wall"), 800);
    assert_int_equal(short_get(into, "c", 1, "wall"), 14);
    pyr_profile_free(into);
    pyr_profile_free(from);
}

static void test_honesty_counters_add_up_and_the_rest_is_kept(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *into = first_profile();
    struct pyr_profile *from = second_profile();
    set_number(into, PYR_META_LOST_DEEP, 1);
    set_number(into, PYR_META_EVENTS, 100);
    set_number(into, PYR_META_PID, 5);
    set_number(into, PYR_META_FINISHED, 1);
    set_number(from, PYR_META_LOST_DEEP, 2);
    set_number(from, PYR_META_LOST_MEMORY, 3);
    set_number(from, PYR_META_EVENTS, 20);
    set_number(from, PYR_META_PID, 6);
    set_number(from, PYR_META_FINISHED, 0);
    assert_true(pyr_meta_set_text(from->meta, PYR_META_HOST, "kiln", &err));
    assert_true(pyr_profile_merge(into, from, true, &err));
    assert_int_equal(pyr_meta_number(into->meta, PYR_META_LOST_DEEP, -1), 3);
    assert_int_equal(pyr_meta_number(into->meta, PYR_META_LOST_MEMORY, -1), 3);
    assert_int_equal(pyr_meta_number(into->meta, PYR_META_EVENTS, -1), 120);
    assert_int_equal(pyr_meta_number(into->meta, PYR_META_PID, -1), 5);
    assert_int_equal(pyr_meta_number(into->meta, PYR_META_FINISHED, -1), 0);
    assert_string_equal(pyr_meta_text(into->meta, PYR_META_HOST), "kiln");
    pyr_profile_free(into);
    pyr_profile_free(from);
}

static void add_run(struct pyr_profile *profile, uint64_t start_ns)
{
    struct pyr_err err = {0};
    struct pyr_run run = {start_ns, 5, {1}, short_stack(profile, "ab")};
    assert_true(pyr_timeline_add(profile->timeline, run, &err));
}

/* One that ran from 1000 to 1100 and one that ran from 1050 to 1300, either way round. */
static void test_runs_keep_their_moment(void **state)
{
    (void)state;
    for (int swapped = 0; swapped < 2; swapped++) {
        struct pyr_err err = {0};
        struct pyr_profile *early = swapped ? second_profile() : first_profile();
        struct pyr_profile *late = swapped ? first_profile() : second_profile();
        set_number(early, PYR_META_START_NS, 1000);
        set_number(early, PYR_META_DURATION_NS, 100);
        set_number(late, PYR_META_START_NS, 1050);
        set_number(late, PYR_META_DURATION_NS, 250);
        add_run(early, 10);
        add_run(late, 20);
        struct pyr_profile *into = swapped ? late : early;
        assert_true(pyr_profile_merge(into, swapped ? early : late, true, &err));
        assert_int_equal(pyr_meta_number(into->meta, PYR_META_START_NS, 0), 1000);
        assert_int_equal(pyr_meta_number(into->meta, PYR_META_DURATION_NS, 0), 300);
        assert_int_equal(pyr_timeline_count(into->timeline), 2);
        struct pyr_run own = pyr_timeline_get(into->timeline, 0);
        struct pyr_run merged = pyr_timeline_get(into->timeline, 1);
        assert_int_equal(own.start_ns, swapped ? 70 : 10);
        assert_int_equal(merged.start_ns, swapped ? 10 : 70);
        assert_int_equal(merged.stack.i, short_stack(into, "ab").i);
        assert_int_equal(merged.thread.i,
                         2); /* the first thread of the one is the second of the other */
        pyr_profile_free(early);
        pyr_profile_free(late);
    }
}

/* MainThread; what ran in it under the tag "blue"; a task, and what it did under "blue". */
static struct pyr_profile *concurrent_profile(uint64_t start_ns, uint64_t end_ns)
{
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    assert_non_null(p);
    if (start_ns % 2 == 1) { /* ids of threads and strings need not be the same */
        (void)add_thread(p, 99, "another");
    }
    const uint32_t main_thread = add_thread(p, 10, "main").i;
    struct pyr_thread_info info = pyr_threads_get(p->threads, (pyr_thread){main_thread});
    info.end_ns = end_ns;
    info.switches = 3;
    pyr_threads_update(p->threads, (pyr_thread){main_thread}, &info);
    for (uint32_t parent = main_thread; parent <= main_thread + 2; parent++) {
        const bool tagged = parent != main_thread + 1;
        struct pyr_thread_info next = {.pid = 1, .parent = {parent}};
        pyr_thread id = {0};
        next.kind = parent == main_thread ? PYR_THREAD_NATIVE : PYR_THREAD_TASK;
        next.parent.i = tagged ? parent : main_thread;
        assert_true(pyr_strtab_add_text(p->strings, tagged ? "blue" : "", &next.tag, &err));
        assert_true(pyr_strtab_add_text(p->strings, "serve", &next.entry, &err));
        if (!tagged) {
            next.start_ns = start_ns;
            next.end_ns = end_ns;
            next.switches = 7;
            next.starved_ns = 100;
            next.starved_known = true;
        }
        assert_true(pyr_threads_add(p->threads, &next, &id, &err));
        short_add(p, "a", id.i, "calls", id.i - main_thread);
    }
    return p;
}

static void test_contexts_join_with_their_parents(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *into = concurrent_profile(20, 500);
    struct pyr_profile *from = concurrent_profile(5, 90);
    set_number(into, PYR_META_START_NS, 1000);
    set_number(from, PYR_META_START_NS, 1600);
    assert_true(pyr_profile_merge(into, from, true, &err));
    assert_int_equal(pyr_threads_count(into->threads), 5); /* "another" is new */
    const struct pyr_thread_info main_thread = pyr_threads_get(into->threads, (pyr_thread){1});
    assert_int_equal(main_thread.start_ns, 0);
    assert_int_equal(main_thread.end_ns, 690);
    assert_int_equal(main_thread.switches, 6);
    const struct pyr_thread_info task = pyr_threads_get(into->threads, (pyr_thread){3});
    assert_int_equal(task.start_ns, 20);
    assert_int_equal(task.end_ns, 690);
    assert_int_equal(task.switches, 14);
    assert_int_equal(task.starved_ns, 200);
    assert_true(task.starved_known);
    assert_string_equal(pyr_strtab_text(into->strings, task.entry), "serve");
    const struct pyr_thread_info tagged = pyr_threads_get(into->threads, (pyr_thread){4});
    assert_int_equal(tagged.parent.i, 3);
    assert_int_equal(tagged.start_ns, 0); /* a tagged entry has no times, moved or not */
    assert_int_equal(tagged.end_ns, 0);
    for (uint32_t i = 2; i <= 4; i++) {
        assert_int_equal(short_get(into, "a", i, "calls"), 2 * (int64_t)(i - 1));
    }
    pyr_profile_free(into);
    pyr_profile_free(from);
}

static void test_contexts_keep_their_moment_when_the_other_began_before(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *into = concurrent_profile(20, 500);
    struct pyr_profile *from = concurrent_profile(5, 90);
    struct pyr_thread_info task = pyr_threads_get(from->threads, (pyr_thread){4});
    task.starved_known = false;
    pyr_threads_update(from->threads, (pyr_thread){4}, &task);
    set_number(into, PYR_META_START_NS, 1600);
    set_number(from, PYR_META_START_NS, 1000);
    assert_true(pyr_profile_merge(into, from, true, &err));
    task = pyr_threads_get(into->threads, (pyr_thread){3});
    assert_int_equal(task.start_ns, 5);
    assert_int_equal(task.end_ns, 1100);
    assert_false(task.starved_known); /* of the one is not of both */
    assert_int_equal(pyr_threads_get(into->threads, (pyr_thread){4}).end_ns, 0);
    pyr_profile_free(into);
    pyr_profile_free(from);
}

static void test_contexts_that_are_appended_keep_their_parents(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *into = concurrent_profile(20, 500);
    struct pyr_profile *from = concurrent_profile(5, 90); /* with one thread more, before them */
    assert_true(pyr_profile_merge(into, from, false, &err));
    assert_int_equal(pyr_threads_count(into->threads), 9);
    const uint32_t parents[] = {0, 1, 1, 3, 0, 0, 6, 6, 8};
    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal(pyr_threads_get(into->threads, (pyr_thread){i + 1}).parent.i, parents[i]);
    }
    const struct pyr_thread_info tagged = pyr_threads_get(into->threads, (pyr_thread){9});
    assert_string_equal(pyr_strtab_text(into->strings, tagged.tag), "blue");
    assert_int_equal(pyr_threads_get(into->threads, (pyr_thread){8}).start_ns, 5);
    pyr_profile_free(into);
    pyr_profile_free(from);
}

/* The same tag in another thread, or another tag in the same one. */
static void test_contexts_of_another_parent_or_tag_stay_apart(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *into = concurrent_profile(20, 500);
    struct pyr_profile *from = concurrent_profile(20, 500);
    struct pyr_thread_info info = pyr_threads_get(from->threads, (pyr_thread){4});
    pyr_thread id = {0};
    info.parent.i = 1;
    assert_true(pyr_threads_add(from->threads, &info, &id, &err));
    info.parent.i = 3;
    assert_true(pyr_strtab_add_text(from->strings, "red", &info.tag, &err));
    assert_true(pyr_threads_add(from->threads, &info, &id, &err));
    assert_true(pyr_profile_merge(into, from, true, &err));
    assert_int_equal(pyr_threads_count(into->threads), 6);
    pyr_profile_free(into);
    pyr_profile_free(from);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    struct pyr_profile *from = second_profile(), *tasks = concurrent_profile(5, 90);
    struct pyr_err ignored = {0};
    assert_true(pyr_profile_merge(from, tasks, false, &ignored));
    pyr_profile_free(tasks);
    set_number(from, PYR_META_EVENTS, 20);
    add_run(from, 20);
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_profile *into = first_profile();
        pyr_mem_fail_after(nth);
        failed = !pyr_profile_merge(into, from, true, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_int_equal(short_get(into, "a", 1, "calls"), 1);
        pyr_profile_free(into);
    }
    pyr_profile_free(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_stacks_add_up),
        cmocka_unit_test(test_threads_stay_apart_unless_joined),
        cmocka_unit_test(test_threads_differ_in_any_field),
        cmocka_unit_test(test_merging_into_nothing_is_a_copy_and_with_itself_doubles),
        cmocka_unit_test(test_honesty_counters_add_up_and_the_rest_is_kept),
        cmocka_unit_test(test_runs_keep_their_moment),
        cmocka_unit_test(test_contexts_join_with_their_parents),
        cmocka_unit_test(test_contexts_keep_their_moment_when_the_other_began_before),
        cmocka_unit_test(test_contexts_that_are_appended_keep_their_parents),
        cmocka_unit_test(test_contexts_of_another_parent_or_tag_stay_apart),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
