/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/top_options.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define MAX_WORDS 16

/* A command line read; its words live as long as it. */
struct line {
    char text[200];
    char *argv[MAX_WORDS];
    struct pyr_top_settings settings;
    struct pyr_err err;
};

static bool read_line(struct line *line, const char *text)
{
    int argc = 0;
    char *rest = NULL;
    *line = (struct line){.err = {0}};
    snprintf(line->text, sizeof line->text, "%s", text);
    for (char *word = strtok_r(line->text, " ", &rest); word != NULL && argc < MAX_WORDS;
         word = strtok_r(NULL, " ", &rest)) {
        line->argv[argc++] = word;
    }
    return pyr_top_options_read(&line->settings, argc, line->argv, &line->err);
}

static void test_a_number_is_a_process_with_options_on_both_sides(void **state)
{
    (void)state;
    struct line line;
    assert_true(read_line(&line, "-r 50 123 --idle -s"));
    assert_int_equal(line.settings.top.pid, 123);
    assert_int_equal(line.settings.top.recorder.sampler.rate, 50);
    assert_true(line.settings.top.filter.idle);
    assert_true(line.settings.top.recorder.subprocesses);
    assert_false(line.settings.top.recorder.starting);
    assert_true(read_line(&line, "--pid 123"));
    assert_int_equal(line.settings.top.pid, 123);
    assert_int_equal(line.settings.top.recorder.sampler.rate, 100);
}

static void test_all_is_collected_whatever_is_shown_first(void **state)
{
    (void)state;
    struct line line;
    assert_true(read_line(&line, "123 --gil"));
    assert_true(line.settings.top.filter.gil);
    assert_true(line.settings.top.recorder.collect.idle);
    assert_false(line.settings.top.recorder.collect.gil);
    assert_false(line.settings.top.recorder.sampler.only_gil);
}

static void test_a_script_takes_all_that_follows(void **state)
{
    (void)state;
    struct line line;
    assert_true(read_line(&line, "-g /dev/null 1 --idle -- x"));
    assert_int_equal(line.settings.program.target, PYR_RECORD_SCRIPT);
    assert_string_equal(line.settings.program.program, "/dev/null");
    assert_int_equal(line.settings.program.argc, 4);
    assert_string_equal(line.settings.program.argv[1], "--idle");
    assert_false(line.settings.top.filter.idle);
    assert_true(line.settings.top.recorder.starting);
}

static void test_modules_code_and_commands_can_be_started(void **state)
{
    (void)state;
    struct line line;
    assert_true(read_line(&line, "-r 7 -m http.server --rate 8"));
    assert_int_equal(line.settings.program.target, PYR_RECORD_MODULE);
    assert_string_equal(line.settings.program.program, "http.server");
    assert_int_equal(line.settings.program.argc, 2);
    assert_int_equal(line.settings.top.recorder.sampler.rate, 7);
    assert_true(read_line(&line, "-c pass"));
    assert_int_equal(line.settings.program.target, PYR_RECORD_CODE);
    assert_true(read_line(&line, "-s -- uwsgi -p 3 -- x"));
    assert_int_equal(line.settings.program.target, PYR_RECORD_COMMAND);
    assert_string_equal(line.settings.program.program, "uwsgi");
    assert_int_equal(line.settings.program.argc, 4);
    assert_string_equal(line.settings.program.argv[2], "--");
    assert_true(read_line(&line, "-- 123"));
    assert_int_equal(line.settings.program.target, PYR_RECORD_COMMAND);
    assert_int_equal(line.settings.top.pid, 0);
}

static void test_blocking_and_not_blocking_are_modes(void **state)
{
    (void)state;
    struct line line;
    assert_true(read_line(&line, "1 --blocking"));
    assert_int_equal(line.settings.top.recorder.sampler.mode, PYR_SAMPLER_STOPPED);
    assert_true(read_line(&line, "1 --blocking --nonblocking"));
    assert_int_equal(line.settings.top.recorder.sampler.mode, PYR_SAMPLER_AUTO);
}

static void test_help_looks_at_nothing_else(void **state)
{
    (void)state;
    struct line line;
    assert_true(read_line(&line, "--help"));
    assert_true(line.settings.help);
    assert_true(read_line(&line, "1 --help"));
    assert_true(line.settings.help);
}

static void test_what_makes_no_sense_is_a_usage_error(void **state)
{
    (void)state;
    static const char *const lines[] = {"",          "--",          "0",          "--pid x",
                                        "1 2",       "1 x",         "-p 1 -- x",  "-p 1 -m x",
                                        "1 -r 0",    "1 -r 100001", "1 -r 1e3",   "1 --color blue",
                                        "1 --bogus", "-p 1 2",      "no_such.py", "99999999999"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct line line;
        if (read_line(&line, lines[i])) {
            fail_msg("'%s' was taken", lines[i]);
        }
        assert_int_equal(line.err.code, PYR_ERR_USAGE);
        assert_true(line.err.message[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_is_a_process_with_options_on_both_sides),
        cmocka_unit_test(test_all_is_collected_whatever_is_shown_first),
        cmocka_unit_test(test_a_script_takes_all_that_follows),
        cmocka_unit_test(test_modules_code_and_commands_can_be_started),
        cmocka_unit_test(test_blocking_and_not_blocking_are_modes),
        cmocka_unit_test(test_help_looks_at_nothing_else),
        cmocka_unit_test(test_what_makes_no_sense_is_a_usage_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
