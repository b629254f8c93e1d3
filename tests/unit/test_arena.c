/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <string.h>

#include "base/mem.h"
#include "unit.h"

#define MANY 5000

static void test_allocations_are_aligned_and_apart(void **state)
{
    (void)state;
    static unsigned char *places[MANY];
    struct pyr_arena *arena = pyr_arena_new();
    for (size_t i = 0; i < MANY; i++) {
        places[i] = pyr_arena_alloc(arena, i % 97);
        assert_non_null(places[i]);
        assert_int_equal((uintptr_t)places[i] % 8, 0);
        memset(places[i], (int)(i % 251), i % 97);
    }
    for (size_t i = 0; i < MANY; i++) {
        for (size_t k = 0; k < i % 97; k++) {
            assert_int_equal(places[i][k], i % 251);
        }
    }
    pyr_arena_free(arena);
}

static void test_a_large_allocation_does_not_waste_the_open_block(void **state)
{
    (void)state;
    struct pyr_arena *arena = pyr_arena_new();
    char *before = pyr_arena_alloc(arena, 16);
    char *large = pyr_arena_alloc(arena, (size_t)8 << 20);
    char *after = pyr_arena_alloc(arena, 16);
    assert_non_null(large);
    memset(large, 1, (size_t)8 << 20);
    assert_ptr_equal(after, before + 16);
    pyr_arena_free(arena);
}

static void test_the_size_is_close_to_what_was_asked_for(void **state)
{
    (void)state;
    struct pyr_arena *arena = pyr_arena_new();
    size_t asked = 0;
    for (size_t i = 0; i < 100000; i++) {
        assert_non_null(pyr_arena_alloc(arena, 32));
        asked += 32;
    }
    assert_in_range(pyr_arena_size(arena), asked, asked + asked / 2);
    pyr_arena_free(arena);
}

static void test_a_copy_ends_with_a_nul(void **state)
{
    (void)state;
    struct pyr_arena *arena = pyr_arena_new();
    assert_string_equal(pyr_arena_copy(arena, "profile", 3), "pro");
    assert_string_equal(pyr_arena_copy(arena, "", 0), "");
    pyr_arena_free(arena);
}

static void test_absurd_sizes_are_refused(void **state)
{
    (void)state;
    struct pyr_arena *arena = pyr_arena_new();
    assert_null(pyr_arena_alloc(arena, SIZE_MAX));
    assert_null(pyr_arena_alloc(arena, SIZE_MAX - 8));
    assert_null(pyr_arena_copy(arena, "", SIZE_MAX));
    assert_non_null(pyr_arena_alloc(arena, 1));
    pyr_arena_free(arena);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        pyr_mem_fail_after(nth);
        struct pyr_arena *arena = pyr_arena_new();
        failed = arena == NULL;
        for (size_t i = 0; i < 2000 && !failed; i++) {
            failed = pyr_arena_copy(arena, "some text", 9) == NULL;
        }
        pyr_mem_fail_after(-1);
        if (arena != NULL) {
            assert_string_equal(pyr_arena_copy(arena, "after", 5), "after");
        }
        pyr_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocations_are_aligned_and_apart),
        cmocka_unit_test(test_a_large_allocation_does_not_waste_the_open_block),
        cmocka_unit_test(test_the_size_is_close_to_what_was_asked_for),
        cmocka_unit_test(test_a_copy_ends_with_a_nul),
        cmocka_unit_test(test_absurd_sizes_are_refused),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
