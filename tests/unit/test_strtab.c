/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/strtab.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "unit.h"

static bool add_numbered_strings(struct pyr_strtab *tab, int count, struct pyr_err *err)
{
    for (int i = 0; i < count; i++) {
        char text[32];
        pyr_str id = {0};
        snprintf(text, sizeof text, "string %d", i);
        if (!pyr_strtab_add_text(tab, text, &id, err)) {
            return false;
        }
    }
    return true;
}

static void test_equal_bytes_give_the_same_id(void **state)
{
    (void)state;
    struct pyr_arena *arena = pyr_arena_new();
    struct pyr_strtab *tab = pyr_strtab_new(arena);
    struct pyr_err err = {0};
    pyr_str a = {0};
    pyr_str b = {0};
    pyr_str c = {0};
    assert_true(pyr_strtab_add(tab, "main loop", 4, &a, &err));
    assert_true(pyr_strtab_add_text(tab, "main", &b, &err));
    assert_true(pyr_strtab_add_text(tab, "mail", &c, &err));
    assert_int_equal(a.i, 1);
    assert_int_equal(b.i, 1);
    assert_int_equal(c.i, 2);
    assert_int_equal(pyr_strtab_count(tab), 2);
    assert_int_equal(pyr_strtab_find(tab, "mail", 4).i, 2);
    assert_int_equal(pyr_strtab_find(tab, "mai", 3).i, 0);
    pyr_strtab_free(tab);
    pyr_arena_free(arena);
}

static void test_the_empty_string_is_id_zero(void **state)
{
    (void)state;
    struct pyr_arena *arena = pyr_arena_new();
    struct pyr_strtab *tab = pyr_strtab_new(arena);
    struct pyr_err err = {0};
    pyr_str id = {7};
    assert_true(pyr_strtab_add_text(tab, "", &id, &err));
    assert_int_equal(id.i, 0);
    assert_string_equal(pyr_strtab_text(tab, id), "");
    assert_int_equal(pyr_strtab_len(tab, id), 0);
    assert_int_equal(pyr_strtab_count(tab), 0);
    pyr_strtab_free(tab);
    pyr_strtab_free(NULL);
    pyr_arena_free(arena);
}

static void test_text_may_hold_any_bytes(void **state)
{
    (void)state;
    struct pyr_arena *arena = pyr_arena_new();
    struct pyr_strtab *tab = pyr_strtab_new(arena);
    struct pyr_err err = {0};
    pyr_str with_nul = {0};
    pyr_str without = {0};
    assert_true(pyr_strtab_add(tab, "a\0b", 3, &with_nul, &err));
    assert_true(pyr_strtab_add(tab, "a", 1, &without, &err));
    assert_int_not_equal(with_nul.i, without.i);
    assert_int_equal(pyr_strtab_len(tab, with_nul), 3);
    assert_memory_equal(pyr_strtab_text(tab, with_nul), "a\0b", 4);
    pyr_strtab_free(tab);
    pyr_arena_free(arena);
}

static void test_text_stays_where_it_is_while_the_table_grows(void **state)
{
    (void)state;
    struct pyr_arena *arena = pyr_arena_new();
    struct pyr_strtab *tab = pyr_strtab_new(arena);
    struct pyr_err err = {0};
    pyr_str id = {0};
    assert_true(pyr_strtab_add_text(tab, "first", &id, &err));
    const char *text = pyr_strtab_text(tab, id);
    assert_true(add_numbered_strings(tab, 100000, &err));
    assert_ptr_equal(pyr_strtab_text(tab, id), text);
    assert_string_equal(text, "first");
    assert_int_equal(pyr_strtab_count(tab), 100001);
    assert_true(add_numbered_strings(tab, 100000, &err));
    assert_int_equal(pyr_strtab_count(tab), 100001);
    assert_string_equal(pyr_strtab_text(tab, (pyr_str){100001}), "string 99999");
    pyr_strtab_free(tab);
    pyr_arena_free(arena);
}

/* Running out of memory at any single allocation is reported, and leaves the table usable. */
static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_arena *arena = pyr_arena_new();
        struct pyr_strtab *tab = pyr_strtab_new(arena);
        struct pyr_err err = {0};
        pyr_str before = {0};
        pyr_str after = {0};
        assert_true(pyr_strtab_add(tab, "main", 4, &before, &err));

        pyr_mem_fail_after(nth);
        failed = !add_numbered_strings(tab, 1000, &err);
        pyr_mem_fail_after(-1);

        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_true(pyr_strtab_add(tab, "main", 4, &after, &err));
        assert_int_equal(after.i, before.i);
        assert_true(add_numbered_strings(tab, 1000, &err));
        assert_int_equal(pyr_strtab_count(tab), 1001);
        pyr_strtab_free(tab);
        pyr_arena_free(arena);
    }
}

static void test_no_table_without_memory(void **state)
{
    (void)state;
    struct pyr_arena *arena = pyr_arena_new();
    pyr_mem_fail_after(0);
    assert_null(pyr_strtab_new(arena));
    pyr_mem_fail_after(-1);
    pyr_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_bytes_give_the_same_id),
        cmocka_unit_test(test_the_empty_string_is_id_zero),
        cmocka_unit_test(test_text_may_hold_any_bytes),
        cmocka_unit_test(test_text_stays_where_it_is_while_the_table_grows),
        cmocka_unit_test(test_survives_every_failed_allocation),
        cmocka_unit_test(test_no_table_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
