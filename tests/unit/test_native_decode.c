/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_decode.h"

#include <string.h>

#include "native_fixture.h"
#include "unit.h"

#define SECTION(kind, first_id, row_count)                                                         \
    ((struct pyr_native_section){.type = (kind), .first = (first_id), .rows = (row_count)})

/* A row that must be refused, after the tables of native_forge_tables(). */
struct bad_rows {
    uint32_t type;
    uint32_t first;
    uint32_t rows;
    uint32_t columns;
    int64_t cells[14];
    const char *word; /* in the message */
};

static const struct bad_rows BAD_ROWS[] = {
    {PYR_NATIVE_FUNCTIONS, 2, 1, 5, {4, 0, 0, 0, 0}, "column 0"},  /* a string too far */
    {PYR_NATIVE_FUNCTIONS, 2, 1, 5, {-1, 0, 0, 0, 0}, "column 0"}, /* before the first */
    {PYR_NATIVE_FUNCTIONS, 2, 1, 5, {0, 9, 0, 0, 0}, "column 1"},
    {PYR_NATIVE_FUNCTIONS, 2, 1, 5, {0, 0, INT64_MAX, 0, 0}, "column 2"},
    {PYR_NATIVE_FUNCTIONS, 2, 1, 5, {0, 0, INT64_MIN, 0, 0}, "column 2"},
    {PYR_NATIVE_FUNCTIONS, 2, 1, 5, {0, 0, 0, 1ll << 32, 0}, "column 3"},
    {PYR_NATIVE_FUNCTIONS, 2, 1, 5, {0, 0, 0, 0, 4}, "column 4"},     /* an unknown kind */
    {PYR_NATIVE_FUNCTIONS, 2, 1, 5, {1, 2, 3, 4, 0}, "same as id 1"}, /* a repeated function */
    {PYR_NATIVE_FUNCTIONS, 1, 1, 5, {1, 1, 1, 1, 0}, "starts at id 1"},
    {PYR_NATIVE_FUNCTIONS, 3, 1, 5, {1, 1, 1, 1, 0}, "starts at id 3"},
    {PYR_NATIVE_FUNCTIONS, 2, 1, 4, {1, 1, 1, 1}, "4 columns"},
    {PYR_NATIVE_FUNCTIONS, 2, 1, 6, {1, 1, 1, 1, 0, 0}, "6 columns"},
    {PYR_NATIVE_FRAMES, 2, 1, 2, {0, 0}, "column 0"}, /* no function */
    {PYR_NATIVE_FRAMES, 2, 1, 2, {2, 0}, "column 0"},
    {PYR_NATIVE_FRAMES, 2, 1, 2, {1, -1}, "column 1"},
    {PYR_NATIVE_FRAMES, 2, 1, 2, {1, 0}, "same as id 1"},
    {PYR_NATIVE_FRAMES, 2, 2, 2, {1, 5, 0, 0}, "row 2: the same as id 2"},
    {PYR_NATIVE_STACKS, 2, 1, 2, {2, 1}, "column 0"}, /* its own parent */
    {PYR_NATIVE_STACKS, 2, 1, 2, {3, 1}, "column 0"}, /* a later parent */
    {PYR_NATIVE_STACKS, 2, 1, 2, {0, 0}, "column 1"}, /* no frame */
    {PYR_NATIVE_STACKS, 2, 1, 2, {0, 2}, "column 1"},
    {PYR_NATIVE_STACKS, 2, 1, 2, {0, 1}, "same as id 1"},
    {PYR_NATIVE_METRICS, 2, 1, 2, {4, 0}, "column 0"},
    {PYR_NATIVE_METRICS, 2, 1, 2, {2, 4}, "column 1"},
    {PYR_NATIVE_METRICS, 2, 1, 2, {1, 1}, "same as id 1"},
    {PYR_NATIVE_THREADS, 2, 1, 5, {3, 0, 0, 0, 0}, "column 0"}, /* a gap */
    {PYR_NATIVE_THREADS, 2, 1, 5, {0, 0, 0, 0, 0}, "column 0"},
    {PYR_NATIVE_THREADS, 2, 1, 5, {2, -1, 0, 0, 0}, "column 1"},
    {PYR_NATIVE_THREADS, 2, 1, 5, {2, 0, 1ll << 32, 0, 0}, "column 2"},
    {PYR_NATIVE_THREADS, 2, 1, 5, {2, 0, 0, 4, 0}, "column 3"},
    {PYR_NATIVE_THREADS, 2, 1, 5, {2, 0, 0, 0, 4}, "column 4"},
    {PYR_NATIVE_THREADS, 2, 1, 5, {1, 10, 12, 1, 0}, "another one"}, /* another tid */
    {PYR_NATIVE_THREADS, 2, 1, 5, {1, 10, 11, 1, 1}, "another one"}, /* another kind */
    {PYR_NATIVE_THREADS, 2, 1, 5, {1, 0, 11, 1, 0}, "another one"},  /* a pid that was known */
    {PYR_NATIVE_THREADS, 2, 1, 4, {2, 0, 0, 0}, "4 columns"},
    {PYR_NATIVE_THREADS, 2, 1, 14, {2, 0}, "14 columns"},
    {PYR_NATIVE_THREADS, 2, 1, 6, {2, 0, 0, 0, 1, 2}, "column 5"}, /* its own parent */
    {PYR_NATIVE_THREADS, 2, 1, 6, {2, 0, 0, 0, 1, 3}, "column 5"}, /* a later parent */
    {PYR_NATIVE_THREADS, 2, 1, 6, {2, 0, 0, 0, 1, -1}, "column 5"},
    {PYR_NATIVE_THREADS, 2, 1, 6, {1, 10, 11, 1, 0, 1}, "column 5"}, /* stated again, too */
    {PYR_NATIVE_THREADS, 2, 2, 6, {2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1}, "another one"},
    {PYR_NATIVE_THREADS, 2, 1, 7, {2, 0, 0, 0, 1, 1, 4}, "column 6"}, /* a string too far */
    {PYR_NATIVE_THREADS, 2, 1, 7, {2, 0, 0, 0, 1, 1, -1}, "column 6"},
    {PYR_NATIVE_THREADS, 2, 1, 8, {2, 0, 0, 0, 1, 1, 0, 4}, "column 7"},
    {PYR_NATIVE_THREADS, 2, 1, 13, {2, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1}, "flags"},
    {PYR_NATIVE_VALUES, 1, 1, 3, {2, 0, 0}, "column 0"},
    {PYR_NATIVE_VALUES, 1, 1, 3, {1, 2, 0}, "column 1"},
    {PYR_NATIVE_VALUES, 1, 1, 4, {1, 1, 0, 0}, "4 columns"}, /* of a metric not there */
    {PYR_NATIVE_VALUES, 1, 1, 1, {1}, "1 columns"},
    {PYR_NATIVE_VALUES, 2, 1, 3, {1, 1, 0}, "starts at id 2"},
    {PYR_NATIVE_RUNS, 1, 1, 4, {2, 0, 0, 0}, "column 0"},
    {PYR_NATIVE_RUNS, 1, 1, 4, {0, 2, 0, 0}, "column 1"},
    {PYR_NATIVE_META, 1, 1, 2, {0, 0}, "2 columns"},
};

