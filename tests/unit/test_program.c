/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/program.h"

#include <string.h>
#include <unistd.h>

#include "unit.h"

/* Words are separated by '|' here. */
static void assert_program(const char *line, enum pyr_program_is is, const char *name)
{
    char words[256];
    struct pyr_program program;
    const size_t len = strlen(line) + 1;
    memcpy(words, line, len);
    for (size_t i = 0; i < len; i++) {
        words[i] = words[i] == '|' ? '\0' : words[i];
    }
    pyr_program_parse(words, len, &program);
    assert_int_equal(program.is, is);
    assert_string_equal(program.name, name);
}

static void test_what_is_run_is_found_behind_the_options(void **state)
{
    (void)state;
    assert_program("python|app.py|-m|x", PYR_PROGRAM_IS_SCRIPT, "app.py");
    assert_program("/usr/bin/python3|-u|-W|ignore|app.py", PYR_PROGRAM_IS_SCRIPT, "app.py");
    assert_program("python|-Wignore|-Xdev|app.py", PYR_PROGRAM_IS_SCRIPT, "app.py");
    assert_program("python|-Im|shop.web|8080", PYR_PROGRAM_IS_MODULE, "shop.web");
    assert_program("python|-mshop", PYR_PROGRAM_IS_MODULE, "shop");
    assert_program("python|-c|print(1)|x", PYR_PROGRAM_IS_CODE, "");
    assert_program("python|--check-hash-based-pycs|always|app.py", PYR_PROGRAM_IS_SCRIPT, "app.py");
    assert_program("python", PYR_PROGRAM_IS_UNKNOWN, "");
    assert_program("python|-", PYR_PROGRAM_IS_UNKNOWN, "");
    assert_program("python|-m", PYR_PROGRAM_IS_UNKNOWN, "");
    assert_program("python|-X", PYR_PROGRAM_IS_UNKNOWN, "");
    assert_program("", PYR_PROGRAM_IS_UNKNOWN, "");
}

static void test_bytes_that_are_no_command_line_do_no_harm(void **state)
{
    (void)state;
    struct pyr_program program;
    char bytes[64];
    for (unsigned seed = 1; seed < 5000; seed++) {
        unsigned x = seed * 2654435761u;
        for (size_t i = 0; i < sizeof bytes; i++) {
            x = x * 1664525u + 1013904223u;
            bytes[i] = "\0-mcWX-a"[x >> 29];
        }
        pyr_program_parse(bytes, sizeof bytes, &program);
        pyr_program_parse(bytes, seed % sizeof bytes, &program);
    }
}

static void test_our_own_process_has_a_name(void **state)
{
    (void)state;
    struct pyr_program program;
    pyr_program_find((uint32_t)getpid(), &program);
    assert_string_equal(program.python, "test_program");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_run_is_found_behind_the_options),
        cmocka_unit_test(test_bytes_that_are_no_command_line_do_no_harm),
        cmocka_unit_test(test_our_own_process_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
