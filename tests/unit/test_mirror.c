/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/mirror.h"

#include <stdio.h>

#include "base/mem.h"
#include "tui_fixture.h"
#include "unit.h"

static bool update(struct pyr_mirror *mirror, const struct pyr_profile *source, struct pyr_err *err)
{
    return pyr_mirror_update(mirror, source, err) && pyr_mirror_settle(mirror, err);
}

static const char *name_of(const struct pyr_profile *profile, uint32_t func)
{
    return pyr_strtab_text(profile->strings,
                           pyr_functions_get(profile->functions, (pyr_func){func})->qualname);
}

static void test_ids_are_the_same_as_in_the_source(void **state)
{
    (void)state;
    struct tui_fixture fixture;
    struct pyr_mirror mirror = {0};
    struct pyr_err err = {0};
    tui_fixture_init(&fixture);
    assert_true(update(&mirror, fixture.source, &err));
    const uint32_t stacks = pyr_stacks_count(fixture.source->stacks);
    assert_int_equal(mirror.path_count, stacks + 1);
    for (uint32_t i = 1; i <= stacks; i++) {
        const struct pyr_stack_node node = pyr_stacks_get(fixture.source->stacks, (pyr_stack){i});
        const struct pyr_frame frame = pyr_frames_get(fixture.source->frames, node.frame);
        assert_int_equal(mirror.paths[i].parent, node.parent.i);
        assert_int_equal(mirror.paths[i].frame, node.frame.i);
        assert_string_equal(name_of(mirror.profile, mirror.paths[i].func),
                            name_of(fixture.source, frame.func.i));
    }
    assert_int_equal(pyr_threads_count(mirror.profile->threads), 3);
    pyr_mirror_release(&mirror);
    tui_fixture_release(&fixture);
}

static void test_an_update_brings_what_is_new_and_what_changed(void **state)
{
    (void)state;
    struct tui_fixture fixture;
    struct pyr_mirror mirror = {0};
    struct pyr_err err = {0};
    tui_fixture_init(&fixture);
    assert_true(update(&mirror, fixture.source, &err));
    const struct pyr_function_text text = {"late", "shop", "shop.py", 90, PYR_FUNC_PYTHON};
    pyr_func func;
    pyr_stack stack;
    assert_true(pyr_profile_add_function(fixture.source, &text, &func, &err));
    assert_true(pyr_profile_push(fixture.source, fixture.warm, func, 91, &stack, &err));
    struct pyr_thread_info info = pyr_threads_get(fixture.source->threads, fixture.worker);
    assert_true(pyr_strtab_add_text(fixture.source->strings, "Renamed", &info.name, &err));
    pyr_threads_update(fixture.source->threads, fixture.worker, &info);
    assert_true(update(&mirror, fixture.source, &err));
    assert_string_equal(name_of(mirror.profile, mirror.paths[stack.i].func), "late");
    info = pyr_threads_get(mirror.profile->threads, fixture.worker);
    assert_string_equal(pyr_strtab_text(mirror.profile->strings, info.name), "Renamed");
    assert_int_equal(mirror.generation, 0);
    pyr_mirror_release(&mirror);
    tui_fixture_release(&fixture);
}

static void test_recursion_is_marked_and_nothing_else(void **state)
{
    (void)state;
    struct tui_fixture fixture;
    struct pyr_mirror mirror = {0};
    struct pyr_err err = {0};
    tui_fixture_init(&fixture);
    assert_true(update(&mirror, fixture.source, &err));
    const struct pyr_mirror_path *innermost = &mirror.paths[fixture.walk.i];
    const struct pyr_mirror_path *middle = &mirror.paths[innermost->parent];
    const struct pyr_mirror_path *outermost = &mirror.paths[middle->parent];
    assert_true(innermost->again_func && innermost->again_frame);
    assert_true(middle->again_func);
    assert_false(outermost->again_func);
    assert_int_equal(innermost->depth, 5);
    assert_false(mirror.paths[fixture.hot_22.i].again_func);
    pyr_mirror_release(&mirror);
    tui_fixture_release(&fixture);
}

