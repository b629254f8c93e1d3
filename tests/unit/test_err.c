/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static void test_setting_gives_false_and_the_message(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    assert_false(pyr_err_set(&err, PYR_ERR_USAGE, "no such option: %s", "--fast"));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_string_equal(err.message, "no such option: --fast");
}

static void test_a_prefix_comes_before_the_message(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    pyr_err_set(&err, PYR_ERR_FORMAT, "cut short");
    assert_false(pyr_err_prefix(&err, "%s: byte %d", "a.pyro", 12));
    assert_int_equal(err.code, PYR_ERR_FORMAT);
    assert_string_equal(err.message, "a.pyro: byte 12: cut short");
}

static void test_a_long_message_is_cut_at_a_whole_character(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    /* The message holds 255 bytes: each length puts the cut elsewhere in a character. */
    for (int lead = 0; lead < 4; lead++) {
        char text[400];
        memset(text, 'a', (size_t)lead);
        size_t len = (size_t)lead;
        while (len + 4 < sizeof text) {
            memcpy(text + len, "\xF0\x9F\x94\xA5", 4);
            len += 4;
        }
        text[len] = '\0';
        pyr_err_set(&err, PYR_ERR_IO, "%s", text);
        assert_int_equal((strlen(err.message) - (size_t)lead) % 4, 0);
        assert_in_range(strlen(err.message), 252, 255);
        assert_memory_equal(err.message, text, strlen(err.message));
    }
}

static void test_the_cause_survives_a_long_prefix(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    char path[1000];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    pyr_err_set(&err, PYR_ERR_FORMAT, "cut short");
    pyr_err_prefix(&err, "%s", path);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_string_equal(err.message + strlen(err.message) - 11, ": cut short");

    pyr_err_errno(&err, ENOSPC, "%s", path);
    assert_non_null(strstr(err.message, strerror(ENOSPC)));
}

static void test_the_message_may_be_its_own_argument(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    pyr_err_set(&err, PYR_ERR_IO, "inner");
    pyr_err_set(&err, PYR_ERR_LIMIT, "outer (%s)", err.message);
    assert_string_equal(err.message, "outer (inner)");
}

static void test_system_errors_get_the_code_that_callers_branch_on(void **state)
{
    (void)state;
    static const struct {
        int errnum;
        enum pyr_err_code code;
    } cases[] = {
        {ENOMEM, PYR_ERR_NOMEM}, {EACCES, PYR_ERR_PERMISSION}, {EPERM, PYR_ERR_PERMISSION},
        {ENOENT, PYR_ERR_GONE},  {ESRCH, PYR_ERR_GONE},        {ENOSPC, PYR_ERR_IO},
        {EISDIR, PYR_ERR_IO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pyr_err err = {0};
        assert_false(pyr_err_errno(&err, cases[i].errnum, "f%d", 1));
        assert_int_equal(err.code, cases[i].code);
        assert_memory_equal(err.message, "f1: ", 4);
        assert_string_equal(err.message + 4, strerror(cases[i].errnum));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_setting_gives_false_and_the_message),
        cmocka_unit_test(test_a_prefix_comes_before_the_message),
        cmocka_unit_test(test_a_long_message_is_cut_at_a_whole_character),
        cmocka_unit_test(test_the_cause_survives_a_long_prefix),
        cmocka_unit_test(test_the_message_may_be_its_own_argument),
        cmocka_unit_test(test_system_errors_get_the_code_that_callers_branch_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
