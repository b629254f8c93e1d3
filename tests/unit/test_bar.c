/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/bar.h"

#include "unit.h"

static void assert_bar(int64_t part, int64_t whole, bool ascii, const char *expected)
{
    struct pyr_buf out = {0};
    pyr_bar_add(part, whole, ascii, &out);
    assert_string_equal(out.data == NULL ? "" : out.data, expected);
    pyr_buf_release(&out);
}

static void test_bars_are_drawn_in_eighths(void **state)
{
    (void)state;
    assert_bar(100, 100, false, "██████████");
    assert_bar(50, 100, false, "█████");
    assert_bar(15, 100, false, "█▌");
    assert_bar(1, 100, false, "▏");
    assert_bar(0, 100, false, "");
    assert_bar(30, 100, true, "###");
}

static void test_bars_never_leave_their_room(void **state)
{
    (void)state;
    assert_bar(500, 100, true, "##########");
    assert_bar(-5, 100, true, "");
    assert_bar(5, 0, false, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bars_are_drawn_in_eighths),
        cmocka_unit_test(test_bars_never_leave_their_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