/* Hundreds of functions fill every bit of the quick test, which then has to be looked after. */
static void test_recursion_is_found_among_many_functions(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *source = pyr_profile_new(&err);
    struct pyr_mirror mirror = {0};
    pyr_stack stack = {0};
    pyr_func first = {0};
    for (uint32_t i = 0; i < 300; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%u", (unsigned)i);
        const struct pyr_function_text text = {name, "m", "m.py", i + 1, PYR_FUNC_PYTHON};
        pyr_func func;
        assert_true(pyr_profile_add_function(source, &text, &func, &err));
        assert_true(pyr_profile_push(source, stack, func, 1, &stack, &err));
        first = i == 0 ? func : first;
    }
    const pyr_stack deepest = stack;
    assert_true(pyr_profile_push(source, stack, first, 2, &stack, &err));
    assert_true(update(&mirror, source, &err));
    assert_false(mirror.paths[deepest.i].again_func);
    assert_true(mirror.paths[stack.i].again_func);
    assert_false(mirror.paths[stack.i].again_frame); /* at another line */
    pyr_mirror_release(&mirror);
    pyr_profile_free(source);
}

static void test_stacks_that_differ_by_lines_have_one_shape(void **state)
{
    (void)state;
    struct tui_fixture fixture;
    struct pyr_mirror mirror = {0};
    struct pyr_err err = {0};
    tui_fixture_init(&fixture);
    assert_true(update(&mirror, fixture.source, &err));
    const uint32_t shape = mirror.paths[fixture.hot_21.i].shape;
    assert_int_equal(mirror.paths[fixture.hot_22.i].shape, shape);
    assert_int_not_equal(mirror.paths[fixture.warm.i].shape, shape);
    assert_int_equal(mirror.shapes[shape].func, TUI_HOT);
    assert_int_equal(mirror.shapes[shape].depth, 3);
    pyr_mirror_release(&mirror);
    tui_fixture_release(&fixture);
}

static void test_a_smaller_source_is_another_and_starts_anew(void **state)
{
    (void)state;
    struct tui_fixture fixture;
    struct pyr_mirror mirror = {0};
    struct pyr_err err = {0};
    struct pyr_profile *other = pyr_profile_new(&err);
    tui_fixture_init(&fixture);
    assert_true(update(&mirror, fixture.source, &err));
    assert_true(update(&mirror, other, &err));
    assert_int_equal(mirror.generation, 1);
    assert_int_equal(mirror.path_count, 1);
    pyr_profile_free(other);
    pyr_mirror_release(&mirror);
    tui_fixture_release(&fixture);
}

static void test_out_of_memory_is_told_and_the_next_update_goes_on(void **state)
{
    (void)state;
    struct tui_fixture fixture;
    tui_fixture_init(&fixture);
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_mirror mirror = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        failed = !update(&mirror, fixture.source, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_true(update(&mirror, fixture.source, &err));
        assert_int_equal(mirror.path_count, pyr_stacks_count(fixture.source->stacks) + 1);
        assert_true(mirror.paths[fixture.walk.i].again_func);
        pyr_mirror_release(&mirror);
    }
    tui_fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_are_the_same_as_in_the_source),
        cmocka_unit_test(test_an_update_brings_what_is_new_and_what_changed),
        cmocka_unit_test(test_recursion_is_marked_and_nothing_else),
        cmocka_unit_test(test_recursion_is_found_among_many_functions),
        cmocka_unit_test(test_stacks_that_differ_by_lines_have_one_shape),
        cmocka_unit_test(test_a_smaller_source_is_another_and_starts_anew),
        cmocka_unit_test(test_out_of_memory_is_told_and_the_next_update_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
