/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/tracks.h"

#include <stdlib.h>

#include "base/mem.h"
#include "unit.h"

#include "short_profile.h"

static uint32_t add_thread(struct pyr_profile *profile, enum pyr_thread_kind kind, uint32_t parent,
                           const char *tag)
{
    struct pyr_err err = {0};
    struct pyr_thread_info info = {.pid = 1, .kind = kind, .parent = {parent}};
    pyr_thread id = {0};
    assert_true(pyr_strtab_add_text(profile->strings, tag, &info.tag, &err));
    assert_true(pyr_threads_add(profile->threads, &info, &id, &err));
    return id.i;
}

static struct pyr_profile *new_profile(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    assert_non_null(profile);
    assert_int_equal(add_thread(profile, PYR_THREAD_NATIVE, 0, ""), 1);
    return profile;
}

static void run(struct pyr_profile *profile, uint32_t thread, const char *names, uint64_t start,
                uint64_t end)
{
    struct pyr_err err = {0};
    const struct pyr_run one = {start, end - start, {thread}, short_stack(profile, names)};
    assert_true(pyr_timeline_add(profile->timeline, one, &err));
}

/* "1:a[0-10] " for each slice, "1:a[0-10]blue " when it is tagged. */
static struct pyr_buf draw(const struct pyr_profile *profile,
                           const struct pyr_format_options *options)
{
    struct pyr_err err = {0};
    struct pyr_tracks tracks = {0};
    struct pyr_buf out = {0};
    assert_true(pyr_tracks_init(&tracks, profile, options, &err));
    pyr_buf_add_text(&out, "");
    for (uint32_t i = 0; i < tracks.slice_count; i++) {
        const struct pyr_track_slice *s = &tracks.slices[i];
        const struct pyr_function *f = pyr_functions_get(profile->functions, s->func);
        pyr_buf_addf(&out, "%u:%s[%d-%d]%s ", s->track.i,
                     pyr_strtab_text(profile->strings, f->qualname), (int)s->start_ns,
                     (int)s->end_ns, pyr_strtab_text(profile->strings, s->tag));
    }
    pyr_buf_add_char(&out, '\0');
    pyr_tracks_release(&tracks);
    return out;
}