static void test_rows_that_break_a_promise_of_the_model_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(BAD_ROWS) / sizeof(BAD_ROWS[0]); i++) {
        const struct bad_rows *bad = &BAD_ROWS[i];
        struct native_forge forge;
        native_forge_start(&forge);
        native_forge_tables(&forge);
        native_forge_rows(&forge, SECTION(bad->type, bad->first, bad->rows), bad->columns,
                          bad->cells);
        native_forge_refused(&forge, PYR_ERR_FORMAT, bad->word);
    }
}

static void test_the_forged_tables_themselves_are_good(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    struct native_forge forge;
    native_forge_start(&forge);
    native_forge_tables(&forge);
    native_forge_rows(&forge, SECTION(PYR_NATIVE_VALUES, 1, 2), 3, (int64_t[]){1, 1, 5, 0, -1, -6});
    /* Stated again: the later one holds, and makes no new row. */
    native_forge_rows(&forge, SECTION(PYR_NATIVE_VALUES, 3, 1), 3, (int64_t[]){1, 1, 7});
    native_forge_rows(&forge, SECTION(PYR_NATIVE_THREADS, 2, 1), 5, (int64_t[]){1, 10, 11, 3, 0});
    assert_true(native_forge_read(&forge, &profile, &err));
    assert_int_equal(pyr_values_count(profile->values), 2);
    assert_int_equal(pyr_values_get(profile->values, 1).v[0], 7);
    assert_int_equal(pyr_values_get(profile->values, 2).v[0], -6);
    assert_int_equal(pyr_threads_count(profile->threads), 1);
    assert_int_equal(pyr_threads_get(profile->threads, (pyr_thread){1}).name.i, 3);
    pyr_profile_free(profile);
}

