/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/callgrind.h"

#include <string.h>

#include "exchange_fixture.h"
#include "unit.h"

#include "short_profile.h"

static const struct pyr_format *const format = &pyr_format_callgrind;

static void assert_has(const struct pyr_buf *out, const char *text)
{
    if (strstr(out->data, text) == NULL) {
        fail_msg("%s\nhas no %s", out->data, text);
    }
}

static void test_functions_have_their_costs_and_calls(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_memory_equal(out.data, "# callgrind format\nversion: 1\n", 30);
    assert_has(&out, "cmd: app.py --fast\npositions: line\nevents: Wall_ns Calls\n"
                     "summary: 2490 21\n");
    /* the caller's own cost, then the calls with the callee's inclusive one */
    assert_has(&out, "fn=(1) app.<module>\n1 1000 1\n");
    assert_has(&out, "cfn=(2) app.fib\ncalls=1 3\n1 1000 9\n");
    assert_has(&out, "fn=(2)\n3 1000 9\n");
    assert_has(&out, "cfn=(2)\ncalls=8 3\n3 800 8\n"); /* recursion counts once */
    assert_has(&out, ") ~\ncfn=(3) builtins.len\ncalls=5 0\n1 50 5\n");
    assert_has(&out, "fn=(5)\n0 40 4\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

/* KCachegrind sums up every event along the calls. */
static void test_waiting_times_are_no_events(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf before = exchange_fixture_write(format, profile);
    uint32_t column = 0;
    assert_true(pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_STARVED,
                                PYR_UNIT_NS, &column, &err));
    assert_true(pyr_values_add(profile->values, (pyr_stack){1}, (pyr_thread){1}, column, 70, &err));
    struct pyr_buf after = exchange_fixture_write(format, profile);
    assert_string_equal(before.data, after.data);
    pyr_buf_release(&before);
    pyr_buf_release(&after);
    pyr_profile_free(profile);
}

static void test_costs_are_on_their_lines(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    pyr_func func = short_function(profile, 'f');
    uint32_t column = 0;
    assert_true(
        pyr_metrics_add(&profile->metrics, profile->strings, "samples", "count", &column, &err));
    for (uint32_t line = 5; line >= 3; line--) {
        pyr_stack stack = {0};
        assert_true(pyr_profile_push(profile, stack, func, line, &stack, &err));
        assert_true(pyr_values_add(profile->values, stack, (pyr_thread){0}, column,
                                   (int64_t)line * 10, &err));
    }
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out, "events: Samples\n");
    assert_has(&out, "fn=(1) m.f\n3 30\n4 40\n5 50\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_names_are_told_apart_and_never_blank(void **state)
{
    (void)state;
    static const struct pyr_function_text texts[] = {{"f", "m", "a.py", 3, PYR_FUNC_PYTHON},
                                                     {"f", "m", "a.py", 9, PYR_FUNC_PYTHON},
                                                     {"f", "m", "b.py", 3, PYR_FUNC_PYTHON},
                                                     {"\n", "", " ", 1, PYR_FUNC_PYTHON}};
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    uint32_t column = 0;
    assert_true(pyr_metrics_add(&profile->metrics, profile->strings, "wall", "ns", &column, &err));
    for (size_t i = 0; i < 4; i++) {
        pyr_func func = {0};
        pyr_stack stack = {0};
        assert_true(pyr_profile_add_function(profile, &texts[i], &func, &err));
        assert_true(pyr_profile_push(profile, stack, func, 0, &stack, &err));
        assert_true(pyr_values_add(profile->values, stack, (pyr_thread){0}, column, -1, &err));
    }
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out, "fn=(1) m.f\n3 0\n"); /* below 0 becomes 0 */
    assert_has(&out, "fn=(2) m.f:9\n");
    assert_has(&out, "fn=(3) m.f\n");
    assert_has(&out, "fn=(4)  ???\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_events_are_words_of_their_own(void **state)
{
    (void)state;
    static const char *const metrics[][2] = {
        {"wall", "ns"}, {"Wall", "ns"}, {"a b", "count"}, {"9", "bytes"}, {"a_b", "count"}};
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    for (size_t i = 0; i < 5; i++) {
        uint32_t column = 0;
        assert_true(pyr_metrics_add(&profile->metrics, profile->strings, metrics[i][0],
                                    metrics[i][1], &column, &err));
    }
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out, "events: Wall_ns Wall_ns_1 A_b __bytes A_b_4\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_what_is_written_is_read_again(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf out = exchange_fixture_write(format, profile);
    struct pyr_profile *back = exchange_fixture_read(format, out.data, out.len);
    assert_int_equal(exchange_fixture_value(back, "app.<module>", "wall"), 1000);
    assert_int_equal(exchange_fixture_value(back, "app.<module>", "calls"), 1);
    assert_int_equal(exchange_fixture_value(back, "app.<module>;builtins.len", "calls"), 5);
    assert_int_equal(
        exchange_fixture_value(back, "app.<module>;shop.Basket.add;list.append", "wall"), 40);
    pyr_profile_free(back);
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_profile_of_nothing_has_an_event_all_the_same(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out, "events: Calls\nsummary: 0\n");
    pyr_profile_free(exchange_fixture_read(format, out.data, out.len));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_hostile_names_are_written_and_read(void **state)
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
        cmocka_unit_test(test_functions_have_their_costs_and_calls),
        cmocka_unit_test(test_waiting_times_are_no_events),
        cmocka_unit_test(test_costs_are_on_their_lines),
        cmocka_unit_test(test_names_are_told_apart_and_never_blank),
        cmocka_unit_test(test_events_are_words_of_their_own),
        cmocka_unit_test(test_what_is_written_is_read_again),
        cmocka_unit_test(test_a_profile_of_nothing_has_an_event_all_the_same),
        cmocka_unit_test(test_hostile_names_are_written_and_read),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
