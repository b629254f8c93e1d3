/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/diff.h"

#include <string.h>

#include "base/mem.h"
#include "report_fixture.h"
#include "reports/diff_rows.h"
#include "unit.h"

#define MS 1000000

/* One function of its own per entry, called by nobody. */
struct entry {
    const char *name;
    const char *file;
    uint32_t line;
    int64_t calls;
    int64_t ms;
};

static struct pyr_profile *make(const struct entry *entries, size_t count)
{
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    uint32_t column;
    assert_true(pyr_metrics_add(&p->metrics, p->strings, "calls", PYR_UNIT_COUNT, &column, &err));
    assert_true(pyr_metrics_add(&p->metrics, p->strings, "wall", PYR_UNIT_NS, &column, &err));
    for (size_t i = 0; i < count; i++) {
        const struct pyr_function_text text = {entries[i].name, "shop", entries[i].file,
                                               entries[i].line, PYR_FUNC_PYTHON};
        const int64_t v[] = {entries[i].calls, entries[i].ms * MS};
        pyr_func func;
        pyr_stack stack;
        assert_true(pyr_profile_add_function(p, &text, &func, &err));
        assert_true(pyr_profile_push(p, (pyr_stack){0}, func, 0, &stack, &err));
        assert_true(pyr_values_set(p->values, stack, (pyr_thread){0}, v, 2, &err));
    }
    return p;
}

static const struct entry old_shop[] = {{"price", "shop.py", 20, 10, 600},
                                        {"walk", "shop.py", 10, 3, 100},
                                        {"tax", "shop.py", 5, 7, 30}};
static const struct entry new_shop[] = {{"price", "shop.py", 25, 4, 200},
                                        {"walk", "shop.py", 15, 3, 110},
                                        {"ship", "shop.py", 1, 1, 50}};

static void test_functions_are_joined_though_their_lines_moved(void **state)
{
    (void)state;
    struct pyr_profile *a = make(old_shop, 3);
    struct pyr_profile *b = make(new_shop, 3);
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    assert_true(pyr_diff_render(a, b, &options, &out, &err));
    assert_true(report_fixture_has_line(out.data, "−400 ms|−66.7 %|600 ms|200 ms|10 → 4|price"));
    assert_true(report_fixture_has_line(out.data, "+10.0 ms|+10.0 %|100 ms|110 ms|3|walk"));
    assert_true(report_fixture_has_line(out.data, "+50.0 ms|new|50.0 ms|0 → 1|ship"));
    assert_true(report_fixture_has_line(out.data, "−30.0 ms|gone|30.0 ms|7 → 0|tax"));
    assert_true(report_fixture_has_line(out.data, "self, all functions|730 ms|360 ms|−370 ms"));
    assert_true(report_fixture_has_line(out.data, "calls|20|8|−12|−60.0 %"));
    pyr_buf_release(&out);
    pyr_profile_free(a);
    pyr_profile_free(b);
}

static void test_the_largest_change_comes_first(void **state)
{
    (void)state;
    struct pyr_profile *a = make(old_shop, 3);
    struct pyr_profile *b = make(new_shop, 3);
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_diff diff = {{0}, {0}, NULL, 0, 0};
    struct pyr_err err = {0};
    assert_true(pyr_view_init(&diff.before, a, &options, &err));
    assert_true(pyr_view_init(&diff.after, b, &options, &err));
    assert_true(pyr_diff_join(&diff, &err));
    assert_int_equal(diff.count, 4);
    static const int64_t changes[] = {-400, 50, -30, 10};
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(diff.rows[i].self_after - diff.rows[i].self_before, changes[i] * MS);
    }
    pyr_diff_release(&diff);
    pyr_profile_free(a);
    pyr_profile_free(b);
}

static void test_another_checkout_is_no_stranger_unless_names_are_ambiguous(void **state)
{
    (void)state;
    static const struct entry here[] = {{"price", "/a/shop.py", 1, 1, 10},
                                        {"run", "/a/x.py", 1, 1, 5},
                                        {"run", "/a/y.py", 1, 1, 5}};
    static const struct entry there[] = {{"price", "/b/shop.py", 1, 1, 12},
                                         {"run", "/b/x.py", 1, 1, 5}};
    struct pyr_profile *a = make(here, 3);
    struct pyr_profile *b = make(there, 2);
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    assert_true(pyr_diff_render(a, b, &options, &out, &err));
    assert_true(report_fixture_has_line(out.data, "+2.00 ms|+20.0 %|price|/b/shop.py:1"));
    assert_true(report_fixture_has_line(out.data, "new|run|/b/x.py:1"));
    assert_true(report_fixture_has_line(out.data, "gone|run|/a/y.py:1"));
    pyr_buf_release(&out);
    pyr_profile_free(a);
    pyr_profile_free(b);
}

static void test_time_and_samples_are_not_compared(void **state)
{
    (void)state;
    struct pyr_profile *a = make(old_shop, 3);
    struct pyr_profile *b = report_fixture_sampled();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    assert_false(pyr_diff_render(a, b, &options, &out, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    pyr_buf_release(&out);
    pyr_profile_free(a);
    pyr_profile_free(b);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_profile *a = make(old_shop, 3);
    struct pyr_profile *b = make(new_shop, 3);
    const struct pyr_report_options options = report_fixture_options();
    bool ok = false;
    for (long nth = 0; !ok; nth++) {
        struct pyr_buf out = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        ok = pyr_diff_render(a, b, &options, &out, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, ok ? PYR_OK : PYR_ERR_NOMEM);
        pyr_buf_release(&out);
    }
    pyr_profile_free(a);
    pyr_profile_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_are_joined_though_their_lines_moved),
        cmocka_unit_test(test_the_largest_change_comes_first),
        cmocka_unit_test(test_another_checkout_is_no_stranger_unless_names_are_ambiguous),
        cmocka_unit_test(test_time_and_samples_are_not_compared),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