/* What files hold that were written before threads had more than a name; and what such a section
 * says later about a thread that is known better. A cell of a figure is folded: 2 is 4. */
static void test_a_thread_keeps_what_a_section_has_no_columns_for(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    struct native_forge forge;
    native_forge_start(&forge);
    native_forge_tables(&forge);
    native_forge_rows(&forge, SECTION(PYR_NATIVE_THREADS, 2, 1), 13,
                      (int64_t[]){2, 0, 0, 1, 1, 1, 2, 3, 50, 60, 70, 80, -1});
    native_forge_rows(&forge, SECTION(PYR_NATIVE_THREADS, 3, 1), 5, (int64_t[]){2, 8, 9, 2, 1});
    native_forge_rows(&forge, SECTION(PYR_NATIVE_THREADS, 3, 1), 9,
                      (int64_t[]){2, 8, 9, 2, 1, 1, 0, 1, 5});
    assert_true(native_forge_read(&forge, &profile, &err));
    assert_int_equal(pyr_threads_get(profile->threads, (pyr_thread){1}).start_ns, 0);
    const struct pyr_thread_info info = pyr_threads_get(profile->threads, (pyr_thread){2});
    assert_int_equal(info.pid, 8); /* learnt, as it was 0 */
    assert_int_equal(info.tid, 9);
    assert_int_equal(info.name.i, 2);
    assert_int_equal(info.kind, PYR_THREAD_TASK);
    assert_int_equal(info.parent.i, 1);
    assert_int_equal(info.tag.i, 0);
    assert_int_equal(info.entry.i, 1);
    assert_int_equal(info.start_ns, 10);
    assert_int_equal(info.end_ns, 120);
    assert_int_equal(info.switches, 140);
    assert_int_equal(info.starved_ns, 160);
    assert_true(info.starved_known);
    pyr_profile_free(profile);
}

/* So that nobody who goes up the chain of parents is kept busy by a file. */
static void test_a_chain_of_parents_has_an_end(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    for (uint32_t count = PYR_THREAD_MAX_ANCESTORS; count <= PYR_THREAD_MAX_ANCESTORS + 1;
         count++) {
        struct pyr_profile *profile = NULL;
        struct native_forge forge;
        int64_t cells[6 * (PYR_THREAD_MAX_ANCESTORS + 1)] = {0};
        for (uint32_t i = 0; i < count; i++) {
            cells[6 * i] = i == 0 ? 2 : 1;
            cells[6 * i + 5] = 1;
        }
        native_forge_start(&forge);
        native_forge_tables(&forge);
        native_forge_rows(&forge, SECTION(PYR_NATIVE_THREADS, 2, count), 6, cells);
        if (count > PYR_THREAD_MAX_ANCESTORS) {
            native_forge_refused(&forge, PYR_ERR_FORMAT, "ancestors");
        } else {
            assert_true(native_forge_read(&forge, &profile, &err));
        }
        pyr_profile_free(profile);
    }
}

static void test_a_section_with_fewer_columns_leaves_the_later_metrics_alone(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    struct native_forge forge;
    native_forge_start(&forge);
    native_forge_tables(&forge);
    native_forge_rows(&forge, SECTION(PYR_NATIVE_METRICS, 2, 1), 2, (int64_t[]){2, 2});
    native_forge_rows(&forge, SECTION(PYR_NATIVE_VALUES, 1, 1), 4, (int64_t[]){1, 1, 5, 6});
    native_forge_rows(&forge, SECTION(PYR_NATIVE_VALUES, 2, 1), 3, (int64_t[]){1, 1, 50});
    assert_true(native_forge_read(&forge, &profile, &err));
    assert_int_equal(pyr_values_get(profile->values, 1).v[0], 50);
    assert_int_equal(pyr_values_get(profile->values, 1).v[1], 6);
    pyr_profile_free(profile);
}

