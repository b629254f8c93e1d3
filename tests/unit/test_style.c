/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/style.h"

#include "unit.h"

static void test_heat_follows_the_share(void **state)
{
    (void)state;
    assert_int_equal(pyr_style_heat(50, 100), PYR_STYLE_HOT);
    assert_int_equal(pyr_style_heat(15, 100), PYR_STYLE_WARM);
    assert_int_equal(pyr_style_heat(3, 100), PYR_STYLE_MILD);
    assert_int_equal(pyr_style_heat(1, 100), PYR_STYLE_COLD);
    assert_int_equal(pyr_style_heat(1, 0), PYR_STYLE_COLD);
}

static void test_without_colour_no_escape_code_is_written(void **state)
{
    (void)state;
    struct pyr_buf out = {0};
    for (int style = PYR_STYLE_PLAIN; style <= PYR_STYLE_COLD; style++) {
        pyr_style_add(&out, (enum pyr_style)style, false, "x");
    }
    assert_string_equal(out.data, "xxxxxxxxxxx");
    pyr_buf_clear(&out);
    pyr_style_add(&out, PYR_STYLE_HOT, true, "x");
    assert_string_equal(out.data, "\x1b[1;31mx\x1b[0m");
    pyr_buf_clear(&out);
    pyr_style_add(&out, PYR_STYLE_PLAIN, true, "x");
    assert_string_equal(out.data, "x");
    pyr_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heat_follows_the_share),
        cmocka_unit_test(test_without_colour_no_escape_code_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
