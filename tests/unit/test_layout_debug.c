/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/layout_debug.h"

#include "debug_table.h"
#include "unit.h"

static uint8_t table[PYR_DEBUG_TABLE_MAX];

static void test_the_table_tells_version_and_build(void **state)
{
    (void)state;
    uint32_t version = 0;
    bool free_threaded = true;
    debug_table(table, 1);
    assert_true(pyr_layout_debug_head(table, &version, &free_threaded));
    assert_int_equal(version, told_rows_versions[1]);
    assert_false(free_threaded);
    table[16] = 1;
    assert_true(pyr_layout_debug_head(table, &version, &free_threaded));
    assert_true(free_threaded);
    table[12] = 1; /* a version beyond 32 bits */
    assert_false(pyr_layout_debug_head(table, &version, &free_threaded));
    debug_table(table, 1);
    table[0] = 'X';
    assert_false(pyr_layout_debug_head(table, &version, &free_threaded));
}

/* A table that says what the headers say gives what the headers give, in every field. */
static void test_a_true_table_gives_the_layout_of_its_headers(void **state)
{
    (void)state;
    for (uint32_t column = 0; column < DEBUG_VERSIONS; column++) {
        struct pyr_layout told;
        struct pyr_layout row;
        struct pyr_err err = {0};
        debug_table(table, column);
        assert_true(pyr_layout_debug_decode(table, sizeof(table), &told, &err));
        assert_true(pyr_layout_find(told_rows_versions[column], false, false, &row, &err));
        size_t first = offsetof(struct pyr_layout, runtime_interpreters_head);
        assert_int_equal(told.version, row.version);
        assert_memory_equal((const char *)&told + first, (const char *)&row + first,
                            sizeof(row) - first);
    }
}

/* A release may have moved things: then the table counts, and what goes with it moves too. */
static void test_the_table_counts_where_it_differs(void **state)
{
    (void)state;
    struct pyr_layout told;
    struct pyr_layout row;
    struct pyr_err err = {0};
    debug_table(table, 1);
    for (size_t i = 0; i < sizeof(told_rows) / sizeof(told_rows[0]); i++) {
        if (told_rows[i].at == offsetof(struct pyr_layout, thread_chunk) ||
            told_rows[i].at == offsetof(struct pyr_layout, interpreter_threads_head)) {
            debug_put(table, told_rows[i].values[1], 400);
        }
    }
    assert_true(pyr_layout_debug_decode(table, sizeof(table), &told, &err));
    assert_true(pyr_layout_find(told_rows_versions[1], false, false, &row, &err));
    assert_int_equal(told.interpreter_threads_head, 400);
    assert_int_equal(told.thread_chunk, 400);
    assert_int_equal(told.thread_chunk_top, 408);
    assert_int_equal(told.thread_chunk_limit, 416);
    assert_int_equal(told.thread_size, 424);
    assert_int_equal(told.code_flags, row.code_flags); /* which the table does not have */
}

/* Each figure of the table, one at a time, made absurd. */
static void test_no_absurd_figure_is_believed(void **state)
{
    (void)state;
    for (uint32_t column = 0; column < DEBUG_VERSIONS; column++) {
        for (size_t i = 0; i < sizeof(told_rows) / sizeof(told_rows[0]); i++) {
            struct pyr_layout layout;
            struct pyr_err err = {0};
            if (told_rows[i].values[column] == PYR_LAYOUT_NONE) {
                continue;
            }
            debug_table(table, column);
            debug_put(table, told_rows[i].values[column], UINT64_MAX / 2);
            assert_false(pyr_layout_debug_decode(table, sizeof(table), &layout, &err));
            assert_int_equal(err.code, PYR_ERR_FORMAT);
        }
    }
}

static void test_what_is_read_at_once_stays_small(void **state)
{
    (void)state;
    struct pyr_layout layout;
    struct pyr_err err = {0};
    debug_table(table, 0);
    for (size_t i = 0; i < sizeof(told_rows) / sizeof(told_rows[0]); i++) {
        if (told_rows[i].values[0] != PYR_LAYOUT_NONE &&
            told_rows[i].at >= offsetof(struct pyr_layout, frame_back)) {
            debug_put(table, told_rows[i].values[0], 2048);
        }
    }
    assert_true(pyr_layout_debug_decode(table, sizeof(table), &layout, &err));
    assert_true(layout.frame_size <= 2048 && layout.code_size <= 2048);
    assert_true(layout.thread_size <= 4200);
}

static void test_a_table_that_is_cut_is_refused(void **state)
{
    (void)state;
    for (uint32_t column = 0; column < DEBUG_VERSIONS; column++) {
        struct pyr_layout layout;
        struct pyr_err err = {0};
        debug_table(table, column);
        uint32_t size = told_rows_table_size[column];
        assert_true(pyr_layout_debug_decode(table, size, &layout, &err));
        assert_false(pyr_layout_debug_decode(table, size - 1, &layout, &err));
        assert_false(pyr_layout_debug_decode(table, 23, &layout, &err));
        assert_false(pyr_layout_debug_decode(table, 0, &layout, &err));
        assert_int_equal(err.code, PYR_ERR_FORMAT);
    }
}

static void test_pre_releases_and_later_versions_are_refused(void **state)
{
    (void)state;
    static const uint32_t versions[] = {0x030f00a7, 0x030e00b1, 0x031000f0};
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        struct pyr_layout layout;
        struct pyr_err err = {0};
        debug_table(table, 2);
        debug_put(table, 8, versions[i]);
        assert_false(pyr_layout_debug_decode(table, sizeof(table), &layout, &err));
        assert_int_equal(err.code, PYR_ERR_UNSUPPORTED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_tells_version_and_build),
        cmocka_unit_test(test_a_true_table_gives_the_layout_of_its_headers),
        cmocka_unit_test(test_the_table_counts_where_it_differs),
        cmocka_unit_test(test_no_absurd_figure_is_believed),
        cmocka_unit_test(test_what_is_read_at_once_stays_small),
        cmocka_unit_test(test_a_table_that_is_cut_is_refused),
        cmocka_unit_test(test_pre_releases_and_later_versions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
