/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/speedscope.h"

#include <string.h>

#include "exchange_fixture.h"
#include "unit.h"

static const struct pyr_format *const format = &pyr_format_speedscope;

static void assert_has(const struct pyr_buf *out, const char *text)
{
    if (strstr(out->data, text) == NULL) {
        fail_msg("%s\nhas no %s", out->data, text);
    }
}

static void test_each_thread_is_a_sampled_profile_over_shared_frames(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out, "\"frames\":[{\"name\":\"app.<module>\",\"file\":\"app.py\",\"line\":1},");
    assert_has(&out, "{\"name\":\"builtins.len\"}");
    assert_has(&out, "\"type\":\"sampled\",\"name\":\"MainThread\",\"unit\":\"nanoseconds\","
                     "\"samples\":[[0],[0,1],[0,1,1],[0,2]],\"weights\":[1000,200,800,50],"
                     "\"startValue\":0,\"endValue\":2050}");
    assert_has(&out, "\"name\":\"worker\",\"unit\":\"nanoseconds\",\"samples\":[[0,3],[0,3,4]]");
    assert_has(&out, "\"name\":\"app.py --fast\"");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_timeline_is_written_in_order_of_time(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    exchange_fixture_add_timeline(profile);
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out, "\"samples\":[[0,1],[0,1,1],[0,2]],\"weights\":[50,30,20]");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_what_is_written_is_read_again(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf out = exchange_fixture_write(format, profile);
    struct pyr_profile *back = exchange_fixture_read(format, out.data, out.len);
    assert_int_equal(pyr_threads_count(back->threads), 2);
    assert_int_equal(exchange_fixture_value(back, "app.<module>;app.fib;app.fib", "wall"), 800);
    assert_int_equal(exchange_fixture_value(back, "app.<module>;shop.Basket.add", "wall"), 400);
    pyr_profile_free(back);
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_profile_of_nothing_has_one_empty_profile(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_has(&out, "\"unit\":\"none\",\"samples\":[],\"weights\":[]");
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
        cmocka_unit_test(test_each_thread_is_a_sampled_profile_over_shared_frames),
        cmocka_unit_test(test_a_timeline_is_written_in_order_of_time),
        cmocka_unit_test(test_what_is_written_is_read_again),
        cmocka_unit_test(test_a_profile_of_nothing_has_one_empty_profile),
        cmocka_unit_test(test_hostile_names_are_written_and_read),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
