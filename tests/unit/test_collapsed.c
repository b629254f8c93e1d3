/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/collapsed.h"

#include <string.h>

#include "exchange_fixture.h"
#include "unit.h"

static const struct pyr_format *const format = &pyr_format_collapsed;

static struct pyr_profile *read_text(const char *text)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    if (!format->read((const uint8_t *)text, strlen(text), &profile, &err)) {
        fail_msg("%s", err.message);
    }
    return profile;
}

static void test_a_line_per_stack_has_the_thread_outermost(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_string_equal(out.data, "MainThread;app.<module> 1000\n"
                                  "MainThread;app.<module>;app.fib 200\n"
                                  "MainThread;app.<module>;app.fib;app.fib 800\n"
                                  "MainThread;app.<module>;builtins.len 50\n"
                                  "worker;app.<module>;shop.Basket.add 400\n"
                                  "worker;app.<module>;shop.Basket.add;list.append 40\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_what_is_read_is_written_again(void **state)
{
    (void)state;
    const char text[] = "a;b 3\na;b;c d 12\nz 1\n";
    struct pyr_profile *profile = exchange_fixture_read(format, text, strlen(text));
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_string_equal(out.data, text);
    assert_string_equal(pyr_meta_text(profile->meta, PYR_META_COLLECTOR), "import:collapsed");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_stacks_of_the_same_text_become_one_line(void **state)
{
    (void)state;
    struct pyr_profile *profile = read_text("f (a.py:1);g (a.py:2) 5\nf (a.py:9);g (b.py:2) 6\n");
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_string_equal(out.data, "f;g 11\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_places_are_taken_apart(void **state)
{
    (void)state;
    struct pyr_profile *profile = read_text("run job (src/a b.py:120) 5\nx (:1) 1\ny (a:b) 1\n");
    pyr_stack stack = {1};
    struct pyr_frame frame =
        pyr_frames_get(profile->frames, pyr_stacks_get(profile->stacks, stack).frame);
    const struct pyr_function *f = pyr_functions_get(profile->functions, frame.func);
    assert_int_equal(frame.line, 120);
    assert_string_equal(pyr_strtab_text(profile->strings, f->file), "src/a b.py");
    assert_int_equal(exchange_fixture_value(profile, "run job", "samples"), 5);
    assert_int_equal(exchange_fixture_value(profile, "x", "samples"), 1);
    assert_int_equal(exchange_fixture_value(profile, "y (a:b)", "samples"), 1);
    pyr_profile_free(profile);
}

static void test_counts_may_be_missing_or_have_a_fraction(void **state)
{
    (void)state;
    struct pyr_profile *profile =
        read_text("a;b\r\na;b 2.4\n\na;c\t2.5\nd 3.\n.5\ne 1.2.3\n;;;g;; 7\nv2\n 4\n");
    assert_int_equal(exchange_fixture_value(profile, "a;b", "samples"), 1 + 2);
    assert_int_equal(exchange_fixture_value(profile, "a;c", "samples"), 3);
    assert_int_equal(exchange_fixture_value(profile, "d", "samples"), 3);
    assert_int_equal(exchange_fixture_value(profile, ".5", "samples"), 1);
    assert_int_equal(exchange_fixture_value(profile, "g", "samples"), 7);
    assert_int_equal(exchange_fixture_value(profile, "v2", "samples"), 1);
    assert_int_equal(exchange_fixture_value(profile, "", "samples"), 4);
    pyr_profile_free(profile);
}

static void test_a_count_beyond_64_bits_is_refused_with_its_place(void **state)
{
    (void)state;
    const char text[] = "a 1\nb 9223372036854775808\n";
    exchange_fixture_refuses(format, text, strlen(text), "byte 4: the count does not fit");
}

static void test_only_text_with_counts_looks_like_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool fits;
    } cases[] = {{"a;b 1\n", true},    {"a 1", true}, {"a;b\n", false}, {"{\"a\": 1", false},
                 {"a\x01 1\n", false}, {"", false},   {"12\n", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(format->sniff((const uint8_t *)cases[i].text, strlen(cases[i].text)),
                         cases[i].fits);
    }
}

static void test_separators_in_names_are_replaced(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    uint32_t column = 0;
    pyr_func func = {0};
    pyr_stack stack = {0};
    const struct pyr_function_text text = {"a;b\nc\xff", "m\r", "", 0, PYR_FUNC_PYTHON};
    assert_true(
        pyr_metrics_add(&profile->metrics, profile->strings, "samples", "count", &column, &err));
    assert_true(pyr_profile_add_function(profile, &text, &func, &err));
    assert_true(pyr_profile_push(profile, stack, func, 0, &stack, &err));
    assert_true(pyr_values_add(profile->values, stack, (pyr_thread){0}, column, 2, &err));
    struct pyr_buf out = exchange_fixture_write(format, profile);
    assert_string_equal(out.data, "m .a:b c\xEF\xBF\xBD 2\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_what_is_not_above_zero_is_left_out(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new(), *empty = pyr_profile_new(&err);
    for (uint32_t i = 1; i <= 6; i++) {
        struct pyr_value_row row = pyr_values_get(profile->values, i);
        assert_true(pyr_values_add(profile->values, row.stack, row.thread, 1, -800, &err));
    }
    struct pyr_buf out = exchange_fixture_write(format, profile);
    struct pyr_buf nothing = exchange_fixture_write(format, empty);
    assert_string_equal(out.data, "MainThread;app.<module> 200\n");
    assert_string_equal(nothing.data, "");
    pyr_buf_release(&out);
    pyr_buf_release(&nothing);
    pyr_profile_free(profile);
    pyr_profile_free(empty);
}

static void test_hostile_names_are_written_and_read(void **state)
{
    (void)state;
    exchange_fixture_takes_hostile_names(format);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    const char text[] = "a;b (x.py:3) 3\na;c 12\n";
    exchange_fixture_writes_without_memory(format);
    exchange_fixture_reads_without_memory(format, text, strlen(text));
}

static void test_survives_damage(void **state)
{
    (void)state;
    const char text[] = "a;b (x.py:3) 3\na;c 12.5\n\nz\n";
    exchange_fixture_survives_damage(format, text, strlen(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_per_stack_has_the_thread_outermost),
        cmocka_unit_test(test_what_is_read_is_written_again),
        cmocka_unit_test(test_stacks_of_the_same_text_become_one_line),
        cmocka_unit_test(test_places_are_taken_apart),
        cmocka_unit_test(test_counts_may_be_missing_or_have_a_fraction),
        cmocka_unit_test(test_a_count_beyond_64_bits_is_refused_with_its_place),
        cmocka_unit_test(test_only_text_with_counts_looks_like_it),
        cmocka_unit_test(test_separators_in_names_are_replaced),
        cmocka_unit_test(test_what_is_not_above_zero_is_left_out),
        cmocka_unit_test(test_hostile_names_are_written_and_read),
        cmocka_unit_test(test_survives_every_failed_allocation),
        cmocka_unit_test(test_survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
