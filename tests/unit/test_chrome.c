/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/chrome.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "exchange_fixture.h"
#include "unit.h"

static const struct pyr_format *const format = &pyr_format_chrome;

static void assert_has(const struct pyr_buf *out, const char *text)
{
    if (strstr(out->data, text) == NULL) {
        fail_msg("%s\nhas no %s", out->data, text);
    }
}

static void test_without_a_timeline_totals_are_laid_out_and_said_to_be(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out, "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":7,\"tid\":1,"
                     "\"args\":{\"name\":\"MainThread (tid 70)\"}}");
    /* its own 1000 ns first, then fib, then len: 2050 in all */
    assert_has(&out, "{\"name\":\"app.<module>\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0,"
                     "\"dur\":2.05,\"pid\":7,\"tid\":1,\"args\":{\"file\":\"app.py\",\"line\":1}}");
    assert_has(&out, "{\"name\":\"app.fib\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":1,\"dur\":1,");
    assert_has(&out, "\"ts\":1.2,\"dur\":0.8,");
    assert_has(&out, "{\"name\":\"builtins.len\",\"cat\":\"builtin\",\"ph\":\"X\",\"ts\":2,"
                     "\"dur\":0.05,\"pid\":7,\"tid\":1}");
    assert_has(&out, "\"layout\":\"aggregate: totals side by side, the largest first, not when "
                     "things ran\",\"metric\":\"wall\"");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_runs_that_touch_share_their_outer_frames(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    exchange_fixture_add_timeline(profile);
    struct pyr_buf out = exchange_fixture_write(format, profile);
    /* <module> and fib from 100 to 180, the inner fib from 150; a gap; <module> again from 300 */
    assert_has(&out,
               "{\"name\":\"app.fib\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0.15,\"dur\":0.03,");
    assert_has(&out,
               "{\"name\":\"app.fib\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0.1,\"dur\":0.08,");
    assert_has(&out, "{\"name\":\"app.<module>\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0.1,"
                     "\"dur\":0.08,");
    assert_has(&out, "{\"name\":\"app.<module>\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0.3,"
                     "\"dur\":0.02,");
    assert_has(&out, "\"layout\":\"timeline: when things ran\"");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_runs_that_overlap_do_not_cross(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    const struct pyr_run runs[] = {{100, 100, {1}, {2}}, {150, 10, {1}, {4}}, {150, 100, {1}, {4}}};
    for (size_t i = 0; i < 3; i++) {
        assert_true(pyr_timeline_add(profile->timeline, runs[i], &err));
    }
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out,
               "\"name\":\"app.fib\",\"cat\":\"python\",\"ph\":\"X\",\"ts\":0.1,\"dur\":0.1,");
    assert_has(&out, "\"name\":\"builtins.len\",\"cat\":\"builtin\",\"ph\":\"X\",\"ts\":0.2,"
                     "\"dur\":0.05,");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

/* An event as a viewer reads it; times in ns. */
struct event {
    char ph;
    uint32_t tid;
    int64_t start, end;
};

static bool key_is(const struct pyr_json_reader *json, const char *key)
{
    return strcmp(json->text.data, key) == 0;
}

static int64_t read_ns(struct pyr_json_reader *json)
{
    struct pyr_err err = {0};
    double us = 0;
    assert_true(pyr_json_read_double(json, &us, &err));
    return (int64_t)(us * 1000 + 0.5);
}

static struct event read_event(struct pyr_json_reader *json)
{
    struct pyr_err err = {0};
    struct event event = {.start = -1};
    int64_t duration = -1;
    bool more = false;
    assert_true(pyr_json_enter_object(json, &err));
    while (pyr_json_next_key(json, &more, &err) && more) {
        if (key_is(json, "ph")) {
            assert_true(pyr_json_read_string(json, &err));
            event.ph = json->text.data[0];
        } else if (key_is(json, "ts")) {
            event.start = read_ns(json);
        } else if (key_is(json, "dur")) {
            duration = read_ns(json);
        } else if (key_is(json, "tid")) {
            event.tid = (uint32_t)(read_ns(json) / 1000);
        } else {
            assert_true(pyr_json_skip(json, &err));
        }
    }
    assert_int_equal(err.code, PYR_OK);
    event.end = event.start + duration;
    if (event.ph == 'X') {
        assert_true(event.start >= 0 && duration >= 0);
    }
    return event;
}

#define MAX_TIDS 16
#define MAX_OPEN 64

/* Reads the document as a viewer does: on each track a slice begins when or after the one before
 * it began, and lies within all those that have not ended. Gives the number of slices. */
static uint32_t assert_loads(const struct pyr_buf *out)
{
    static int64_t open[MAX_TIDS][MAX_OPEN];
    uint32_t depth[MAX_TIDS] = {0}, slices = 0;
    int64_t last[MAX_TIDS] = {0};
    bool named[MAX_TIDS] = {0}, more = false;
    struct pyr_err err = {0};
    struct pyr_json_reader json;
    pyr_json_reader_init(&json, out->data, out->len);
    assert_true(pyr_json_enter_object(&json, &err) && pyr_json_next_key(&json, &more, &err));
    assert_true(key_is(&json, "traceEvents") && pyr_json_enter_array(&json, &err));
    while (pyr_json_next_item(&json, &more, &err) && more) {
        const struct event event = read_event(&json);
        const uint32_t tid = event.tid;
        assert_true(tid < MAX_TIDS && (event.ph == 'M' || event.ph == 'X'));
        if (event.ph == 'M') {
            named[tid] = true;
            continue;
        }
        assert_true(named[tid] && event.start >= last[tid]);
        last[tid] = event.start;
        while (depth[tid] > 0 && open[tid][depth[tid] - 1] < event.end) {
            assert_true(open[tid][--depth[tid]] <= event.start);
        }
        assert_true(depth[tid] < MAX_OPEN);
        open[tid][depth[tid]++] = event.end;
        slices++;
    }
    while (pyr_json_next_key(&json, &more, &err) && more) {
        assert_true(pyr_json_skip(&json, &err));
    }
    if (err.code != PYR_OK || !pyr_json_end(&json, &err)) {
        fail_msg("%s", err.message);
    }
    pyr_json_reader_release(&json);
    return slices;
}

static uint32_t add_context(struct pyr_profile *profile, enum pyr_thread_kind kind,
                            const char *name, uint32_t parent, const char *tag)
{
    struct pyr_err err = {0};
    struct pyr_thread_info info = {.kind = kind, .parent = {parent}, .tid = 9};
    pyr_thread thread = {0};
    assert_true(pyr_strtab_add_text(profile->strings, name, &info.name, &err));
    assert_true(pyr_strtab_add_text(profile->strings, tag, &info.tag, &err));
    assert_true(pyr_threads_add(profile->threads, &info, &thread, &err));
    return thread.i;
}

/* Threads, tasks, greenlets and tags handing over to each other, calling and returning, through a
 * few thousand moments. */
static struct pyr_profile *busy_profile(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    const uint32_t task = add_context(profile, PYR_THREAD_TASK, "Task-1", 1, "");
    const uint32_t threads[] = {1,
                                2,
                                task,
                                add_context(profile, PYR_THREAD_TASK, "", task, "blue"),
                                add_context(profile, PYR_THREAD_TASK, "Task-2", 1, ""),
                                add_context(profile, PYR_THREAD_GREENLET, "", 2, "")};
    const uint32_t stacks = pyr_stacks_count(profile->stacks);
    uint64_t now = 1234567, seed = 7;
    for (uint32_t i = 0; i < 4000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const uint32_t any = (uint32_t)(seed >> 33);
        const struct pyr_run run = {now, any % 3001, {threads[any % 6]}, {1 + any / 7 % stacks}};
        assert_true(pyr_timeline_add(profile->timeline, run, &err));
        now += run.duration_ns + (any % 11 == 0 ? 500 : 0);
    }
    return profile;
}

static void test_a_viewer_finds_slices_that_nest_on_tracks_with_names(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = busy_profile();
    struct pyr_buf out = exchange_fixture_write(format, profile);
    const uint32_t all = assert_loads(&out);
    assert_true(all > 4000);
    assert_has(&out, "\"tid\":1,\"args\":{\"name\":\"MainThread (tid 70)\"}");
    assert_has(&out, "\"tid\":3,\"args\":{\"name\":\"MainThread / task Task-1\"}");
    assert_has(&out, "\"name\":\"thread_sort_index\",\"ph\":\"M\",\"pid\":7,\"tid\":5,"
                     "\"args\":{\"sort_index\":3}");
    assert_has(&out, "\"tid\":6,\"args\":{\"name\":\"worker / greenlet 6\"}");
    assert_has(&out, "\"tid\":3,\"args\":{\"tag\":\"blue\"}}"); /* of a builtin */
    assert_has(&out, "\"line\":1,\"tag\":\"blue\"}}");
    assert_null(strstr(out.data, "\"tid\":4"));
    pyr_buf_release(&out);

    const struct pyr_format_options options = {.min_duration_ns = 2000, .max_depth = 2};
    assert_true(format->write(profile, &options, &out, &err));
    const uint32_t some = assert_loads(&out);
    assert_true(some > 100 && some < all / 2);
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_totals_do_not_care_for_options(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf plain = exchange_fixture_write(format, profile), out = {0};
    const struct pyr_format_options options = {.min_duration_ns = 1000000, .max_depth = 1};
    assert_true(format->write(profile, &options, &out, &err));
    assert_string_equal(out.data, plain.data);
    pyr_buf_release(&out);
    pyr_buf_release(&plain);
    pyr_profile_free(profile);
}

static void test_a_profile_of_nothing_has_no_events(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out, "{\"traceEvents\":[],");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_hostile_names_are_written(void **state)
{
    (void)state;
    exchange_fixture_takes_hostile_names(format);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    exchange_fixture_writes_without_memory(format);
    struct pyr_profile *profile = exchange_fixture_new();
    const uint32_t task = add_context(profile, PYR_THREAD_TASK, "Task-1", 1, "red");
    bool failed = true;
    exchange_fixture_add_timeline(profile);
    const struct pyr_run run = {500, 9, {task}, {3}};
    struct pyr_err add_err = {0};
    assert_true(pyr_timeline_add(profile->timeline, run, &add_err));
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_buf out = {0};
        pyr_mem_fail_after(nth);
        failed = !format->write(profile, NULL, &out, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_buf_release(&out);
    }
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_timeline_totals_are_laid_out_and_said_to_be),
        cmocka_unit_test(test_runs_that_touch_share_their_outer_frames),
        cmocka_unit_test(test_runs_that_overlap_do_not_cross),
        cmocka_unit_test(test_a_viewer_finds_slices_that_nest_on_tracks_with_names),
        cmocka_unit_test(test_totals_do_not_care_for_options),
        cmocka_unit_test(test_a_profile_of_nothing_has_no_events),
        cmocka_unit_test(test_hostile_names_are_written),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
