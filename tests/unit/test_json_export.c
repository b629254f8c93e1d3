/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/json_export.h"

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
    assert_has(&out, "\"threads\":[{\"name\":\"MainThread\",\"pid\":7,\"tid\":70,"
                     "\"kind\":\"thread\",\"total\":[15,2050]},");
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
        cmocka_unit_test(test_deep_stacks_do_not_nest),
        cmocka_unit_test(test_hostile_names_are_written),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
