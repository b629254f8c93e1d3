/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/meta.h"

#include <stdio.h>

#include "base/mem.h"
#include "unit.h"

struct fixture {
    struct pyr_arena *arena;
    struct pyr_strtab *strings;
    struct pyr_meta *meta;
};

static struct fixture fixture_new(void)
{
    struct fixture f = {.arena = pyr_arena_new()};
    f.strings = pyr_strtab_new(f.arena);
    f.meta = pyr_meta_new(f.strings);
    assert_non_null(f.meta);
    return f;
}

static void fixture_release(struct fixture *f)
{
    pyr_meta_free(f->meta);
    pyr_strtab_free(f->strings);
    pyr_arena_free(f->arena);
}

static void test_a_key_holds_a_text_or_a_number(void **state)
{
    (void)state;
    struct fixture f = fixture_new();
    struct pyr_err err = {0};
    assert_true(pyr_meta_set_text(f.meta, PYR_META_HOST, "kiln", &err));
    assert_true(pyr_meta_set_number(f.meta, PYR_META_PID, 42, &err));
    assert_string_equal(pyr_meta_text(f.meta, PYR_META_HOST), "kiln");
    assert_int_equal(pyr_meta_number(f.meta, PYR_META_PID, -1), 42);
    assert_string_equal(pyr_meta_text(f.meta, PYR_META_PID), "");
    assert_int_equal(pyr_meta_number(f.meta, PYR_META_HOST, -1), -1);
    assert_string_equal(pyr_meta_text(f.meta, "unknown"), "");
    assert_int_equal(pyr_meta_number(f.meta, "unknown", -1), -1);
    assert_true(pyr_meta_has(f.meta, PYR_META_HOST));
    assert_false(pyr_meta_has(f.meta, "kiln")); /* a string of the table, but not a key */
    fixture_release(&f);
    pyr_meta_free(NULL);
}

static void test_setting_again_replaces(void **state)
{
    (void)state;
    struct fixture f = fixture_new();
    struct pyr_err err = {0};
    assert_true(pyr_meta_set_text(f.meta, "key", "text", &err));
    assert_true(pyr_meta_set_text(f.meta, "other", "", &err));
    assert_true(pyr_meta_set_number(f.meta, "key", 0, &err));
    assert_int_equal(pyr_meta_count(f.meta), 2);
    struct pyr_meta_entry entry = pyr_meta_get(f.meta, 0);
    assert_string_equal(pyr_strtab_text(f.strings, entry.key), "key");
    assert_true(entry.is_number);
    assert_int_equal(entry.number, 0);
    assert_true(pyr_meta_has(f.meta, "other"));
    fixture_release(&f);
}

static void test_the_stamp_tells_of_changes_and_only_of_changes(void **state)
{
    (void)state;
    struct fixture f = fixture_new();
    struct pyr_err err = {0};
    assert_true(pyr_meta_set_number(f.meta, "key", 1, &err));
    uint64_t stamp = pyr_meta_stamp(f.meta);
    assert_true(pyr_meta_set_number(f.meta, "key", 1, &err));
    assert_int_equal(pyr_meta_stamp(f.meta), stamp);
    assert_true(pyr_meta_set_number(f.meta, "key", 2, &err));
    assert_true(pyr_meta_stamp(f.meta) > stamp);
    stamp = pyr_meta_stamp(f.meta);
    assert_true(pyr_meta_set_text(f.meta, "key", "2", &err));
    assert_true(pyr_meta_stamp(f.meta) > stamp);
    fixture_release(&f);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct fixture f = fixture_new();
        struct pyr_err err = {0};
        failed = false;
        pyr_mem_fail_after(nth);
        for (int i = 0; i < 100 && !failed; i++) {
            char key[16];
            snprintf(key, sizeof key, "key %d", i);
            failed = !pyr_meta_set_text(f.meta, key, key + 4, &err);
        }
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_int_equal(pyr_meta_count(f.meta), pyr_meta_stamp(f.meta));
        assert_true(pyr_meta_set_text(f.meta, "key 99", "x", &err));
        assert_string_equal(pyr_meta_text(f.meta, "key 99"), "x");
        fixture_release(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_key_holds_a_text_or_a_number),
        cmocka_unit_test(test_setting_again_replaces),
        cmocka_unit_test(test_the_stamp_tells_of_changes_and_only_of_changes),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