static void assert_drawn(struct pyr_profile *profile, const struct pyr_format_options *options,
                         const char *expected)
{
    struct pyr_buf out = draw(profile, options);
    assert_string_equal(out.data, expected);
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_frames_that_both_stacks_have_go_on(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    run(p, 1, "a", 0, 5);
    run(p, 1, "ab", 5, 7);
    run(p, 1, "abc", 7, 10);
    run(p, 1, "ad", 10, 11);
    run(p, 1, "a", 11, 20);
    assert_drawn(p, NULL, "1:a[0-20] 1:b[5-10] 1:c[7-10] 1:d[10-11] ");
}

/* Even when the clock did not move between them. */
static void test_every_return_ends_a_call(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    run(p, 1, "a", 0, 5);
    run(p, 1, "ab", 5, 7);
    run(p, 1, "a", 7, 7);
    run(p, 1, "ab", 7, 7);
    run(p, 1, "a", 7, 7);
    run(p, 1, "ab", 7, 9);
    assert_drawn(p, NULL, "1:a[0-9] 1:b[5-7] 1:b[7-7] 1:b[7-9] ");
}

static void test_recursion_opens_a_slice_for_each_call(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    run(p, 1, "a", 0, 1);
    run(p, 1, "aa", 1, 2);
    run(p, 1, "aaa", 2, 3);
    run(p, 1, "a", 3, 4);
    assert_drawn(p, NULL, "1:a[0-4] 1:a[1-3] 1:a[2-3] ");
}

static void test_a_gap_ends_everything(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    run(p, 1, "ab", 0, 5);
    run(p, 1, "ab", 6, 8);
    run(p, 0, "z", 3, 4); /* of no thread */
    assert_drawn(p, NULL, "0:z[3-4] 1:a[0-5] 1:b[0-5] 1:a[6-8] 1:b[6-8] ");
}

/* The loop's own frames are the thread's; what the tasks do above them is theirs. */
static void test_a_task_has_a_track_above_the_frames_of_its_thread(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    const uint32_t x = add_thread(p, PYR_THREAD_TASK, 1, "");
    const uint32_t y = add_thread(p, PYR_THREAD_TASK, 1, "");
    run(p, 1, "m", 0, 1);
    run(p, 1, "ml", 1, 2);
    run(p, x, "mlt", 2, 4);
    run(p, x, "mltu", 4, 5);
    run(p, y, "mlt", 5, 8);
    run(p, 1, "ml", 8, 9);
    run(p, x, "mlt", 9, 10);
    run(p, x, "mltv", 10, 11);
    run(p, 1, "m", 11, 12);
    assert_drawn(p, NULL, "1:m[0-12] 1:l[1-11] 2:t[2-5] 2:u[4-5] 3:t[5-8] 2:t[9-11] 2:v[10-11] ");
}

/* A loop that was left while a task ran, and a task whose thread was not seen. */
static void test_a_task_keeps_what_its_thread_has_not_got(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    const uint32_t x = add_thread(p, PYR_THREAD_TASK, 1, "");
    const uint32_t orphan = add_thread(p, PYR_THREAD_TASK, 0, "");
    run(p, 1, "ml", 0, 2);
    run(p, x, "mk", 2, 4);  /* the thread's "l" ended */
    run(p, x, "mkt", 4, 5); /* still above "m" only */
    run(p, x, "n", 5, 6);   /* nothing in common any more */
    run(p, orphan, "mq", 0, 3);
    assert_drawn(p, NULL, "1:m[0-5] 1:l[0-2] 2:k[2-5] 2:t[4-5] 2:n[5-6] 3:m[0-3] 3:q[0-3] ");
}

static void test_a_greenlet_has_a_track_of_its_own(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    const uint32_t g = add_thread(p, PYR_THREAD_GREENLET, 1, "");
    run(p, 1, "m", 0, 1);
    run(p, g, "w", 1, 3);
    run(p, 1, "m", 3, 4);
    run(p, g, "wx", 4, 6);
    assert_drawn(p, NULL, "1:m[0-1] 2:w[1-3] 1:m[3-4] 2:w[4-6] 2:x[4-6] ");
}

static void test_tagged_calls_are_on_the_track_of_the_untagged(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    const uint32_t blue = add_thread(p, PYR_THREAD_NATIVE, 1, "blue");
    const uint32_t task = add_thread(p, PYR_THREAD_TASK, 1, "");
    const uint32_t red = add_thread(p, PYR_THREAD_TASK, task, "red");
    run(p, 1, "a", 0, 1);
    run(p, blue, "ab", 1, 2);
    run(p, blue, "abc", 2, 3);
    run(p, 1, "ab", 3, 4); /* "b" began under the tag and goes on */
    run(p, 1, "abd", 4, 5);
    run(p, task, "abt", 5, 6);
    run(p, red, "abtu", 6, 7);
    assert_drawn(p, NULL, "1:a[0-7] 1:b[1-7]blue 1:c[2-3]blue 1:d[4-5] 3:t[5-7] 3:u[6-7]red ");
}

static void test_short_slices_are_left_out_and_so_are_deep_ones(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    const uint32_t x = add_thread(p, PYR_THREAD_TASK, 1, "");
    run(p, 1, "a", 0, 10);
    run(p, 1, "ab", 10, 14);
    run(p, 1, "abc", 14, 24);
    run(p, 1, "ad", 24, 29);
    run(p, x, "adt", 29, 31);
    run(p, x, "adtu", 31, 50);
    struct pyr_buf out = draw(p, &(struct pyr_format_options){.min_duration_ns = 14});
    assert_string_equal(out.data, "1:a[0-50] 1:b[10-24] 1:d[24-50] 2:t[29-50] 2:u[31-50] ");
    pyr_buf_release(&out);
    out = draw(p, &(struct pyr_format_options){.min_duration_ns = 22});
    assert_string_equal(out.data, "1:a[0-50] 1:d[24-50] ");
    pyr_buf_release(&out);
    out = draw(p, &(struct pyr_format_options){.max_depth = 1});
    assert_string_equal(out.data, "1:a[0-50] 2:t[29-50] ");
    pyr_buf_release(&out);
    assert_drawn(p, &(struct pyr_format_options){.min_duration_ns = 20, .max_depth = 2},
                 "1:a[0-50] 1:d[24-50] 2:t[29-50] ");
}

/* The thread's slice turns out too short when the task's after it is there already. */
static void test_a_slice_that_is_short_is_left_out_wherever_it_ends(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    const uint32_t g = add_thread(p, PYR_THREAD_GREENLET, 1, "");
    run(p, 1, "a", 0, 2);
    run(p, g, "w", 1, 30);
    run(p, 1, "b", 40, 60);
    assert_drawn(p, &(struct pyr_format_options){.min_duration_ns = 5}, "2:w[1-30] 1:b[40-60] ");
}

static void test_what_another_run_covers_counts_once(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    run(p, 1, "ab", 100, 200);
    run(p, 1, "ac", 150, 160);
    run(p, 1, "ac", 150, 200);
    run(p, 1, "ac", 150, 250);
    assert_drawn(p, NULL, "1:a[100-250] 1:b[100-200] 1:c[200-250] ");
    p = new_profile();
    run(p, 1, "a", 10, UINT64_MAX);
    const struct pyr_run last = {UINT64_MAX - 1, UINT64_MAX, {1}, short_stack(p, "ab")};
    struct pyr_err err = {0};
    assert_true(pyr_timeline_add(p->timeline, last, &err));
    struct pyr_buf out = draw(p, NULL);
    assert_non_null(strstr(out.data, "1:a[10-"));
    pyr_buf_release(&out);
    pyr_profile_free(p);
}

static void test_tracks_are_listed_below_their_native_thread(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_tracks tracks = {0};
    struct pyr_profile *p = new_profile();
    const uint32_t second = add_thread(p, PYR_THREAD_NATIVE, 0, "");
    const uint32_t task = add_thread(p, PYR_THREAD_TASK, 1, "");
    const uint32_t tagged = add_thread(p, PYR_THREAD_TASK, task, "x");
    (void)add_thread(p, PYR_THREAD_GREENLET, second, ""); /* without a run: without a track */
    run(p, second, "a", 0, 1);
    run(p, tagged, "a", 0, 1);
    run(p, 1, "a", 1, 2);
    assert_true(pyr_tracks_init(&tracks, p, NULL, &err));
    assert_int_equal(tracks.track_count, 3);
    const uint32_t expected[][2] = {{1, 1}, {task, 1}, {second, second}};
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(tracks.tracks[i].thread.i, expected[i][0]);
        assert_int_equal(tracks.tracks[i].native.i, expected[i][1]);
    }
    pyr_tracks_release(&tracks);
    pyr_profile_free(p);
}

