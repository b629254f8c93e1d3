/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/home.h"

#include "unit.h"

static void test_goes_only_where_it_may_and_comes_back(void **state)
{
    (void)state;
    struct pyr_home home;
    struct pyr_home now;
    pyr_home_read(&home);
    assert_true(home.count > 0);
    uint32_t visited = 0;
    for (uint32_t cpu = 0; cpu < PYR_HOME_MAX_CPUS; cpu++) {
        bool went = pyr_home_go(&home, cpu);
        assert_int_equal(went, pyr_home_has(&home, cpu));
        visited += went;
        assert_true(!went || pyr_home_cpu() == cpu);
    }
    assert_int_equal(visited, home.count);
    pyr_home_return(&home);
    pyr_home_read(&now);
    assert_memory_equal(&home, &now, sizeof(home));
}

static void test_goes_away_if_there_is_elsewhere(void **state)
{
    (void)state;
    struct pyr_home home;
    pyr_home_read(&home);
    uint32_t here = pyr_home_cpu();
    assert_true(pyr_home_go(&home, here));
    bool left = pyr_home_avoid(&home, here);
    assert_int_equal(left, home.count > 1);
    assert_true(!left || pyr_home_cpu() != here);
    pyr_home_return(&home);
    assert_false(pyr_home_has(&home, PYR_HOME_MAX_CPUS));
    assert_false(pyr_home_has(&home, UINT32_MAX));
}

static void test_a_home_that_is_not_known_changes_nothing(void **state)
{
    (void)state;
    struct pyr_home before;
    struct pyr_home after;
    const struct pyr_home unknown = {0};
    pyr_home_read(&before);
    assert_false(pyr_home_go(&unknown, pyr_home_cpu()));
    assert_false(pyr_home_avoid(&unknown, pyr_home_cpu()));
    pyr_home_return(&unknown);
    pyr_home_read(&after);
    assert_memory_equal(&before, &after, sizeof(before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goes_only_where_it_may_and_comes_back),
        cmocka_unit_test(test_goes_away_if_there_is_elsewhere),
        cmocka_unit_test(test_a_home_that_is_not_known_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
