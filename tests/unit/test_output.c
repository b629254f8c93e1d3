/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

static struct pyr_report_options describe(enum pyr_color_when when)
{
    struct pyr_report_options options = {0};
    const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    pyr_output_describe(fd, when, &options);
    close(fd);
    return options;
}

static int clean(void **state)
{
    (void)state;
    static const char *const names[] = {"COLUMNS", "NO_COLOR", "CLICOLOR_FORCE",
                                        "LC_ALL",  "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unsetenv(names[i]);
    }
    return 0;
}

static void test_what_is_no_terminal_has_no_colour_and_no_width(void **state)
{
    (void)clean(state);
    assert_false(describe(PYR_COLOR_AUTO).color);
    assert_true(describe(PYR_COLOR_ALWAYS).color);
    assert_int_equal(describe(PYR_COLOR_AUTO).width, 0);
}

static void test_the_environment_is_respected(void **state)
{
    (void)clean(state);
    setenv("CLICOLOR_FORCE", "1", 1);
    assert_true(describe(PYR_COLOR_AUTO).color);
    assert_false(describe(PYR_COLOR_NEVER).color);
    setenv("NO_COLOR", "1", 1);
    assert_false(describe(PYR_COLOR_AUTO).color);
    setenv("COLUMNS", "120", 1);
    assert_int_equal(describe(PYR_COLOR_AUTO).width, 120);
    setenv("COLUMNS", "5", 1);
    assert_int_equal(describe(PYR_COLOR_AUTO).width, 40);
    setenv("COLUMNS", "wide", 1);
    assert_int_equal(describe(PYR_COLOR_AUTO).width, 0);
    (void)clean(state);
}

static void test_only_a_locale_that_says_so_is_ascii(void **state)
{
    (void)clean(state);
    assert_false(describe(PYR_COLOR_AUTO).ascii);
    setenv("LANG", "de_DE.UTF-8", 1);
    assert_false(describe(PYR_COLOR_AUTO).ascii);
    setenv("LC_ALL", "C", 1);
    assert_true(describe(PYR_COLOR_AUTO).ascii);
    setenv("LC_ALL", "C.utf8", 1);
    assert_false(describe(PYR_COLOR_AUTO).ascii);
    (void)clean(state);
}

static void test_a_reader_that_went_away_is_no_error_but_a_full_disk_is(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_buf text = {0};
    int ends[2];
    pyr_buf_add_text(&text, "hello");
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_true(pyr_output_print_to(ends[1], "a pipe", &text, &err));
    close(ends[1]);
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    assert_false(pyr_output_print_to(full, "the disk", &text, &err));
    assert_non_null(strstr(err.message, "can't write to the disk"));
    close(full);
    pyr_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_terminal_has_no_colour_and_no_width),
        cmocka_unit_test(test_the_environment_is_respected),
        cmocka_unit_test(test_only_a_locale_that_says_so_is_ascii),
        cmocka_unit_test(test_a_reader_that_went_away_is_no_error_but_a_full_disk_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
