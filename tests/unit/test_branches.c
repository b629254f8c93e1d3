/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/branches.h"

#include "base/mem.h"
#include "report_fixture.h"
#include "unit.h"

#define MS 1000000

struct fixture {
    struct pyr_profile *profile;
    struct pyr_report_options options;
    struct pyr_view view;
    struct pyr_branches branches;
};

static void open_profile(struct fixture *f, struct pyr_profile *profile)
{
    struct pyr_err err = {0};
    f->profile = profile;
    assert_true(pyr_view_init(&f->view, profile, &f->options, &err));
    assert_true(pyr_branches_init(&f->branches, &f->view, &err));
}

static void close_profile(struct fixture *f)
{
    pyr_branches_release(&f->branches);
    pyr_view_release(&f->view);
    pyr_profile_free(f->profile);
}

/* Opens the first branch of `level`; that becomes the level below it. */
static struct pyr_branch_figures descend(struct fixture *f, struct pyr_branch_level *level,
                                         uint32_t index)
{
    struct pyr_branch_figures figures;
    struct pyr_err err = {0};
    const struct pyr_branch branch = f->branches.branches[level->first + index];
    assert_true(pyr_branches_open(&f->branches, branch, &figures, level, &err));
    return figures;
}

static void test_branches_come_largest_first(void **state)
{
    (void)state;
    struct fixture f = {.options = report_fixture_options()};
    struct pyr_branch_level level;
    struct pyr_err err = {0};
    open_profile(&f, report_fixture_new());
    assert_true(pyr_branches_open_root(&f.branches, &level, &err));
    assert_int_equal(level.end - level.first, 2);
    assert_int_equal(f.branches.branches[level.first].inclusive, 950 * MS);
    assert_int_equal(f.branches.branches[level.first + 1].inclusive, 50 * MS);
    close_profile(&f);
}

static void test_a_function_that_calls_itself_is_one_branch(void **state)
{
    (void)state;
    struct fixture f = {.options = report_fixture_options()};
    struct pyr_branch_level level;
    struct pyr_err err = {0};
    open_profile(&f, report_fixture_new());
    assert_true(pyr_branches_open_root(&f.branches, &level, &err));
    (void)descend(&f, &level, 0); /* <module> */
    (void)descend(&f, &level, 0); /* main */
    assert_int_equal(level.end - level.first, 2);
    assert_int_equal(f.branches.branches[level.first + 1].inclusive, 250 * MS);
    const struct pyr_branch_figures walk = descend(&f, &level, 1);
    assert_int_equal(walk.self, 250 * MS);
    assert_int_equal(walk.calls, 3);
    assert_int_equal(walk.recursion, 1);
    assert_int_equal(level.end - level.first, 0);
    close_profile(&f);
}

static void test_lines_of_a_function_are_joined(void **state)
{
    (void)state;
    struct fixture f = {.options = report_fixture_options()};
    struct pyr_branch_level level;
    struct pyr_err err = {0};
    open_profile(&f, report_fixture_sampled());
    assert_true(pyr_branches_open_root(&f.branches, &level, &err));
    (void)descend(&f, &level, 0);
    assert_int_equal(level.end - level.first, 1);
    assert_int_equal(f.branches.branches[level.first].count, 2);
    assert_int_equal(f.branches.branches[level.first].inclusive, 4);
    close_profile(&f);
}

static void test_filters_keep_what_leads_to_a_match(void **state)
{
    (void)state;
    struct fixture f = {.options = report_fixture_options()};
    struct pyr_branch_level level;
    struct pyr_err err = {0};
    f.options.match = "builtins\\.len";
    open_profile(&f, report_fixture_new());
    assert_true(pyr_branches_open_root(&f.branches, &level, &err));
    for (int depth = 0; depth < 4; depth++) {
        assert_int_equal(level.end - level.first, 1); /* <module>, main, price, len */
        (void)descend(&f, &level, 0);
    }
    assert_int_equal(level.end - level.first, 0);
    close_profile(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_branches_come_largest_first),
        cmocka_unit_test(test_a_function_that_calls_itself_is_one_branch),
        cmocka_unit_test(test_lines_of_a_function_are_joined),
        cmocka_unit_test(test_filters_keep_what_leads_to_a_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