static void test_a_seventeenth_metric_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"d", "e", "f", "g", "h", "i", "j", "k",
                                        "l", "m", "n", "o", "p", "q", "r"};
    struct native_forge forge;
    int64_t cells[2 * 16];
    for (uint32_t i = 0; i < 16; i++) {
        cells[2 * i] = i == 0 ? 2 : 1; /* each the next string, after the one that is there */
        cells[2 * i + 1] = 0;
    }
    native_forge_start(&forge);
    native_forge_tables(&forge);
    native_forge_strings(&forge, 3, texts, 15);
    native_forge_rows(&forge, SECTION(PYR_NATIVE_METRICS, 2, 16), 2, cells);
    native_forge_refused(&forge, PYR_ERR_LIMIT, "metric");
}

static void test_strings_that_are_empty_or_repeated_are_refused(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"x", ""}, {"x", "x"}, {"x", "a"}};
    for (size_t i = 0; i < 3; i++) {
        struct native_forge forge;
        native_forge_start(&forge);
        native_forge_tables(&forge);
        native_forge_strings(&forge, 3, pairs[i], 2);
        native_forge_refused(&forge, PYR_ERR_FORMAT, "row 2: the same as id");
    }
}

/* A section with columns of the given bytes. */
static void forge_bytes(struct native_forge *forge, struct pyr_native_section section,
                        uint32_t columns, const char *const *bytes, const size_t *sizes)
{
    struct pyr_err err = {0};
    pyr_native_batch_begin(&forge->batch, columns);
    for (uint32_t i = 0; i < columns; i++) {
        pyr_buf_add(&forge->batch.payload, bytes[i], sizes[i]);
        pyr_native_batch_column(&forge->batch);
    }
    assert_true(pyr_native_batch_section(&forge->batch, &section, 0, &err));
}

struct bad_bytes {
    uint32_t type;
    uint32_t columns;
    uint32_t rows;
    const char *bytes[3];
    size_t sizes[3];
    const char *word;
};

static const struct bad_bytes BAD_BYTES[] = {
    {PYR_NATIVE_STRINGS, 2, 1, {"\x05", "abcd"}, {1, 4}, "row 1"},    /* longer than there is */
    {PYR_NATIVE_STRINGS, 2, 1, {"\x03", "abcd"}, {1, 4}, "column 1"}, /* a byte too many */
    {PYR_NATIVE_STRINGS, 2, 1, {"\x04\x01", "abcd"}, {2, 4}, "column 0"},
    {PYR_NATIVE_STRINGS, 2, 2, {"\x04", "abcd"}, {1, 4}, "row 2"}, /* fewer rows than said */
    {PYR_NATIVE_STRINGS, 2, 0xFFFFFFFF, {"\x04", "abcd"}, {1, 4}, "row 2"},
    {PYR_NATIVE_STRINGS, 2, 1, {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "a"}, {10, 1}, "row 1"},
    {PYR_NATIVE_STRINGS,
     2,
     1,
     {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "a"},
     {11, 1},
     "row 1"},
    {PYR_NATIVE_META, 3, 1, {"\x07", "\x01", "\x02"}, {1, 1, 1}, "out of range"}, /* key */
    {PYR_NATIVE_META, 3, 1, {"\x01", "\x02", "\x02"}, {1, 1, 1}, "out of range"}, /* kind */
    {PYR_NATIVE_META, 3, 1, {"\x01", "\x00", "\x0c"}, {1, 1, 1}, "out of range"}, /* text */
    {PYR_NATIVE_META, 3, 1, {"\x01", "\x00", "\x01"}, {1, 1, 1}, "out of range"}, /* text -1 */
    {PYR_NATIVE_META, 3, 1, {"\x04", "\x01", "\x02"}, {1, 1, 1}, "NUL"},          /* in the key */
    {PYR_NATIVE_META, 3, 1, {"\x01", "\x00", "\x08"}, {1, 1, 1}, "NUL"},          /* in the text */
    {PYR_NATIVE_METRICS, 2, 1, {"\x08", "\x02"}, {1, 1}, "NUL"},
    {PYR_NATIVE_METRICS, 2, 1, {"\x04", "\x08"}, {1, 1}, "NUL"},
};

