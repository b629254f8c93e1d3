/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/bracket.h"

#include <string.h>

#include "unit.h"

#define A 0x1000
#define B 0x2000
#define OWN_CPU 3

static const struct pyr_bracket_end still = {
    .gil = {.holder = A, .switches = 7, .locked = true}, .cpu = OWN_CPU, .own_switches = 40};

static void test_a_holder_on_the_readers_cpu_at_both_ends_stood_still(void **state)
{
    (void)state;
    struct pyr_bracket_end released = still;
    released.gil.locked = false;
    assert_int_equal(pyr_bracket_check(&still, &still, OWN_CPU), PYR_BRACKET_HELD);
    assert_int_equal(pyr_bracket_check(&released, &released, OWN_CPU), PYR_BRACKET_HELD);
}

static void test_a_holder_on_another_cpu_at_either_end_is_to_be_followed(void **state)
{
    (void)state;
    struct pyr_bracket_end away = still;
    away.cpu = OWN_CPU + 1;
    assert_int_equal(pyr_bracket_check(&away, &away, OWN_CPU), PYR_BRACKET_ELSEWHERE);
    assert_int_equal(pyr_bracket_check(&still, &away, OWN_CPU), PYR_BRACKET_ELSEWHERE);
    assert_int_equal(pyr_bracket_check(&away, &still, OWN_CPU), PYR_BRACKET_ELSEWHERE);
    away.cpu = PYR_CPU_UNKNOWN;
    assert_int_equal(pyr_bracket_check(&still, &away, OWN_CPU), PYR_BRACKET_ELSEWHERE);
}

static void test_any_sign_that_someone_ran_breaks_it(void **state)
{
    (void)state;
    struct pyr_bracket_end after = still;
    after.gil.holder = B;
    assert_int_equal(pyr_bracket_check(&still, &after, OWN_CPU), PYR_BRACKET_BROKEN);
    after = still;
    after.gil.switches++; /* to another and back */
    assert_int_equal(pyr_bracket_check(&still, &after, OWN_CPU), PYR_BRACKET_BROKEN);
    after = still;
    after.gil.locked = false;
    assert_int_equal(pyr_bracket_check(&still, &after, OWN_CPU), PYR_BRACKET_BROKEN);
    after = still;
    after.runs++; /* the kernel gave it a CPU */
    assert_int_equal(pyr_bracket_check(&still, &after, OWN_CPU), PYR_BRACKET_BROKEN);
    after = still;
    after.own_switches++; /* and we lost ours, perhaps to it */
    assert_int_equal(pyr_bracket_check(&still, &after, OWN_CPU), PYR_BRACKET_BROKEN);
}

static void test_a_holder_that_has_ended_stands_still_while_the_gil_is_free(void **state)
{
    (void)state;
    struct pyr_bracket_end free = still;
    free.cpu = PYR_CPU_UNKNOWN;
    assert_int_equal(pyr_bracket_check(&free, &free, OWN_CPU), PYR_BRACKET_BROKEN);
    free.gil.locked = false;
    assert_int_equal(pyr_bracket_check(&free, &free, OWN_CPU), PYR_BRACKET_HELD);
}

static void test_only_holders_may_have_run(void **state)
{
    (void)state;
    struct pyr_gil_words then = {.holder = A, .switches = 7};
    struct pyr_gil_words now = then;
    assert_true(pyr_bracket_may_have_run(&then, &now, A));
    assert_false(pyr_bracket_may_have_run(&then, &now, B));
    now = (struct pyr_gil_words){.holder = B, .switches = 8};
    assert_true(pyr_bracket_may_have_run(&then, &now, A));
    assert_true(pyr_bracket_may_have_run(&then, &now, B));
    assert_false(pyr_bracket_may_have_run(&then, &now, 0x3000));
    now.switches = 9; /* someone in between, and nobody knows who */
    assert_true(pyr_bracket_may_have_run(&then, &now, 0x3000));
}

static void test_the_words_are_where_the_layout_says(void **state)
{
    (void)state;
    struct pyr_layout layout;
    memset(&layout, 0xff, sizeof(layout));
    assert_int_equal(pyr_gil_size(&layout), 0);
    layout.gil_last_holder = 8;
    layout.gil_locked = 16;
    layout.gil_switch_number = 24;
    assert_int_equal(pyr_gil_size(&layout), 32);
    uint64_t bytes[4] = {0, A, 1, 99};
    struct pyr_gil_words words = pyr_gil_decode(&layout, (const uint8_t *)bytes);
    assert_int_equal(words.holder, A);
    assert_int_equal(words.switches, 99);
    assert_true(words.locked);
    bytes[2] = UINT32_MAX; /* not made yet */
    assert_false(pyr_gil_decode(&layout, (const uint8_t *)bytes).locked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_holder_on_the_readers_cpu_at_both_ends_stood_still),
        cmocka_unit_test(test_a_holder_on_another_cpu_at_either_end_is_to_be_followed),
        cmocka_unit_test(test_any_sign_that_someone_ran_breaks_it),
        cmocka_unit_test(test_a_holder_that_has_ended_stands_still_while_the_gil_is_free),
        cmocka_unit_test(test_only_holders_may_have_run),
        cmocka_unit_test(test_the_words_are_where_the_layout_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