static uint32_t rnd(uint64_t *seed, uint32_t of)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % of);
}

/* Each slice lies within those that are open on its track, the last of which it ends before. */
static void assert_nest(const struct pyr_tracks *tracks, uint32_t threads)
{
    for (uint32_t track = 0; track <= threads; track++) {
        uint64_t ends[64] = {0};
        uint64_t last_ns = 0;
        uint32_t depth = 0;
        for (uint32_t i = 0; i < tracks->slice_count; i++) {
            const struct pyr_track_slice *s = &tracks->slices[i];
            if (s->track.i != track) {
                continue;
            }
            assert_true(s->start_ns >= last_ns && s->end_ns >= s->start_ns);
            last_ns = s->start_ns;
            while (depth > 0 && ends[depth - 1] < s->end_ns) {
                assert_true(ends[depth - 1] <= s->start_ns);
                depth--;
            }
            assert_true(depth < 64);
            ends[depth++] = s->end_ns;
        }
    }
}

static void test_slices_nest_whatever_the_runs_are(void **state)
{
    (void)state;
    static const char *const stacks[] = {"a",   "ab",   "abc",  "abd", "ae",   "aef",
                                         "abb", "abbb", "abcd", "x",   "xyza", ""};
    for (uint64_t round = 1; round < 400; round++) {
        struct pyr_err err = {0};
        struct pyr_tracks tracks = {0};
        struct pyr_profile *p = new_profile();
        uint64_t seed = round;
        uint64_t now = 0;
        for (uint32_t i = 2; i < 9; i++) {
            (void)add_thread(p, (enum pyr_thread_kind)rnd(&seed, PYR_THREAD_KIND_COUNT),
                             rnd(&seed, i), rnd(&seed, 3) == 0 ? "t" : "");
        }
        for (uint32_t i = 0; i < 120; i++) {
            const uint64_t start = round % 2 == 0 ? now : rnd(&seed, 500);
            now = start + rnd(&seed, 9);
            run(p, rnd(&seed, 9), stacks[rnd(&seed, 12)], start, now);
        }
        const struct pyr_format_options options = {rnd(&seed, 4), rnd(&seed, 4)};
        assert_true(pyr_tracks_init(&tracks, p, &options, &err));
        assert_nest(&tracks, 8);
        for (uint32_t i = 0; i < tracks.slice_count; i++) {
            assert_true(tracks.slices[i].end_ns - tracks.slices[i].start_ns >=
                        options.min_duration_ns);
        }
        pyr_tracks_release(&tracks);
        pyr_profile_free(p);
    }
}

