/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/path.h"

#include "base/mem.h"
#include "exchange_fixture.h"
#include "unit.h"

#include "short_profile.h"

static void test_a_path_goes_from_the_outermost_frame_inwards(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    struct pyr_path path = {0};
    pyr_stack abc = short_stack(profile, "abc"), a = short_stack(profile, "a");
    assert_true(pyr_path_fill(&path, profile, abc, &err));
    assert_int_equal(path.depth, 3);
    assert_int_equal(path.stacks[0].i, a.i);
    assert_int_equal(path.stacks[2].i, abc.i);
    assert_true(pyr_path_fill(&path, profile, a, &err));
    assert_int_equal(path.depth, 1);
    assert_true(pyr_path_fill(&path, profile, (pyr_stack){0}, &err));
    assert_int_equal(path.depth, 0);
    pyr_path_release(&path);
    pyr_profile_free(profile);
}

static void test_the_order_is_depth_first_and_heaviest_first(void **state)
{
    (void)state;
    static const char *const expected[] = {"b", "bd", "a", "ac", "ab", "x"};
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    uint32_t *order = NULL;
    short_add(profile, "a", 0, "wall", 1);
    short_add(profile, "ab", 0, "wall", 2);
    short_add(profile, "x", 0, "wall", 8);
    short_add(profile, "b", 0, "wall", 3);
    short_add(profile, "ac", 0, "wall", 5); /* as heavy as x, but older */
    short_add(profile, "bd", 0, "wall", INT64_MAX);
    assert_true(pyr_path_order(profile, 0, &order, &err));
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(order[short_stack(profile, expected[i]).i], i + 1);
    }
    assert_int_equal(order[0], 0);
    pyr_mem_free(order);
    pyr_profile_free(profile);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_path path = {0};
        uint32_t *order = NULL;
        pyr_mem_fail_after(nth);
        failed = !pyr_path_fill(&path, profile, (pyr_stack){3}, &err) ||
                 !pyr_path_order(profile, 1, &order, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_int_equal(order == NULL, failed);
        pyr_mem_free(order);
        pyr_path_release(&path);
    }
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_path_goes_from_the_outermost_frame_inwards),
        cmocka_unit_test(test_the_order_is_depth_first_and_heaviest_first),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
