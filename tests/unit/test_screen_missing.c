/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tui/screen.h"
#include "unit.h"

static void test_without_curses_what_is_missing_is_named(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    assert_false(pyr_screen_check(&err));
    assert_int_equal(err.code, PYR_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "libncurses-dev"));
    assert_null(pyr_screen_open(true, &err));
}

static void test_what_was_never_opened_can_be_asked_and_closed(void **state)
{
    (void)state;
    uint32_t columns = 1;
    uint32_t rows = 1;
    pyr_screen_size(NULL, &columns, &rows);
    assert_int_equal(columns + rows, 0);
    pyr_screen_show(NULL, NULL);
    assert_true(pyr_screen_wait(NULL, 0).gone); /* so that nobody waits for a key */
    assert_true(pyr_screen_is_ascii(NULL));
    pyr_screen_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_curses_what_is_missing_is_named),
        cmocka_unit_test(test_what_was_never_opened_can_be_asked_and_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
