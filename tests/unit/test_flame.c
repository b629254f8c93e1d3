/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/flame.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "exchange_fixture.h"
#include "unit.h"

/* The box of the function on top of "outermost;...;running"; NULL when there is none. */
static const struct pyr_flame_box *find(const struct pyr_flame *flame,
                                        const struct pyr_profile *profile, const char *path)
{
    for (uint32_t i = 1; i < flame->count; i++) {
        char found[256] = "";
        for (uint32_t at = i; at != 0; at = flame->boxes[at].parent) {
            char below[256];
            const struct pyr_function *f =
                pyr_functions_get(profile->functions, flame->boxes[at].func);
            (void)snprintf(below, sizeof below, "%s", found);
            (void)snprintf(found, sizeof found, "%s%s%.200s",
                           pyr_strtab_text(profile->strings, f->qualname),
                           below[0] == '\0' ? "" : ";", below);
        }
        if (strcmp(found, path) == 0) {
            return &flame->boxes[i];
        }
    }
    return NULL;
}

static struct pyr_flame make(const struct pyr_profile *profile)
{
    struct pyr_flame flame = {0};
    struct pyr_err err = {0};
    const int column = pyr_metrics_main(&profile->metrics, profile->strings);
    if (!pyr_flame_init(&flame, profile, column, &err)) {
        fail_msg("%s", err.message);
    }
    return flame;
}

static void test_a_box_is_as_wide_as_what_runs_in_it(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_flame flame = make(profile);
    const struct pyr_flame_box *fib = find(&flame, profile, "<module>;fib");
    assert_non_null(fib);
    assert_int_equal(fib->total, 1000);
    assert_int_equal(fib->self, 200);
    assert_int_equal(fib->depth, 2);
    /* Both threads ran <module>; the paths below it are of one and of the other. */
    assert_int_equal(find(&flame, profile, "<module>")->total, 2490);
    assert_int_equal(find(&flame, profile, "<module>;Basket.add")->total, 440);
    assert_int_equal(flame.boxes[0].total, 2490);
    assert_int_equal(flame.depth, 3);
    pyr_flame_release(&flame);
    pyr_profile_free(profile);
}

static void test_siblings_stand_side_by_side_the_heaviest_first(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_flame flame = make(profile);
    assert_int_equal(find(&flame, profile, "<module>;fib")->start, 0);
    assert_int_equal(find(&flame, profile, "<module>;Basket.add")->start, 1000);
    assert_int_equal(find(&flame, profile, "<module>;len")->start, 1440);
    assert_int_equal(find(&flame, profile, "<module>;Basket.add;list.append")->start, 1000);
    pyr_flame_release(&flame);
    pyr_profile_free(profile);
}

static void test_lines_of_one_function_are_one_box(void **state)
{
    (void)state;
    const char text[] = "f (a.py:1);g (a.py:2) 5\nf (a.py:9);g (a.py:3) 6\n";
    struct pyr_profile *profile = exchange_fixture_read(
        pyr_format_find("collapsed", &(struct pyr_err){0}), text, strlen(text));
    struct pyr_flame flame = make(profile);
    assert_int_equal(flame.count, 3);
    assert_int_equal(find(&flame, profile, "f;g")->self, 11);
    pyr_flame_release(&flame);
    pyr_profile_free(profile);
}

static void test_what_has_no_value_has_no_box(void **state)
{
    (void)state;
    const char text[] = "a;b 0\na 3\n";
    struct pyr_profile *profile = exchange_fixture_read(
        pyr_format_find("collapsed", &(struct pyr_err){0}), text, strlen(text));
    struct pyr_flame flame = make(profile);
    assert_int_equal(flame.count, 2);
    assert_null(find(&flame, profile, "a;b"));
    assert_int_equal(flame.depth, 1);
    pyr_flame_release(&flame);
    pyr_profile_free(profile);
}

static void test_running_out_of_memory_is_reported(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_flame flame = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_flame_init(&flame, profile, 0, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_flame_release(&flame);
    }
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_box_is_as_wide_as_what_runs_in_it),
        cmocka_unit_test(test_siblings_stand_side_by_side_the_heaviest_first),
        cmocka_unit_test(test_lines_of_one_function_are_one_box),
        cmocka_unit_test(test_what_has_no_value_has_no_box),
        cmocka_unit_test(test_running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
