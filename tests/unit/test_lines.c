/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/lines.h"

#include <stdlib.h>
#include <string.h>

#include "line_tables.h"
#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RANDOM_TABLES 20000
#define RANDOM_MAX_SIZE 64

struct sample {
    struct pyr_line_table table;
    const struct expected_position *expected;
    size_t count;
    int32_t end; /* bytes of the code */
};

static const struct sample samples[] = {
    {{v3_6_bytes, sizeof(v3_6_bytes), V3_6_FIRST, 6},
     v3_6_expected,
     COUNT(v3_6_expected),
     V3_6_END},
    {{v3_9_bytes, sizeof(v3_9_bytes), V3_9_FIRST, 9},
     v3_9_expected,
     COUNT(v3_9_expected),
     V3_9_END},
    {{v3_10_bytes, sizeof(v3_10_bytes), V3_10_FIRST, 10},
     v3_10_expected,
     COUNT(v3_10_expected),
     V3_10_END},
    {{v3_11_bytes, sizeof(v3_11_bytes), V3_11_FIRST, 11},
     v3_11_expected,
     COUNT(v3_11_expected),
     V3_11_END},
    {{v3_12_bytes, sizeof(v3_12_bytes), V3_12_FIRST, 12},
     v3_12_expected,
     COUNT(v3_12_expected),
     V3_12_END},
    {{v3_15_bytes, sizeof(v3_15_bytes), V3_15_FIRST, 15},
     v3_15_expected,
     COUNT(v3_15_expected),
     V3_15_END},
};

static void assert_position(struct pyr_position found, struct pyr_position expected)
{
    assert_int_equal(found.line, expected.line);
    assert_int_equal(found.end_line, expected.end_line);
    assert_int_equal(found.column, expected.column);
    assert_int_equal(found.end_column, expected.end_column);
}

static void test_each_instruction_has_the_position_that_python_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        const struct sample *sample = &samples[i];
        size_t at = 0;
        bool went_back = false;
        for (int32_t offset = 0; offset < sample->end; offset += 2) {
            while (at + 1 < sample->count && sample->expected[at + 1].from <= offset) {
                at++;
                int32_t line = sample->expected[at].position.line;
                went_back =
                    went_back || (line > 0 && line < sample->expected[at - 1].position.line);
            }
            assert_position(pyr_line_find(&sample->table, offset), sample->expected[at].position);
        }
        /* Or the sample shows too little; the compiler of 3.6 doesn't go back in it. */
        assert_true(went_back || sample->table.minor == 6);
        assert_int_equal(at + 1, sample->count);
    }
}

static void test_a_frame_that_has_not_begun_is_at_its_first_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct pyr_position found = pyr_line_find(&samples[i].table, -1);
        assert_int_equal(found.line, samples[i].table.first_line);
        assert_int_equal(found.column, -1);
    }
}

static void test_without_a_table_every_line_is_the_first(void **state)
{
    (void)state;
    const struct pyr_line_table none = {NULL, 0, 42, 12};
    assert_int_equal(pyr_line_find(&none, 100).line, 42);
}

static void test_instructions_beyond_the_table_have_no_line(void **state)
{
    (void)state;
    for (size_t i = 2; i < COUNT(samples); i++) { /* before 3.10 the last line goes on */
        assert_int_equal(pyr_line_find(&samples[i].table, INT32_MAX).line, -1);
    }
}

/* The kinds of entry that compilers seldom write. */
static void test_entries_of_every_kind_are_understood(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {
        0x80 | 15 << 3,              /* no line */
        0x80 | 13 << 3 | 1, 0x07,    /* two units, three lines back, no columns */
        0x80 | 12 << 3,     4,    9, /* two lines on */
        0x80 | 14 << 3,     0x42, 0x02, 0x03, 0x41, 0x01, 0x00, /* 65 on, ends 3 later, from 64 */
        0x80 | 9 << 3,      0x7F,                               /* same line, columns 79 to 94 */
    };
    const struct pyr_line_table table = {bytes, sizeof(bytes), 10, 12};
    assert_position(pyr_line_find(&table, 0), (struct pyr_position){-1, -1, -1, -1});
    assert_position(pyr_line_find(&table, 2), (struct pyr_position){7, 7, -1, -1});
    assert_position(pyr_line_find(&table, 4), (struct pyr_position){7, 7, -1, -1});
    assert_position(pyr_line_find(&table, 6), (struct pyr_position){9, 9, 4, 9});
    assert_position(pyr_line_find(&table, 8), (struct pyr_position){74, 77, 64, -1});
    assert_position(pyr_line_find(&table, 10), (struct pyr_position){74, 74, 79, 94});
}

/* Whatever the bytes are: no read outside them (the sanitizer would see it), an answer always. */
static void test_any_bytes_give_some_answer(void **state)
{
    (void)state;
    srand(1);
    for (int i = 0; i < RANDOM_TABLES; i++) {
        size_t size = (size_t)rand() % RANDOM_MAX_SIZE;
        uint8_t *bytes = malloc(size + 1);
        assert_non_null(bytes);
        for (size_t k = 0; k < size; k++) {
            bytes[k] = (uint8_t)(rand() >> 3);
        }
        uint8_t *exact = malloc(size > 0 ? size : 1);
        assert_non_null(exact);
        memcpy(exact, bytes, size);
        const struct pyr_line_table table = {exact, (uint32_t)size, (uint32_t)rand(),
                                             6 + (uint32_t)rand() % 10};
        struct pyr_position found = pyr_line_find(&table, rand() % 512 - 2);
        assert_true(found.line >= -1 && found.end_line >= -1 && found.column >= -1 &&
                    found.end_column >= -1);
        free(exact);
        free(bytes);
    }
}

static void test_lines_that_overflow_are_not_known(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x80 | 13 << 3, 0x7E, 0x7F, 0x7F, 0x7F, 0x7F, 0x3F,
                                    0x80 | 13 << 3, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x3F};
    const struct pyr_line_table table = {bytes, sizeof(bytes), UINT32_MAX, 13};
    assert_int_equal(pyr_line_find(&table, 0).line, -1);
    assert_int_equal(pyr_line_find(&table, -1).line, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_instruction_has_the_position_that_python_says),
        cmocka_unit_test(test_a_frame_that_has_not_begun_is_at_its_first_line),
        cmocka_unit_test(test_without_a_table_every_line_is_the_first),
        cmocka_unit_test(test_instructions_beyond_the_table_have_no_line),
        cmocka_unit_test(test_entries_of_every_kind_are_understood),
        cmocka_unit_test(test_any_bytes_give_some_answer),
        cmocka_unit_test(test_lines_that_overflow_are_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
