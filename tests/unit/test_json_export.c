/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/json_export.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "exchange_fixture.h"
#include "unit.h"

static const struct pyr_format *const format = &pyr_format_json;

static void assert_has(const struct pyr_buf *out, const char *text)
{
    if (strstr(out->data, text) == NULL) {
        fail_msg("%s\nhas no %s", out->data, text);
    }
}

static void assert_is_json(const struct pyr_buf *out)
{
    struct pyr_err err = {0};
    struct pyr_json_reader json;
    pyr_json_reader_init(&json, out->data, out->len);
    if (!pyr_json_skip(&json, &err) || !pyr_json_end(&json, &err)) {
        fail_msg("%s", err.message);
    }
    pyr_json_reader_release(&json);
}

static void test_everything_is_in_it(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_is_json(&out);
    assert_has(&out,
               "{\"format\":\"pyrometer\",\"version\":1,\"meta\":{\"command\":\"app.py --fast\","
               "\"start_ns\":1700000000000000000,\"duration_ns\":2490},"
               "\"metrics\":[{\"name\":\"calls\",\"unit\":\"count\"},"
               "{\"name\":\"wall\",\"unit\":\"ns\"}],\"total\":[21,2490],");
    assert_has(&out, "{\"qualname\":\"fib\",\"module\":\"app\",\"file\":\"app.py\",\"line\":3,"
                     "\"kind\":\"python\",\"self\":[9,1000],\"inclusive\":[9,1000],"
                     "\"primitive\":[1,200]}");
    assert_has(&out,
               "\"threads\":[{\"name\":\"MainThread\",\"pid\":7,\"tid\":70,"
               "\"kind\":\"thread\",\"parent\":null,\"tag\":\"\",\"entry\":\"\",\"start_ns\":0,"
               "\"end_ns\":0,\"switches\":0,\"starved_ns\":null,\"total\":[15,2050]},");
    assert_has(&out, "\"nodes\":[{\"parent\":null,\"function\":0,\"line\":0,\"self\":[1,1000],"
                     "\"inclusive\":[21,2490]},{\"parent\":0,\"function\":1,");
    assert_null(strstr(out.data, "timeline"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_timeline_is_in_it_when_there_is_one(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    exchange_fixture_add_timeline(profile);
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_is_json(&out);
    assert_has(&out, "\"timeline\":[[100,50,0,1],[150,30,0,2],[300,20,0,3],[0,440,1,5]]");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_what_each_thread_did_is_in_it(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    pyr_thread task = {0};
    struct pyr_thread_info info = {.kind = PYR_THREAD_TASK,
                                   .parent = {1},
                                   .start_ns = 5,
                                   .end_ns = 95,
                                   .switches = 3,
                                   .starved_ns = 0,
                                   .starved_known = true};
    assert_true(pyr_strtab_add(profile->strings, "work", 4, &info.entry, &err));
    assert_true(pyr_strtab_add(profile->strings, "alice", 5, &info.tag, &err));
    assert_true(pyr_threads_add(profile->threads, &info, &task, &err));
    assert_true(pyr_values_add(profile->values, (pyr_stack){1}, task, 1, 40, &err));
    struct pyr_buf out = exchange_fixture_write(format, profile);
    char row[32];
    snprintf(row, sizeof row, ",[0,%u,[0,40]]]", task.i - 1);
    assert_is_json(&out);
    assert_has(&out, "\"kind\":\"task\",\"parent\":0,\"tag\":\"alice\",\"entry\":\"work\","
                     "\"start_ns\":5,\"end_ns\":95,\"switches\":3,\"starved_ns\":0,"
                     "\"total\":[0,40]}");
    assert_has(&out, "\"rows\":[[0,0,[1,1000]],");
    assert_has(&out, row);
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

/* The time that a coroutine waited is also the time that its caller did. */
static void test_there_are_no_sums_of_waiting_times(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    uint32_t column = 0;
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(pyr_metrics_add(&profile->metrics, profile->strings,
                                    i == 0 ? PYR_METRIC_AWAITED : PYR_METRIC_STARVED, PYR_UNIT_NS,
                                    &column, &err));
        assert_true(
            pyr_values_add(profile->values, (pyr_stack){1}, (pyr_thread){1}, column, 70 + i, &err));
    }
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_is_json(&out);
    assert_has(&out, "\"total\":[21,2490,null,null],");
    assert_has(&out, "\"self\":[1,1000,70,71],\"inclusive\":[21,2490,null,null],"
                     "\"primitive\":[1,1000,70,71]}");
    assert_has(&out, "\"total\":[15,2050,null,null]}");
    assert_has(&out, "\"nodes\":[{\"parent\":null,\"function\":0,\"line\":0,"
                     "\"self\":[1,1000,70,71],\"inclusive\":[21,2490,null,null]}");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

/* JSON readers give up somewhere below a thousand nested brackets. */
static void test_deep_stacks_do_not_nest(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    pyr_stack stack = {0};
    for (uint32_t i = 0; i < 5000; i++) {
        assert_true(pyr_profile_push(profile, stack, (pyr_func){2}, 0, &stack, &err));
    }
    assert_true(pyr_values_add(profile->values, stack, (pyr_thread){1}, 1, 1, &err));
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_is_json(&out);
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
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_is_in_it),
        cmocka_unit_test(test_a_timeline_is_in_it_when_there_is_one),
        cmocka_unit_test(test_what_each_thread_did_is_in_it),
        cmocka_unit_test(test_there_are_no_sums_of_waiting_times),
        cmocka_unit_test(test_deep_stacks_do_not_nest),
        cmocka_unit_test(test_hostile_names_are_written),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
