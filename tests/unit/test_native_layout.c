/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_layout.h"

#include <string.h>

#include "base/mem.h"
#include "unit.h"

static void test_a_section_header_has_the_bytes_that_the_document_says(void **state)
{
    (void)state;
    struct pyr_buf out = {0};
    struct pyr_native_section back;
    const struct pyr_native_section section = {
        .type = PYR_NATIVE_STACKS,
        .flags = PYR_NATIVE_ZSTD,
        .first = 0x01020304,
        .rows = 5,
        .stored_bytes = 6,
        .size_bytes = 7,
        .payload_crc = 0xAABBCCDD,
    };
    pyr_native_section_put(&out, &section);
    assert_int_equal(out.len, PYR_NATIVE_SECTION_HEADER_BYTES);
    assert_memory_equal(
        out.data, "STAK\x02\0\0\0\x04\x03\x02\x01\x05\0\0\0\x06\0\0\0\x07\0\0\0\xDD\xCC\xBB\xAA",
        28);
    assert_true(pyr_native_section_get((const uint8_t *)out.data, &back));
    assert_memory_equal(&back, &section, sizeof(back));
    out.data[9] ^= 1;
    assert_false(pyr_native_section_get((const uint8_t *)out.data, &back));
    pyr_buf_release(&out);
}

static void test_a_type_that_is_no_word_is_shown_without_its_bytes(void **state)
{
    (void)state;
    char name[5];
    assert_string_equal(pyr_native_type_name(PYR_NATIVE_END, name), "ENDF");
    assert_string_equal(pyr_native_type_name(PYR_NATIVE_LETTERS(0x1b, 'a', 0, 0xff), name), "?a??");
}

static void test_the_budget_follows_the_file_up_to_two_gibibytes(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_native_budget budget = {.memory_bytes = PYR_NATIVE_FREE_BYTES + 1024};
    assert_true(pyr_native_budget_check(&budget, 1, &err));
    budget.memory_bytes++;
    assert_false(pyr_native_budget_check(&budget, 1, &err));
    assert_int_equal(err.code, PYR_ERR_LIMIT);
    budget = (struct pyr_native_budget){.unpacked_bytes = PYR_NATIVE_FREE_BYTES + 1};
    assert_false(pyr_native_budget_check(&budget, 0, &err));
    assert_true(pyr_native_budget_check(&budget, 1, &err));
    budget = (struct pyr_native_budget){.memory_bytes = PYR_NATIVE_MAX_MEMORY_BYTES};
    assert_true(pyr_native_budget_check(&budget, UINT64_MAX, &err));
    budget.memory_bytes++;
    assert_false(pyr_native_budget_check(&budget, UINT64_MAX, &err));
    assert_non_null(strstr(err.message, "2048 MiB"));
}

static void test_running_out_of_memory_is_remembered_by_the_buffer(void **state)
{
    (void)state;
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    const struct pyr_native_section section = {.type = PYR_NATIVE_META};
    pyr_mem_fail_after(0);
    pyr_native_section_put(&out, &section);
    pyr_mem_fail_after(-1);
    assert_false(pyr_buf_check(&out, &err));
    assert_int_equal(err.code, PYR_ERR_NOMEM);
    pyr_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_section_header_has_the_bytes_that_the_document_says),
        cmocka_unit_test(test_a_type_that_is_no_word_is_shown_without_its_bytes),
        cmocka_unit_test(test_the_budget_follows_the_file_up_to_two_gibibytes),
        cmocka_unit_test(test_running_out_of_memory_is_remembered_by_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