/* Going over whole stacks would take 4,000,000,000 steps here, and not end in time. */
static void test_a_deep_stack_costs_only_what_changes(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_tracks tracks = {0};
    struct pyr_profile *p = new_profile();
    const uint32_t task = add_thread(p, PYR_THREAD_TASK, 1, "");
    const pyr_func func = short_function(p, 'a');
    pyr_stack deep = {0}, deeper = {0};
    for (uint32_t i = 0; i < 20000; i++) {
        assert_true(pyr_profile_push(p, deep, func, 0, &deep, &err));
    }
    assert_true(pyr_profile_push(p, deep, func, 0, &deeper, &err));
    for (uint32_t i = 0; i < 200000; i++) {
        const struct pyr_run one = {i, 1, {i < 100000 ? 1 : task}, i % 2 == 0 ? deep : deeper};
        assert_true(pyr_timeline_add(p->timeline, one, &err));
    }
    assert_true(pyr_tracks_init(&tracks, p, NULL, &err));
    assert_int_equal(tracks.slice_count, 20000 + 100000);
    pyr_tracks_release(&tracks);
    pyr_profile_free(p);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_profile *p = new_profile();
    const uint32_t task = add_thread(p, PYR_THREAD_TASK, 1, "");
    bool failed = true;
    uint64_t seed = 1;
    for (uint32_t i = 0; i < 60; i++) {
        run(p, i % 3 == 0 ? task : 1, rnd(&seed, 2) == 0 ? "ab" : "abcde", i * 2, i * 2 + 2);
    }
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_tracks tracks = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_tracks_init(&tracks, p, NULL, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_tracks_release(&tracks);
    }
    pyr_profile_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_that_both_stacks_have_go_on),
        cmocka_unit_test(test_every_return_ends_a_call),
        cmocka_unit_test(test_recursion_opens_a_slice_for_each_call),
        cmocka_unit_test(test_a_gap_ends_everything),
        cmocka_unit_test(test_a_task_has_a_track_above_the_frames_of_its_thread),
        cmocka_unit_test(test_a_task_keeps_what_its_thread_has_not_got),
        cmocka_unit_test(test_a_greenlet_has_a_track_of_its_own),
        cmocka_unit_test(test_tagged_calls_are_on_the_track_of_the_untagged),
        cmocka_unit_test(test_short_slices_are_left_out_and_so_are_deep_ones),
        cmocka_unit_test(test_a_slice_that_is_short_is_left_out_wherever_it_ends),
        cmocka_unit_test(test_what_another_run_covers_counts_once),
        cmocka_unit_test(test_tracks_are_listed_below_their_native_thread),
        cmocka_unit_test(test_slices_nest_whatever_the_runs_are),
        cmocka_unit_test(test_a_deep_stack_costs_only_what_changes),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
