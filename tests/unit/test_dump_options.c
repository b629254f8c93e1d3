/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump_options.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static bool read_line(struct pyr_dump_options *options, const char *line, struct pyr_err *err)
{
    static char text[256];
    static char *argv[16];
    int argc = 0;
    char *rest = NULL;
    (void)snprintf(text, sizeof(text), "%s", line);
    for (char *word = strtok_r(text, " ", &rest); word != NULL && argc < 16;
         word = strtok_r(NULL, " ", &rest)) {
        argv[argc++] = word;
    }
    *err = (struct pyr_err){0};
    return pyr_dump_options_read(options, argc, argv, err);
}

static void test_a_number_is_a_process_and_a_file_a_core(void **state)
{
    (void)state;
    struct pyr_dump_options options;
    struct pyr_err err;
    assert_true(read_line(&options, "1234", &err));
    assert_int_equal(options.pid, 1234);
    assert_null(options.core);
    assert_false(options.native || options.json || options.tasks || options.subprocesses ||
                 options.full_files || options.blocking || options.help || options.locals != 0);
    assert_true(read_line(&options, "-p 12", &err));
    assert_int_equal(options.pid, 12);
    assert_true(read_line(&options, "/dev/null --executable /bin/sh", &err));
    assert_int_equal(options.pid, 0);
    assert_string_equal(options.core, "/dev/null");
    assert_string_equal(options.executable, "/bin/sh");
    assert_true(read_line(&options, "--core 12", &err));
    assert_string_equal(options.core, "12");
}

static void test_options_are_taken_with_their_letters(void **state)
{
    (void)state;
    struct pyr_dump_options options;
    struct pyr_err err;
    assert_true(read_line(&options, "-ll -njs 1 --async --full-filenames --blocking", &err));
    assert_int_equal(options.locals, 2);
    assert_true(options.native && options.json && options.tasks && options.subprocesses &&
                options.full_files && options.blocking);
    assert_true(read_line(&options, "1 --locals --blocking --nonblocking", &err));
    assert_int_equal(options.locals, 1);
    assert_false(options.blocking);
    assert_true(read_line(&options, "--help", &err));
    assert_true(options.help);
}

static void test_what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",           "0",      "-p 0",      "4294967296",       "1x",      "/no/such/file",
        "1 2",        "-p 1 2", "-p 1 -c x", "1 --executable x", "-s -c x", "--what 1",
        "/dev/null 1"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct pyr_dump_options options;
        struct pyr_err err;
        assert_false(read_line(&options, lines[i], &err));
        assert_int_equal(err.code, PYR_ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_is_a_process_and_a_file_a_core),
        cmocka_unit_test(test_options_are_taken_with_their_letters),
        cmocka_unit_test(test_what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
