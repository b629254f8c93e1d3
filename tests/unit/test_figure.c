/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/figure.h"

#include "model/metrics.h"
#include "unit.h"

static void test_durations_have_three_digits_and_a_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "0 s"},
        {1, "1 ns"},
        {999, "999 ns"},
        {1000, "1.00 µs"},
        {9994, "9.99 µs"},
        {9995, "10.0 µs"},
        {99949, "99.9 µs"},
        {99950, "100 µs"},
        {999499, "999 µs"},
        {999500, "1.00 ms"},
        {1234567, "1.23 ms"},
        {999500000, "1.00 s"},
        {59900000000, "59.9 s"},
        {1234567000000, "1,235 s"},
        {-1234567, "−1.23 ms"},
        {INT64_MAX, "9,223,372,037 s"},
        {INT64_MIN, "−9,223,372,037 s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(pyr_figure_duration(cases[i].ns).text, cases[i].text);
    }
}

static void test_counts_keep_all_digits_in_groups(void **state)
{
    (void)state;
    assert_string_equal(pyr_figure_count(0).text, "0");
    assert_string_equal(pyr_figure_count(999).text, "999");
    assert_string_equal(pyr_figure_count(4211030).text, "4,211,030");
    assert_string_equal(pyr_figure_count(-1000).text, "−1,000");
    assert_string_equal(pyr_figure_count(INT64_MIN).text, "−9,223,372,036,854,775,808");
}

static void test_bytes_use_binary_units(void **state)
{
    (void)state;
    assert_string_equal(pyr_figure_bytes(1023).text, "1023 B");
    assert_string_equal(pyr_figure_bytes(1536).text, "1.50 KiB");
    assert_string_equal(pyr_figure_bytes(3 << 20).text, "3.00 MiB");
}

static void test_shares_never_show_a_little_as_nothing(void **state)
{
    (void)state;
    assert_string_equal(pyr_figure_share(1, 3).text, "33.3 %");
    assert_string_equal(pyr_figure_share(1000, 1000).text, "100 %");
    assert_string_equal(pyr_figure_share(0, 1000).text, "0.0 %");
    assert_string_equal(pyr_figure_share(1, 100000).text, "<0.1 %");
    assert_string_equal(pyr_figure_share(-1, 4).text, "−25.0 %");
    assert_string_equal(pyr_figure_share(5, 0).text, "–");
}

static void test_changes_carry_their_sign(void **state)
{
    (void)state;
    assert_string_equal(pyr_figure_change(PYR_UNIT_NS, 1500).text, "+1.50 µs");
    assert_string_equal(pyr_figure_change(PYR_UNIT_COUNT, -5).text, "−5");
    assert_string_equal(pyr_figure_change("parsecs", 7).text, "+7");
}

static void test_ratios_turn_from_percent_to_times_at_two(void **state)
{
    (void)state;
    assert_string_equal(pyr_figure_ratio(100, 100).text, "=");
    assert_string_equal(pyr_figure_ratio(0, 5).text, "new");
    assert_string_equal(pyr_figure_ratio(5, 0).text, "gone");
    assert_string_equal(pyr_figure_ratio(200, 150).text, "−25.0 %");
    assert_string_equal(pyr_figure_ratio(100, 199).text, "+99.0 %");
    assert_string_equal(pyr_figure_ratio(100, 200).text, "×2.00");
    assert_string_equal(pyr_figure_ratio(10, 125).text, "×12.5");
    assert_string_equal(pyr_figure_ratio(1, 5000).text, "×5000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations_have_three_digits_and_a_unit),
        cmocka_unit_test(test_counts_keep_all_digits_in_groups),
        cmocka_unit_test(test_bytes_use_binary_units),
        cmocka_unit_test(test_shares_never_show_a_little_as_nothing),
        cmocka_unit_test(test_changes_carry_their_sign),
        cmocka_unit_test(test_ratios_turn_from_percent_to_times_at_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
