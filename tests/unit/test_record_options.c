/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_options.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static bool read_line(struct pyr_record_options *options, char *line, char **argv,
                      struct pyr_err *err)
{
    int argc = 0;
    char *rest = NULL;
    for (char *word = strtok_r(line, " ", &rest); word != NULL && argc < 24;
         word = strtok_r(NULL, " ", &rest)) {
        argv[argc++] = word;
    }
    return pyr_record_options_read(options, argc, argv, err);
}

#define READ(options, text)                                                                        \
    struct pyr_err err = {0};                                                                      \
    char line[] = text;                                                                            \
    char *argv[24];                                                                                \
    assert_true(read_line(&(options), line, argv, &err))

static void test_a_number_is_a_process_and_options_may_follow(void **state)
{
    (void)state;
    struct pyr_record_options options;
    READ(options, "-r 250 1234 -d 30 --idle");
    assert_int_equal(options.target, PYR_RECORD_PID);
    assert_int_equal(options.pid, 1234);
    assert_int_equal(options.recorder.sampler.rate, 250);
    assert_true(options.duration_ns == 30000000000u);
    assert_true(options.recorder.collect.idle);
    assert_false(options.recorder.starting);
}

static void test_defaults_are_a_hundred_hertz_until_the_end(void **state)
{
    (void)state;
    struct pyr_record_options options;
    READ(options, "--pid 1");
    assert_int_equal(options.recorder.sampler.rate, 100);
    assert_int_equal(options.recorder.sampler.mode, PYR_SAMPLER_AUTO);
    assert_true(options.duration_ns == 0 && options.every_ns == 0);
    assert_false(options.recorder.subprocesses || options.recorder.collect.idle);
}

static void test_a_script_keeps_its_own_words(void **state)
{
    (void)state;
    struct pyr_record_options options;
    READ(options, "-r 10 /dev/null -d x -- y");
    assert_int_equal(options.target, PYR_RECORD_SCRIPT);
    assert_string_equal(options.program, "/dev/null");
    assert_int_equal(options.argc, 4);
    assert_string_equal(options.argv[0], "-d");
    assert_string_equal(options.argv[2], "--");
    assert_true(options.recorder.starting);
}

static void test_a_module_and_a_command_are_told_apart(void **state)
{
    (void)state;
    struct pyr_record_options options;
    {
        READ(options, "-s -m shop.web -- -p 80");
        assert_int_equal(options.target, PYR_RECORD_MODULE);
        assert_string_equal(options.program, "shop.web");
        assert_int_equal(options.argc, 3);
        assert_true(options.recorder.subprocesses && options.recorder.collect.processes);
    }
    {
        READ(options, "-g -- sh -c x");
        assert_int_equal(options.target, PYR_RECORD_COMMAND);
        assert_string_equal(options.program, "sh");
        assert_int_equal(options.argc, 2);
        assert_true(options.recorder.collect.gil && options.recorder.sampler.only_gil);
    }
}

static void test_the_words_of_py_spy_mean_the_same(void **state)
{
    (void)state;
    struct pyr_record_options options;
    READ(options, "-p 5 -o x.svg -f svg -r 20 -d 5 -s -F --nolineno -t -g --full-filenames "
                  "--nonblocking");
    assert_int_equal(options.pid, 5);
    assert_true(options.recorder.collect.functions && options.recorder.collect.no_lines);
    assert_true(options.recorder.collect.threads && options.recorder.collect.full_files);
    assert_int_equal(options.recorder.sampler.mode, PYR_SAMPLER_AUTO);
}

static void test_rates_and_modes_can_be_said_in_other_ways(void **state)
{
    (void)state;
    struct pyr_record_options options;
    READ(options, "--interval 2ms --blocking --keep-last 2m --trigger-cpu 250% 7");
    assert_int_equal(options.recorder.sampler.rate, 500);
    assert_int_equal(options.recorder.sampler.mode, PYR_SAMPLER_STOPPED);
    assert_true(options.recorder.keep_last_ns == 120000000000u);
    assert_true(options.trigger_cpu > 2.49 && options.trigger_cpu < 2.51);
}

static void test_what_makes_no_sense_is_a_usage_error(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "0",
        "-r 0 1",
        "-r 1000000000 1",
        "-r ten 1",
        "-d 0 1",
        "-d -5 1",
        "--interval 2s 1",
        "--interval 0ms 1",
        "--mode thawed 1",
        "--every 5s --keep-last 5s 1",
        "--native --nonblocking 1",
        "--trigger-cpu 50 1",
        "--trigger-cpu x --keep-last 5 1",
        "-f nonsense 1",
        "-o x.nonsense 1",
        "1 /dev/null",
        "-p 1 /dev/null",
        "-p 1 -m shop",
        "-p 1 -- sh",
        "-p x",
        "--",
        "/no/such/script.py",
        "--gil --idle 1",
        "--report nonsense 1",
        "--sort nonsense 1",
        "--node-limit 0 1",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct pyr_record_options options;
        struct pyr_err err = {0};
        char line[96];
        char *argv[24];
        (void)snprintf(line, sizeof line, "%s", lines[i]);
        if (read_line(&options, line, argv, &err)) {
            fail_msg("'%s' was accepted", lines[i]);
        }
        assert_int_equal(err.code, PYR_ERR_USAGE);
    }
}

static void test_help_is_asked_for_before_all_else(void **state)
{
    (void)state;
    struct pyr_record_options options;
    READ(options, "--help");
    assert_true(options.help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_is_a_process_and_options_may_follow),
        cmocka_unit_test(test_defaults_are_a_hundred_hertz_until_the_end),
        cmocka_unit_test(test_a_script_keeps_its_own_words),
        cmocka_unit_test(test_a_module_and_a_command_are_told_apart),
        cmocka_unit_test(test_the_words_of_py_spy_mean_the_same),
        cmocka_unit_test(test_rates_and_modes_can_be_said_in_other_ways),
        cmocka_unit_test(test_what_makes_no_sense_is_a_usage_error),
        cmocka_unit_test(test_help_is_asked_for_before_all_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
