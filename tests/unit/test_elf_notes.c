/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/elf_notes.h"

#include <elf.h>
#include <string.h>

#include "unit.h"

/* Name "GNU", three bytes of data, padded; then name "CORE" without any. */
static const uint8_t two_notes[] = {
    4, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0,   1, 2, 3, 0,
    5, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 'C', 'O', 'R', 'E', 0, 0, 0, 0,
};

static void test_notes_come_one_after_another(void **state)
{
    (void)state;
    struct pyr_elf_note note;
    size_t pos = 0;
    assert_true(pyr_elf_next_note(two_notes, sizeof(two_notes), &pos, &note));
    assert_true(pyr_elf_note_is(&note, "GNU", 3));
    assert_false(pyr_elf_note_is(&note, "GNU", 4));
    assert_int_equal(note.size, 3);
    assert_int_equal(note.data[2], 3);
    assert_true(pyr_elf_next_note(two_notes, sizeof(two_notes), &pos, &note));
    assert_true(pyr_elf_note_is(&note, "CORE", 9));
    assert_false(pyr_elf_note_is(&note, "COR", 9));
    assert_int_equal(note.size, 0);
    assert_false(pyr_elf_next_note(two_notes, sizeof(two_notes), &pos, &note));
    assert_int_equal(pos, sizeof(two_notes));
}

static void test_cut_notes_end_the_list(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof(two_notes); size++) {
        struct pyr_elf_note note;
        size_t pos = 0;
        uint32_t count = 0;
        while (pyr_elf_next_note(two_notes, size, &pos, &note)) {
            assert_true(note.data + note.size <= two_notes + size);
            assert_true(++count <= 2);
        }
        assert_true(pos <= size);
        assert_int_equal(count, size >= 19 ? 1 : 0); /* padding may be missing */
    }
}

static void test_a_size_past_the_end_is_no_note(void **state)
{
    (void)state;
    uint8_t bytes[sizeof(two_notes)];
    struct pyr_elf_note note;
    for (size_t field = 0; field < 8; field += 4) {
        memcpy(bytes, two_notes, sizeof(bytes));
        memset(bytes + field, 0xff, 4);
        size_t pos = 0;
        assert_false(pyr_elf_next_note(bytes, sizeof(bytes), &pos, &note));
    }
}

static void test_a_build_id_longer_than_any_is_none(void **state)
{
    (void)state;
    uint8_t id[64];
    uint8_t bytes[16 + 65] = {4, 0, 0, 0, 65, 0, 0, 0, NT_GNU_BUILD_ID, 0, 0, 0, 'G', 'N', 'U', 0};
    assert_int_equal(pyr_elf_notes_build_id(two_notes, sizeof(two_notes), id), 3);
    assert_int_equal(pyr_elf_notes_build_id(bytes, sizeof(bytes), id), 0);
    bytes[4] = 64;
    assert_int_equal(pyr_elf_notes_build_id(bytes, sizeof(bytes), id), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notes_come_one_after_another),
        cmocka_unit_test(test_cut_notes_end_the_list),
        cmocka_unit_test(test_a_size_past_the_end_is_no_note),
        cmocka_unit_test(test_a_build_id_longer_than_any_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
