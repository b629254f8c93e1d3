/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <string.h>

#include "base/buf.h"
#include "unit.h"

enum { SORT = 1, FLAT, CALLERS, MODULE };

static const struct pyr_option first_table[] = {
    {"sort", 's', "COLUMN", false, false, SORT, PYR_VALUES_ANY, ""},
    {"flat", 'f', NULL, false, false, FLAT, PYR_VALUES_ANY, ""},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};
static const struct pyr_option second_table[] = {
    {"callers", 0, "FUNCTION", true, false, CALLERS, PYR_VALUES_ANY, ""},
    {"", 'm', "MODULE", false, true, MODULE, PYR_VALUES_ANY, ""},
    {NULL, 0, NULL, false, false, 0, PYR_VALUES_ANY, NULL},
};
static const struct pyr_option *const tables[] = {first_table, second_table, NULL};

static bool set(void *settings, int id, const char *value, struct pyr_err *err)
{
    (void)err;
    pyr_buf_addf(settings, "%d=%s;", id, value == NULL ? "-" : value);
    return true;
}

/* Parses up to 8 words; what was set and what is left must be as told. */
static void assert_parse(bool program, const char *const *words, const char *options,
                         const char *rest)
{
    char *argv[8];
    char copies[8][32];
    int argc = 0;
    struct pyr_buf found = {0};
    struct pyr_buf left = {0};
    struct pyr_option_words out;
    struct pyr_err err = {0};
    for (; words[argc] != NULL; argc++) {
        strncpy(copies[argc], words[argc], sizeof copies[argc] - 1);
        copies[argc][sizeof copies[argc] - 1] = '\0';
        argv[argc] = copies[argc];
    }
    pyr_buf_add(&found, "", 0);
    pyr_buf_add_text(&found, "|");
    pyr_buf_add_text(&left, "|");
    const struct pyr_option_reader reader = {tables, program, set, &found};
    assert_true(pyr_options_parse(&reader, argc, argv, &out, &err));
    for (int i = 0; i < out.argc; i++) {
        pyr_buf_addf(&left, "%s|", out.argv[i]);
    }
    assert_string_equal(found.data + 1, options);
    assert_string_equal(left.data, rest);
    pyr_buf_release(&found);
    pyr_buf_release(&left);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_reads_long_and_short_forms(void **state)
{
    (void)state;
    assert_parse(false, WORDS("--sort", "self", "x"), "1=self;", "|x|");
    assert_parse(false, WORDS("--sort=self"), "1=self;", "|");
    assert_parse(false, WORDS("--sort="), "1=;", "|");
    assert_parse(false, WORDS("-s", "self", "-f"), "1=self;2=-;", "|");
    assert_parse(false, WORDS("-sself"), "1=self;", "|");
    assert_parse(false, WORDS("-fsself"), "2=-;1=self;", "|");
    assert_parse(false, WORDS("--sort", "--flat"), "1=--flat;", "|");
}

static void test_an_optional_value_needs_the_equals_sign(void **state)
{
    (void)state;
    assert_parse(false, WORDS("--callers", "x"), "3=-;", "|x|");
    assert_parse(false, WORDS("--callers=x"), "3=x;", "|");
}

static void test_options_may_stand_anywhere_up_to_two_dashes(void **state)
{
    (void)state;
    assert_parse(false, WORDS("a", "-f", "b", "--", "-f"), "2=-;", "|a|b|-f|");
    assert_parse(false, WORDS("-", "-f"), "2=-;", "|-|");
}

static void test_the_words_of_a_program_are_left_alone(void **state)
{
    (void)state;
    assert_parse(true, WORDS("-f", "x.py", "-f", "--", "y"), "2=-;", "|x.py|-f|--|y|");
    assert_parse(true, WORDS("-m", "mod", "-f", "y"), "4=mod;", "|-f|y|");
    assert_parse(true, WORDS("-mmod", "--help"), "4=mod;", "|--help|");
    assert_parse(true, WORDS("--", "x.py", "-f"), "", "|x.py|-f|");
}

static void test_help_stops_the_reading(void **state)
{
    (void)state;
    char first[] = "-h";
    char second[] = "--nonsense";
    char *argv[] = {first, second};
    struct pyr_option_words words;
    struct pyr_err err = {0};
    const struct pyr_option_reader reader = {tables, false, set, NULL};
    assert_true(pyr_options_parse(&reader, 2, argv, &words, &err));
    assert_true(words.help);
}

static void assert_refused(const char *word, const char *message)
{
    char copy[32];
    char *argv[] = {copy};
    struct pyr_option_words words;
    struct pyr_err err = {0};
    strncpy(copy, word, sizeof copy - 1);
    copy[sizeof copy - 1] = '\0';
    const struct pyr_option_reader reader = {tables, false, set, NULL};
    assert_false(pyr_options_parse(&reader, 1, argv, &words, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_string_equal(err.message, message);
}

static void test_mistakes_name_the_nearest_option(void **state)
{
    (void)state;
    assert_refused("--falt", "no option '--falt'; did you mean '--flat'?");
    assert_refused("--call", "no option '--call'; did you mean '--callers'?");
    assert_refused("--xyzzy=3", "no option '--xyzzy'; --help lists them");
    assert_refused("-x", "no option '-x'; --help lists them");
    assert_refused("--sort", "--sort needs a value: --sort COLUMN");
    assert_refused("-s", "-s needs a value: -s COLUMN");
    assert_refused("--flat=1", "--flat takes no value");
    assert_refused("--=1", "no option '--'; --help lists them");
}

static void test_numbers_and_shares_are_checked(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    uint32_t number = 7;
    double share = 0;
    assert_true(pyr_option_number("n", "0", 0, &number, &err));
    assert_int_equal(number, 0);
    assert_true(pyr_option_number("n", "4294967295", 0, &number, &err));
    assert_false(pyr_option_number("n", "4294967296", 0, &number, &err));
    assert_false(pyr_option_number("n", "0", 1, &number, &err));
    assert_false(pyr_option_number("n", "+1", 0, &number, &err));
    assert_false(pyr_option_number("n", "", 0, &number, &err));
    assert_true(pyr_option_percent("p", "2.5%", &share, &err));
    assert_true(share > 0.0249 && share < 0.0251);
    assert_false(pyr_option_percent("p", "nan", &share, &err));
    assert_false(pyr_option_percent("p", "101", &share, &err));
    assert_false(pyr_option_percent("p", "1x", &share, &err));
}

static void assert_duration(const char *value, uint64_t expected)
{
    struct pyr_err err = {0};
    uint64_t ns = 0;
    assert_true(pyr_option_duration("t", value, &ns, &err));
    assert_int_equal(ns, expected);
}

static void test_durations_need_a_unit(void **state)
{
    (void)state;
    static const char *const bad[] = {"100",  "us",   "",       "-1us", "nanms",
                                      "1 hs", "1us2", "1e300s", "infs", "1m"};
    assert_duration("100us", 100000);
    assert_duration("100 µs", 100000);
    assert_duration("1.5ms", 1500000);
    assert_duration("7ns", 7);
    assert_duration("2s", 2000000000);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pyr_err err = {0};
        uint64_t ns = 0;
        assert_false(pyr_option_duration("min-duration", bad[i], &ns, &err));
        assert_int_equal(err.code, PYR_ERR_USAGE);
        assert_non_null(strstr(err.message, "--min-duration takes a time with its unit"));
    }
}

static void test_word_distance_counts_edits(void **state)
{
    (void)state;
    assert_int_equal(pyr_word_distance("trace", "trace"), 0);
    assert_int_equal(pyr_word_distance("tarce", "trace"), 1);
    assert_int_equal(pyr_word_distance("trac", "trace"), 1);
    assert_int_equal(pyr_word_distance("", "abc"), 3);
    assert_int_equal(pyr_word_distance("diff", "trace"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_long_and_short_forms),
        cmocka_unit_test(test_an_optional_value_needs_the_equals_sign),
        cmocka_unit_test(test_options_may_stand_anywhere_up_to_two_dashes),
        cmocka_unit_test(test_the_words_of_a_program_are_left_alone),
        cmocka_unit_test(test_help_stops_the_reading),
        cmocka_unit_test(test_mistakes_name_the_nearest_option),
        cmocka_unit_test(test_numbers_and_shares_are_checked),
        cmocka_unit_test(test_durations_need_a_unit),
        cmocka_unit_test(test_word_distance_counts_edits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