static void test_bytes_that_are_not_rows_are_refused(void **state)
{
    (void)state;
    static const char *const nul[] = {"\x03", "x\0y"};
    for (size_t i = 0; i < sizeof(BAD_BYTES) / sizeof(BAD_BYTES[0]); i++) {
        const struct bad_bytes *bad = &BAD_BYTES[i];
        uint32_t first = bad->type == PYR_NATIVE_STRINGS ? 5 : 1;
        first = bad->type == PYR_NATIVE_METRICS ? 2 : first;
        struct native_forge forge;
        native_forge_start(&forge);
        native_forge_tables(&forge);
        forge_bytes(&forge, SECTION(PYR_NATIVE_STRINGS, 4, 1), 2, nul, (size_t[]){1, 3});
        forge_bytes(&forge, SECTION(bad->type, first, bad->rows), bad->columns, bad->bytes,
                    bad->sizes);
        native_forge_refused(&forge, PYR_ERR_FORMAT, bad->word);
    }
}

static void test_columns_that_do_not_fill_the_payload_are_refused(void **state)
{
    (void)state;
    /* No byte at all; too many columns; sizes cut off; a column too long; bytes left over. */
    static const struct {
        const char *bytes;
        size_t size;
    } payloads[] = {
        {"", 0},
        {"\x13", 1},
        {"\x02\x01\0\0\0\x01\0", 7},
        {"\x02\x01\0\0\0\xff\xff\xff\xff\0\0", 11},
        {"\x02\x01\0\0\0\x01\0\0\0\x01zz", 12},
    };
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        struct pyr_err err = {0};
        struct native_forge forge;
        native_forge_start(&forge);
        pyr_buf_clear(&forge.batch.payload);
        pyr_buf_add(&forge.batch.payload, payloads[i].bytes, payloads[i].size);
        const struct pyr_native_section section = SECTION(PYR_NATIVE_STRINGS, 1, 1);
        assert_true(pyr_native_batch_section(&forge.batch, &section, 0, &err));
        native_forge_refused(&forge, PYR_ERR_FORMAT, "STRS");
    }
}

static void test_an_unknown_section_is_skipped_only_if_it_says_so(void **state)
{
    (void)state;
    struct pyr_native_section section = {
        .type = PYR_NATIVE_LETTERS('N', 'e', 'w', '!'), .first = 77, .rows = 2};
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    struct native_forge forge;
    native_forge_start(&forge);
    native_forge_tables(&forge);
    native_forge_rows(&forge, section, 1, (int64_t[]){1, 2});
    native_forge_refused(&forge, PYR_ERR_UNSUPPORTED, "New?: this Pyrometer does not know");

    section.flags = PYR_NATIVE_OPTIONAL;
    native_forge_start(&forge);
    native_forge_rows(&forge, section, 1, (int64_t[]){1, 2});
    native_forge_tables(&forge);
    native_forge_rows(&forge, section, 1, (int64_t[]){1, 2});
    assert_true(native_forge_read(&forge, &profile, &err));
    assert_int_equal(pyr_stacks_count(profile->stacks), 1);
    pyr_profile_free(profile);
}

static void test_a_way_of_storing_that_is_not_known_is_refused(void **state)
{
    (void)state;
    struct pyr_native_section section = SECTION(PYR_NATIVE_FRAMES, 2, 1);
    struct native_forge forge;
    section.flags = 8;
    native_forge_start(&forge);
    native_forge_tables(&forge);
    native_forge_rows(&forge, section, 2, (int64_t[]){1, 1});
    native_forge_refused(&forge, PYR_ERR_UNSUPPORTED, "FRAM");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_that_break_a_promise_of_the_model_are_refused),
        cmocka_unit_test(test_the_forged_tables_themselves_are_good),
        cmocka_unit_test(test_a_thread_keeps_what_a_section_has_no_columns_for),
        cmocka_unit_test(test_a_chain_of_parents_has_an_end),
        cmocka_unit_test(test_a_section_with_fewer_columns_leaves_the_later_metrics_alone),
        cmocka_unit_test(test_a_seventeenth_metric_is_refused),
        cmocka_unit_test(test_strings_that_are_empty_or_repeated_are_refused),
        cmocka_unit_test(test_bytes_that_are_not_rows_are_refused),
        cmocka_unit_test(test_columns_that_do_not_fill_the_payload_are_refused),
        cmocka_unit_test(test_an_unknown_section_is_skipped_only_if_it_says_so),
        cmocka_unit_test(test_a_way_of_storing_that_is_not_known_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
