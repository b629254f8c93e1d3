/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/priority.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static void test_is_raised_where_permitted_and_ends_as_it_was(void **state)
{
    (void)state;
    struct pyr_priority priority;
    pyr_priority_begin(&priority);
    assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
    pyr_priority_raise(&priority);
    assert_int_equal(priority.is_raised, priority.may_rise);
    assert_int_equal(sched_getscheduler(0) & ~SCHED_RESET_ON_FORK,
                     priority.may_rise ? SCHED_FIFO : SCHED_OTHER);
    pyr_priority_lower(&priority);
    assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
    pyr_priority_raise(&priority);
    pyr_priority_end(&priority);
    assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

static void test_children_do_not_inherit_it(void **state)
{
    (void)state;
    struct pyr_priority priority;
    pyr_priority_begin(&priority);
    pyr_priority_raise(&priority);
    pid_t child = fork();
    if (child == 0) {
        _exit(sched_getscheduler(0) == SCHED_OTHER ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    pyr_priority_end(&priority);
}

static void test_a_policy_that_was_chosen_is_left_alone(void **state)
{
    (void)state;
    struct pyr_priority priority;
    const struct sched_param none = {0};
    assert_int_equal(sched_setscheduler(0, SCHED_BATCH, &none), 0);
    pyr_priority_begin(&priority);
    pyr_priority_raise(&priority);
    assert_int_equal(sched_getscheduler(0), SCHED_BATCH);
    pyr_priority_lower(&priority);
    pyr_priority_end(&priority);
    assert_int_equal(sched_getscheduler(0), SCHED_BATCH);
    assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &none), 0);
    priority = (struct pyr_priority){0};
    pyr_priority_end(&priority);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_raised_where_permitted_and_ends_as_it_was),
        cmocka_unit_test(test_children_do_not_inherit_it),
        cmocka_unit_test(test_a_policy_that_was_chosen_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
